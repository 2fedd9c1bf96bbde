from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import UnreadableFile
from importers import json_text
from importers.json_escapes import MendedFile, mended
from importers.json_text import (
    Decoded,
    check_document,
    decode_json,
    read_document,
    stream_items,
)
from importers.nesting import Nesting, nests_deeper
from importers.source import Source
from tests.importers.hostile import json_values

DEPTHS = (100_000, 1_000_000)
clean = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
escapes = st.lists(
    st.sampled_from(
        ["\\", "\\\\", "\\u0000", "\\ud83d", "\\uDE00", "\\u00e9", '\\"', "u0000", "x", "\\n"]
    ),
    max_size=12,
).map("".join)


def source(tmp_path: Path, data: bytes) -> Source:
    path = tmp_path / "input.json"
    path.write_bytes(data)
    return Source(path)


class TestDecode:
    @settings(max_examples=60, deadline=None)
    @given(value=clean, as_ascii=st.booleans())
    def test_clean_texts_are_what_msgspec_says(self, value: Any, as_ascii: bool) -> None:
        text = json.dumps(value, ensure_ascii=as_ascii)
        expected = msgspec.json.decode(text)
        if "\\u0000" not in text:
            assert decode_json(text) == decode_json(text.encode()) == Decoded(expected)

    @settings(max_examples=60, deadline=None)
    @given(value=json_values)
    def test_what_no_database_keeps_is_replaced(self, value: Any) -> None:
        try:
            found = decode_json(json.dumps(value)).value
        except ValueError:  # a number out of range
            return
        written = json.dumps(found, ensure_ascii=False)
        written.encode()
        assert "\\u0000" not in written.replace("\\\\", "")

    @pytest.mark.parametrize(
        ("text", "value", "replaced"),
        [
            (rb'"\ud800"', "\ufffd", 1),
            (rb'"\uDC00\uD800x"', "\ufffd\ufffdx", 2),
            (rb'"\ud83d\ud83d\ude00\ude00"', "\ufffd😀\ufffd", 2),
            (rb'"a\u0000b"', "a\ufffdb", 1),
            (rb'"\\u0000 \\ud800"', r"\u0000 \ud800", 0),
            (rb'"\\\u0000"', "\\\ufffd", 1),
            (rb'{"\ud800": 1}', {"\ufffd": 1}, 1),
            (b'{"a": 1, "a": 2}', {"a": 2}, 0),
            (b"9" * 30, int("9" * 30), 0),
        ],
    )
    def test_hostile_but_json(self, text: bytes, value: Any, replaced: int) -> None:
        assert decode_json(text) == Decoded(value, replaced)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (b'["\xed\xa0\x80"]', "It is not UTF-8 text: its byte 3 is not."),
            (b'["ok", "\xff"]', "It is not UTF-8 text: its byte 9 is not."),
            ('["\ud800"]', "It is not UTF-8 text: its byte 3 is not."),
            (b"[" * 100_000, "It nests deeper than can be read."),
            (b"[" * 1_000_000 + b"]" * 1_000_000, "It nests deeper than can be read."),
            (b"9" * 10_000, "Integer value out of range"),
            (b"1e999", "out of range"),
            (b"NaN", "It is not valid JSON"),
            (b"[Infinity]", "It is not valid JSON"),
            (b'{"a": ', "Input data was truncated"),
            (b"", "It is not valid JSON"),
            (b"{} {}", "trailing characters"),
            (b'"tab\there"', "It is not valid JSON"),
            ("[1]".encode("utf-16"), "It is not"),
        ],
    )
    def test_what_is_none_is_told_in_words(self, text: bytes | str, words: str) -> None:
        with pytest.raises(ValueError, match=words) as raised:
            decode_json(text)
        assert str(raised.value).endswith(".")


