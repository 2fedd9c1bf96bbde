"""A release is made by the workers, and its files come whole, in parts and gone on with."""

from __future__ import annotations

import hashlib
import io
import zipfile
from http.client import HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.e2e.api import Api

CARD = {"creators": [{"name": "Ada Byron"}], "licence": "CC-BY-4.0"}


@pytest.fixture(scope="module")
def release(api: Api) -> Any:
    """Of the demo's campaign, made by a worker."""
    drafted = api.post(
        "releases/",
        {
            "campaign": "harbour",
            "title": "The harbour",
            "version": "1.0",
            "formats": ["jsonl", "csv"],
            "card": CARD,
        },
    )
    api.post(f"releases/{drafted['id']}/confirm/")
    made = api.wait(f"releases/{drafted['id']}/")
    assert made["state"] == "done", made["error"]
    return made


def fetch(api: Api, path: str, method: str = "GET", **headers: str) -> HTTPResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent["Authorization"] = f"Token {api.token}"
    address = f"{api.address}/api/v1/{path}"
    answer: HTTPResponse = urlopen(Request(address, headers=sent, method=method))
    return answer


def test_a_download_that_broke_off_goes_on_where_it_stood(api: Api, release: Any) -> None:
    path = f"releases/{release['id']}/file/"
    begun = fetch(api, path)
    first = begun.read(release["bytes"] // 2)
    begun.close()
    rest = fetch(api, path, Range=f"bytes={len(first)}-", If_Range=str(begun.headers["ETag"]))
    assert rest.status == 206
    whole = first + rest.read()
    assert hashlib.sha256(whole).hexdigest() == release["sha256"]
    assert zipfile.ZipFile(io.BytesIO(whole)).testzip() is None


def test_every_file_is_the_one_that_its_checksum_says(api: Api, release: Any) -> None:
    place = f"releases/{release['id']}/files/"
    files = api.get(place)["files"]
    assert {"README.md", "manifest.json", "SHA256SUMS"} <= {one["name"] for one in files}
    for one in files:
        content = api.read(place + one["name"])
        assert len(content) == one["size"]
        assert hashlib.sha256(content).hexdigest() == one["sha256"]


def test_the_server_tells_the_size_without_the_file(api: Api, release: Any) -> None:
    answer = fetch(api, f"releases/{release['id']}/file/", "HEAD")
    assert answer.headers["Content-Length"] == str(release["bytes"])
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.read() == b""


def test_who_has_it_gets_nothing_and_who_asks_too_far_is_told(api: Api, release: Any) -> None:
    path = f"releases/{release['id']}/file/"
    with pytest.raises(HTTPError) as unchanged:
        fetch(api, path, If_None_Match=f'"{release["sha256"]}"')
    assert unchanged.value.code == 304
    with pytest.raises(HTTPError) as beyond:
        fetch(api, path, Range=f"bytes={release['bytes']}-")
    assert beyond.value.code == 416
    assert beyond.value.headers["Content-Range"] == f"bytes */{release['bytes']}"
