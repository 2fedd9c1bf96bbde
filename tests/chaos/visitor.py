"""Somebody who talks to the running application over HTTP: by a token, or logged in."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    content: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    @property
    def data(self) -> Any:
        return json.loads(self.content)


@dataclass
class Visitor:
    """One connection, kept open as a browser keeps it; not for several threads at once."""

    address: str
    token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: HTTPConnection | None = None

    def log_in(self, username: str, password: str) -> Visitor:
        self.get("/login/")
        form = {"username": username, "password": password}
        reply = self.form("/login/", form)
        assert reply.status == 302, reply.text
        return self

    def get(self, path: str, headers: dict[str, str] | None = None) -> Reply:
        return self.ask("GET", path, headers=headers)

    def form(self, path: str, values: dict[str, str]) -> Reply:
        """A form of a page, as the browser sends it."""
        sent = {**values, "csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}
        kind = "application/x-www-form-urlencoded"
        return self.ask("POST", path, urlencode(sent).encode(), kind)

    def api(self, method: str, path: str, body: object = None) -> Reply:
        sent = None if body is None else json.dumps(body).encode()
        return self.ask(method, f"/api/v1/{path}", sent, "application/json")

    def upload(self, path: str, fields: dict[str, str], name: str, content: bytes) -> Reply:
        """A form with a file."""
        boundary, parts = uuid4().hex, []
        for key, value in {
            **fields,
            "csrfmiddlewaretoken": self.cookies.get("csrftoken", ""),
        }.items():
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n'
            parts.append(f"{head}{value}\r\n".encode())
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        parts.append(f"{head}Content-Type: text/plain\r\n\r\n".encode())
        parts += [content, f"\r\n--{boundary}--\r\n".encode()]
        return self.ask("POST", path, b"".join(parts), f"multipart/form-data; boundary={boundary}")

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        kind: str = "",
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Raises OSError and HTTPException where the server is away."""
        began, reused = time.monotonic(), self._connection is not None
        sent = self._headers(kind) | (headers or {})
        try:
            answer, content = self._exchange(method, path, body, sent)
        except (BrokenPipeError, ConnectionResetError, RemoteDisconnected):
            if not reused:
                raise
            # The server closes what was idle for half a minute: a browser connects anew, too.
            answer, content = self._exchange(method, path, body, sent)
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self._keep(value)
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, told, content, time.monotonic() - began)

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        connection = self._connection or self._connect()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _connect(self) -> HTTPConnection:
        place = urlsplit(self.address).netloc
        self._connection = HTTPConnection(place, timeout=PATIENCE_SECONDS)
        return self._connection

    def _headers(self, kind: str) -> dict[str, str]:
        headers = {"Content-Type": kind} if kind else {}
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        return headers

    def _keep(self, header: str) -> None:
        for name, morsel in SimpleCookie(header).items():
            self.cookies[name] = morsel.value
