"""The ConvoKit corpus, by the rules of ConvoKit's own reader, and as our importer reads it.

ConvoKit itself needs torch and is not installed: ``Corpus`` below reads what its
``Corpus(filename=...)`` reads, and refuses what that refuses or warns of.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.exporters.dataset import Dataset
from annotations.exporters.rows import CommentRow, Row, ThreadRow
from importers.formats import convokit as importer
from importers.records import CommentRecord, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.annotations.exporters.discussion import AT, ROWS, TEXT, dataset
from tests.annotations.exporters.written import unpacked, written_files

NAMES = ["utterances.jsonl", "speakers.json", "conversations.json", "corpus.json", "index.json"]
IDS = st.sampled_from([f"c{number}" for number in range(8)])
MEMORY = """
import resource, sys, tempfile
from pathlib import Path
from annotations.exporters.folder import Folder
from annotations.exporters.formats import convokit
from tests.annotations.exporters.many import many

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with tempfile.TemporaryDirectory() as folder, Folder(Path(folder) / "corpus.zip") as target:
    convokit.write_files(many(annotations={annotations}, authors=10**9), target)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@dataclass
class Corpus:
    utterances: dict[str, dict[str, Any]]
    speakers: dict[str, Any]
    conversations: dict[str, Any]
    meta: dict[str, Any]
    index: dict[str, Any]

    def meta_of(self, utterance: str) -> dict[str, Any]:
        meta: dict[str, Any] = self.utterances[utterance]["meta"]
        return meta


def load(study: Dataset) -> Corpus:
    """As ConvoKit loads it, on a machine whose own encoding is ASCII."""
    files = {
        name: content.decode("ascii") for name, content in written_files("convokit", study).items()
    }
    assert sorted(files) == sorted(NAMES)
    lines = [json.loads(line) for line in files["utterances.jsonl"].splitlines()]
    return Corpus(
        {line["id"]: line for line in lines},
        *(json.loads(files[name]) for name in NAMES[1:]),
    )


def check_tree(corpus: Corpus) -> None:
    """ConvoKit's ``check_integrity``: one root, which gives the name, and no circle."""
    members: dict[str, dict[str, str | None]] = {}
    for name, one in corpus.utterances.items():
        members.setdefault(one["conversation_id"], {})[name] = one["reply-to"]
    assert members.keys() == corpus.conversations.keys()
    for conversation, replies in members.items():
        roots = [name for name, parent in replies.items() if parent is None]
        assert roots == [conversation]
        for start in replies:
            steps, place = 0, start
            while (parent := replies[place]) is not None:
                assert parent in replies
                place, steps = parent, steps + 1
                assert steps <= len(replies)


def check_index(corpus: Corpus) -> None:
    """The index names every key of the metadata with its types, as ``str(type(value))``."""
    kinds = {
        "utterances-index": [one["meta"] for one in corpus.utterances.values()],
        "conversations-index": [one["meta"] for one in corpus.conversations.values()],
        "speakers-index": [one["meta"] for one in corpus.speakers.values()],
        "overall-index": [corpus.meta],
    }
    for name, metas in kinds.items():
        index = corpus.index[name]
        for meta in metas:
            assert meta.keys() == index.keys()
            for key, value in meta.items():
                assert value is None or str(type(value)) in index[key]


def records(folder: Path) -> tuple[dict[str, ThreadRecord], dict[str, CommentRecord]]:
    found = list(importer.read(Source(folder), {}))
    threads = {one.id: one for one in found if isinstance(one, ThreadRecord)}
    return threads, {one.id: one for one in found if isinstance(one, CommentRecord)}


def test_a_corpus_is_loaded_by_the_rules_of_convokit() -> None:
    corpus = load(dataset())
    check_tree(corpus)
    check_index(corpus)
    assert {one["speaker"] for one in corpus.utterances.values()} == set(corpus.speakers)
    assert corpus.index["version"] == 1


def test_an_utterance_has_what_was_said_of_it_by_whom() -> None:
    meta = load(dataset()).meta_of("c1")
    assert meta["labels"]["human"]["A1"]["reasons"] == ["rude", "wrong"]
    assert meta["labels"]["model"] == {"guesser-1": {"claim": "no"}}
    assert meta["labels"]["gold"] == {"gold": {"claim": "yes"}}
    assert (meta["final"]["claim"], meta["decided_by"]["claim"]) == ("yes", "adjudication")
    assert meta["counts"]["claim"] == {"no": 1, "yes": 1}
    assert meta["shares"]["claim"] == {"no": 0.5, "yes": 0.5}
    (part,) = meta["final"]["part"]
    assert TEXT[part["start"] : part["end"]] == part["quote"]


