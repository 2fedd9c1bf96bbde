"""Annotators who label as fast as they are answered, each over a connection that stays open.

A process of its own (``python -m tests.bench.annotators``), so that what measures does not wait
for the interpreter that is measured. It reads what to do from stdin, as JSON, and prints the
milliseconds of each request. Bodies are those of the workspace: the next unit is fetched while one
is on screen, without the comments that are there already; then that one is saved with three
answers. HTTP is spoken over the socket itself: a client that parses less measures more exactly.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import time
from dataclasses import dataclass, field
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
UNIT = re.compile(rb'"unit": ?\{"id": ?(\d+)')
THREAD = re.compile(rb'"thread": ?\{"id": ?(\d+)')
WINDOW = re.compile(rb'"first": ?(\d+), ?"last": ?(\d+)\}')
ON_SCREEN = {"shown": list(range(1_000_001, 1_000_081)), "dark": False, "read": 350}


@dataclass
class Told:
    next: list[float] = field(default_factory=list)
    save: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    bytes: int = 0


class Connection:
    """One that stays open. Knows no chunks and no redirects: neither is answered here."""

    def __init__(self, host: str, port: int, cookies: str) -> None:
        self._socket = socket.create_connection((host, port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fields = {
            "Host": f"{host}:{port}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            "X-CSRFToken": "t" * 32,
            "Cookie": cookies,
        }
        self._head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())

    def ask(self, method: str, path: str, body: Any) -> tuple[int, bytes, float]:
        """The status, the body, and the milliseconds from the first byte sent to the last read."""
        sent = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(sent)}\r\n\r\n"
        began = time.perf_counter()
        self._socket.sendall(head.encode() + sent)
        answer = bytearray()
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        found = LENGTH.search(answer, 0, end + 2)
        if found is None:
            raise ConnectionError(f"No length: {bytes(answer[:end])!r}")
        whole = end + 4 + int(found[1])
        while len(answer) < whole:
            answer += self._more()
        took = (time.perf_counter() - began) * 1_000
        return int(answer[9:12]), bytes(answer[end + 4 :]), took

    def _more(self) -> bytes:
        some = self._socket.recv(262_144)
        if not some:
            raise ConnectionError("The server closed the connection.")
        return some


class Annotator:
    """One person at one page."""

    def __init__(self, connection: Connection, job: dict[str, Any], told: Told) -> None:
        self.connection, self.job, self.told = connection, job, told
        self.root = f"/api/v1/campaigns/{job['campaign']}"
        self.have: dict[str, int] | None = None

    def work(self) -> None:
        """So many units, one ahead."""
        on_screen = self._next([])
        for _ in range(self.job["times"]):
            if on_screen is None:
                return
            ahead = self._next([on_screen])
            self._save(on_screen)
            on_screen = ahead
        if on_screen is not None:  # so that a run leaves nothing behind
            self._save(on_screen)

    def _next(self, after: list[int]) -> int | None:
        body: dict[str, Any] = {"after": after}
        if self.have and not self.job["whole"]:
            body["have"] = self.have
        status, answer, took = self.connection.ask("POST", f"{self.root}/next/", body)
        if status != 200:
            if b"nothing_left" not in answer:
                self.told.errors.append(f"next: {status} {answer[:200]!r}")
            return None
        self.told.next.append(took)
        self.told.bytes += len(answer)
        unit, thread, window = (one.search(answer) for one in (UNIT, THREAD, WINDOW))
        assert unit
        assert thread
        assert window
        self.have = {"thread": int(thread[1]), "first": int(window[1]), "last": int(window[2])}
        return int(unit[1])

    def _save(self, unit: int) -> None:
        body = {
            "save_id": str(uuid4()),
            "revision": 0,
            "state": "submitted",
            "answers": {"claim": "yes", "reasons": ["old"], "certainty": 4},
            "text_revision": 1,
            "note": "",
            "flagged": False,
            "skip_reason": "",
            "seconds": 12.5,
            "context": ON_SCREEN,
        }
        path = f"{self.root}/units/{unit}/annotation/"
        status, answer, took = self.connection.ask("PUT", path, body)
        if status == 200:
            self.told.save.append(took)
        else:
            self.told.errors.append(f"save: {status} {answer[:200]!r}")


class Floor(Annotator):
    """The same with bare views: one row read, then one written."""

    def work(self) -> None:
        body = {"said": "x" * 700}
        for number in range(self.job["times"]):
            path = f"/read/{self.job['unread'] + number}/"
            for told, (status, answer, took) in (
                (self.told.next, self.connection.ask("GET", path, None)),
                (self.told.save, self.connection.ask("POST", "/insert/", body)),
            ):
                told.append(took)
                if status != 200:
                    self.told.errors.append(f"floor: {status} {answer[:200]!r}")


def run(job: dict[str, Any]) -> dict[str, Any]:
    """All annotators at once, who begin together."""
    told = [Told() for _ in job["cookies"]]
    gate = Barrier(len(told))
    threads = [
        Thread(target=_work, args=(job, cookies, one, gate))
        for cookies, one in zip(job["cookies"], told, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "next": [took for one in told for took in one.next],
        "save": [took for one in told for took in one.save],
        "errors": [error for one in told for error in one.errors],
        "bytes": sum(one.bytes for one in told),
    }


def _work(job: dict[str, Any], cookies: str, told: Told, gate: Barrier) -> None:
    kind = Floor if job["floor"] else Annotator
    try:
        annotator = kind(Connection(job["host"], job["port"], cookies), job, told)
        gate.wait()
        annotator.work()
    except (OSError, AssertionError) as error:
        told.errors.append(repr(error))


if __name__ == "__main__":
    print(json.dumps(run(json.load(sys.stdin))))
