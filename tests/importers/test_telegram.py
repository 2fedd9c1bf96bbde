from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers import json_stream
from importers.formats import telegram
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged, taken_bytes
from tests.importers.reading import comments, readable_anyhow

ACCOUNT = CASES / "telegram" / "account" / "input.json"
CHANNEL = CASES / "telegram" / "channel" / "input.json"
MESSAGES = CASES / "telegram" / "messages" / "input.json"


def message(number: int, text: Any = "Hello", **fields: Any) -> dict[str, Any]:
    ada = {"from": "Ada", "from_id": "user1"}
    time = {"date": "2024-03-01T09:00:00", "date_unixtime": "1709280000"}
    return {"id": number, "type": "message", **time, **ada, "text": text, **fields}


def read(path: Path, *messages: Any, **head: Any) -> list[Record]:
    chat = {"name": "Crew", "type": "private_supergroup", "id": 7, **head, "messages": messages}
    path = path / "result.json"
    path.write_text(json.dumps(chat))
    return list(telegram.read(Source(path), {}))


@pytest.mark.parametrize("case", cases("telegram"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize("path", [ACCOUNT, CHANNEL, MESSAGES], ids=lambda path: path.parent.name)
def test_it_is_recognised_also_where_the_head_cuts_it(path: Path, tmp_path: Path) -> None:
    assert choose_format(Source(path)).name == "telegram"
    cut = tmp_path / "cut.json"
    cut.write_bytes(path.read_bytes()[:-40])
    assert telegram.detect(Source(cut)) >= 0.95


@pytest.mark.parametrize("path", [ACCOUNT, CHANNEL, MESSAGES], ids=lambda path: path.parent.name)
def test_a_long_file_gives_the_same_records(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(telegram.read(Source(path), {}))
    monkeypatch.setattr(json_stream, "DOCUMENT_LIMIT", 100)
    assert list(telegram.read(Source(path), {})) == whole


def test_a_long_file_that_is_cut_off_gives_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_stream, "DOCUMENT_LIMIT", 100)
    path = tmp_path / "cut.json"
    path.write_bytes(CHANNEL.read_bytes()[:-20])
    with pytest.raises(UnreadableFile, match="not a whole JSON text"):
        next(telegram.read(Source(path), {}))


@pytest.mark.parametrize("limit", [100, 10_000])
def test_a_chat_that_is_refused_takes_no_other_with_it(
    limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_stream, "DOCUMENT_LIMIT", limit)
    chats = [
        {"name": name, "type": "personal_chat", "id": number, "messages": [message(number)]}
        for number, name in enumerate(["n" * 2_001, "Ada", "Ben"])
    ]
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"chats": {"list": chats}}))
    records = list(telegram.read(Source(path), {}))
    assert [record.id for record in comments(records)] == ["user1:1", "user2:2"]
    (refusal,) = [record for record in records if isinstance(record, RecordError)]
    assert refusal.message.startswith("The chat user0 was left out.")


def test_a_person_and_a_channel_of_the_same_number_are_two_threads(tmp_path: Path) -> None:
    person = read(tmp_path, message(1), type="personal_chat")
    channel = read(tmp_path, message(1), type="public_channel")
    assert {r.id for r in [*comments(person), *comments(channel)]} == {"user7:1", "channel7:1"}


def test_a_newer_export_gives_the_same_ids(tmp_path: Path) -> None:
    older = read(tmp_path, message(1), message(2, reply_to_message_id=1))
    newer = read(tmp_path, message(1), message(2, reply_to_message_id=1), message(3))
    assert newer[:3] == older
    assert comments(older)[1].reply_to == "channel7:1"


def test_a_parent_that_is_not_in_the_file_is_kept(tmp_path: Path) -> None:
    records = read(tmp_path, message(5, reply_to_message_id=1))
    assert comments(records)[0].reply_to == "channel7:1"


def test_an_id_that_comes_twice_is_refused_once(tmp_path: Path) -> None:
    records = read(tmp_path, message(1, "First"), message(1, "Second"), message(2))
    assert [record.text for record in comments(records)] == ["First", "Hello"]
    (refusal,) = [record for record in records if isinstance(record, RecordError)]
    assert refusal.message.startswith("Message 1 of chat channel7 was left out.")


@pytest.mark.parametrize("text", ["", [], None])
def test_a_message_without_words_is_missing(tmp_path: Path, text: Any) -> None:
    record = comments(read(tmp_path, message(1, text, photo="photos/1.jpg")))[0]
    assert (record.text, record.status) == ("", "missing")


@pytest.mark.parametrize("text", [5, {"words": "x"}, ["a", 5], [{"type": "bold", "text": None}]])
def test_what_is_no_text_is_refused(tmp_path: Path, text: Any) -> None:
    records = read(tmp_path, message(1, text), message(2))
    assert [record.id for record in comments(records)] == ["channel7:2"]


def test_links_stand_where_their_words_stand(tmp_path: Path) -> None:
    parts = [
        "🙂 ",
        {"type": "link", "text": "example.org"},
        {"type": "text_link", "text": "here", "href": "tg://resolve"},
        {"type": "text_link", "text": "there", "href": "https://example.org/b"},
    ]
    record = comments(read(tmp_path, message(1, parts)))[0]
    found = [(record.text[link.start : link.end], link.url) for link in record.links]
    assert found == [("example.org", "http://example.org"), ("there", "https://example.org/b")]


def test_only_unix_times_are_exact(tmp_path: Path) -> None:
    local = message(2)
    del local["date_unixtime"]
    records = comments(read(tmp_path, message(1), local))
    assert [record.posted_at_estimated for record in records] == [False, True]
    assert [str(record.posted_at) for record in records] == [
        "2024-03-01 08:00:00+00:00",
        "2024-03-01 09:00:00+00:00",
    ]


def test_service_messages_are_counted(tmp_path: Path) -> None:
    service = {"id": 1, "type": "service", "action": "pin_message", "text": ""}
    records = read(tmp_path, service, message(2, reply_to_message_id=1))
    assert comments(records)[0].reply_to is None
    assert Note("service messages left out") in records
    assert Note("replies to service messages, kept without a parent") in records


def test_private_fields_are_dropped_unless_asked_for(tmp_path: Path) -> None:
    contact = {"email": "ada@example.org", "phone_number": "1"}
    records = read(tmp_path, message(1, contact_information=contact))
    assert comments(records)[0].raw["contact_information"] == {"phone_number": "1"}
    assert Note("e-mail addresses dropped") in records
    kept = telegram.read(Source(tmp_path / "result.json"), {"keep_private": True})
    assert comments(list(kept))[0].raw["contact_information"] == contact


def test_unknown_options_are_refused() -> None:
    with pytest.raises(InvalidInput, match="colour"):
        list(telegram.read(Source(CHANNEL), {"colour": "red"}))


def test_a_file_without_messages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text('{"chats": {"list": []}}')
    with pytest.raises(UnreadableFile, match="no chat"):
        list(telegram.read(Source(path), {}))


@settings(max_examples=50, deadline=None)
@given(data=st.data(), path=st.sampled_from([ACCOUNT, CHANNEL, MESSAGES]))
def test_any_damage_gives_records_or_a_refusal(data: st.DataObject, path: Path) -> None:
    document = data.draw(damaged(json.loads(path.read_text())))
    records = taken_bytes(telegram.read, json.dumps(document).encode(), {})
    told = {record.id for record in records if isinstance(record, ThreadRecord)}
    assert {r.thread_id for r in records if isinstance(r, CommentRecord)} <= told


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(telegram.read, data, {})
