"""Stored files as answers: whole, or the part that a client goes on with (RFC 9110).

A download that broke off is gone on with (``curl -C -``), and tools that read a part of a file
(pandas, DuckDB) ask for that part alone. The tag of a file is its checksum, so a client that goes
on with another file than it began with notices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request

from annotations.api.errors import ErrorSerializer

BLOCK_BYTES = 256 * 1024
LONGEST_HEADER = 1000
RANGE = re.compile(r"([0-9]*)-([0-9]*)")

RANGES = [
    OpenApiParameter(
        "Range", str, OpenApiParameter.HEADER, description="Such as `bytes=1000-`: that part."
    )
]
FILE: dict[Any, Any] = {
    (200, "*/*"): OpenApiTypes.BINARY,
    (206, "*/*"): OpenApiTypes.BINARY,
    304: OpenApiResponse(description="You have this file already (`If-None-Match`)."),
    412: OpenApiResponse(description="The file is another one (`If-Match`)."),
    416: OpenApiResponse(ErrorSerializer, "The file has no such part."),
}


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """``size`` bytes of the file ``stored`` in the storage, from the byte ``offset`` on: what a
    client knows as the file ``name``."""

    stored: str
    name: str
    size: int
    sha256: str
    content_type: str
    offset: int = 0

    def part(self, start: int, end: int) -> Iterator[bytes]:
        """From byte ``start`` to before ``end``, in blocks. Raises OSError where the file ends."""
        with default_storage.open(self.stored) as file:
            file.seek(self.offset + start)
            left = end - start
            while left:
                block = file.read(min(BLOCK_BYTES, left))
                if not block:
                    raise OSError(f"{self.stored} ends {left:,} bytes too early.")
                left -= len(block)
                yield block


class Unsatisfiable(Exception):
    """The range lies outside the file."""


def file_answer(request: Request, file: StoredFile) -> HttpResponseBase:
    """The file, to be kept under its name, or the part of it that the request asks for.

    Of several ranges in one request the whole file is the answer, as the RFC allows.
    """
    etag = quote_etag(file.sha256) if file.sha256 else None
    response = _answer(request, file, etag)
    name = PurePosixPath(file.name).name
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.status_code in (200, 206):
        response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    if etag and response.status_code != 416:
        response.headers["ETag"] = etag
    return response


def requested_range(header: str, size: int) -> tuple[int, int] | None:
    """From which byte to before which: None for a header that does not count.

    Raises Unsatisfiable.
    """
    unit, _, listed = header.partition("=")
    ranges = [one.strip() for one in listed.split(",") if one.strip()]
    if unit.strip().lower() != "bytes" or len(ranges) != 1 or len(header) > LONGEST_HEADER:
        return None
    found = RANGE.fullmatch(ranges[0])
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start = int(first)
        if last and int(last) < start:
            return None
        end = min(int(last) + 1, size) if last else size
    if start >= end:
        raise Unsatisfiable
    return start, end


def _answer(request: Request, file: StoredFile, etag: str | None) -> HttpResponseBase:
    stands = get_conditional_response(request._request, etag=etag)
    if stands is not None:
        return stands
    try:
        wanted = _range(request, file.size, etag)
    except Unsatisfiable:
        return _unsatisfiable(file.size)
    start, end = wanted or (0, file.size)
    headers = {"Content-Length": str(end - start), "Content-Type": file.content_type}
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    if request.method == "HEAD":
        return HttpResponse(headers=headers)
    status = 206 if wanted else 200
    return StreamingHttpResponse(file.part(start, end), status=status, headers=headers)


def _range(request: Request, size: int, etag: str | None) -> tuple[int, int] | None:
    """Only a GET has one, and only of the file that the client means (If-Range)."""
    header = request.headers.get("Range")
    if header is None or request.method != "GET":
        return None
    if request.headers.get("If-Range", etag) != etag:
        return None
    return requested_range(header, size)


def _unsatisfiable(size: int) -> HttpResponse:
    sentence = f"The file has {size:,} bytes: ask for some of these."
    body = {"code": "no_such_range", "message": sentence, "fields": {"Range": [sentence]}}
    return JsonResponse(body, status=416, headers={"Content-Range": f"bytes */{size}"})
