from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.outline import LINES_LOOKED_AT, Outline, outline_of
from tests.importers.hostile import json_values
from tests.importers.reading import readable_anyhow


@pytest.mark.parametrize(
    ("head", "outline"),
    [
        (b'{"a": 1}\n{"a": 2}\n', Outline("lines", ({"a": 1}, {"a": 2}))),
        (b'\xef\xbb\xbf{"a": 1}\r\n\r\n{"a": 2}', Outline("lines", ({"a": 1}, {"a": 2}))),
        (b'{"a": 1}\nbroken\n{"a": 2}\n', Outline("lines", ({"a": 1}, {"a": 2}))),
        (b'{\n "a": [1,\n 2]\n}\n', Outline("object", ({"a": [1, 2]},))),
        (b'{"a": 1}', Outline("object", ({"a": 1},))),
        (b"[1, {}]\n", Outline("array", (1, {}))),
        (b"[]", Outline("array")),
        (b"", Outline("none")),
        (b"id,text\n", Outline("none")),
        (b'"text"', Outline("none")),
        (b"{,}", Outline("none")),
        (b"[" * 100_000, Outline("none")),
        (b'{"a":' * 100_000, Outline("none")),
    ],
)
def test_shapes(head: bytes, outline: Outline) -> None:
    assert outline_of(head, is_cut=False) == outline


def test_what_is_cut_short_is_told_as_far_as_it_goes() -> None:
    assert outline_of(b'{"a": [1, 2], "b": "x', is_cut=True).document == {"a": [1, 2]}
    assert outline_of(b'[{"a": 1}, {"a', is_cut=True).objects == ({"a": 1}, {})
    assert outline_of(b'{"a": 1}\n{"a": 2}\n{"a"', is_cut=True).values == ({"a": 1}, {"a": 2})


def test_only_the_first_values_are_kept() -> None:
    for text in (b"[" + b"1," * 500 + b"1]", b"{}\n" * 500):
        assert len(outline_of(text, is_cut=False).values) == LINES_LOOKED_AT


@pytest.mark.parametrize("escape", [rb"\ud800", rb"\udc00", rb"\u0000"])
def test_halves_of_pairs_do_not_hide_what_it_is(escape: bytes) -> None:
    written = b'{"a": "x%b", "b": 1}' % escape
    assert outline_of(written, is_cut=False).document["b"] == 1
    assert outline_of(b"[" + written + b"]", is_cut=False).objects[0]["b"] == 1
    assert len(outline_of((written + b"\n") * 3, is_cut=False).values) == 3


def test_a_deep_line_costs_only_itself() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    assert outline_of(b'{"a": 1}\n' + deep + b'\n{"a": 2}\n', is_cut=False).values == (
        {"a": 1},
        {"a": 2},
    )


@settings(max_examples=60, deadline=None)
@given(head=readable_anyhow, is_cut=st.booleans())
def test_any_bytes_have_an_outline(head: bytes, is_cut: bool) -> None:
    outline = outline_of(head, is_cut=is_cut)
    assert (outline.shape == "none") <= (not outline.values)


@settings(max_examples=60, deadline=None)
@given(value=json_values)
def test_any_document_is_known_as_what_it_is(value: Any) -> None:
    shape = "object" if isinstance(value, dict) else "none"
    shape = "array" if isinstance(value, list) else shape
    assert outline_of(json.dumps(value, indent=1).encode(), is_cut=False).shape == shape
