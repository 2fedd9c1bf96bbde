"""Threadmark for scripts and notebooks: labels as rows and data frames, jobs, mirrors.

from threadmark import Threadmark

server = Threadmark("https://threadmark.example", token="tm_…")
frame = server.labels("harbour").to_pandas()
"""

from __future__ import annotations

from threadmark.changes import Changes
from threadmark.client import Threadmark
from threadmark.errors import (
    Conflict,
    Interrupted,
    InvalidInput,
    JobFailed,
    NotFound,
    NotGenuine,
    NotLoggedIn,
    NotPermitted,
    Refused,
    ThreadmarkError,
    Throttled,
    Unreachable,
)
from threadmark.jobs import Job
from threadmark.labels import Labels
from threadmark.mirror import Mirrored
from threadmark.sending import Result, Sent
from threadmark.version import __version__
from threadmark.webhooks import verify

__all__ = [
    "Changes",
    "Conflict",
    "Interrupted",
    "InvalidInput",
    "Job",
    "JobFailed",
    "Labels",
    "Mirrored",
    "NotFound",
    "NotGenuine",
    "NotLoggedIn",
    "NotPermitted",
    "Refused",
    "Result",
    "Sent",
    "Threadmark",
    "ThreadmarkError",
    "Throttled",
    "Unreachable",
    "__version__",
    "verify",
]
