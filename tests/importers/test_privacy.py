from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from importers.privacy import DEPTH_LIMIT, TOO_DEEP, without_private
from importers.records import Note
from tests.importers.hostile import json_values

MAIL, ADDRESS = "e-mail addresses dropped", "IP addresses dropped"


def nested(depth: int, inside: Any) -> dict[str, Any]:
    value = inside
    for level in range(depth):
        value = {"x": value} if level % 2 else [value]
    return {"deep": value}


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("email", MAIL),
        ("E-Mail", MAIL),
        ("author_email", MAIL),
        ("emailHash", MAIL),
        ("comment_author_email", MAIL),
        ("ip", ADDRESS),
        ("ipAddress", ADDRESS),
        ("comment_author_IP", ADDRESS),
    ],
)
def test_such_fields_are_dropped_and_counted_whatever_their_spelling(name: str, what: str) -> None:
    raw = {name: "x", "text": "Write to a@example.org"}
    assert without_private(raw) == ({"text": raw["text"]}, (Note(what, 1),))
    assert without_private(raw, keep=True) == (raw, ())


def test_they_are_found_at_any_depth_also_in_lists_of_lists() -> None:
    raw = {"a": [[{"ip": "1.2.3.4"}], {"b": {"email": "a@b.c", "ok": 1}}], "email": ""}
    kept, notes = without_private(raw)
    assert kept == {"a": [[{}], {"b": {"ok": 1}}]}
    assert set(notes) == {Note(MAIL, 1), Note(ADDRESS, 1)}


def test_an_empty_field_is_dropped_without_a_word() -> None:
    assert without_private({"email": None, "ip": "", "id": 1}) == ({"id": 1}, ())


def test_the_record_itself_stays_as_it_is() -> None:
    raw = {"email": "x", "in": {"ip": "y", "list": [1, 2]}}
    kept, _ = without_private(raw)
    kept["in"]["list"].append(3)
    assert raw == {"email": "x", "in": {"ip": "y", "list": [1, 2]}}


@pytest.mark.parametrize("keep", [True, False])
def test_what_nests_beyond_belief_is_cut_and_counted(keep: bool) -> None:
    kept, notes = without_private({**nested(990, {"ip": 1}), "id": 1}, keep=keep)
    assert notes == (Note(TOO_DEEP, 1),)
    assert kept["id"] == 1
    assert depth(kept) == DEPTH_LIMIT
    assert without_private(nested(DEPTH_LIMIT - 1, 5), keep=keep)[1] == ()


@settings(max_examples=60, deadline=None)
@given(value=json_values)
def test_what_is_not_private_is_kept(value: Any) -> None:
    assert without_private({"value": value, "email": "x"}) == ({"value": value}, (Note(MAIL, 1),))


def depth(value: Any) -> int:
    parts = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, parts), default=0) if isinstance(value, dict | list) else 0
