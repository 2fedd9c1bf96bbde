"""Where something was said, as the first columns of every table."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from annotations.exporters.rows import CommentRow, ThreadRow

_of_thread = attrgetter("id", "title", "url", "platform")
_of_comment = attrgetter(
    *("id", "kind", "reply_to", "position", "depth", "author", "posted_at", "language", "score")
)
_NO_COMMENT = ("", "", "", None, None, "", None, "", None)


def place(thread: ThreadRow, about: ThreadRow | CommentRow) -> tuple[Any, ...]:
    """The columns from ``split`` to ``score``, of a comment or of the thread as a whole."""
    of_comment = _of_comment(about) if isinstance(about, CommentRow) else _NO_COMMENT
    return (about.split, *_of_thread(thread), *of_comment)
