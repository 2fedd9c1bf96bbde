from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers import json_stream
from importers.formats import twitter
from importers.records import CommentRecord, LinkRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Piece, Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged, taken_bytes
from tests.importers.reading import comments, readable_anyhow

V1 = CASES / "twitter" / "v1" / "input.jsonl"
V2_LINES = CASES / "twitter" / "v2_lines" / "input.jsonl"
V2_PAGE = CASES / "twitter" / "v2_page" / "input.json"


def tweet(number: int, answered: int | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "id_str": str(number),
        "full_text": "Hello",
        "user": {"id_str": "7", "screen_name": "ada"},
        "in_reply_to_status_id_str": None if answered is None else str(answered),
        **fields,
    }


def read(path: Path, *tweets: Any, **options: Any) -> list[Record]:
    file = path / "tweets.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in tweets))
    return list(twitter.read(Source(file), options))


def homes(records: list[Record]) -> dict[str, str]:
    return {r.id: r.thread_id for r in records if isinstance(r, CommentRecord)}


@pytest.mark.parametrize("case", cases("twitter"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize("path", [V1, V2_LINES, V2_PAGE], ids=lambda path: path.parent.name)
def test_it_is_recognised_also_where_the_head_cuts_it(path: Path, tmp_path: Path) -> None:
    assert choose_format(Source(path)).name == "twitter"
    cut = tmp_path / "cut.json"
    cut.write_bytes(path.read_bytes()[:-40])
    assert twitter.detect(Source(cut)) >= 0.95


def test_other_objects_with_a_text_and_an_id_are_no_tweets(tmp_path: Path) -> None:
    others: list[dict[str, Any]] = [{"conversation_id": "1", "speaker": "a"}, {"entities": {}}, {}]
    for fields in others:
        path = tmp_path / "other.jsonl"
        path.write_text(json.dumps({"id": "1", "text": "Hello", **fields}) + "\n")
        assert twitter.detect(Source(path)) == 0


def test_an_array_of_any_size_gives_what_its_lines_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tweets = [tweet(2, 1), tweet(1), {"statuses": [tweet(3, 2)], "search_metadata": {}}]
    path = tmp_path / "tweets.json"
    path.write_text(json.dumps(tweets))
    by_lines = homes(read(tmp_path, *tweets))
    assert homes(list(twitter.read(Source(path), {}))) == by_lines == {"1": "1", "2": "1", "3": "1"}
    monkeypatch.setattr(json_stream, "DOCUMENT_LIMIT", 50)
    assert homes(list(twitter.read(Source(path), {}))) == by_lines


def test_the_thread_of_an_old_tweet_is_the_first_that_its_chain_names(tmp_path: Path) -> None:
    records = read(tmp_path, tweet(5, 4), tweet(4, 3), tweet(9), tweet(6, 9))
    assert homes(records) == {"5": "3", "4": "3", "9": "9", "6": "9"}
    assert [r.reply_to for r in comments(records)] == ["4", "3", None, "9"]


def test_old_tweets_in_a_ring_are_one_thread(tmp_path: Path) -> None:
    records = read(tmp_path, tweet(8, 6), tweet(5, 6), tweet(6, 7), tweet(7, 5))
    assert set(homes(records).values()) == {"5"}


def test_a_conversation_that_is_named_needs_no_chain(tmp_path: Path) -> None:
    records = read(tmp_path, tweet(5, 4, conversation_id_str="1"), tweet(4, 3))
    assert homes(records) == {"5": "1", "4": "3"}


def test_lines_that_name_their_conversation_can_be_read_in_pieces() -> None:
    source = Source(V2_LINES)
    assert twitter.by_line(source, {})
    assert not twitter.by_line(Source(V1), {})
    assert not twitter.by_line(Source(V2_PAGE), {})
    data = V2_LINES.read_bytes()
    middle = data.index(b"\n", data.index(b"\n") + 1) + 1
    pieces = [Piece(source, 0, middle, 1), Piece(source, middle, len(data), 3)]
    read_apart = [record for piece in pieces for record in twitter.read(piece, {})]

    def lasting(records: list[Record]) -> list[Record]:
        return [r for r in records if not isinstance(r, ThreadRecord | Note)]

    assert lasting(read_apart) == lasting(list(twitter.read(source, {})))


def test_ids_beyond_the_exact_numbers_of_json_are_kept(tmp_path: Path) -> None:
    (record,) = comments(read(tmp_path, tweet(2**53 + 1)))
    assert record.id == "9007199254740993"


def test_entities_are_decoded_once_and_offsets_follow(tmp_path: Path) -> None:
    text = "😀 a &lt; b &amp;amp; &copy; https://t.co/x @Ben"
    start, named = text.index("https"), text.index("@Ben")
    entities = {
        "urls": [
            {
                "url": "https://t.co/x",
                "expanded_url": "https://a.example",
                "indices": [start, start + 14],
            },
            {"url": "https://t.co/x", "expanded_url": "https://b.example", "indices": [0, 14]},
        ],
        "user_mentions": [
            {"screen_name": "ben", "id": 5, "indices": [named, named + 4]},
            {"screen_name": "ben", "id": 5, "indices": [1, 5]},
            {"screen_name": "ben", "id": 5, "indices": ["x", None]},
        ],
    }
    (record,) = comments(read(tmp_path, tweet(1, full_text=text, entities=entities)))
    assert record.text == "😀 a < b &amp; &copy; https://t.co/x @Ben"
    at = record.text.index("https")
    assert record.links == (LinkRecord(at, at + 14, "https://a.example"),)
    (mention,) = record.relations
    assert record.text[mention.start : mention.end] == "@Ben"
    assert mention.target_author_id == "5"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Fri Jan 09 11:24:54 +0000 2015", datetime(2015, 1, 9, 11, 24, 54, tzinfo=UTC)),
        ("Fri Jan 09 11:24:54 -0130 2015", datetime(2015, 1, 9, 12, 54, 54, tzinfo=UTC)),
        ("2015-01-09T11:24:54.000Z", datetime(2015, 1, 9, 11, 24, 54, tzinfo=UTC)),
    ],
)
def test_times_of_both_versions(tmp_path: Path, written: str, expected: datetime) -> None:
    (record,) = comments(read(tmp_path, tweet(1, created_at=written)))
    assert (record.posted_at, record.posted_at_estimated) == (expected, False)


