"""Bodies of lines (NDJSON): one JSON object a line, read as they come and never held whole."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.conf import settings
from django.http import UnreadablePostError
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.request import Request

from annotations.api.parsing import TooLarge

NDJSON = "application/x-ndjson"
LINE_LIMIT = 4 * 1024 * 1024
MOST_LINES = 1_000_000
BATCH_BYTES = 8 * 1024 * 1024
BLOCK_BYTES = 64 * 1024
BOM = b"\xef\xbb\xbf"
NUL = "The line holds a NUL character, which databases refuse: take it out."

_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank. ``number`` is where it stands in the body, from 1.

    ``problem`` says why it is no JSON object; ``value`` is empty then.
    """

    number: int
    value: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def is_ndjson(request: Request) -> bool:
    """Whether the body says that it is lines."""
    return _kind(request) == NDJSON


class Lines:
    """The lines of a request's body, in batches. What it keeps in memory is one batch.

    Blank lines are left out, and still counted in the numbers. The last line needs no end. The
    body may be gzipped; limits hold for what is unpacked. ``size`` and ``sha256`` are those of
    the unpacked bytes that were read.
    """

    def __init__(self, request: Request) -> None:
        """Raises UnsupportedMediaType for what is no lines, TooLarge for what says it is."""
        if _kind(request) != NDJSON:
            raise UnsupportedMediaType(
                request.content_type or "",
                detail=f"The body is lines of JSON: send it with the Content-Type {NDJSON}.",
            )
        self._most = settings.MAX_BULK_BYTES
        self._said = _said_length(request)
        if self._said is not None and self._said > self._most:
            raise self._too_many_bytes()
        self._taken = 0
        self._digest = hashlib.sha256()
        self.size = 0
        self._file = self._open(request)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def batches(self, size: int) -> Iterator[list[Line]]:
        """At most ``size`` lines, and not many more than 8 MB, at once.

        Raises TooLarge past MAX_BULK_MB or a million lines, and ParseError for a body that breaks
        off or cannot be unpacked; what came before was given.
        """
        batch: list[Line] = []
        weight = 0
        try:
            for number, data in self._numbered():
                batch.append(_line(number, data))
                weight += len(data)
                if len(batch) >= size or weight >= BATCH_BYTES:
                    yield batch
                    batch, weight = [], 0
        except (TooLarge, ParseError):
            if batch:  # these lines came whole
                yield batch
            raise
        if batch:
            yield batch

    def _numbered(self) -> Iterator[tuple[int, bytes]]:
        number = lines = 0
        while data := self._file.readline(LINE_LIMIT + 1):
            number += 1
            if not data.endswith(b"\n"):
                self._require_all()
            line = data if number > 1 else data.removeprefix(BOM)
            is_long = len(line) > LINE_LIMIT
            if is_long:
                self._skip_line(data)
            if not is_long and not line.strip():
                continue
            lines += 1
            if lines > MOST_LINES:
                raise TooLarge(f"The body has more than {MOST_LINES:,} lines: send it in parts.")
            yield number, line
        self._require_all()

    def _skip_line(self, piece: bytes) -> None:
        while piece and not piece.endswith(b"\n"):
            piece = self._file.readline(LINE_LIMIT)

    def _open(self, request: Request) -> io.BufferedReader:
        packed = _Bytes(self._reader(request))
        encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding == "identity":
            return _buffered(_Bytes(lambda size: self._counted(packed.fetch(size))))
        if encoding != "gzip":
            raise UnsupportedMediaType(
                encoding, detail=f"The body is packed as {encoding[:40]}: send it plain, or gzip."
            )
        unpacked = gzip.GzipFile(fileobj=_buffered(packed))
        return _buffered(_Bytes(lambda size: self._counted(_unpacked(unpacked, size))))

    def _reader(self, request: Request) -> Callable[[int], bytes]:
        """Where the bytes come from; one that is sent in chunks has no length, and ends itself."""
        source = request._request
        if self._said is None and source.META.get("wsgi.input_terminated"):
            source = source.META["wsgi.input"]

        def read(size: int) -> bytes:
            try:
                data = source.read(size)
            except (UnreadablePostError, OSError):
                raise self._broken_off() from None
            self._taken += len(data)
            return data

        return read

    def _counted(self, data: bytes) -> bytes:
        self.size += len(data)
        if self.size > self._most:
            raise self._too_many_bytes()
        self._digest.update(data)
        return data

    def _require_all(self) -> None:
        """Raises ParseError where fewer bytes came than were announced."""
        if self._said is not None and self._taken < self._said and not self._file.peek(1):
            raise self._broken_off()

    def _broken_off(self) -> ParseError:
        return ParseError("The body broke off before its end.")

    def _too_many_bytes(self) -> TooLarge:
        most = self._most / 1e6
        return TooLarge(f"The body has more than {most:,g} MB (MAX_BULK_MB): send it in parts.")


class _Bytes(io.RawIOBase):
    """A raw file over a function that gives at most so many of the next bytes."""

    def __init__(self, fetch: Callable[[int], bytes]) -> None:
        self.fetch = fetch

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.fetch(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _buffered(file: _Bytes) -> io.BufferedReader:
    return io.BufferedReader(file, BLOCK_BYTES)


def _unpacked(file: gzip.GzipFile, size: int) -> bytes:
    try:
        return file.read(size)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise ParseError("The body is no whole gzip: pack it again, or send it plain.") from None


def _line(number: int, data: bytes) -> Line:
    if len(data) > LINE_LIMIT:
        return Line(number, problem=f"The line is longer than {LINE_LIMIT:,} bytes.")
    if b"\0" in data or (b"\\u0000" in data and _ESCAPED_NUL.search(data)):
        return Line(number, problem=NUL)
    try:
        return Line(number, _decode(data))
    except RecursionError:
        problem = "It nests too deeply."
    except UnicodeDecodeError:
        problem = "It is not UTF-8 text."
    except msgspec.ValidationError as error:
        problem = f"{str(error).partition(' - at')[0]}."
    except msgspec.DecodeError as error:
        problem = f"{error}."
    return Line(number, problem=f"The line is no JSON object. {problem}")


def _kind(request: Request) -> str:
    return (request.content_type or "").partition(";")[0].strip().lower()


def _said_length(request: Request) -> int | None:
    said = request.META.get("CONTENT_LENGTH")
    return int(said) if said and said.isdigit() else None
