"""One tree for each thread, of those of its comments that are in the dataset."""

from __future__ import annotations

from annotations.exporters.disk_set import DiskSet
from annotations.exporters.rows import CommentRow, ThreadRow

OPENINGS = ("article", "post")


class ConversationTree:
    """Says what each comment answers in the tree, whose root is the thread's opening.

    The opening is the thread's first comment if that is an article or post, or has the thread's
    id; else it is not in the dataset, and ``root`` names what has to stand in for it. A comment
    that answers nothing that came before it in its thread hangs on the opening: so there is one
    root, and no circle. Close it.
    """

    def __init__(self) -> None:
        self._seen = DiskSet()
        self._threads = 0
        self.root = ""

    def close(self) -> None:
        self._seen.close()

    def begin(self, thread: ThreadRow, first: CommentRow | None) -> bool:
        """Whether the opening is the first comment, of which the tree has not been told yet."""
        self._threads += 1
        is_opening = first is not None and (first.kind in OPENINGS or first.id == thread.id)
        # A comment elsewhere in the corpus may have the id of this thread.
        self.root = first.id if first is not None and is_opening else f"thread:{thread.id}"
        return is_opening

    def parent(self, comment: CommentRow) -> str | None:
        """What the comment answers in the tree; None for its root."""
        found: str | None = None
        if comment.id != self.root:
            known = comment.reply_to and self._key(comment.reply_to) in self._seen
            found = comment.reply_to if known else self.root
        self._seen.add(self._key(comment.id))
        return found

    def _key(self, comment: str) -> str:
        return f"{self._threads} {comment}"
