"""Which file each person reads by parts: labels may change between one part and the next.

Tools that read a Parquet file over the network ask for its end, then for columns, and most of them
do not say of which file. They get all parts of the one that they began with, for a while.
"""

from __future__ import annotations

import logging
import re
from contextlib import suppress

from django.core.cache import caches
from redis.exceptions import RedisError
from rest_framework.request import Request

from annotations.models import User

READING_SECONDS = 600
GOES_ON = re.compile(r"\s*bytes\s*=\s*[0-9]+\s*-.*", re.IGNORECASE)

log = logging.getLogger(__name__)


class Reading:
    """One person's reading of one choice of a campaign's labels."""

    def __init__(self, user: User, choice: str) -> None:
        self._key = f"reading:{user.pk}:{choice}"

    def stored(self) -> str:
        """The name in the storage of the file that was begun with; empty where none was."""
        try:
            return str(caches["reading"].get(self._key, ""))
        except (RedisError, OSError) as error:
            log.warning("Which file of labels is read is not known at the moment: %s", error)
            return ""

    def note(self, stored: str) -> None:
        with suppress(RedisError, OSError):
            caches["reading"].set(self._key, stored, READING_SECONDS)


def goes_on(request: Request) -> bool:
    """Whether the request is for a part from a known place on: whoever asks for the end of a file,
    for all of it or for its size begins to read."""
    header = request.headers.get("Range", "") if request.method == "GET" else ""
    return GOES_ON.fullmatch(header) is not None


def named_tags(request: Request) -> list[str]:
    """The tags of files that the request wants to go on with (``If-Match``, ``If-Range``)."""
    named = (request.headers.get(name, "") for name in ("If-Match", "If-Range"))
    return [tag for one in named for tag in re.findall(r'"([^"]*)"', one)]
