"""A script that asks the API until it is answered, as the Python client and the page do."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from tests.chaos.visitor import Reply, Visitor

PATIENCE_SECONDS = 120.0
NOT_THERE = (OSError, HTTPException)


class Refused(Exception):
    """The server says no."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"{status}: {words}")
        self.code = json.loads(words)["code"]


@dataclass
class Asker:
    """``unanswered`` counts why something had to be asked again. May be used by several threads."""

    address: str
    token: str
    unanswered: Counter[str] = field(default_factory=Counter)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer's JSON. Raises Refused."""
        sent = None if method == "GET" else body or {}
        return self._until_answered(lambda visitor: visitor.api(method, path, sent)).data

    def upload(self, path: str, fields: dict[str, str], name: str, content: bytes) -> Any:
        """A form with a file. Raises Refused."""
        place = f"/api/v1/{path}"
        reply = self._until_answered(lambda visitor: visitor.upload(place, fields, name, content))
        return reply.data

    def read(self, path: str) -> bytes:
        """A file. Raises Refused."""
        return self._until_answered(lambda visitor: visitor.api("GET", path)).content

    def _until_answered(self, ask: Callable[[Visitor], Reply]) -> Reply:
        """Asks again, word for word, until the server answers. Raises Refused."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with closing(Visitor(self.address, self.token)) as visitor:
                    reply = ask(visitor)
            except NOT_THERE as error:
                self.unanswered[type(error).__name__] += 1
            else:
                if reply.status < 400:
                    return reply
                if reply.status < 500:
                    raise Refused(reply.status, reply.text)
                self.unanswered[f"status {reply.status}"] += 1
            assert time.monotonic() < deadline, f"No answer: {self.unanswered}"
            time.sleep(0.1)
