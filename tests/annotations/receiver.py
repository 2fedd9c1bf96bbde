"""A real receiver of webhooks, on an address of this machine: it notes what comes, and answers
as it is told to."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

HOST = "127.0.0.1"


@dataclass
class Got:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


@dataclass
class Receiver:
    """``answers`` are given one after the other, the last one for ever: a status, or what to do
    with the handler. ``ended`` lets those who are slow come to an end."""

    url: str
    port: int
    answers: list[Any] = field(default_factory=lambda: [204])
    got: list[Got] = field(default_factory=list)
    ended: Event = field(default_factory=Event)

    @property
    def events(self) -> list[str]:
        return [one.told["type"] for one in self.got]


Answer = int | Callable[[Receiver, BaseHTTPRequestHandler], None]


@contextmanager
def receiving(
    *answers: Answer, host: str = HOST, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """A receiver that runs while the block does."""
    receiver = Receiver("", 0)
    receiver.answers = list(answers) or [204]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receiver.got.append(Got(self.path, dict(self.headers), body))
            turn = min(len(receiver.got), len(receiver.answers)) - 1
            answer = receiver.answers[turn]
            with suppress(OSError):
                if callable(answer):
                    answer(receiver, self)
                else:
                    self.send_response(answer)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Who was called may hang up."""

    server = Server((host, port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    scheme = "https" if tls is not None else "http"
    receiver.url = f"{scheme}://{host}:{receiver.port}/hook"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def says(status: int, text: bytes) -> Answer:
    """An answer with words."""

    def answer(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    return answer


def redirects_to(url: str) -> Answer:
    def answer(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", url)
        handler.end_headers()

    return answer


def silent(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
    """No answer, until the test ends."""
    receiver.ended.wait(30)


def dripping(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
    """A header that never comes to an end, a byte at a time."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
    _drip(receiver, handler)


def dripping_words(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
    """An answer at once, and words that never come to an end."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    _drip(receiver, handler)


def endless(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
    """As many bytes as anybody takes."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    while not receiver.ended.is_set():
        handler.wfile.write(b"x" * 65_536)


def raw(pieces: Sequence[bytes]) -> Answer:
    """Exactly these bytes."""

    def answer(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
        for piece in pieces:
            handler.wfile.write(piece)

    return answer


def _drip(receiver: Receiver, handler: BaseHTTPRequestHandler) -> None:
    while not receiver.ended.is_set():
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)
