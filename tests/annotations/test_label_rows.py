"""What the rows of an export say."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection
from django.utils import timezone

from annotations.errors import InvalidInput
from annotations.exporters.contents import Contents
from annotations.exporters.flat import LabelRow
from annotations.models import Aggregation, Annotation, Campaign, Comment, CommentRevision
from annotations.selectors import dataset as selector
from annotations.selectors.dataset import dataset_of
from annotations.selectors.dataset_facts import withheld_comments
from annotations.services.aggregation import aggregate, start_aggregation
from annotations.services.jobs import run_job
from tests.annotations.exported import label_rows
from tests.builders import (
    NOON,
    build_annotation,
    build_answer,
    build_author,
    build_campaign,
    build_codebook,
    build_comment,
    build_corpus,
    build_membership,
    build_question,
    build_thread,
    build_unit,
)

pytestmark = pytest.mark.django_db

TEXT = "😀 The bridge costs 2 million a year. Says who?"
QUOTE = "The bridge costs 2 million a year."


def rows(campaign: Campaign) -> list[LabelRow]:
    return label_rows(campaign)


def only_row(campaign: Campaign) -> LabelRow:
    (row,) = rows(campaign)
    return row


def labeled(text: str = TEXT, *, corpus: dict[str, Any] | None = None, **fields: Any) -> Annotation:
    campaign = build_campaign(build_corpus(**(corpus or {})))
    thread = build_thread(campaign.corpus)
    author = build_author(campaign.corpus, name="Ada", pseudonym="u123")
    comment = build_comment(thread, text, author=author, **fields)
    return build_annotation(build_unit(campaign, comment))


def add_span(annotation: Annotation) -> None:
    start = TEXT.index(QUOTE)
    end = start + len(QUOTE)
    build_answer(annotation, "part", label="fact", start=start, end=end, quote=QUOTE)


def answer_elsewhere(annotation: Annotation) -> None:
    try:
        build_answer(annotation, "claim", label="yes")
    finally:
        connection.close()


def test_a_row_says_all_of_it() -> None:
    campaign = build_campaign(
        build_corpus(), build_codebook("claims", version=3), slug="bridge-study"
    )
    thread = build_thread(campaign.corpus, "t1", title="The bridge", url="https://news.example/1")
    article = build_comment(thread, "An article.", source_id="a1", kind="article")
    author = build_author(campaign.corpus, name="Ada", pseudonym="u123")
    comment = build_comment(thread, TEXT, source_id="c1", reply_to=article, author=author)
    annotation = build_annotation(
        build_unit(campaign, comment),
        revision=4,
        seconds=12.5,
        confidence=3,
        flagged=True,
        note="Hm.",
        saved_at=NOON + timedelta(minutes=1),
    )
    add_span(annotation)
    assert msgspec.structs.asdict(only_row(campaign)) == {
        "campaign": "bridge-study",
        "codebook": "claims",
        "codebook_version": 3,
        "thread_id": "t1",
        "thread_title": "The bridge",
        "thread_url": "https://news.example/1",
        "platform": "",
        "split": "",
        "comment_id": "c1",
        "comment_kind": "comment",
        "reply_to": "a1",
        "position": 1,
        "depth": 1,
        "author": "u123",
        "posted_at": NOON,
        "language": "",
        "score": None,
        "text": TEXT,
        "annotation": "c1/A1",
        "annotator": "A1",
        "source": "human",
        "model": "",
        "state": "submitted",
        "revision": 4,
        "question": "part",
        "kind": "span",
        "value": "fact",
        "span_start": 2,
        "span_end": 36,
        "span_quote": QUOTE,
        "related_comment": "",
        "share": None,
        "certainty": None,
        "reason": "",
        "rule": "",
        "saved_at": NOON + timedelta(minutes=1),
        "submitted_at": NOON,
        "seconds": 12.5,
        "confidence": 3,
        "flagged": True,
        "note": "Hm.",
        "skip_reason": "",
    }
    assert TEXT[2:36] == QUOTE


@pytest.mark.parametrize(
    ("question", "answer", "value"),
    [
        ("claim", {"label": "yes"}, "yes"),
        ("reasons", {"label": "rude"}, "rude"),
        ("certainty", {"number": 4.0}, 4),
        ("count", {"number": 2.5}, 2.5),
        ("why", {"text": "It says so."}, "It says so."),
        ("part", {"start": 0, "end": 1, "quote": "😀"}, ""),
    ],
)
def test_the_value_of_each_kind_of_question(
    question: str, answer: dict[str, Any], value: str | float
) -> None:
    annotation = labeled()
    build_answer(annotation, question, **answer)
    row = only_row(annotation.unit.campaign)
    assert (row.question, row.value, type(row.value)) == (question, value, type(value))


def test_a_relation_names_the_other_comment() -> None:
    annotation = labeled()
    other = build_comment(annotation.unit.thread, source_id="c9")
    build_answer(annotation, "to", label="disagrees", related=other)
    row = only_row(annotation.unit.campaign)
    assert (row.value, row.related_comment) == ("disagrees", "c9")


def test_rows_come_by_place_in_the_thread_then_annotator_then_answer() -> None:
    campaign = build_campaign()
    thread = build_thread(campaign.corpus)
    first, second = build_membership(campaign), build_membership(campaign)
    early = build_unit(campaign, build_comment(thread, source_id="early"), order=9)
    late = build_unit(campaign, build_comment(thread, source_id="late"), order=3)
    for unit in (late, early):
        build_annotation(unit, source="model", model="b")
        build_annotation(unit, source="model", model="a")
        for member in (second, first):
            annotation = build_annotation(unit, member)
            build_answer(annotation, "why", text="z")
            build_answer(annotation, "reasons", label="wrong")
            build_answer(annotation, "reasons", label="old")
    found = [(row.comment_id, row.annotator or row.model, row.value) for row in rows(campaign)]
    answers = ("wrong", "old", "z")
    assert found == [
        (comment, annotator, value)
        for comment in ("early", "late")
        for annotator, values in (("A1", answers), ("A2", answers), ("a", ("",)), ("b", ("",)))
        for value in values
    ]


def test_more_annotations_than_a_chunk_come_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selector, "COMMENTS_AT_ONCE", 3)
    campaign = build_campaign()
    member = build_membership(campaign)
    for _ in range(10):
        build_answer(build_annotation(build_unit(campaign), member), "claim", label="no")
    assert [row.value for row in rows(campaign)] == ["no"] * 10
    assert len({row.annotation for row in rows(campaign)}) == 10


@pytest.mark.parametrize("around", ["none", "thread"])
def test_comments_whose_order_is_not_computed_yet_come_once_each_and_by_their_ids(
    monkeypatch: pytest.MonkeyPatch, around: str
) -> None:
    monkeypatch.setattr(selector, "COMMENTS_AT_ONCE", 3)
    campaign = build_campaign()
    thread = build_thread(campaign.corpus, "t1", order_is_stale=True)
    for name in ("b", "Z", "é", "a", "c", "d", "e"):
        comment = build_comment(thread, source_id=name)
        Comment.objects.filter(pk=comment.pk).update(position=0)
        build_annotation(build_unit(campaign, comment))
    found = list(dataset_of(campaign, Contents(context=around)).rows())
    assert [row.id for row in found] == ["t1", "Z", "a", "b", "c", "d", "e", "é"]


def test_an_aggregation_of_another_version_of_the_codebook_is_refused() -> None:
    annotation = labeled()
    build_answer(annotation, "claim", label="yes")
    campaign = annotation.unit.campaign
    contents = Contents(layers=("aggregated",), method="majority")
    aggregation = start_aggregation(campaign=campaign, method="majority", user=None, now=NOON)
    run_job(Aggregation, aggregation.pk, aggregate)
    assert dataset_of(campaign, contents).study.method == "majority"
    campaign.codebook = build_codebook("newer", version=2)
    campaign.save()
    with pytest.raises(InvalidInput, match="another version of the codebook"):
        dataset_of(campaign, contents)


def test_spans_of_an_aggregation_quote_the_text_that_they_were_computed_from() -> None:
    annotation = labeled()
    add_span(annotation)
    campaign, comment = annotation.unit.campaign, annotation.unit.comment
    assert comment is not None
    aggregation = start_aggregation(campaign=campaign, method="majority", user=None, now=NOON)
    run_job(Aggregation, aggregation.pk, aggregate)
    CommentRevision.objects.create(comment=comment, number=1, text=TEXT, replaced_at=timezone.now())
    comment.text, comment.text_revision = "All new.", 2
    comment.save()
    (row,) = label_rows(campaign, layers=("aggregated",), method="majority")
    assert (row.text, row.span_quote) == (TEXT, QUOTE)


def test_the_number_of_queries_does_not_grow_with_the_campaign(
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    campaign = build_campaign()
    for _ in range(20):
        build_answer(build_annotation(build_unit(campaign)), "claim", label="no")
    campaign = Campaign.objects.get(pk=campaign.pk)
    with django_assert_max_num_queries(16):
        assert len(rows(campaign)) == 20


def test_drafts_and_other_campaigns_stay_out() -> None:
    annotation = labeled()
    build_answer(annotation, "claim", label="yes")
    campaign = annotation.unit.campaign
    build_annotation(annotation.unit, state="draft", submitted_at=None)
    build_answer(labeled(), "claim", label="no")
    assert only_row(campaign).annotation.endswith("/A1")


def test_nothing_answered_and_skipped_give_a_row_each() -> None:
    annotation = labeled()
    build_annotation(annotation.unit, state="skipped", submitted_at=None, skip_reason="Not English")
    silent, skipped = rows(annotation.unit.campaign)
    assert (silent.state, silent.question, silent.value) == ("submitted", "", "")
    assert (skipped.state, skipped.question, skipped.skip_reason) == ("skipped", "", "Not English")
    assert (skipped.saved_at, skipped.submitted_at) == (NOON, None)


@pytest.mark.parametrize(
    ("source", "annotator"), [("model", ""), ("gold", ""), ("adjudication", "A1")]
)
def test_who_else_labels_is_marked(source: str, annotator: str) -> None:
    campaign = build_campaign()
    build_annotation(build_unit(campaign), source=source)
    row = only_row(campaign)
    assert (row.source, row.annotator) == (source, annotator)


def test_nothing_that_annotators_wrote_beside_their_labels_leaves_without_notes() -> None:
    annotation = labeled()
    words = {"note": "Ask Ada.", "skip_reason": "I know her.", "reason": "She says so."}
    Annotation.objects.filter(pk=annotation.pk).update(**words)
    campaign = annotation.unit.campaign
    for notes in (True, False):
        contents = Contents(notes=notes)
        (row,) = [row for row in dataset_of(campaign, contents).rows() if row.annotations]
        (said,) = row.annotations
        told = (said.note, said.skip_reason, said.reason)
        assert told == (tuple(words.values()) if notes else ("", "", ""))


def test_labels_of_somebody_who_was_deleted_keep_their_pseudonym() -> None:
    annotation = labeled()
    assert annotation.membership is not None
    assert annotation.membership.user is not None
    annotation.membership.user.delete()
    assert only_row(annotation.unit.campaign).annotator == "A1"


@pytest.mark.parametrize(("names", "shown"), [("pseudonym", "u123"), ("shown", "Ada")])
def test_authors_are_named_only_where_the_corpus_says_so(names: str, shown: str) -> None:
    annotation = labeled(corpus={"author_names": names})
    assert only_row(annotation.unit.campaign).author == shown


def test_what_the_source_took_back_does_not_leave() -> None:
    annotation = labeled(status="deleted_by_author")
    add_span(annotation)
    campaign = annotation.unit.campaign
    assert rows(campaign) == []
    assert withheld_comments(campaign) == 1
    whole = list(dataset_of(campaign, Contents(context="thread")).rows())
    assert [type(row).__name__ for row in whole] == []


def test_spans_fit_the_text_even_if_the_source_changed_it_later() -> None:
    annotation = labeled()
    add_span(annotation)
    comment = annotation.unit.comment
    assert comment is not None
    CommentRevision.objects.create(comment=comment, number=1, text=TEXT, replaced_at=NOON)
    comment.text, comment.text_revision = "All new.", 2
    comment.save()
    row = only_row(annotation.unit.campaign)
    assert row.text == TEXT
    assert row.text[row.span_start : row.span_end] == row.span_quote


def test_a_reply_to_a_comment_outside_the_corpus_names_it() -> None:
    annotation = labeled(reply_to_source_id="elsewhere")
    assert only_row(annotation.unit.campaign).reply_to == "elsewhere"


def test_a_whole_thread_as_unit_has_no_comment() -> None:
    campaign = build_campaign()
    build_question(campaign.codebook, "tone", "text", unit="thread")
    unit = build_unit(campaign, thread=build_thread(campaign.corpus, "t7"))
    build_answer(build_annotation(unit), "tone", text="Calm.")
    row = only_row(campaign)
    assert (row.thread_id, row.comment_id, row.position, row.text) == ("t7", "", None, "")
    assert row.value == "Calm."


@pytest.mark.django_db(transaction=True)
def test_an_export_shows_one_moment_and_lets_others_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selector, "COMMENTS_AT_ONCE", 10)
    campaign = build_campaign()
    for _ in range(2 * selector.COMMENTS_AT_ONCE):
        build_annotation(build_unit(campaign))
    last = Annotation.objects.order_by("pk").last()
    assert last is not None
    with closing(dataset_of(campaign, Contents()).rows()) as reading:
        found = [next(reading)]
        with ThreadPoolExecutor(1) as pool:
            pool.submit(answer_elsewhere, last).result()
        found += reading
    said = [one for row in found for one in row.annotations]
    assert len(said) == 2 * selector.COMMENTS_AT_ONCE
    assert all(one.answers == () for one in said)
    assert sorted(row.value for row in rows(campaign))[-1] == "yes"


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_stops_early_leaves_the_connection_free() -> None:
    campaign = build_campaign()
    for _ in range(3):
        build_annotation(build_unit(campaign))
    with closing(dataset_of(campaign, Contents()).rows()) as some:
        next(some)
    assert not connection.in_atomic_block
    build_annotation(build_unit(campaign))
    assert len(rows(campaign)) == 4
