from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers import json_stream
from importers.formats import youtube
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged, taken_bytes
from tests.importers.reading import comments, readable_anyhow

DOCUMENTS = [
    CASES / "youtube" / name / "input.json" for name in ("threads", "replies", "info", "playlist")
]
DOWNLOADER = CASES / "youtube" / "downloader" / "input.jsonl"


def comment(number: str, video: str = "ferry000001", **fields: Any) -> dict[str, Any]:
    written = {"videoId": video, "textOriginal": f"This is {number}.", **fields}
    return {"kind": "youtube#comment", "id": number, "snippet": written}


def thread(number: str, *replies: Any, total: Any = 0, **fields: Any) -> dict[str, Any]:
    top = comment(number, **fields)
    snippet = {"videoId": "ferry000001", "topLevelComment": top, "totalReplyCount": total}
    about = {"kind": "youtube#commentThread", "id": number, "snippet": snippet}
    return {**about, "replies": {"comments": replies}} if replies else about


def page(*items: Any) -> dict[str, Any]:
    return {"kind": "youtube#commentThreadListResponse", "items": items}


def downloaded(number: str, **fields: Any) -> dict[str, Any]:
    return {"cid": number, "text": "Hello", "author": "@ada", "channel": "UCada", **fields}


def read(folder: Path, *values: Any, **options: Any) -> list[Record]:
    """One value is a document, several are JSON Lines."""
    path = folder / "comments.json"
    path.write_text("\n".join(map(json.dumps, values)))
    return list(youtube.read(Source(path), options))


def threads(records: list[Record]) -> list[ThreadRecord]:
    return [record for record in records if isinstance(record, ThreadRecord)]


@pytest.mark.parametrize("case", cases("youtube"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize("path", [*DOCUMENTS, DOWNLOADER], ids=lambda path: path.parent.name)
def test_it_is_recognised(path: Path) -> None:
    assert choose_format(Source(path)).name == "youtube"


def test_a_video_whose_formats_fill_the_head_is_recognised(tmp_path: Path) -> None:
    formats = [{"format_id": str(n), "url": "x" * 400} for n in range(4000)]
    video = {"id": "ferry000001", "title": "Ferry", "formats": formats, "comments": []}
    path = tmp_path / "ferry.info.json"
    path.write_text(json.dumps(video))
    assert youtube.detect(Source(path)) == 0.9


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.parent.name)
def test_a_long_file_gives_the_same_records(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(youtube.read(Source(path), {}))
    monkeypatch.setattr(json_stream, "DOCUMENT_LIMIT", 100)
    assert list(youtube.read(Source(path), {})) == whole


def test_all_comments_of_a_video_are_one_thread(tmp_path: Path) -> None:
    records = read(tmp_path, page(thread("A"), thread("B", comment("B.1", parentId="B"))))
    assert [record.id for record in threads(records)] == ["ferry000001"]
    assert [(r.id, r.reply_to) for r in comments(records)] == [
        ("A", None),
        ("B", None),
        ("B.1", "B"),
    ]


def test_replies_that_are_not_in_the_file_are_counted(tmp_path: Path) -> None:
    pages = page(thread("A", comment("A.1"), total=4)), page(comment("A.2", parentId="A"))
    assert [record.missing for record in threads(read(tmp_path, *pages))] == [2]


def test_replies_of_another_page_find_their_video(tmp_path: Path) -> None:
    reply = {"id": "A.1", "snippet": {"parentId": "A", "textOriginal": "Yes"}}
    records = read(tmp_path, page(reply), page(thread("A", total=1)))
    assert {record.thread_id for record in comments(records)} == {"ferry000001"}
    assert [record.missing for record in threads(records)] == [0]


def test_a_comment_that_comes_twice_is_counted(tmp_path: Path) -> None:
    records = read(tmp_path, page(thread("A", comment("A.1"))), page(comment("A.1", parentId="A")))
    assert len(comments(records)) == 2
    assert Note("comments left out that came before with the same id") in records


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("published", "visible"),
        ("heldForReview", "unapproved"),
        ("likelySpam", "spam"),
        ("rejected", "removed_by_moderator"),
    ],
)
def test_moderation_is_the_status(tmp_path: Path, status: str, expected: str) -> None:
    records = read(tmp_path, page(thread("A", moderationStatus=status)))
    assert comments(records)[0].status == expected


