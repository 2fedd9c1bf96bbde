"""What stands above a comment in its thread, for formats that show it beside the comment."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from annotations.exporters.rows import CommentRow

NEAREST = 5
DEEPEST = 100


@dataclass(frozen=True, slots=True)
class _Line:
    comment: CommentRow
    above: tuple[CommentRow, ...]


def with_context(
    comments: Iterable[CommentRow],
) -> Iterator[tuple[CommentRow, tuple[CommentRow, ...]]]:
    """Each comment with the thread's opening and the nearest comments that it answers, in order.

    Comments come in reading order. Those that are not in the dataset are not there either, nor
    what stands above them.
    """
    opening: CommentRow | None = None
    path: deque[_Line] = deque(maxlen=DEEPEST)
    for comment in comments:
        while path and path[-1].comment.depth >= comment.depth:
            path.pop()
        answered = next((one for one in reversed(path) if one.comment.id == comment.reply_to), None)
        above = (*answered.above, answered.comment)[-NEAREST:] if answered else ()
        path.append(_Line(comment, above))
        shown = (opening, *above) if opening and opening not in above else above
        if opening is None and comment.kind != "comment":
            opening = comment
        yield comment, shown
