from __future__ import annotations

from pathlib import Path

import pytest

from annotations.errors import UnreadableFile
from importers import json_stream
from importers.json_stream import JsonText
from importers.source import Source


@pytest.fixture(params=["whole", "in pieces"], autouse=True)
def limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "in pieces":
        monkeypatch.setattr(json_stream, "DOCUMENT_LIMIT", 1)


def text(folder: Path, data: str | bytes) -> JsonText:
    path = folder / "input.json"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return JsonText(Source(path))


def test_elements_and_members(tmp_path: Path) -> None:
    assert list(text(tmp_path, '[1, {"a": [2]}, null]').elements()) == [1, {"a": [2]}, None]
    assert list(text(tmp_path, '{"a": {"b": 1.5}, "c": "d"}').members()) == [
        ("a", {"b": 1.5}),
        ("c", "d"),
    ]
    assert list(text(tmp_path, "{}").elements()) == list(text(tmp_path, "[]").members()) == []


def test_arrays_come_with_the_fields_around_them(tmp_path: Path) -> None:
    around = '{"n": 1, "deep": {"name": "x"}, "tags": ["a", "b"], "in": %s, "end": true}'
    array = next(text(tmp_path, around % '[5, {"of": "y"}]').arrays("in", ""))
    assert (list(array.items), array.count) == ([5, {"of": "y"}], 2)
    assert array.head == {"n": 1, "deep": {"name": "x"}, "tags": ["a", "b"], "end": True}


def test_arrays_of_several_objects_are_told_apart(tmp_path: Path) -> None:
    listed = '[{"k": "a", "in": [1, 2]}, {"k": "b"}, {"in": [], "k": "c"}, {"in": [3]}]'
    json_text = text(tmp_path, f'{{"l": {listed}, "in": [4]}}')
    arrays = json_text.arrays("in", "l.item", "other", "")
    found = [(array.head.get("k"), list(array.items)) for array in arrays]
    assert found == [("a", [1, 2]), ("c", []), (None, [3]), (None, [4])]


def test_an_array_that_is_not_taken_to_its_end_costs_the_next_nothing(tmp_path: Path) -> None:
    data = '{"l": [{"in": [1, 2, 3]}, {"in": [4, 5]}]}'
    firsts = [next(array.items) for array in text(tmp_path, data).arrays("in", "l.item")]
    assert firsts == [1, 4]


def test_what_no_database_keeps_is_replaced_and_counted(tmp_path: Path) -> None:
    json_text = text(tmp_path, b'\xef\xbb\xbf["a\\u0000b", "c"]')
    assert list(json_text.elements()) == ["a\ufffdb", "c"]
    assert json_text.replaced == 1


def test_a_text_that_is_not_whole_gives_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"input\.json"):
        next(text(tmp_path, '[{"a": 1}, {"b": ').elements())
    with pytest.raises(UnreadableFile, match=r"input\.json"):
        next(text(tmp_path, '{"in": [1, 2]').arrays("in", ""))
