"""A script that asks the API until it is answered, as the Python client and the page do."""

from __future__ import annotations

import json
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from uuid import uuid4

ANSWER_SECONDS = 30.0
PATIENCE_SECONDS = 120.0
NOT_THERE = (OSError, HTTPException)


class Refused(Exception):
    """The server says no."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"{status}: {words}")
        self.code = json.loads(words)["code"]


@dataclass
class Asker:
    """``unanswered`` counts why something had to be asked again."""

    address: str
    token: str
    unanswered: Counter[str] = field(default_factory=Counter)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer's JSON. Raises Refused."""
        sent = json.dumps({} if body is None else body).encode()
        return json.loads(self.read(method, path, sent, "application/json"))

    def upload(self, path: str, fields: dict[str, str], name: str, content: bytes) -> Any:
        """A form with a file. Raises Refused."""
        boundary = uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="'
        parts = [f'{head}{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()]
        parts += [f'{head}file"; filename="{name}"\r\n\r\n'.encode(), content]
        form = b"".join([*parts, f"\r\n--{boundary}--\r\n".encode()])
        return json.loads(
            self.read("POST", path, form, f"multipart/form-data; boundary={boundary}")
        )

    def read(self, method: str, path: str, sent: bytes = b"", kind: str = "") -> bytes:
        """Asks again, word for word, until the server answers. Raises Refused."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._send(method, path, sent, kind)
            except HTTPError as error:
                words = error.read().decode(errors="replace")
                if error.code < 500:
                    raise Refused(error.code, words) from error
                self.unanswered[f"status {error.code}"] += 1
            except NOT_THERE as error:
                self.unanswered[type(error).__name__] += 1
            assert time.monotonic() < deadline, f"No answer to {method} {path}: {self.unanswered}"
            time.sleep(0.1)

    def _send(self, method: str, path: str, sent: bytes, kind: str) -> bytes:
        request = urllib.request.Request(
            f"{self.address}/api/v1/{path}",
            data=None if method == "GET" else sent,
            headers={"Authorization": f"Token {self.token}", "Content-Type": kind},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
            content: bytes = answer.read()
            return content
