"""The REST API of the running application, as a researcher's script uses it."""

from __future__ import annotations

import csv
import io
import json
import time
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from uuid import uuid4

PATIENCE_SECONDS = 60.0
NOT_THERE = (URLError, HTTPException, ConnectionError, TimeoutError)


class Label(NamedTuple):
    """One row of the labels, in the columns that say what was labeled and how."""

    comment_id: str
    annotator: str
    state: str
    question: str
    value: str
    span_start: int | None
    span_end: int | None
    span_quote: str


def _label(row: dict[str, str]) -> Label:
    places = {name: int(row[name]) if row[name] else None for name in ("span_start", "span_end")}
    return Label(**{name: row[name] for name in Label._fields} | places)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Api:
    """``address`` is where the application runs, ``token`` whose requests these are."""

    address: str
    token: str

    def get(self, path: str) -> Any:
        return json.loads(self.read(path))

    def post(self, path: str, body: object = None) -> Any:
        return json.loads(self._send("POST", path, body))

    def change(self, path: str, body: object) -> Any:
        return json.loads(self._send("PATCH", path, body))

    def insist(self, method: str, path: str, body: object = None) -> Any:
        """Sends again, word for word, until the server answers, as the page does with a save."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return json.loads(self._send(method, path, body))
            except HTTPError as error:
                raise AssertionError(f"{path}: {error.read().decode()}") from error
            except NOT_THERE:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def read(self, path: str) -> bytes:
        return self._send("GET", path, None)

    def labels(self, campaign: str) -> list[Label]:
        """The rows of a campaign's labels, one for each value."""
        table = self.read(f"campaigns/{campaign}/labels/?format=csv").decode()
        rows = csv.DictReader(io.StringIO(table, newline=""))
        return [_label(row) for row in rows]

    def import_table(self, corpus: str, table: str) -> None:
        """Hands the lines of a CSV file in and waits until a worker has imported them."""
        body, content_type = _form(corpus, table)
        self.wait_for("imports", json.loads(self._send("POST", "imports/", body, content_type)))

    def new_campaign(self, wanted: object) -> None:
        """Makes a campaign and waits until a worker has drawn its units."""
        slug = self.post("campaigns/", wanted)["slug"]
        (sample,) = self.get(f"campaigns/{slug}/samples/")["results"]
        self.wait_for("samples", sample)

    def wait_for(self, kind: str, job: Any) -> None:
        """Waits until the job has ended well."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not job["finished"]:
            assert time.monotonic() < deadline, f"The job did not end: {job}"
            time.sleep(0.1)
            job = self.get(f"{kind}/{job['id']}/")
        assert job["state"] == "done", job["error"]

    def wait(self, path: str) -> Any:
        """The job at this address, once it is finished."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (run := self.get(path))["finished"]:
            assert time.monotonic() < deadline, f"The job did not end: {run}"
            time.sleep(0.1)
        return run

    def _send(
        self, method: str, path: str, body: object, content_type: str = "application/json"
    ) -> bytes:
        data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        request = urllib.request.Request(
            f"{self.address}/api/v1/{path}",
            data=None if method == "GET" else data,
            headers={"Authorization": f"Token {self.token}", "Content-Type": content_type},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            content: bytes = answer.read()
            return content


def _form(corpus: str, table: str) -> tuple[bytes, str]:
    """A multipart form with its content type."""
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="corpus"\r\n\r\n{corpus}\r\n',
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="talk.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{table}\r\n--{boundary}--\r\n",
    ]
    return "".join(parts).encode(), f"multipart/form-data; boundary={boundary}"
