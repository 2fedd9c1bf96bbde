"""What an import changes, who mirrors the labels learns: their tag changes with their bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotations.exporters.contents import Contents
from annotations.models import Campaign, Comment, Corpus
from annotations.selectors.label_state import label_state
from annotations.services.exports import stream_labels
from tests.builders import build_annotation, build_answer, build_campaign, build_unit
from tests.importers.storing import CORPUS, Line, line, run_command, write_lines

pytestmark = pytest.mark.django_db

LINES = [
    line("a", kind="article", author="Maren", author_id="u0"),
    line("c1", parent="a", author="Ada", author_id="u1", score=3),
    line("c2", parent="c1", author="Ben", author_id="u2"),
]


@pytest.fixture
def again(tmp_path: Path) -> Callable[[list[Line]], Any]:
    """Imports these lines, once more."""
    return lambda lines: run_command(write_lines(tmp_path / "talk.jsonl", lines))


@pytest.fixture
def campaign(again: Callable[[list[Line]], Any]) -> Campaign:
    again(list(LINES))
    campaign = build_campaign(Corpus.objects.get(slug=CORPUS))
    for comment in Comment.objects.filter(kind="comment"):
        build_answer(build_annotation(build_unit(campaign, comment)), "claim", label="yes")
    return campaign


def told(campaign: Campaign) -> tuple[str | None, bytes]:
    contents = Contents(context="thread")
    state = label_state(campaign, contents, "threads")
    return state, b"".join(stream_labels(campaign, "threads", contents))


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Something else."},
        {"status": "deleted_by_author"},
        {"score": 4},
        {"parent": "a"},
        {"time": "2024-03-01T12:00:00+01:00"},
    ],
)
def test_a_comment_that_changed_at_its_source(
    campaign: Campaign, again: Callable[[list[Line]], Any], change: dict[str, Any]
) -> None:
    before = told(campaign)
    again([*LINES[:2], {**LINES[2], **change}])
    after = told(campaign)
    assert after[1] != before[1]
    assert after[0] != before[0]


def test_comments_that_came(campaign: Campaign, again: Callable[[list[Line]], Any]) -> None:
    before = told(campaign)
    again([*LINES, line("c3", parent="a", author="Ada", author_id="u1")])
    after = told(campaign)
    assert after[1] != before[1]
    assert after[0] != before[0]


def test_an_author_who_has_another_name(
    campaign: Campaign, again: Callable[[list[Line]], Any]
) -> None:
    Corpus.objects.update(author_names="shown")
    campaign.refresh_from_db()
    before = told(campaign)
    again([LINES[0], {**LINES[1], "author": "Ada Byron"}, LINES[2]])
    after = told(campaign)
    assert after[1] != before[1]
    assert after[0] != before[0]


def test_the_same_file_again_changes_nothing(
    campaign: Campaign, again: Callable[[list[Line]], Any]
) -> None:
    before = told(campaign)
    again(list(LINES))
    assert told(campaign) == before
