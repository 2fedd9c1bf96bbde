"""Real files, where they are at hand; conftest.py leaves this module out elsewhere."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from importers.formats import saved_page
from importers.records import CommentRecord, Record, RelationRecord, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from tests.importers.conftest import SAMPLES
from tests.importers.reading import comments, relations

SEED = SAMPLES / "saved_page" / "000_9cacfffb59cd1aee.txt"


@pytest.fixture(scope="module")
def seed() -> list[Record]:
    return list(saved_page.read(Source(SEED), {}))


def test_seed_has_the_counted_structure(seed: list[Record]) -> None:
    thread, opening, *rest = seed
    expected = json.loads((SEED.parent / "expected.json").read_text())
    assert isinstance(thread, ThreadRecord)
    assert isinstance(opening, CommentRecord)
    assert (thread.title, opening.kind) == (expected["title"], "article")
    assert opening.author_name == expected["byline"] == "Tyler Durden"
    assert Counter(block.kind for block in opening.blocks) == {
        "paragraph": 20,
        "caption": 1,
        "section_break": 2,
    }
    assert len(rest) == 45
    assert len({record.author_id for record in comments(seed)}) == 36
    assert sum(len(record.blocks) for record in comments(seed)) == 83


def test_seed_comments_are_the_expected_ones(seed: list[Record]) -> None:
    def figures(record: CommentRecord) -> dict[str, Any]:
        return {
            "n": int(record.id.rpartition(":")[2]),
            "line": record.raw["line"],
            "author": record.author_name,
            "paragraphs": len(record.blocks),
            "chars": len(record.text),
            "first": record.text[: record.blocks[0].end][:60],
        }

    expected = json.loads((SEED.parent / "expected.json").read_text())["items"]
    wanted = [{key: item[key] for key in figures(comments(seed)[0])} for item in expected]
    assert [figures(record) for record in comments(seed)] == wanted


def test_seed_is_kept_to_the_byte(seed: list[Record]) -> None:
    slices = [record.raw["source"] for record in seed if isinstance(record, CommentRecord)]
    assert "".join(slices).encode() == SEED.read_bytes()
    assert sum(r.text.count("\u00a0") for r in seed if isinstance(r, CommentRecord)) == 36


def test_seed_proves_three_replies_and_no_more(seed: list[Record]) -> None:
    replies = {record.id: record.reply_to for record in comments(seed) if record.reply_to}
    thread = seed[0]
    assert isinstance(thread, ThreadRecord)
    assert replies == {
        f"{thread.id}:{a}": f"{thread.id}:{b}" for a, b in [(24, 21), (31, 30), (33, 20)]
    }
    for record in comments(seed):
        assert (record.basis == "inferred") == bool(record.reply_to) == bool(record.evidence)


def test_seed_quotes_and_names(seed: list[Record]) -> None:
    def target(relation: RelationRecord) -> int:
        return int(str(relation.target_id).rpartition(":")[2])

    quotes = Counter((number, target(relation)) for number, relation in relations(seed, "quote"))
    assert quotes == {(16, 0): 1, (21, 0): 2, (24, 21): 2, (31, 30): 3, (33, 20): 1}
    named = {(n, relation.target_author_id) for n, relation in relations(seed, "mention")}
    assert named == {(13, "Pinto Currency"), (23, "Blankone")}


def test_seed_offsets_show_the_same_words_on_both_sides(seed: list[Record]) -> None:
    texts = {record.id: record.text for record in seed if isinstance(record, CommentRecord)}
    for record in comments(seed):
        for relation in record.relations:
            words = record.text[relation.start : relation.end]
            if relation.kind == "quote":
                target = texts[str(relation.target_id)]
                assert words == target[relation.target_start : relation.target_end]
            else:
                assert words == relation.target_author_id


@pytest.mark.parametrize(
    ("name", "threads", "messages"),
    [("d2nn_CommentsMarch2018.csv", 3, 149), ("fox-news-comments.ndjson", 10, 1528)],
)
def test_tables_give_the_counted_records(name: str, threads: int, messages: int) -> None:
    source = Source(SAMPLES / "table" / name)
    records = choose_format(source).read(source, {})
    counts = Counter(type(record) for record in records)
    assert counts == {ThreadRecord: threads, CommentRecord: messages}
