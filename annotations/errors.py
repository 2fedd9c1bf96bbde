"""What can go wrong, as one tree.

    ThreadmarkError
    ├── InvalidInput            the caller sent something that cannot be taken
    │   ├── InvalidAnswers      answers that break the codebook or the text
    │   ├── InvalidCodebook     a codebook file that breaks the schema
    │   └── UnreadableFile      a file that no reader can take
    ├── NotPermitted            the caller may not do this
    ├── NotFound                there is no such thing, or none the caller may see
    ├── Busy                    others do so much of it now that this must wait a little
    └── Conflict                the thing is in a state that forbids the act
        ├── RevisionConflict    somebody saved in between; carries both versions
        ├── NothingLeft         no unit is left for this annotator
        ├── EnoughForToday      the annotator has done what the campaign gives in a day
        ├── Paused              the annotator gets no units until a manager lets them go on
        ├── JobCancelled        the job was asked to stop
        └── JobSuperseded       another attempt has taken the job over

Every message is a sentence for the person who caused it: what was wrong, where,
and what to do. ``code`` is part of the API's contract and never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ThreadmarkError(Exception):
    """Base of all errors that Threadmark raises on purpose.

    ``fields`` names the inputs at fault, each with the sentences about it.
    """

    code = "error"

    def __init__(self, message: str, *, fields: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})


class InvalidInput(ThreadmarkError):
    code = "invalid"


class InvalidAnswers(InvalidInput):
    code = "invalid_answers"


class InvalidCodebook(InvalidInput):
    code = "invalid_codebook"


class UnreadableFile(InvalidInput):
    """``line`` is the 1-based line at fault, where one is known."""

    code = "unreadable_file"

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class NotPermitted(ThreadmarkError):
    code = "not_permitted"


class NotFound(ThreadmarkError):
    code = "not_found"


class Busy(ThreadmarkError):
    code = "busy"


class Conflict(ThreadmarkError):
    code = "conflict"


class RevisionConflict(Conflict):
    """``current`` is the stored annotation, None where there is none, ``offered`` the one that was
    refused."""

    code = "revision_conflict"

    def __init__(
        self, message: str, *, current: Mapping[str, Any] | None, offered: Mapping[str, Any]
    ):
        super().__init__(message)
        self.current = current
        self.offered = offered


class NothingLeft(Conflict):
    code = "nothing_left"


class EnoughForToday(Conflict):
    code = "enough_for_today"


class Paused(Conflict):
    code = "paused"


class JobCancelled(Conflict):
    code = "job_cancelled"


class JobSuperseded(Conflict):
    code = "job_superseded"
