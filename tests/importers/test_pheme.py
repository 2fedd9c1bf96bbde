from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.codebooks.library import library_codebooks
from annotations.errors import InvalidInput, UnreadableFile
from importers.formats import pheme, twitter
from importers.records import (
    CommentRecord,
    GoldRecord,
    Note,
    Record,
    RecordError,
    ThreadRecord,
)
from importers.registry import choose_format
from importers.source import Source
from tests.importers.golden import CASES, cases, check_case
from tests.importers.hostile import damaged
from tests.importers.reading import comments

RUMOUREVAL = CASES / "pheme" / "rumoureval" / "input.d"
SCHEME = CASES / "pheme" / "scheme" / "input.d"
CONTRADICTING = Note("labels left out that contradict an earlier one")


def tweet(number: int, answered: int | None = None, **fields: Any) -> dict[str, Any]:
    answer = None if answered is None else str(answered)
    user = {"id_str": "7", "screen_name": "ada"}
    told = {"id_str": str(number), "text": "Hello", "user": user}
    return {**told, "in_reply_to_status_id_str": answer, **fields}


def written(folder: Path, files: dict[str, Any]) -> Path:
    for name, value in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value))
    return folder


def read(folder: Path, files: dict[str, Any], **options: Any) -> list[Record]:
    return list(pheme.read(Source(written(folder, files)), options))


def stances(records: list[Record]) -> dict[str, str]:
    return {r.comment_id: r.label for r in records if isinstance(r, GoldRecord)}


THREAD = {
    "storm/1/source-tweet/1.json": tweet(1),
    "storm/1/replies/2.json": tweet(2, 1),
    "storm/1/replies/3.json": tweet(3, 2),
}


@pytest.mark.parametrize("case", cases("pheme"), ids=lambda case: case.name)
def test_golden_case(case: Path) -> None:
    check_case(case)


