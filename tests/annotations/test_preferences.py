"""Preferences are shown back on every page, so nothing is stored that was not expected."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.errors import InvalidInput
from annotations.preferences import (
    Preferences,
    kept_preferences,
    read_preferences,
)

SCRIPT = "<script>alert(1)</script>"
TOO_MANY = {f"go-{chr(97 + n // 26)}{chr(97 + n % 26)}": chr(200 + n) for n in range(61)}


def test_what_is_left_out_is_as_usual() -> None:
    assert read_preferences({}) == Preferences()
    assert Preferences().attributes() == {}


def test_only_what_is_not_as_usual_stands_on_the_page() -> None:
    chosen = read_preferences(
        {"theme": "contrast", "text_size": "largest", "calm": True, "width": "wide"}
    )
    assert chosen.attributes() == {
        "theme": "contrast",
        "text-size": "largest",
        "calm": "true",
        "width": "wide",
    }


@pytest.mark.parametrize("key", ["j", "J", "é", "ß", "ق", "?", "/", " ", "Enter", "F12", "<"])
def test_a_key_is_a_character_or_has_a_name(key: str) -> None:
    assert read_preferences({"keys": {"next-unit": key}}).keys == {"next-unit": key}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"keys": {"next": SCRIPT}}, "keys.next"),
        ({"keys": {"next": "ab"}}, "keys.next"),
        ({"keys": {"next": ""}}, "keys.next"),
        ({"keys": {"next": "\x00"}}, "keys.next"),
        ({"keys": {"next": "\u202e"}}, "keys.next"),
        ({"keys": {"next": "\ud800"}}, "keys.next"),
        ({"keys": {"next": 1}}, "keys.next"),
        ({"keys": {"Next": "j"}}, "keys.Next"),
        ({"keys": {"next\n": "j"}}, "keys.next\n"),
        ({"keys": {"next": "j", "back": "j"}}, "keys"),
        ({"keys": {"\ud800": "j"}}, "keys.\ufffd\ufffd\ufffd"),
        ({"keys": TOO_MANY}, "keys"),
        ({"keys": []}, "keys"),
        ({"keys": None}, "keys"),
        ({"theme": SCRIPT}, "theme"),
        ({"theme": None}, "theme"),
        ({"text_size": "20px"}, "text_size"),
        ({"calm": "true"}, "calm"),
        ({"shortcuts": 1}, "shortcuts"),
        ({"width": ["wide"]}, "width"),
        ({"language": 'en" onload="'}, "language"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_anything_else_is_refused_by_its_name(data: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_preferences(data)
    assert field in refused.value.fields
    assert SCRIPT not in refused.value.message
    assert all(len(sentence) < 200 for one in refused.value.fields.values() for sentence in one)


def test_what_is_stored_and_not_understood_any_more_is_as_usual() -> None:
    assert kept_preferences({"theme": "sepia"}) == Preferences()
    assert kept_preferences({"theme": "dark"}) == Preferences(theme="dark")
