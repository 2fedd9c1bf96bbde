from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers import json_stream
from importers.formats import convokit
from importers.records import CommentRecord, Note, Record, RecordError, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged, taken, taken_bytes
from tests.importers.reading import comments, readable_anyhow

CORPUS = CASES / "convokit" / "corpus" / "input.d"
OLD = CASES / "convokit" / "old" / "input.d"
LINES = CASES / "convokit" / "lines" / "input.jsonl"


def utterance(number: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "conversation_id": "t1",
        "text": f"This is {number}.",
        "speaker": "ada",
        "reply-to": None,
        "timestamp": None,
        "meta": {},
        **fields,
    }


def write(folder: Path, *utterances: Any, **files: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(value) + "\n" for value in utterances)
    (folder / "utterances.jsonl").write_text(lines)
    for name, value in files.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    return folder


def read(path: Path, **options: Any) -> list[Record]:
    return list(convokit.read(Source(path), options))


def openings(records: list[Record]) -> list[CommentRecord]:
    return [r for r in records if isinstance(r, CommentRecord) and r.kind == "post"]


@pytest.mark.parametrize("case", cases("convokit"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize("path", [CORPUS, OLD, LINES], ids=lambda path: path.parent.name)
def test_it_is_recognised(path: Path) -> None:
    assert choose_format(Source(path)).name == "convokit"


def test_a_zip_with_a_top_folder_gives_the_same_records(tmp_path: Path) -> None:
    path = Path(shutil.make_archive(str(tmp_path / "corpus"), "zip", CORPUS))
    assert read(path) == read(CORPUS)
    assert choose_format(Source(path)).name == "convokit"


def test_two_corpora_in_one_folder_are_both_read(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, utterance(name, conversation_id=name), conversations={name: {}})
    records = read(tmp_path)
    assert [record.id for record in openings(records)] == ["a", "b"]
    assert [record.id for record in records if isinstance(record, ThreadRecord)] == ["a", "b"]


@pytest.mark.parametrize("path", [CORPUS, OLD], ids=lambda path: path.parent.name)
def test_a_large_corpus_gives_the_same_records(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(path)
    monkeypatch.setattr(json_stream, "DOCUMENT_LIMIT", 10)
    assert read(path) == whole


def test_lines_stand_for_themselves_only_in_a_bare_file(tmp_path: Path) -> None:
    assert convokit.by_line(Source(LINES), {})
    assert not convokit.by_line(Source(CORPUS), {})
    assert not convokit.by_line(Source(OLD / "utterances.json"), {})
    lines = LINES.read_text().splitlines(keepends=True)
    pieces = []
    for number, line in enumerate(lines):
        path = tmp_path / f"{number}.jsonl"
        path.write_text(line)
        pieces += [record for record in read(path) if isinstance(record, CommentRecord)]
    whole = [record for record in read(LINES) if isinstance(record, CommentRecord)]
    assert [(r.id, r.reply_to, r.raw) for r in pieces] == [(r.id, r.reply_to, r.raw) for r in whole]


def test_deletions_are_statuses_and_their_speaker_is_nobody(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        utterance("a", text="[deleted]", speaker="[deleted]"),
        utterance("b", text="[removed]", speaker="ben"),
        utterance("c", speaker="[deleted]"),
        utterance("d", text=""),
        utterance("t1", text=""),
    )
    records = [record for record in read(path) if isinstance(record, CommentRecord)]
    assert [(record.status, record.author_id, record.text) for record in records] == [
        ("deleted_by_author", "", ""),
        ("removed_by_moderator", "", ""),
        ("visible", "", "This is c."),
        ("missing", "ada", ""),
        ("visible", "ada", ""),
    ]
    assert records[0].raw["text"] == "[deleted]"


def test_replies_name_the_opening_and_keep_lost_parents(tmp_path: Path) -> None:
    replies = [utterance("a", **{"reply-to": "t1"}), utterance("b", **{"reply-to": "lost"})]
    records = read(write(tmp_path, utterance("t1"), *replies))
    assert [record.id for record in openings(records)] == ["t1"]
    assert [record.reply_to for record in comments(records)] == ["t1", "lost"]


def test_times_of_recordings_are_no_dates(tmp_path: Path) -> None:
    records = read(write(tmp_path, utterance("a", timestamp=12.5), utterance("b", timestamp="x")))
    assert [record.posted_at for record in comments(records)] == [None, None]
    assert Note("times left out that count from the start of a recording") in records
    assert Note("times left out that cannot be read") in records


def test_what_python_writes_for_no_number_is_read(tmp_path: Path) -> None:
    path = tmp_path / "utterances.jsonl"
    path.write_text(json.dumps(utterance("a", meta={"score": float("nan"), "x": "NaN"})))
    assert comments(read(path))[0].raw["meta"] == {"score": None, "x": "NaN"}


def test_pickles_and_strangers_are_left_out_and_counted() -> None:
    notes = [record for record in read(CORPUS) if isinstance(record, Note)]
    assert Note("pickled files left out, which are never opened") in notes
    assert Note("files left out that are no part of a ConvoKit corpus") in notes
    assert Note("speakers whose own fields were left out") in notes
    assert Note("utterances whose vectors were left out") in notes


def test_broken_conversations_cost_only_the_titles(tmp_path: Path) -> None:
    write(tmp_path, utterance("a"))
    (tmp_path / "conversations.json").write_text('{"t1": {"meta"')
    records = read(tmp_path)
    assert [record.id for record in comments(records)] == ["a"]
    (refusal,) = [record for record in records if isinstance(record, RecordError)]
    assert refusal.message.startswith("conversations.json cannot be read")


def test_private_fields_are_dropped_unless_asked_for() -> None:
    assert comments(read(LINES))[0].raw["meta"] == {"score": "5"}
    assert comments(read(LINES, keep_private=True))[0].raw["meta"]["email"] == "ben@example.org"


def test_unknown_options_and_folders_without_utterances_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="colour"):
        read(LINES, colour="red")
    (tmp_path / "corpus.json").write_text("{}")
    with pytest.raises(UnreadableFile, match="no ConvoKit corpus"):
        read(tmp_path)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_damage_gives_records_or_a_refusal(data: st.DataObject) -> None:
    good = [utterance("t1"), utterance("a", **{"reply-to": "t1"}, timestamp=1709280000)]
    about = {"t1": {"meta": {"title": "Ferry"}, "vectors": []}}
    speakers = {"ada": {"meta": {"flair": "captain"}}}
    utterances, conversations, people = data.draw(damaged([good, about, speakers]).map(_three))
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), *utterances, conversations=conversations, speakers=people)
        taken(convokit.read, path, {})


def _three(value: Any) -> tuple[list[Any], Any, Any]:
    parts = value if isinstance(value, list) and len(value) == 3 else [value] * 3
    return (parts[0] if isinstance(parts[0], list) else [parts[0]]), parts[1], parts[2]


@settings(max_examples=40, deadline=None)
@given(data=readable_anyhow)
def test_any_bytes_give_records_or_a_refusal(data: bytes) -> None:
    taken_bytes(convokit.read, data, {})