@pytest.mark.parametrize("folder", [RUMOUREVAL, SCHEME], ids=lambda path: path.parent.name)
def test_a_folder_and_its_zip_are_recognised_and_read_alike(folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "pheme.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in folder.rglob("*.*"):
            archive.write(file, file.relative_to(folder))
        archive.writestr("threads/en/storm/2001/reactions/._2002.json", b"\x00\x05\x16\x07")
    assert choose_format(Source(folder)).name == choose_format(Source(packed)).name == "pheme"
    as_folder, as_zip = (list(pheme.read(Source(path), {})) for path in (folder, packed))
    assert as_zip == as_folder


def test_other_folders_and_single_files_are_not_pheme(tmp_path: Path) -> None:
    assert pheme.detect(Source(CASES / "twitter" / "v1")) == 0
    file = written(tmp_path, {"source-tweet.json": tweet(1)}) / "source-tweet.json"
    assert pheme.detect(Source(file)) == 0
    with pytest.raises(UnreadableFile, match="holds no thread of PHEME"):
        list(pheme.read(Source(file), {}))


def test_the_thread_and_its_comments_have_the_ids_that_twitter_gives_them(tmp_path: Path) -> None:
    lines = tmp_path / "tweets.jsonl"
    lines.write_text("".join(json.dumps(one) + "\n" for one in THREAD.values()))
    as_tweets = comments(list(twitter.read(Source(lines), {})))
    as_pheme = comments(read(tmp_path / "pheme", THREAD))
    assert [(r.id, r.thread_id, r.reply_to) for r in as_pheme] == [
        (r.id, r.thread_id, r.reply_to) for r in as_tweets
    ]


def test_the_tree_tells_whom_a_tweet_answers_that_does_not_say_so(tmp_path: Path) -> None:
    tree: dict[str, Any] = {"structure": {"1": {"2": {"3": []}}}}
    files = {**THREAD, "storm/1/replies/3.json": tweet(3), "storm/1/structure.json": tree}
    assert comments(read(tmp_path, files))[2].reply_to == "2"


def test_tweets_of_the_tree_without_a_file_are_missing_and_their_answers_stay(
    tmp_path: Path,
) -> None:
    tree: dict[str, Any] = {"1": {"2": {"8": {"3": []}}, "9": []}}
    files = {**THREAD, "storm/1/replies/3.json": tweet(3, 8), "storm/1/structure.json": tree}
    records = read(tmp_path, files)
    assert [r.missing for r in records if isinstance(r, ThreadRecord)] == [2]
    assert comments(records)[2].reply_to == "8"


@pytest.mark.parametrize(
    "labels",
    [
        {"1": "support", "2": "deny"},
        {"subtaskaenglish": {"1": "Support", "2": "deny"}, "subtaskbenglish": {"1": "true"}},
        [{"tweet_id": 1, "label": "support"}, {"id": "2", "stance": "deny"}],
    ],
)
def test_labels_come_in_several_shapes(tmp_path: Path, labels: Any) -> None:
    records = read(tmp_path, {**THREAD, "train/key.json": labels})
    assert stances(records) == {"1": "support", "2": "deny"}


def test_a_response_to_the_source_is_a_stance_where_the_source_has_one(tmp_path: Path) -> None:
    def of(support: str) -> dict[str, str]:
        entries: list[dict[str, Any]] = [{"tweetid": "1", "threadid": "1", "support": support}]
        responses = {"2": "agreed", "3": "disagreed", "4": "comment"}
        for number, response in responses.items():
            told = {"tweetid": number, "threadid": "1", "responsetype-vs-source": response}
            entries.append({**told, "responsetype-vs-previous": "agreed"})
        lines = "# Source Tweets\n" + "".join(json.dumps(e) + "\n" for e in reversed(entries))
        reply = {"storm/1/replies/4.json": tweet(4, 1)}
        return stances(read(tmp_path, {**THREAD, **reply, "annotations/en.json": lines}))

    assert of("supporting") == {"1": "support", "2": "support", "3": "deny", "4": "comment"}
    assert of("denying") == {"1": "deny", "2": "deny", "4": "comment"}
    assert of("underspecified") == {"4": "comment"}


def test_labels_that_contradict_or_have_no_tweet_are_counted(tmp_path: Path) -> None:
    files = {**THREAD, "a.json": {"1": "deny", "77": "deny"}, "b.json": {"1": "query"}}
    records = read(tmp_path, files)
    assert stances(records) == {"1": "deny"}
    assert CONTRADICTING in records
    assert Note("labels left out whose tweet has no file") in records


def test_every_label_stands_in_the_codebook_of_the_library() -> None:
    codebook = next(one for one in library_codebooks() if one.key == pheme.CODEBOOK)
    (question,) = (one for one in codebook.questions if one.key == pheme.QUESTION)
    assert {label.key for label in question.labels} == pheme.STANCES


def test_a_broken_file_costs_itself(tmp_path: Path) -> None:
    files = {
        **THREAD,
        "storm/1/replies/2.json": '{"id_str": "2"',
        "storm/1/replies/3.json": {"kind": "t1"},
        "storm/1/structure.json": "[",
        "storm/1/annotation.json": "",
        "labels.json": "{",
    }
    records = read(tmp_path, files)
    assert [r.id for r in comments(records)] == ["1"]
    named = [r.message for r in records if isinstance(r, RecordError)]
    assert [next(n for n in files if n in message) for message in named] == [
        "storm/1/structure.json",
        "storm/1/annotation.json",
        "storm/1/replies/2.json",
        "storm/1/replies/3.json",
        "labels.json",
    ]


def test_addresses_are_dropped_unless_asked_for(tmp_path: Path) -> None:
    user = {"id_str": "7", "screen_name": "ada", "email": "ada@example.org"}
    files = {"storm/1/source-tweet/1.json": tweet(1, user=user)}
    assert Note("e-mail addresses dropped") in read(tmp_path, files)
    (record,) = comments(read(tmp_path, files, keep_private=True))
    assert record.raw["user"] == user


def test_unknown_options_are_refused() -> None:
    with pytest.raises(InvalidInput, match="colour"):
        list(pheme.read(Source(RUMOUREVAL), {"colour": "red"}))


FILES = {
    **THREAD,
    "storm/1/structure.json": {"1": {"2": {"3": []}}},
    "storm/1/annotation.json": {"is_rumour": "rumour", "links": []},
    "labels.json": {"1": "support", "2": "deny"},
    "scheme.json": [
        {"tweetid": "1", "threadid": "1", "support": "supporting"},
        {"tweetid": "3", "threadid": "1", "responsetype-vs-source": "agreed"},
    ],
}


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_damage_gives_records_or_a_refusal(data: st.DataObject) -> None:
    changed = data.draw(damaged(FILES))
    files = changed if isinstance(changed, dict) else FILES
    with tempfile.TemporaryDirectory() as folder:
        texts = {name: json.dumps(value) for name, value in files.items()}
        source = Source(written(Path(folder), texts))
        try:
            records = list(pheme.read(source, {}))
        except UnreadableFile:
            return
    told = {record.id for record in records if isinstance(record, ThreadRecord)}
    assert {r.thread_id for r in records if isinstance(r, CommentRecord)} <= told


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from(sorted(FILES)), content=st.binary(max_size=60))
def test_any_bytes_give_records_or_a_refusal(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        written(Path(folder), FILES)
        (Path(folder) / name).write_bytes(content)
        assert any(isinstance(r, ThreadRecord) for r in pheme.read(Source(Path(folder)), {}))
