"""What an import did, counted: pieces add up to the whole, and the page gets it in order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.models import ImportRun
from importers.report import REFUSALS_KEPT, Report, Tally, run_report
from tests.builders import NOON, build_corpus

Event = tuple[str, str, str]

outcomes = st.sampled_from(["created", "updated", "unchanged"])
events = st.lists(
    st.one_of(
        st.tuples(st.just("comment"), st.sampled_from(["visible", "spam", "dead"]), outcomes),
        st.tuples(st.just("post"), st.just("visible"), outcomes),
        st.tuples(st.just("note"), st.sampled_from(["retweets", "tag wikis"]), st.just("")),
        st.tuples(st.just("refusal"), st.sampled_from(["no text", "no id"]), st.just("")),
        st.tuples(st.just("relation"), st.sampled_from(["quote", "mention"]), st.just("")),
        st.tuples(st.just("gold"), st.just(""), st.just("")),
    ),
    max_size=30,
)


def count(report: Report, event: Event) -> None:
    sort, word, outcome = event
    match sort:
        case "note":
            report.note(word)
        case "refusal":
            report.refuse(3, word)
        case "relation":
            report.relations[word] += 1
        case "gold":
            report.gold += 1
        case _:
            report.count_comment(sort, word, outcome)  # type: ignore[arg-type]


def counted(some: list[Event]) -> Report:
    report = Report()
    for event in some:
        count(report, event)
    return report


def kept(report: Report) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """As a row of the database keeps it."""
    counts, refused = json.loads(json.dumps([report.counts(), report.refused]))
    return counts, refused


@given(events, st.integers(0, 30))
def test_two_pieces_add_up_to_the_whole(some: list[Event], cut: int) -> None:
    whole = counted(some)
    report = Report()
    report.add(*kept(counted(some[:cut])))
    report.add(*kept(counted(some[cut:])))
    assert (report.counts(), report.refused) == (whole.counts(), whole.refused)


@given(events, st.integers(0, 30))
def test_a_piece_goes_on_from_what_it_had_counted(some: list[Event], cut: int) -> None:
    report = Report()
    report.add(*kept(counted(some[:cut])))
    for event in some[cut:]:
        count(report, event)
    assert report.counts() == counted(some).counts()


def test_openings_are_no_comments() -> None:
    report = counted([("post", "visible", "created"), ("comment", "spam", "updated")])
    assert report.openings == Tally(created=1)
    assert report.comments == Tally(updated=1)
    assert report.statuses == {"visible": 1, "spam": 1}


def test_all_refusals_are_counted_and_the_first_thousand_kept() -> None:
    report = Report()
    for line in range(REFUSALS_KEPT + 5):
        report.refuse(line, "no text")
    assert report.refused_count == REFUSALS_KEPT + 5
    assert len(report.refused) == REFUSALS_KEPT
    assert report.refused[-1] == {"line": REFUSALS_KEPT - 1, "message": "no text"}
    both = Report()
    both.refuse(None, "first")
    both.add(*kept(report))
    assert (both.refused_count, len(both.refused)) == (REFUSALS_KEPT + 6, REFUSALS_KEPT)
    assert both.refused[0] == {"line": None, "message": "first"}


def test_threads_and_replies_are_not_added_up() -> None:
    """Pieces meet the same ones, so only the whole can count them; an author is made once."""
    piece = Report()
    piece.threads.created = piece.authors.created = piece.replies.given = piece.missing = 4
    report = Report()
    report.add(*kept(piece))
    assert (report.threads, report.authors) == (Tally(), Tally(created=4))
    assert (report.replies.given, report.missing) == (0, 0)


@pytest.mark.django_db
class TestOfARun:
    def build_run(self, **fields: Any) -> ImportRun:
        return ImportRun.objects.create(
            corpus=build_corpus(), file_name="a.txt", created_at=NOON, format="table", **fields
        )

    def test_the_counts_come_in_the_order_of_the_report(self) -> None:
        """Whatever the order in which the database gives the keys of an object back."""
        report = counted([("note", "retweets", ""), ("comment", "visible", "created")])
        shuffled = {key: report.counts()[key] for key in sorted(report.counts(), reverse=True)}
        shuffled["comments"] = dict(reversed(shuffled["comments"].items()))
        told = run_report(self.build_run(counts=shuffled, refusals=[{"line": 1, "message": "x"}]))
        assert {key: told[key] for key in report.counts()} == report.counts()
        keys = list(told)
        assert keys[keys.index("threads") :] == [*report.counts(), "refused"]
        assert list(told["comments"]) == ["created", "updated", "unchanged"]
        assert told["notes"] == {"retweets": 1}
        assert told["refused"] == [{"line": 1, "message": "x"}]

    def test_a_run_that_failed_early_has_a_whole_report_of_nothing(self) -> None:
        told = run_report(self.build_run(state="failed", error="It is no table."))
        assert (told["state"], told["error"]) == ("failed", "It is no table.")
        assert {key: told[key] for key in Report().counts()} == Report().counts()
        assert json.loads(json.dumps(told)) == told
