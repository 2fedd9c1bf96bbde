"""Bodies of lines: what is read of them, and where reading ends."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tracemalloc
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.request import Request

from annotations.api import bulk, ndjson
from annotations.api.bulk import BulkResource, Result, Taker
from annotations.api.ndjson import LINE_LIMIT, Line, Lines
from annotations.api.parsing import TooLarge
from annotations.models import User


def request(body: bytes | io.IOBase, **environ: Any) -> Request:
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    length = {"CONTENT_LENGTH": str(len(body))} if isinstance(body, bytes) else {}
    told = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "wsgi.input": stream,
        "CONTENT_TYPE": "application/x-ndjson; charset=utf-8",
        **length,
        **environ,
    }
    return Request(WSGIRequest(told))


def lines_of(body: bytes, size: int = 500, **environ: Any) -> list[Line]:
    batches = Lines(request(body, **environ)).batches(size)
    return [line for batch in batches for line in batch]


def problem_of(line: bytes) -> str:
    (one,) = lines_of(line)
    return one.problem


class TestWhatIsRead:
    def test_one_object_a_line_with_its_number(self) -> None:
        assert lines_of(b'{"a": 1}\n{"b": [2]}\n') == [Line(1, {"a": 1}), Line(2, {"b": [2]})]

    def test_a_mark_of_byte_order_and_ends_of_windows_lines(self) -> None:
        assert lines_of(b'\xef\xbb\xbf{"a": 1}\r\n{"a": 2}\r\n') == [
            Line(1, {"a": 1}),
            Line(2, {"a": 2}),
        ]

    def test_blank_lines_are_counted_and_left_out(self) -> None:
        assert [line.number for line in lines_of(b'\n{"a": 1}\n  \r\n\n{"a": 2}')] == [2, 5]

    def test_the_last_line_needs_no_end(self) -> None:
        assert lines_of(b'{"a": 1}') == [Line(1, {"a": 1})]

    def test_nothing_is_no_line(self) -> None:
        assert lines_of(b"") == lines_of(b"\n\n") == []

    def test_they_come_in_batches(self) -> None:
        batches = list(Lines(request(b"{}\n" * 7)).batches(3))
        assert [len(batch) for batch in batches] == [3, 3, 1]

    def test_a_batch_is_bounded_in_bytes_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ndjson, "BATCH_BYTES", 100)
        batches = list(Lines(request((json.dumps({"a": "x" * 60}) + "\n").encode() * 4)).batches(9))
        assert [len(batch) for batch in batches] == [2, 2]

    def test_gzip(self) -> None:
        body = b'{"a": 1}\n' * 10_000
        told = Lines(request(gzip.compress(body), HTTP_CONTENT_ENCODING="gzip"))
        assert sum(len(batch) for batch in told.batches(500)) == 10_000
        assert (told.size, told.sha256) == (len(body), hashlib.sha256(body).hexdigest())

    def test_a_body_in_chunks_ends_where_it_ends(self) -> None:
        body = io.BytesIO(b'{"a": 1}\n{"a": 2}')
        told = Lines(request(body, **{"wsgi.input_terminated": True}))
        assert [line.value["a"] for batch in told.batches(9) for line in batch] == [1, 2]

    @given(
        st.lists(
            st.dictionaries(
                st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")),
                st.integers(-(2**60), 2**60) | st.booleans() | st.none(),
            )
        ),
        st.integers(1, 9),
        st.booleans(),
    )
    def test_what_was_written_is_read(
        self, values: list[dict[str, Any]], size: int, ascii: bool
    ) -> None:
        body = "".join(json.dumps(value, ensure_ascii=ascii) + "\n" for value in values)
        assert [line.value for line in lines_of(body.encode(), size)] == values


class TestLinesThatAreNone:
    """A bad line costs itself."""

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            (b"not json", "JSON is malformed"),
            (b'{"a": 1', "Input data was truncated"),
            (b'{"a": 1} {"b": 2}', "trailing characters"),
            (b"[1]", "Expected `object`, got `array`."),
            (b'"text"', "Expected `object`, got `str`."),
            (b"null", "Expected `object`, got `null`."),
            (b'{"a": NaN}', "JSON is malformed"),
            (b'{"a": Infinity}', "JSON is malformed"),
            (b'{"a": 1e999}', "Number out of range."),
            (b'{"a": ' + b"9" * 5_000 + b"}", "Integer value out of range."),
            (b'{"a": "\\ud800"}', "no JSON object"),
            (b'{"a": "\\udc00"}', "surrogate"),
            (b'{"a": "\xff"}', "It is not UTF-8 text."),
            (b'{"a": "caf\xe9"}', "It is not UTF-8 text."),
            (b'{"a": "\x00"}', "NUL"),
            (b'{"a": "\\u0000"}', "NUL"),
            (b'{"a": ' + b"[" * 200_000, "It nests too deeply."),
            (b'{"a": "' + b"x" * LINE_LIMIT + b'"}', "longer than 4,194,304 bytes"),
        ],
    )
    def test_they_say_why(self, line: bytes, problem: str) -> None:
        first, second = lines_of(line + b'\n{"a": 1}\n')
        assert problem in first.problem
        assert first.value == {}
        assert second == Line(2, {"a": 1})

    def test_an_escaped_backslash_before_u0000_is_text(self) -> None:
        assert lines_of(b'{"a": "\\\\u0000"}') == [Line(1, {"a": "\\u0000"})]


class TestBounds:
    def test_a_body_that_says_that_it_is_too_large_is_not_read(self, settings: Any) -> None:
        settings.MAX_BULK_BYTES = 1_000_000
        with pytest.raises(TooLarge, match="more than 1 MB"):
            Lines(request(b"{}\n", CONTENT_LENGTH="1000001"))

    def test_one_that_does_not_say_so_ends_there(self, settings: Any) -> None:
        settings.MAX_BULK_BYTES = 1_000_000
        body = io.BytesIO(b"{}\n" * 400_000)
        told = Lines(request(body, **{"wsgi.input_terminated": True}))
        read: list[int] = []
        with pytest.raises(TooLarge):
            read.extend(len(batch) for batch in told.batches(500))
        assert 300_000 < sum(read) < 1_000_000 // 3

    def test_a_bomb_ends_there_too(self, settings: Any) -> None:
        settings.MAX_BULK_BYTES = 1_000_000
        bomb = gzip.compress(b" " * 50_000_000)
        tracemalloc.start()
        with pytest.raises(TooLarge):
            lines_of(bomb, HTTP_CONTENT_ENCODING="gzip")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < 10_000_000

    def test_lines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ndjson, "MOST_LINES", 5)
        assert len(lines_of(b"\n{}\n" * 5)) == 5
        batches = Lines(request(b"{}\n" * 6)).batches(4)
        assert [len(next(batches)), len(next(batches))] == [4, 1]
        with pytest.raises(TooLarge, match="more than 5 lines"):
            next(batches)

    def test_memory_does_not_grow_with_the_body(self, settings: Any) -> None:
        def peak(count: int) -> int:
            tracemalloc.start()
            told = Lines(request(_Many(count), **{"wsgi.input_terminated": True}))
            assert sum(len(batch) for batch in told.batches(100)) == count
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return most

        assert peak(40_000) < 1.2 * peak(4_000)

    def test_nor_does_that_of_the_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(BulkResource, "user", User(pk=1))
        monkeypatch.setattr(bulk, "give_way", lambda: None)

        def peak(count: int) -> int:
            view = BulkResource()
            view.request = request(_Many(count), **{"wsgi.input_terminated": True})
            tracemalloc.start()
            size = sum(map(len, view.answer(_Nobody())))
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert size > 60 * count
            return most

        assert peak(60_000) < 1.2 * peak(30_000)


class TestBodiesThatAreNotWhole:
    def test_what_came_before_is_given(self) -> None:
        batches = Lines(request(b'{"a": 1}\n{"a": 2}\n{"a"', CONTENT_LENGTH="100")).batches(500)
        assert [line.value["a"] for line in next(batches)] == [1, 2]
        with pytest.raises(ParseError, match="broke off"):
            next(batches)

    def test_also_where_it_broke_between_lines(self) -> None:
        batches = Lines(request(b'{"a": 1}\n', CONTENT_LENGTH="100")).batches(500)
        assert len(next(batches)) == 1
        with pytest.raises(ParseError, match="broke off"):
            next(batches)

    def test_a_connection_that_breaks(self) -> None:
        batches = Lines(request(_Breaking(), CONTENT_LENGTH="100")).batches(500)
        with pytest.raises(ParseError, match="broke off"):
            list(batches)

    @pytest.mark.parametrize("cut", [5, 15, -4])
    def test_a_gzip_that_is_cut(self, cut: int) -> None:
        packed = gzip.compress(b'{"a": 1}\n' * 100)
        with pytest.raises(ParseError, match="no whole gzip"):
            lines_of(packed[:cut], HTTP_CONTENT_ENCODING="gzip")

    def test_what_is_no_gzip(self) -> None:
        with pytest.raises(ParseError, match="no whole gzip"):
            lines_of(b'{"a": 1}\n', HTTP_CONTENT_ENCODING="gzip")


@pytest.mark.parametrize("kind", ["", "application/json", "application/x-www-form-urlencoded"])
def test_other_types_are_refused_with_the_right_one(kind: str) -> None:
    with pytest.raises(UnsupportedMediaType, match="application/x-ndjson"):
        Lines(request(b"{}", CONTENT_TYPE=kind))


def test_other_packings_are_refused() -> None:
    with pytest.raises(UnsupportedMediaType, match="packed as br"):
        Lines(request(b"{}", HTTP_CONTENT_ENCODING="br"))


class _Nobody(Taker):
    """Takes lines and does nothing with them."""

    def take(self, lines: Sequence[Line]) -> list[Result]:
        return [Result(line.number, None, "unchanged") for line in lines]


class _Many(io.RawIOBase):
    """So many lines of 200 bytes, made as they are read."""

    LINE = (json.dumps({"text": "x" * 187}) + "\n").encode()

    def __init__(self, count: int) -> None:
        self._pieces: Iterator[bytes] = (self.LINE for _ in range(count))

    def read(self, size: int = -1) -> bytes:
        return next(self._pieces, b"")


class _Breaking(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        raise OSError("connection reset")
