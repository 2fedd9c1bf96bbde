"""A server that answers what a test wrote down: the faults that a real one has now and then."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NDJSON = "application/x-ndjson"


@dataclass(frozen=True)
class Reply:
    """``length`` announces more bytes than ``body`` has: the connection then breaks in the
    middle, or waits for nothing if it is to ``hold``. ``drop`` breaks it before any answer."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    drop: bool = False
    hold: bool = False


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Message
    body: bytes


@dataclass
class Script:
    """What is answered, in order, and what was asked."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def answers(self, *replies: Reply) -> None:
        self.replies.extend(replies)


def refusal(status: int, code: str, message: str, **headers: str) -> Reply:
    """A refusal in the API's own shape."""
    body = {"code": code, "message": message, "fields": {}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return reply(body, status=status, **named)


def reply(body: Any, *, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})


@contextmanager
def scripted_server() -> Iterator[Script]:
    """Runs until the block ends; fails where more is asked than was written down."""
    script: Script

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked = Asked(self.command, self.path, self.headers, self.rfile.read(length))
            script.asked.append(asked)
            answer = script.replies.pop(0) if script.replies else Reply(599, b"Not in the script.")
            if answer.drop:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            announced = len(answer.body) if answer.length is None else answer.length
            self.send_header("Content-Length", str(announced))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)
            if answer.hold:
                script.over.wait()
            self.close_connection = announced != len(answer.body)

        do_POST = do_HEAD = do_GET  # noqa: N815 (names of the standard library)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the test says what was asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script = Script(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield script
    finally:
        script.over.set()
    server.shutdown()
    thread.join()
    server.server_close()
    assert not script.replies, f"Not asked for: {script.replies}"