def test_a_conversation_has_what_was_said_of_the_thread() -> None:
    thread = load(dataset()).conversations["a1"]["meta"]
    assert thread["labels"] == {"human": {"A1": {"mood": "Calm, mostly."}}}
    assert (thread["final"], thread["thread_id"]) == ({"mood": "Calm, mostly."}, "t1")


def test_what_was_labeled_before_it_changed_is_told() -> None:
    meta = load(dataset()).meta_of("c2")
    assert meta["labeled_texts"] == {"human": {"A1": "It costs 1 million."}}
    assert "part" not in meta["final"]


def test_an_opening_that_is_not_in_the_dataset_has_a_stand_in() -> None:
    corpus = load(dataset())
    opening = corpus.utterances["thread:t2"]
    assert (opening["text"], opening["speaker"], opening["meta"]["stands_in"]) == (
        "",
        "[deleted]",
        True,
    )
    assert corpus.utterances["c3"]["reply-to"] == "thread:t2"
    assert corpus.meta_of("c3")["reply_to"] == "gone"
    assert not corpus.meta_of("p5")["stands_in"]


def test_a_thread_without_comments_keeps_its_labels() -> None:
    corpus = load(dataset(ROWS[:1]))
    check_tree(corpus)
    assert corpus.conversations["thread:t1"]["meta"]["final"] == {"mood": "Calm, mostly."}


def test_the_same_id_in_two_threads_is_not_mixed_up() -> None:
    rows: list[Row] = [
        ThreadRow(id="5"),
        CommentRow(id="7", reply_to="6", text="Its parent is missing."),
        ThreadRow(id="6"),
        CommentRow(id="5", reply_to="7", text="It answers another thread."),
    ]
    corpus = load(dataset(rows))
    check_tree(corpus)
    assert corpus.utterances["5"]["reply-to"] == "thread:6"


@given(
    st.lists(
        st.tuples(IDS, IDS, st.sampled_from(["comment", "post", "article"])),
        unique_by=lambda one: one[0],
        max_size=8,
    ),
    st.integers(0, 8),
)
@settings(deadline=None)
def test_whatever_answers_whatever_it_is_a_tree(
    comments: list[tuple[str, str, str]], cut: int
) -> None:
    rows: list[Row] = [ThreadRow(id="t1")]
    for place, (number, parent, kind) in enumerate(comments):
        if place == cut:
            rows.append(ThreadRow(id="t2"))
        rows.append(CommentRow(id=number, reply_to=parent, kind=kind, position=place))
    check_tree(load(dataset(rows)))


def test_our_importer_reads_it_back(tmp_path: Path) -> None:
    folder = unpacked("convokit", dataset(), tmp_path / "corpus")
    assert choose_format(Source(folder)).name == "convokit"
    threads, comments = records(folder)
    assert {one.id: one.title for one in threads.values()} == {
        "a1": 'The "old" bridge, and what it costs',
        "thread:t2": "Another",
        "p5": "A link",
    }
    rows = [row for row in ROWS if isinstance(row, CommentRow)]
    assert comments.keys() == {row.id for row in rows} | {"thread:t2"}
    for row in rows:
        read = comments[row.id]
        assert (read.text, read.author_id, read.posted_at, read.score) == (
            row.text,
            row.author,
            row.posted_at,
            row.score,
        )
        parent = "thread:t2" if row.reply_to == "gone" else row.reply_to
        assert (read.reply_to or "") == parent


def test_our_importer_keeps_a_tree_of_replies(tmp_path: Path) -> None:
    rows: list[Row] = [ThreadRow(id="p1", title="Why?", started_at=AT)]
    rows.append(CommentRow(id="p1", kind="post", text="Why?", author="u1", posted_at=AT))
    rows += [
        CommentRow(id=f"c{number}", reply_to=f"c{number - 1}" if number > 1 else "p1", depth=number)
        for number in range(1, 50)
    ]
    threads, comments = records(unpacked("convokit", dataset(rows), tmp_path / "corpus"))
    assert list(threads) == ["p1"]
    assert comments["p1"].kind == "post"
    assert [comments[f"c{number}"].reply_to for number in (1, 2, 49)] == ["p1", "c1", "c48"]
    assert Counter(one.thread_id for one in comments.values()) == {"p1": 50}


def test_a_study_without_rows_is_an_empty_corpus() -> None:
    corpus = load(dataset([]))
    assert (corpus.utterances, corpus.speakers, corpus.conversations) == ({}, {}, {})


@pytest.mark.slow
def test_memory_does_not_grow_with_threads_and_authors() -> None:
    few, many = (
        int(subprocess.check_output([sys.executable, "-c", MEMORY.format(annotations=count)]))
        for count in (10_000, 60_000)
    )
    assert many < few + 20, f"{few} MB for 10,000 annotations, {many} MB for 60,000"
