"""Records as lines, and what it takes to send them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.test import APIClient

NDJSON = "application/x-ndjson"
Told = dict[str, Any]


def thread(id: str = "t", **fields: Any) -> dict[str, Any]:
    return {"record": "thread", "id": id, **fields}


def comment(id: str, reply_to: str | None = None, **fields: Any) -> dict[str, Any]:
    """A comment of the thread `t`, unless told otherwise."""
    told = {"record": "comment", "id": id, "thread_id": "t", "text": f"This is what {id} says."}
    return {**told, **({"reply_to": reply_to} if reply_to else {}), **fields}


def body_of(lines: Iterable[Mapping[str, Any] | str]) -> bytes:
    written = (one if isinstance(one, str) else json.dumps(one) for one in lines)
    return "".join(f"{one}\n" for one in written).encode()


def read_answer(response: Any) -> tuple[list[Told], Told]:
    """The results and the summary."""
    assert response.status_code == 200, response.content
    assert response.headers["Content-Type"] == NDJSON
    *results, summary = [json.loads(one) for one in b"".join(response).splitlines()]
    assert summary["lines"] == len(results)
    for outcome in ("created", "updated", "unchanged", "refused"):
        assert summary[outcome] == sum(result["outcome"] == outcome for result in results)
    return results, summary


def send(
    client: APIClient,
    lines: Iterable[Mapping[str, Any] | str],
    corpus: str = "talk",
    query: str = "",
) -> tuple[list[Told], Told]:
    address = f"/api/v1/corpora/{corpus}/records/{query}"
    return read_answer(client.post(address, body_of(lines), content_type=NDJSON))