@pytest.mark.parametrize(
    "written", ["Fri Foo 09 11:24:54 +0000 2015", "Fri Feb 31 11:24:54 +0000 2015"]
)
def test_a_time_that_cannot_be_read_costs_the_time_only(tmp_path: Path, written: str) -> None:
    records = read(tmp_path, tweet(1, created_at=written))
    assert comments(records)[0].posted_at is None
    assert Note("times left out that cannot be read") in records


def test_a_tweet_withheld_everywhere_is_blocked_without_its_notice(tmp_path: Path) -> None:
    everywhere = tweet(1, withheld_in_countries=["XX"])
    somewhere = tweet(2, withheld_in_countries=["DE", "FR"])
    first, second = comments(read(tmp_path, everywhere, somewhere))
    assert (first.status, first.text) == ("blocked", "")
    assert (second.status, second.text) == ("visible", "Hello")


def test_a_newer_crawl_gives_the_same_ids(tmp_path: Path) -> None:
    older = read(tmp_path, tweet(1), tweet(2, 1))
    newer = read(tmp_path, tweet(3, 2), tweet(2, 1), tweet(1))
    assert homes(older).items() <= homes(newer).items()


def test_what_is_no_tweet_is_refused_or_counted(tmp_path: Path) -> None:
    page = {"data": [{"id": "7", "username": "ada", "name": "Ada"}, 3], "meta": {}}
    records = read(tmp_path, tweet(1), page, {"limit": {"track": 3}}, 5, {"a": 1}, {"id": 4})
    assert len(comments(records)) == 1
    assert [r.line for r in records if isinstance(r, RecordError)] == [2, 4, 5, 6]
    assert Note("accounts left out") in records
    assert Note("notices of the stream left out") in records


def test_a_tweet_that_cannot_be_taken_names_its_id_and_reason(tmp_path: Path) -> None:
    records = read(tmp_path, tweet(3), tweet(4, full_text="x" * 200_001))
    (error,) = (record for record in records if isinstance(record, RecordError))
    assert error.line == 2
    assert error.message.startswith("The tweet 4 was left out. The text has 200,001 characters")


def test_addresses_are_dropped_unless_asked_for(tmp_path: Path) -> None:
    user = {"id_str": "7", "screen_name": "ada", "email": "ada@example.org"}
    records = read(tmp_path, tweet(1, user=user))
    assert "email" not in comments(records)[0].raw["user"]
    assert Note("e-mail addresses dropped") in records
    kept = read(tmp_path, tweet(1, user=user), keep_private=True)
    assert comments(kept)[0].raw["user"] == user


def test_unknown_options_are_refused() -> None:
    with pytest.raises(InvalidInput, match="colour"):
        list(twitter.read(Source(V1), {"colour": "red"}))


def test_a_page_that_is_cut_off_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_bytes(V2_PAGE.read_bytes()[:-20])
    with pytest.raises(UnreadableFile, match="Nothing of it was imported"):
        list(twitter.read(Source(path), {}))


@settings(max_examples=50, deadline=None)
@given(data=st.data(), path=st.sampled_from([V1, V2_LINES, V2_PAGE]))
def test_any_damage_gives_records_or_a_refusal(data: st.DataObject, path: Path) -> None:
    lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
    whole = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    changed = data.draw(damaged(whole))
    written = (
        "\n".join(map(json.dumps, changed)) if isinstance(changed, list) else json.dumps(changed)
    )
    records = taken_bytes(twitter.read, written.encode(), {})
    told = {record.id for record in records if isinstance(record, ThreadRecord)}
    assert {r.thread_id for r in records if isinstance(r, CommentRecord)} <= told


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(twitter.read, data, {})
