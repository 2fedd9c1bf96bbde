"""Downloads: whole, in parts, gone on with, and never of two files mixed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from annotations.api.ranges import StoredFile, Unsatisfiable, file_answer, requested_range
from annotations.models import ApiToken
from tests.annotations.api.world import API, World

CONTENT = bytes(range(256)) * 5000
IN_MEMORY = {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}


def stored(content: bytes, *, offset: int = 0, name: str = "labels.bin") -> StoredFile:
    """The bytes from ``offset`` on, of a file that goes on after them."""
    within = b"x" * offset + content + b"more"
    return StoredFile(
        stored=default_storage.save(name, ContentFile(within)),
        name=name,
        offset=offset,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content_type="application/octet-stream",
    )


def ask(file: StoredFile, method: str = "GET", **headers: str) -> Any:
    wsgi = APIRequestFactory().generic(
        method, "/", headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    return file_answer(Request(wsgi), file)


def body(response: Any) -> bytes:
    return b"".join(response) if response.streaming else response.content


@pytest.fixture
def file() -> StoredFile:
    return stored(CONTENT, offset=1000)


class TestRanges:
    @pytest.mark.parametrize(
        ("header", "found"),
        [
            ("bytes=0-0", (0, 1)),
            ("bytes=0-", (0, 10)),
            ("bytes=9-", (9, 10)),
            ("bytes=2-4", (2, 5)),
            ("bytes=2-99999999999999999999999", (2, 10)),
            ("bytes=-3", (7, 10)),
            ("bytes=-99", (0, 10)),
            ("BYTES = 2-4 ,", (2, 5)),
            ("bytes=4-2", None),
            ("bytes=-", None),
            ("bytes=a-b", None),
            ("bytes=+1-2", None),
            ("bytes=٣-٤", None),
            ("bytes=1-2-3", None),
            ("bytes", None),
            ("", None),
            ("lines=0-1", None),
            ("bytes=0-1,4-5", None),
            (f"bytes=0-{'9' * 2000}", None),
        ],
    )
    def test_what_a_header_asks_for(self, header: str, found: tuple[int, int] | None) -> None:
        assert requested_range(header, 10) == found

    @pytest.mark.parametrize(
        ("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-5", 0)]
    )
    def test_what_no_file_of_this_size_has(self, header: str, size: int) -> None:
        with pytest.raises(Unsatisfiable):
            requested_range(header, size)

    @given(st.text(max_size=30) | st.from_regex(r"bytes=\d*-\d*(,\d*-\d*)?", fullmatch=True))
    def test_whatever_is_sent_the_range_lies_in_the_file(self, header: str) -> None:
        try:
            found = requested_range(header, 100)
        except Unsatisfiable:
            return
        assert found is None or 0 <= found[0] < found[1] <= 100


class TestAnswers:
    def test_without_a_range_the_file_is_whole(self, file: StoredFile) -> None:
        response = ask(file)
        assert (response.status_code, body(response)) == (200, CONTENT)
        assert response.headers["Content-Length"] == str(len(CONTENT))
        assert response.headers["Accept-Ranges"] == "bytes"
        assert response.headers["ETag"] == f'"{file.sha256}"'
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Disposition"] == 'attachment; filename="labels.bin"'

    def test_a_part_says_where_it_lies(self, file: StoredFile) -> None:
        response = ask(file, Range="bytes=300000-1000000")
        assert (response.status_code, body(response)) == (206, CONTENT[300_000:1_000_001])
        assert response.headers["Content-Range"] == f"bytes 300000-1000000/{len(CONTENT)}"
        assert response.headers["Content-Length"] == "700001"

    def test_of_several_ranges_the_whole_file_comes(self, file: StoredFile) -> None:
        response = ask(file, Range="bytes=0-1,4-5")
        assert (response.status_code, body(response)) == (200, CONTENT)
        assert "Content-Range" not in response.headers

    def test_a_range_outside_is_refused_with_the_size(self, file: StoredFile) -> None:
        response = ask(file, Range=f"bytes={len(CONTENT)}-")
        assert response.status_code == 416
        assert response.headers["Content-Range"] == f"bytes */{len(CONTENT)}"
        assert b'"code": "no_such_range"' in body(response)

    def test_another_file_than_the_client_began_with_comes_whole(self, file: StoredFile) -> None:
        same = ask(file, Range="bytes=5-", If_Range=f'"{file.sha256}"')
        assert same.status_code == 206
        for stale in ('"other"', f'W/"{file.sha256}"', "Sat, 29 Oct 1994 19:43:31 GMT"):
            response = ask(file, Range="bytes=5-", If_Range=stale)
            assert (response.status_code, body(response)) == (200, CONTENT)

    def test_who_has_the_file_gets_it_not_again(self, file: StoredFile) -> None:
        response = ask(file, If_None_Match=f'"{file.sha256}"', Range="bytes=0-1")
        assert (response.status_code, body(response)) == (304, b"")
        assert response.headers["ETag"] == f'"{file.sha256}"'
        assert ask(file, If_None_Match='"other"').status_code == 200
        assert ask(file, If_Match='"other"', Range="bytes=0-1").status_code == 412

    def test_head_tells_the_size_and_sends_nothing(self, file: StoredFile) -> None:
        response = ask(file, "HEAD", Range="bytes=0-1")
        assert (response.status_code, body(response)) == (200, b"")
        assert response.headers["Content-Length"] == str(len(CONTENT))
        assert response.headers["ETag"] == f'"{file.sha256}"'

    def test_a_file_without_a_checksum_is_never_gone_on_with_blindly(self) -> None:
        bare = StoredFile(**{**vars(stored(b"abc")), "sha256": ""})
        assert "ETag" not in ask(bare).headers
        assert ask(bare, Range="bytes=1-", If_Range='""').status_code == 200

    def test_an_empty_file_is_a_file(self) -> None:
        assert body(ask(stored(b""))) == b""

    def test_a_file_that_ends_too_early_breaks_off_instead_of_lying(self) -> None:
        short = StoredFile(**{**vars(stored(b"abc")), "size": 100})
        with pytest.raises(OSError, match="too early"):
            body(ask(short))


@given(
    content=st.binary(min_size=1, max_size=200),
    cuts=st.lists(st.integers(0, 200), max_size=6),
    offset=st.integers(0, 20),
)
def test_parts_put_together_are_the_file_in_any_storage(
    content: bytes, cuts: list[int], offset: int
) -> None:
    size = len(content)
    bounds = sorted({0, size, *(cut % size for cut in cuts)})
    with override_settings(STORAGES=IN_MEMORY):
        file = stored(content, offset=offset)
        parts = [
            body(ask(file, Range=f"bytes={start}-{end - 1}")) for start, end in pairwise(bounds)
        ]
    assert b"".join(parts) == content


@pytest.fixture
def served(world: World, live_server: Any) -> tuple[str, str]:
    """The address of an export of a megabyte on a server, and the header that opens it."""
    run = world.exports["done"]
    run.file = default_storage.save("exports/big.csv", ContentFile(CONTENT))
    run.bytes, run.sha256 = len(CONTENT), hashlib.sha256(CONTENT).hexdigest()
    run.save()
    _, token = ApiToken.objects.create(user=world.users["viewer"], name="curl")
    return f"{live_server.url}{API}exports/{run.pk}/file/", f"Authorization: Token {token}"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_goes_on_with_a_download_that_broke_off(
    served: tuple[str, str], tmp_path: Path
) -> None:
    address, header = served
    kept = tmp_path / "labels.csv"
    kept.write_bytes(CONTENT[:700_001])
    told = tmp_path / "headers"
    command = ["curl", "-sSf", "-C", "-", "-H", header, "-D", str(told), "-o", str(kept), address]
    subprocess.run(command, check=True)
    assert told.read_text().startswith("HTTP/1.1 206")
    assert kept.read_bytes() == CONTENT
