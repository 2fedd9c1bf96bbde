"""An advisory service of this machine: it speaks as OSV's and as npm's do."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Advisories:
    """``bad`` are the packages that it warns of; with a ``status`` it answers nothing else."""

    bad: set[str] = field(default_factory=lambda: {"jinja2", "lodash"})
    status: int = 200
    url: str = ""

    def answer(self, path: str, sent: Any) -> Any:
        if path.endswith("/query"):  # OSV
            name = sent["package"]["name"]
            return {"vulns": [_of_osv(name)]} if name in self.bad else {}
        return {name: [_of_npm(name)] for name in sent if name in self.bad}


@contextmanager
def advisory_server(advisories: Advisories) -> Iterator[Advisories]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """npm asks which versions of a bad package there are."""
            name = self.path.strip("/")
            self._say({"name": name, "dist-tags": {}, "versions": {}})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            self._say(advisories.answer(self.path, json.loads(body)))

        def _say(self, answer: Any) -> None:
            told = json.dumps(answer).encode()
            self.send_response(advisories.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    advisories.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield advisories
    finally:
        server.shutdown()
        server.server_close()


def _of_osv(name: str) -> dict[str, Any]:
    every = [{"introduced": "0"}, {"fixed": "99"}]
    package = {"name": name, "ecosystem": "PyPI"}
    return {
        "id": f"GHSA-{name}",
        "summary": "A hole.",
        "details": "A hole.",
        "aliases": [],
        "affected": [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": every}]}],
    }


def _of_npm(name: str) -> dict[str, Any]:
    return {
        "id": 1,
        "url": "https://example.org/1",
        "title": "A hole.",
        "severity": "high",
        "vulnerable_versions": "<99",
        "cwe": [],
        "cvss": {"score": 0, "vectorString": None},
    }
