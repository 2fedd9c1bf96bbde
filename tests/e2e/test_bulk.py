"""Lines sent to the running application: in chunks, and over connections that break."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.api import Api
from tests.importers.lines_sent import NDJSON, body_of, comment, thread

PATIENCE_SECONDS = 60


def headers(api: Api) -> dict[str, str]:
    return {"Authorization": f"Token {api.token}", "Content-Type": NDJSON}


def imports_of(api: Api, corpus: str) -> list[Any]:
    found: list[Any] = api.get(f"imports/?corpus={corpus}")["results"]
    return found


def test_a_body_without_a_length_is_read_to_its_end(api: Api) -> None:
    api.post("corpora/", {"slug": "chunks"})

    def body() -> Iterator[bytes]:
        yield body_of([thread()])
        for number in range(2_000):
            yield body_of([comment(f"c{number}", f"c{number - 1}" if number else None)])

    connection = HTTPConnection(urlsplit(api.address).netloc, timeout=PATIENCE_SECONDS)
    path = "/api/v1/corpora/chunks/records/"
    connection.request("POST", path, body(), headers(api), encode_chunked=True)
    response = connection.getresponse()
    *results, summary = [json.loads(line) for line in response.read().splitlines()]
    assert (response.status, len(results), summary["created"]) == (200, 2_001, 2_001)
    (run,) = imports_of(api, "chunks")
    assert (run["state"], run["counts"]["replies"]["given"]) == ("done", 1_999)


def test_a_connection_that_breaks_keeps_what_came_and_the_same_again_adds_the_rest(
    api: Api,
) -> None:
    api.post("corpora/", {"slug": "broken"})
    lines = [thread(), *(comment(f"c{number}") for number in range(1_400))]
    whole = body_of(lines)
    place = urlsplit(api.address)
    with socket.create_connection((place.hostname, place.port), PATIENCE_SECONDS) as connection:
        head = [
            "POST /api/v1/corpora/broken/records/ HTTP/1.1",
            f"Host: {place.netloc}",
            *(f"{name}: {value}" for name, value in headers(api).items()),
            f"Content-Length: {len(whole)}",
        ]
        connection.sendall("\r\n".join([*head, "", ""]).encode() + whole[: len(whole) * 3 // 4])
        time.sleep(1)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(run["finished"] for run in imports_of(api, "broken") or [{"finished": False}]):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    (run,) = imports_of(api, "broken")
    stored = run["counts"]["comments"]["created"]
    assert (run["state"], 0 < stored < 1_400) == ("done", True)

    again = HTTPConnection(place.netloc, timeout=PATIENCE_SECONDS)
    again.request("POST", "/api/v1/corpora/broken/records/", whole, headers(api))
    *_, last = again.getresponse().read().splitlines()
    summary = json.loads(last)
    assert summary["unchanged"] == stored + 1
    assert summary["created"] == 1_400 - stored
