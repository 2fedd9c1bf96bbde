"""How far something is, on one line of a terminal, or nowhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

REDRAW_SECONDS = 0.1
CLEAR = "\r\x1b[K"


class Meter:
    """A line on standard error that is drawn anew while things go on, and wiped at the end.

    Where standard error is no terminal, nothing is written.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._drawn_at = 0.0
        self._seen = sys.stderr.isatty()

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._seen and self._drawn_at:
            print(CLEAR, end="", file=sys.stderr, flush=True)

    def __call__(self, done: int, total: int | None, measure: str) -> None:
        now = time.monotonic()
        if self._seen and now - self._drawn_at >= REDRAW_SECONDS:
            self._drawn_at = now
            said = f"{self._title}{far(done, total, measure)}"
            print(f"{CLEAR}{said}", end="", file=sys.stderr, flush=True)


def far(done: int, total: int | None, measure: str) -> str:
    """Such as `1,200 of 4,800 comments (25 %)`."""
    measure = "".join(character for character in measure if character.isprintable())
    if not total:
        return f"{done:,} {measure}"
    return f"{done:,} of {total:,} {measure} ({100 * done // total} %)"