def test_text_that_is_displayed_is_read_as_html_only_where_it_is(tmp_path: Path) -> None:
    shown = {"textOriginal": None, "textDisplay": "a &lt; b<br>c"}
    plain = {"textOriginal": None, "textDisplay": "a < b\n c"}
    records = comments(read(tmp_path, page(thread("A", **shown), thread("B", **plain))))
    assert [(record.text, record.html) for record in records] == [
        ("a < b\nc", "a &lt; b<br>c"),
        ("a < b\n c", ""),
    ]


@pytest.mark.parametrize(
    ("votes", "score"),
    [
        *(("12", 12), ("1.2K", 1200), ("3M", 3_000_000), ("1,234", 1234), (7, 7)),
        *(("", None), (None, None), ("many", None), ([], None), ("9" * 30, None)),
    ],
)
def test_votes(tmp_path: Path, votes: Any, score: int | None) -> None:
    assert comments(read(tmp_path, downloaded("A", votes=votes)))[0].score == score


def test_the_video_of_downloaded_comments_is_an_option(tmp_path: Path) -> None:
    lines = [downloaded("A", replies="2"), downloaded("A.1", reply=True)]
    records = read(tmp_path, *lines, video="ferry000001")
    assert [(record.id, record.missing) for record in threads(records)] == [("ferry000001", 1)]
    assert threads(records)[0].url == "https://www.youtube.com/watch?v=ferry000001"
    path = tmp_path / "ferry000001.json"
    path.write_text(json.dumps(lines[0]))
    assert youtube.propose(Source(path))["video"] == "ferry000001"
    path = tmp_path / "all-comments.json"
    path.write_text(json.dumps(lines[0]))
    assert youtube.propose(Source(path))["video"] == ""


def test_times_of_yt_dlp_are_estimates(tmp_path: Path) -> None:
    about = {"parent": "root", "text": "x", "author": "@ada"}
    talk = [{"id": "A", **about, "timestamp": 1709280000}, {"id": "B", **about, "timestamp": None}]
    records = read(tmp_path, {"id": "ferry000001", "comment_count": 9, "comments": talk})
    assert [r.posted_at_estimated for r in comments(records)] == [True, False]
    assert [r.missing for r in threads(records)] == [7]


def test_addresses_of_media_are_not_kept() -> None:
    source = Source(CASES / "youtube" / "info" / "input.json")
    records = list(youtube.read(source, {}))
    assert "203.0.113.9" not in repr(records)


def test_comments_on_a_channel_are_the_channels(tmp_path: Path) -> None:
    channel = f"UC{'h' * 22}"
    top = {"id": "A", "snippet": {"textOriginal": "Hello", "channelId": channel}}
    item = {"id": "A", "snippet": {"channelId": channel, "topLevelComment": top}}
    (record,) = threads(read(tmp_path, page(item)))
    assert (record.id, record.url) == (channel, f"https://www.youtube.com/channel/{channel}")


def test_a_newer_crawl_gives_the_same_ids(tmp_path: Path) -> None:
    older = read(tmp_path, page(thread("A")))
    newer = read(tmp_path, page(thread("A"), thread("B")))
    assert newer[:2] == older


def test_broken_comments_cost_themselves(tmp_path: Path) -> None:
    broken = thread("A", comment("A.1", parentId="A"), textOriginal=None, textDisplay=5)
    records = read(tmp_path, page(broken, thread("B"), 7))
    assert [record.id for record in comments(records)] == ["A.1", "B"]
    assert sum(isinstance(record, RecordError) for record in records) == 2


def test_unknown_options_and_files_without_comments_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="colour"):
        read(tmp_path, page(thread("A")), colour="red")
    with pytest.raises(UnreadableFile, match="no list of comments"):
        read(tmp_path, {"id": "ferry000001", "comments": None})


@settings(max_examples=60, deadline=None)
@given(data=st.data(), path=st.sampled_from(DOCUMENTS))
def test_any_damage_gives_records_or_a_refusal(data: st.DataObject, path: Path) -> None:
    document = data.draw(damaged(json.loads(path.read_text())))
    taken_bytes(youtube.read, json.dumps(document).encode(), {})


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_damage_to_lines_gives_records(data: st.DataObject) -> None:
    lines = [downloaded("A", votes="1.2K", time_parsed=1e9), thread("B", comment("B.1"), total=2)]
    damage = data.draw(damaged(lines))
    damage = damage if isinstance(damage, list) else [damage]
    records = taken_bytes(youtube.read, "\n".join(map(json.dumps, damage)).encode(), {})
    told = {record.id for record in threads(records)}
    assert {r.thread_id for r in records if isinstance(r, CommentRecord)} <= told


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(youtube.read, data, {})
