"""Which split a thread or an author falls in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotations.exporters.contents import Contents
from annotations.exporters.rows import CommentRow, Row, ThreadRow
from annotations.exporters.splits import SPLITS, side_of, split
from tests.annotations.exporters.discussion import dataset

IDS = st.lists(st.text(min_size=1), unique=True, max_size=30)


def thread(name: str, *authors: str) -> list[Row]:
    comments = [CommentRow(id=f"{name}/{n}", author=author) for n, author in enumerate(authors)]
    return [ThreadRow(id=name), *comments]


def sides(rows: Iterable[Row], **contents: Any) -> dict[tuple[type, str], str]:
    return {(type(row), row.id): row.split for row in split(dataset(rows, **contents)).rows()}


@given(ids=IDS)
def test_a_thread_and_its_comments_are_in_one_split(ids: list[str]) -> None:
    rows = [row for one in ids for row in thread(one, "ada", "bo")]
    for row, comments in split(dataset(rows, split_by="thread")).threads():
        assert {row.split} == {comment.split for comment in comments}
        assert row.split in SPLITS


@given(ids=IDS)
def test_an_author_is_in_one_split_over_all_threads(ids: list[str]) -> None:
    rows = [row for one in ids for row in thread(one, "ada", "bo", "")]
    found = list(split(dataset(rows, split_by="author")).rows())
    comments = [row for row in found if isinstance(row, CommentRow)]
    for author in ("ada", "bo"):
        assert len({row.split for row in comments if row.author == author}) <= 1
    assert {row.split for row in found if isinstance(row, ThreadRow)} <= {""}


def test_comments_without_an_author_do_not_fall_together() -> None:
    rows = thread("t", *[""] * 300)
    assert set(sides(rows, split_by="author").values()) == {"", *SPLITS}


@given(ids=IDS, more=IDS)
def test_what_is_there_keeps_its_split_when_the_dataset_grows(
    ids: list[str], more: list[str]
) -> None:
    few = [row for one in ids for row in thread(one)]
    many = [row for one in dict.fromkeys([*more, *ids]) for row in thread(one)]
    for by in ("thread", "author"):
        before, after = sides(few, split_by=by), sides(many, split_by=by)
        assert before.items() <= after.items()


def test_the_shares_are_met_and_the_seed_draws_anew() -> None:
    rows = [row for n in range(4000) for row in thread(f"t{n}")]
    found = sides(rows, split_by="thread", shares=[0.5, 0.3, 0.2])
    counts = Counter(found.values())
    assert [round(counts[side] / 4000, 1) for side in SPLITS] == [0.5, 0.3, 0.2]
    again = sides(rows, split_by="thread", shares=[0.5, 0.3, 0.2], seed=2)
    assert 0.5 < sum(found[key] != again[key] for key in found) / len(found) < 0.75


@given(name=st.text(), seed=st.integers(0, 99))
def test_what_has_no_share_gets_nothing(name: str, seed: int) -> None:
    only_test = Contents(split_by="thread", shares=(0, 0, 1), seed=seed)
    no_test = Contents(split_by="thread", shares=(0.7, 0.3, 0), seed=seed)
    assert side_of(name, only_test) == "test"
    assert side_of(name, no_test) in ("train", "validation")


def test_the_rule_is_the_documented_one() -> None:
    """Half of all hashes are below one half: another program comes to the same split."""
    halves = Contents(split_by="thread", shares=(0.5, 0.5, 0), seed=1)
    # printf 1:t1 | sha256sum begins with 4f83, printf 1:t3 with c610
    assert [side_of(name, halves) for name in ("t1", "t3")] == ["train", "validation"]


def test_without_a_split_nothing_changes() -> None:
    assert list(split(dataset()).rows()) == list(dataset().rows())
