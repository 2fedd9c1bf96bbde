"""W3C Web Annotation (JSON-LD): a collection with one page, an item for each thing said."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import msgspec

from annotations.exporters.cells import cell
from annotations.exporters.dataset import Dataset, Study
from annotations.exporters.flat import annotation_id
from annotations.exporters.rows import AnnotationRow, AnswerRow, CommentRow, ThreadRow

TITLE = "W3C Web Annotation, JSON-LD"
EXTENSION = "jsonld"
CONTENT_TYPE = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
CONTEXT = "http://www.w3.org/ns/anno.jsonld"
SURROUNDINGS = 32
PARTS = ("span", "relation")

Item = dict[str, Any]


def write(dataset: Dataset) -> Iterator[bytes]:
    """The items come as they are read; how many they were is said at the end."""
    encoder = msgspec.json.Encoder()
    study = dataset.study
    collection = {
        "@context": CONTEXT,
        "id": _name(study, "collection"),
        "type": "AnnotationCollection",
        "label": study.name,
    }
    page = {"id": _name(study, "page"), "type": "AnnotationPage", "startIndex": 0}
    yield encoder.encode(collection)[:-1] + b',"first":' + encoder.encode(page)[:-1]
    yield b',"items":['
    total = 0
    for item in _items(dataset):
        yield (b",\n" if total else b"\n") + encoder.encode(item)
        total += 1
    yield b'\n]},"total":%d}\n' % total


def _items(dataset: Dataset) -> Iterator[Item]:
    study = dataset.study
    for thread, comments in dataset.threads():
        for one in thread.annotations:
            yield from _said(study, one, thread.id, _source_of_thread(study, thread, one))
        for comment in comments:
            for one in comment.annotations:
                yield from _said(study, one, comment.id, _source(study, thread, comment, one))


def _said(study: Study, said: AnnotationRow, place: str, source: Item) -> Iterator[Item]:
    """What is said of the whole text in one item, each span and each relation in one more."""
    name = annotation_id(place, said)
    shared = _shared(study, said)
    labels = [answer for answer in said.answers if answer.kind not in PARTS]
    bodies = [*map(_label_body, labels), *_words(said)]
    if bodies or not said.answers:
        yield {
            "id": _name(study, name),
            "type": "Annotation",
            "motivation": "classifying" if labels else "assessing",
            **shared,
            **({"body": bodies} if bodies else {}),
            "target": source,
        }
    numbers: dict[str, int] = {}
    for answer in said.answers:
        if answer.kind not in PARTS:
            continue
        number = numbers[answer.question] = numbers.get(answer.question, 0) + 1
        about = {"id": _name(study, f"{name}/{answer.question}/{number}"), "type": "Annotation"}
        if answer.kind == "span":
            target = {
                "type": "SpecificResource",
                "source": source,
                "selector": _selectors(answer, source["schema:text"]),
            }
            tags = [_label_body(answer)]
            yield {**about, "motivation": "highlighting", **shared, "body": tags, "target": target}
        else:
            links = [_comment_body(study, answer), _label_body(answer)]
            yield {**about, "motivation": "linking", **shared, "body": links, "target": source}


def _shared(study: Study, said: AnnotationRow) -> Item:
    nickname = said.annotator or said.model or said.source
    creator = {"id": _name(study, f"creator/{said.annotator or said.who}"), "nickname": nickname}
    if said.annotator or said.model:
        creator["type"] = "Person" if said.annotator else "Software"
    times = {"created": cell(said.submitted_at), "modified": cell(said.saved_at)}
    return {
        **{name: time for name, time in times.items() if time},
        "creator": creator,
        "dcterms:type": said.source,
        "schema:creativeWorkStatus": said.state,
    }


def _label_body(answer: AnswerRow) -> Item:
    """The question stands as the subject, the kind of answer as the type of what is said, and
    the question for the value of a span or relation without a label."""
    return {
        "type": "TextualBody",
        "purpose": "tagging" if answer.kind in PARTS else "classifying",
        "format": "text/plain",
        "value": answer.question if answer.value == "" else str(answer.value),
        "dcterms:subject": answer.question,
        "dcterms:type": answer.kind,
    }


def _comment_body(study: Study, answer: AnswerRow) -> Item:
    return {
        "type": "SpecificResource",
        "purpose": "linking",
        "source": {
            "id": _name(study, f"comment/{answer.related}"),
            "type": "Text",
            "dcterms:identifier": answer.related,
        },
    }


def _words(said: AnnotationRow) -> list[Item]:
    words = {"note": said.note, "reason": said.reason, "skip_reason": said.skip_reason}
    return [
        {
            "type": "TextualBody",
            "purpose": "commenting",
            "format": "text/plain",
            "value": text,
            "dcterms:subject": name,
        }
        for name, text in words.items()
        if text
    ]


def _source(study: Study, thread: ThreadRow, comment: CommentRow, said: AnnotationRow) -> Item:
    """The text that was labeled, by a name of its own where the source changed it later."""
    earlier = said.text is not None and said.text != comment.text
    text = comment.text if said.text is None else said.text
    name = f"comment/{comment.id}"
    return {
        "id": _name(study, f"{name}/{text}" if earlier else name),
        "type": "Text",
        "format": "text/plain",
        **({"language": comment.language} if comment.language else {}),
        "dcterms:identifier": comment.id,
        "dcterms:isPartOf": {"id": _name(study, f"thread/{thread.id}"), **_thread_part(thread)},
        "schema:text": text,
    }


def _source_of_thread(study: Study, thread: ThreadRow, said: AnnotationRow) -> Item:
    return {
        "id": _name(study, f"thread/{thread.id}"),
        "type": "Text",
        **_thread_part(thread),
        "schema:text": thread.title if said.text is None else said.text,
    }


def _thread_part(thread: ThreadRow) -> Item:
    place = {"schema:url": thread.url} if thread.url else {}
    return {"dcterms:identifier": thread.id, **place}


def _selectors(span: AnswerRow, text: str) -> list[Item]:
    """The same place twice: by its code points, and by its words where they may be quoted."""
    assert span.start is not None
    assert span.end is not None
    position = {"type": "TextPositionSelector", "start": span.start, "end": span.end}
    if not span.quote:
        return [position]
    quote = {
        "type": "TextQuoteSelector",
        "exact": span.quote,
        "prefix": text[max(0, span.start - SURROUNDINGS) : span.start],
        "suffix": text[span.end : span.end + SURROUNDINGS],
    }
    return [position, quote]


def _name(study: Study, name: str) -> str:
    """An IRI that is the same in every export of the campaign and leads nowhere."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{study.campaign}/{name}").urn
