"""What the Web Annotation Data Model (a W3C recommendation) asks of a collection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given

from annotations.exporters.dataset import Dataset
from annotations.exporters.rows import AnnotationRow, AnswerRow
from tests.annotations.exporters.discussion import BEFORE, dataset, label, one_comment, said, span
from tests.annotations.exporters.marked import FEW, marked
from tests.annotations.exporters.written import written

MOTIVATIONS = {"classifying", "assessing", "highlighting", "linking"}
PURPOSES = {"classifying", "tagging", "linking", "commenting"}


def collection(study: Dataset) -> dict[str, Any]:
    return json.loads(written("web_annotation", study))  # type: ignore[no-any-return]


def items(study: Dataset | None = None) -> list[dict[str, Any]]:
    return collection(study or dataset())["first"]["items"]  # type: ignore[no-any-return]


def spans(found: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The text, the place and the quote of each."""
    for item in found:
        if "selector" in item["target"]:
            position, quote = item["target"]["selector"]
            yield item["target"]["source"]["schema:text"], position, quote


def test_a_collection_embeds_its_page_and_says_how_much_is_in_it() -> None:
    found = collection(dataset())
    assert found["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert (found["type"], found["first"]["type"]) == ("AnnotationCollection", "AnnotationPage")
    assert found["total"] == len(found["first"]["items"]) > 10
    assert found["first"]["startIndex"] == 0


def test_an_empty_collection_is_one() -> None:
    found = collection(dataset([]))
    assert (found["total"], found["first"]["items"]) == (0, [])


def test_every_annotation_has_a_name_of_its_own_a_type_and_a_target() -> None:
    found = items()
    assert len({item["id"] for item in found}) == len(found)
    for item in found:
        assert item["id"].startswith("urn:uuid:")
        assert item["type"] == "Annotation"
        assert item["motivation"] in MOTIVATIONS
        assert item["target"]
        assert {body["purpose"] for body in item.get("body", [])} <= PURPOSES
        assert item["creator"]["nickname"]


def test_names_are_the_same_whatever_else_is_exported() -> None:
    alone = [row for row in dataset().rows() if row.id in ("t2", "c3")]
    kept = {item["id"] for item in items(dataset(alone))}
    assert kept
    assert kept < {item["id"] for item in items()}


def test_nothing_that_was_said_is_missing() -> None:
    told = {
        (item["dcterms:type"], item["creator"]["nickname"], body["dcterms:subject"], body["value"])
        for item in items()
        for body in item.get("body", [])
        if body["type"] == "TextualBody"
    }
    for row in dataset().rows():
        for one in row.annotations:
            name = one.annotator or one.model or one.source
            for answer in one.answers:
                value = answer.question if answer.value == "" else str(answer.value)
                assert (one.source, name, answer.question, value) in told
            if one.note:
                assert (one.source, name, "note", one.note) in told


def test_a_skipped_unit_is_there_without_a_label() -> None:
    skipped = [one for one in items() if one["schema:creativeWorkStatus"] == "skipped"]
    assert [one["body"][0]["value"] for one in skipped] == ["Not in English"]


def test_a_relation_links_the_other_comment() -> None:
    (link,) = [item for item in items() if item["motivation"] == "linking"]
    other, tag = link["body"]
    assert (other["source"]["dcterms:identifier"], tag["value"]) == ("a1", "disagrees")


def test_a_span_of_an_earlier_text_names_that_text() -> None:
    found = [one for one in spans(items()) if one[0] == BEFORE]
    assert [quote["exact"] for _, _, quote in found] == ["1 million"]
    sources = [item["target"].get("source", item["target"]) for item in items()]
    named = {one["id"]: one["schema:text"] for one in sources}
    assert all(named[one["id"]] == one["schema:text"] for one in sources)


@FEW
@given(marked(largest=90))
def test_both_selectors_find_the_span_again(drawn: tuple[str, tuple[AnswerRow, ...]]) -> None:
    text, marks = drawn
    found = list(spans(items(one_comment(text, said("A1", *marks)))))
    assert len(found) == len(marks)
    for mark, (source, position, quote) in zip(marks, found, strict=True):
        assert (position["start"], position["end"]) == (mark.start, mark.end)
        assert source[position["start"] : position["end"]] == quote["exact"] == mark.quote
        around = quote["prefix"] + quote["exact"] + quote["suffix"]
        assert around in source


def test_places_stay_where_the_words_are_withheld() -> None:
    one = AnswerRow(question="part", kind="span", value="fact", start=3, end=9)
    (item,) = items(one_comment("", said("A1", one)))
    assert item["target"]["selector"] == [{"type": "TextPositionSelector", "start": 3, "end": 9}]


def test_a_model_is_software_and_an_adjudicator_a_person() -> None:
    makers = {item["dcterms:type"]: item["creator"].get("type") for item in items()}
    assert makers == {
        "human": "Person",
        "adjudication": "Person",
        "gold": None,
        "model": "Software",
        "aggregated": "Software",
    }


def test_an_annotation_of_many_parts_keeps_them_apart() -> None:
    text = "it costs, it costs"
    both = AnnotationRow(
        source="gold",
        answers=(label("claim", "yes"), span(text, "costs"), span(text, "costs, it")),
    )
    assert len(items(one_comment(text, both))) == 3
