"""What is found on both sides of a split."""

from __future__ import annotations

from annotations.exporters.dataset import Dataset
from annotations.exporters.leaks import Crossing, SplitSize, leaks
from annotations.exporters.privacy import protected
from annotations.exporters.rows import CommentRow, Row, ThreadRow
from tests.annotations.exporters.discussion import dataset, said

LONG = "The bridge costs two million."


def comment(name: str, split: str, author: str = "", text: str = "", labels: int = 0) -> CommentRow:
    annotations = tuple(said(f"A{n}") for n in range(labels))
    return CommentRow(id=name, split=split, author=author, text=text, annotations=annotations)


def by_thread(*more: Row) -> Dataset:
    return dataset(
        [
            ThreadRow(id="t1", split="train", annotations=(said("A1"),)),
            comment("a", "train", "ada", LONG, labels=2),
            comment("b", "train", "bo", "Yes."),
            ThreadRow(id="t2", split="test"),
            comment("c", "test", "cy", "Yes.", labels=1),
            *more,
        ]
    )


def test_nothing_leaks_where_nothing_is_on_two_sides() -> None:
    found = leaks(by_thread())
    nothing = Crossing(0, 0, ())
    assert (found.threads, found.authors, found.texts) == (nothing, nothing, nothing)
    assert found.splits == {
        "train": SplitSize(threads=1, comments=2, annotations=3),
        "validation": SplitSize(),
        "test": SplitSize(threads=1, comments=1, annotations=1),
    }


def test_an_author_of_two_splits_is_counted_with_all_their_comments() -> None:
    found = leaks(by_thread(comment("d", "test", "ada"), comment("e", "test", "ada")))
    assert found.authors == Crossing(number=1, comments=3, examples=("ada",))


def test_a_text_that_differs_in_case_and_spaces_is_the_same() -> None:
    again = f"  {LONG.upper()}\n".replace(" ", "\t ")
    found = leaks(by_thread(comment("d", "test", text=again)))
    assert found.texts == Crossing(number=1, comments=2, examples=("a",))


def test_a_thread_that_is_split_by_its_authors_stands_in_several() -> None:
    rows: list[Row] = [ThreadRow(id="t1"), comment("a", "train", "ada"), comment("b", "test", "bo")]
    found = leaks(dataset(rows))
    assert found.threads == Crossing(number=1, comments=2, examples=("t1",))
    assert found.splits["train"].threads == found.splits["test"].threads == 1
    assert found.to_json()["authors"]["number"] == 0


def test_there_are_at_most_five_examples_in_the_order_of_their_ids() -> None:
    rows = [
        comment(f"{name}-{split}", split, author=name)
        for name in "hgfedcba"
        for split in ("train", "test")
    ]
    found = leaks(dataset([ThreadRow(id="t1"), *rows]))
    assert found.authors == Crossing(number=8, comments=16, examples=tuple("abcde"))


def test_it_can_be_written_as_json() -> None:
    assert leaks(by_thread()).to_json()["authors"] == {"number": 0, "comments": 0, "examples": ()}


def test_without_authors_and_texts_nobody_says_that_none_leaks() -> None:
    rows = list(by_thread(comment("d", "test", "ada")).rows())
    found = leaks(protected(dataset(rows, privacy="dehydrated"), "key"))
    assert (found.authors, found.texts) == (None, None)
    assert found.threads.number == 0