class TestDocument:
    def test_the_line_of_the_fault_is_named(self, tmp_path: Path) -> None:
        for fault in (b"NaN", b'"\xff"'):
            with pytest.raises(
                UnreadableFile, match=r"input\.json cannot be read near line 3"
            ) as e:
                read_document(source(tmp_path, b'["one\\n",\n"two",\n' + fault + b"]"))
            assert e.value.line == 3
            assert "Nothing of it was imported." in e.value.message

    def test_a_mark_at_the_beginning_and_windows_lines_are_taken(self, tmp_path: Path) -> None:
        assert read_document(source(tmp_path, b"\xef\xbb\xbf[1,\r\n2]\r\n")).value == [1, 2]

    @pytest.mark.parametrize("depth", DEPTHS)
    def test_depth_is_refused(self, tmp_path: Path, depth: int) -> None:
        with pytest.raises(UnreadableFile, match="nests deeper"):
            read_document(source(tmp_path, b"[" * depth))

    def test_more_than_memory_is_meant_for_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFile, match="more than 9 bytes"):
            read_document(source(tmp_path, b"[1234567890]"), limit=9)


class TestStream:
    def test_the_values_come_one_by_one_and_mended(self, tmp_path: Path) -> None:
        file = source(tmp_path, b'\xef\xbb\xbf{"a": [1.5, "x\\udc00", {"\\u0000": null}], "b": 1}')
        assert list(stream_items(file, "a.item")) == [1.5, "x\ufffd", {"\ufffd": None}]
        assert check_document(file) == 2

    @pytest.mark.parametrize("depth", [101, *DEPTHS])
    @pytest.mark.parametrize("opening", [b"[", b'{"a":'])
    def test_depth_is_refused_without_memory(
        self, tmp_path: Path, depth: int, opening: bytes
    ) -> None:
        file = source(tmp_path, b'["[[[", ' + opening * depth)
        tracemalloc.start()
        with pytest.raises(UnreadableFile, match="nests deeper than 100 levels"):
            next(stream_items(file, "item"))
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
        tracemalloc.stop()

    @pytest.mark.parametrize("piece", [b"x", b'\\"', b"\\\\", b"[", b"\xc3\xa9"])
    def test_a_string_without_end_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: bytes
    ) -> None:
        monkeypatch.setattr(json_text, "STRING_LIMIT", 300_000)
        with pytest.raises(UnreadableFile, match="holds a string of more than 300,000 bytes"):
            next(stream_items(source(tmp_path, b'["' + piece * 800_000), "item"))

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b'[1, {"a":', "premature EOF"),
            (b"[1] [2]", "trailing garbage"),
            (b"[NaN]", "invalid char"),
            (b'["\xff"]', "invalid bytes in UTF8 string"),
            (b'["\xed\xa0\x80"]', "not UTF-8 text"),
            (b"[" + b"9" * 10_000 + b"]", "overflow"),
            (b"[1e999]", "overflow"),
            (b"]", "parse error"),
            (b"", "whole JSON text"),
        ],
    )
    def test_what_is_not_whole_gives_nothing(self, tmp_path: Path, data: bytes, words: str) -> None:
        with pytest.raises(UnreadableFile, match=words) as raised:
            next(stream_items(source(tmp_path, data), "item"))
        assert raised.value.message.startswith("input.json is not ")
        assert "Nothing of it was imported." in raised.value.message
        assert "b'" not in raised.value.message


class TestMending:
    @settings(max_examples=60, deadline=None)
    @given(text=escapes, size=st.integers(1, 15))
    def test_it_is_the_same_in_blocks_of_any_size(self, text: str, size: int) -> None:
        data = text.encode()
        file = MendedFile(io.BytesIO(data))
        found = b"".join(iter(lambda: file.read(size), b""))
        assert (found, file.replaced) == mended(data)

    def test_a_block_of_nothing_is_asked_for(self) -> None:
        file = MendedFile(io.BytesIO(b"[1]"))
        assert (file.read(0), file.read()) == (b"", b"[1]")


class TestNesting:
    @settings(max_examples=60, deadline=None)
    @given(value=json_values, size=st.integers(1, 20))
    def test_it_is_that_of_the_value(self, value: Any, size: int) -> None:
        text = json.dumps(value).encode()
        nesting = Nesting()
        for start in range(0, len(text), size):
            nesting.add(text[start : start + size])
        assert nesting.deepest == depth(value)
        assert nesting.string_size == 0
        assert nests_deeper(text, 1) == (depth(value) > 1)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0
