from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers import json_stream
from importers.formats import discord
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format, get_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged, taken_bytes
from tests.importers.reading import comments, readable_anyhow

CHANNEL = CASES / "discord" / "channel" / "input.json"
THREAD = CASES / "discord" / "thread" / "input.json"


def message(number: str, content: Any = "Hello", **fields: Any) -> dict[str, Any]:
    author = {"id": "81", "name": "ada", "discriminator": "0000", "nickname": "Ada"}
    return {
        "id": number,
        "type": "Default",
        "timestamp": "2024-03-01T09:00:00+01:00",
        "content": content,
        "author": author,
        **fields,
    }


def channel(*messages: Any, **head: Any) -> str:
    guild, about = {"id": "50", "name": "Harbour"}, {"id": "60", "type": "GuildTextChat"}
    return json.dumps({"guild": guild, "channel": about, "messages": messages, **head})


def read(folder: Path, *messages: Any, **head: Any) -> list[Record]:
    path = folder / "channel.json"
    path.write_text(channel(*messages, **head))
    return list(discord.read(Source(path), {}))


@pytest.mark.parametrize("case", cases("discord"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize("path", [CHANNEL, THREAD], ids=lambda path: path.parent.name)
def test_it_is_recognised(path: Path) -> None:
    assert choose_format(Source(path)).name == "discord"


@pytest.mark.parametrize("path", [CHANNEL, THREAD], ids=lambda path: path.parent.name)
def test_a_long_file_gives_the_same_records(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(discord.read(Source(path), {}))
    monkeypatch.setattr(json_stream, "DOCUMENT_LIMIT", 100)
    assert list(discord.read(Source(path), {})) == whole


def test_the_head_of_a_long_file_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "DOCUMENT_LIMIT", 100)
    thread = read(tmp_path, message("1"), messageCount=3)[0]
    assert isinstance(thread, ThreadRecord)
    assert (thread.id, thread.missing, thread.raw["guild"]["name"]) == ("60", 2, "Harbour")


def test_only_messages_of_people_and_bots_are_comments(tmp_path: Path) -> None:
    sorts: list[Any] = [
        "Default",
        "Reply",
        "20",
        "19",
        "Call",
        "ThreadCreated",
        "8",
        "21",
        None,
        [],
    ]
    records = read(tmp_path, *(message(str(n), type=sort) for n, sort in enumerate(sorts)))
    assert [record.id for record in comments(records)] == ["0", "1", "2", "3"]
    assert Note("system messages left out (calls, joins, pins, name changes …)", 6) in records


def test_a_forward_is_no_reply_and_has_the_words_forwarded(tmp_path: Path) -> None:
    reference = {"type": "Forward", "messageId": "1", "channelId": "60"}
    forwarded = message("2", "", reference=reference, forwardedMessage={"content": "Old words"})
    record = comments(read(tmp_path, message("1"), forwarded))[1]
    assert (record.reply_to, record.text, record.status) == (None, "Old words", "visible")


def test_replies_keep_parents_that_are_not_in_the_file(tmp_path: Path) -> None:
    reply = message("2", type="Reply", reference={"messageId": "1", "channelId": "60"})
    assert comments(read(tmp_path, reply))[0].reply_to == "1"


def test_all_deleted_accounts_are_nobody(tmp_path: Path) -> None:
    gone = {"id": "45", "name": "Deleted User", "discriminator": "0000", "nickname": "Deleted User"}
    namesake = {**gone, "discriminator": "1234"}
    records = read(tmp_path, message("1", author=gone), message("2", author=namesake))
    assert [record.author_id for record in comments(records)] == ["", "45"]


def test_reactions_are_summed(tmp_path: Path) -> None:
    many = [{"count": 2}, {"count": 5}, {"count": "x"}, {"count": -4}, 3]
    records = read(tmp_path, message("1", reactions=many), message("2"), message("3", reactions=[]))
    assert [record.score for record in comments(records)] == [7, None, 0]


def test_an_id_that_comes_twice_is_refused_once(tmp_path: Path) -> None:
    records = read(tmp_path, message("1", "First"), message("1", "Second"))
    assert [record.text for record in comments(records)] == ["First"]
    assert [type(record) for record in records if isinstance(record, RecordError)] == [RecordError]


def test_a_newer_export_gives_the_same_ids(tmp_path: Path) -> None:
    older = read(tmp_path, message("1"), message("2"))
    assert read(tmp_path, message("1"), message("2"), message("3"))[:3] == older


def test_a_folder_gives_each_channel(tmp_path: Path) -> None:
    for number in ("61", "62"):
        about = {"id": number, "type": "GuildPublicThread", "name": f"thread {number}"}
        (tmp_path / f"{number}.json").write_text(channel(message(number), channel=about))
    records = list(get_format("discord").read(Source(tmp_path), {}))
    assert [r.id for r in records if isinstance(r, ThreadRecord)] == ["61", "62"]


def test_unknown_options_and_files_without_messages_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="colour"):
        list(discord.read(Source(CHANNEL), {"colour": "red"}))
    with pytest.raises(UnreadableFile, match="no list of messages"):
        read(tmp_path, messages="none")


@settings(max_examples=50, deadline=None)
@given(data=st.data(), path=st.sampled_from([CHANNEL, THREAD]))
def test_any_damage_gives_records_or_a_refusal(data: st.DataObject, path: Path) -> None:
    document = data.draw(damaged(json.loads(path.read_text())))
    records = taken_bytes(discord.read, json.dumps(document).encode(), {})
    told = {record.id for record in records if isinstance(record, ThreadRecord)}
    assert {r.thread_id for r in records if isinstance(r, CommentRecord)} <= told


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(discord.read, data, {})
