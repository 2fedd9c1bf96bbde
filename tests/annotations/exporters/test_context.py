"""What is shown above a comment, whatever of its thread is in the dataset."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from annotations.exporters.context import NEAREST, with_context
from annotations.exporters.rows import CommentRow


@st.composite
def threads(draw: st.DrawFn) -> list[CommentRow]:
    """Comments in reading order; each answers the opening or an earlier one."""
    size = draw(st.integers(1, 15))
    parents = [0, *(draw(st.integers(0, number - 1)) for number in range(1, size))]
    depths = [0]
    for number in range(1, size):
        depths.append(depths[parents[number]] + 1)
    children: dict[int, list[int]] = {}
    for number in range(1, size):
        children.setdefault(parents[number], []).append(number)
    order, waiting = [], [0]
    while waiting:
        order.append(waiting.pop())
        waiting.extend(reversed(children.get(order[-1], [])))
    return [
        CommentRow(
            id=f"c{number}",
            kind="comment" if number else "post",
            reply_to=f"c{parents[number]}" if number else "",
            position=position,
            depth=depths[number],
        )
        for position, number in enumerate(order)
    ]


def above(comment: CommentRow, thread: dict[str, CommentRow]) -> list[str]:
    """The comments that it answers, from the nearest on, as far as they are there."""
    found = []
    while parent := thread.get(comment.reply_to):
        found.append(parent.id)
        comment = parent
    return found


@given(threads(), st.data())
def test_it_is_the_opening_and_the_nearest_that_are_answered(
    comments: list[CommentRow], data: st.DataObject
) -> None:
    kept = [one for one in comments if one.depth == 0 or data.draw(st.booleans())]
    thread = {one.id: one for one in kept}
    shown = list(with_context(kept))
    assert [comment for comment, _ in shown] == kept
    for comment, found in shown:
        nearest = above(comment, thread)[:NEAREST][::-1]
        opening = ["c0"] if comment.id != "c0" and "c0" not in nearest else []
        assert [one.id for one in found] == [*opening, *nearest]


def test_a_very_deep_thread_shows_what_stands_nearest() -> None:
    comments = [
        CommentRow(id=f"c{n}", reply_to=f"c{n - 1}" if n else "", depth=n) for n in range(5_000)
    ]
    *_, (_, found) = with_context(comments)
    assert [one.id for one in found] == [f"c{n}" for n in range(4_999 - NEAREST, 4_999)]
