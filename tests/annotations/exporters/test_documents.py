"""Threads as documents: nothing is lost, and everything is where it is said to be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotations.exporters.documents import MOST_CHARACTERS, MOST_COMMENTS, documents
from annotations.exporters.rows import CommentRow, ThreadRow
from tests.annotations.exporters.discussion import label, said
from tests.annotations.exporters.marked import HARD

COMMENTS = st.lists(
    st.builds(
        CommentRow,
        id=st.text(HARD, min_size=1, max_size=5),
        author=st.text(HARD, max_size=5),
        reply_to=st.text(HARD, max_size=5),
        text=st.text(HARD, max_size=20),
    ),
    min_size=1,
    max_size=5,
)


@given(st.text(HARD, max_size=10), COMMENTS)
def test_every_comment_stands_at_its_place_below_one_headline(
    title: str, comments: list[CommentRow]
) -> None:
    (found,) = documents(ThreadRow(id="t", title=title), comments)
    assert [place.comment for place in found.places] == comments
    assert len(found.text[: found.title_end].splitlines()) == 1
    for place in found.places:
        assert found.text[place.text : place.end] == place.comment.text
        headline = found.text[place.start : place.headline_end]
        assert len(headline.splitlines()) == 1
        assert found.text[place.start - 1] == found.text[place.headline_end] == "\n"


def test_a_thread_of_many_comments_comes_in_parts() -> None:
    comments = [CommentRow(id=f"c{number}") for number in range(2 * MOST_COMMENTS)]
    first, second = documents(ThreadRow(id="t"), comments)
    assert [first.name, second.name] == ["t-001", "t-002"]
    assert [place.comment for one in (first, second) for place in one.places] == comments


def test_long_comments_come_in_parts_and_none_is_cut() -> None:
    comments = [CommentRow(id=f"c{n}", text="x" * MOST_CHARACTERS) for n in range(3)]
    found = list(documents(ThreadRow(id="t"), comments))
    assert [[place.comment for place in one.places] for one in found] == [[c] for c in comments]


def test_what_is_said_of_the_thread_stands_in_its_first_part_even_without_comments() -> None:
    thread = ThreadRow(id="t", annotations=(said("A1", label("mood", "Calm.", "text")),))
    (alone,) = documents(thread, [])
    assert alone.of_thread() == thread.annotations
    comments = [CommentRow(id=f"c{number}") for number in range(MOST_COMMENTS + 1)]
    first, second = documents(thread, comments)
    assert (first.of_thread(), second.of_thread()) == (thread.annotations, ())


def test_a_thread_of_which_nothing_is_there_is_no_document() -> None:
    assert list(documents(ThreadRow(id="t"), [])) == []
