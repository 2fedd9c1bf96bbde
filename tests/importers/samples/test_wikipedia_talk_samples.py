from __future__ import annotations

import json
from typing import Any

from importers.formats import wikipedia_talk
from importers.html_tree import decode_page, parse_page
from importers.records import CommentRecord, ThreadRecord
from importers.registry import choose_format
from importers.source import Source
from importers.talk_page import Section, content_of, find_sections
from tests.importers.conftest import SAMPLES

FOLDER = SAMPLES / "wikipedia_talk"
Found = tuple[str, str, int, int | None]


def gold(heading: dict[str, Any]) -> list[Found]:
    """Author, minute, level and parent of each comment, without those of nested sections."""
    found: list[Found] = []
    waiting: list[tuple[dict[str, Any], int | None]]
    waiting = [(reply, None) for reply in reversed(heading["replies"])]
    while waiting:
        item, parent = waiting.pop()
        if item["type"] == "heading":
            continue
        found.append((item["author"], item["timestamp"][:16], item["level"], parent))
        waiting += [(reply, len(found) - 1) for reply in reversed(item["replies"])]
    return found


def ours(section: Section) -> list[Found]:
    return [(c.author, c.time.time.isoformat()[:16], c.level, c.parent) for c in section.comments]


def test_the_gold_tree() -> None:
    page = decode_page((FOLDER / "sr-latn.html").read_bytes())
    sections = find_sections(content_of(parse_page(page, "page")), "", ("sr", "sr_Latn"))
    headings = json.loads((FOLDER / "sr-latn.json").read_text())
    assert len(headings) == 57
    assert [ours(section) for section in sections[1:]] == [gold(h) for h in headings]
    assert sections[0].comments == []


def test_records() -> None:
    source = Source(FOLDER / "sr-latn.html")
    assert choose_format(source).name == "wikipedia_talk"
    records = list(wikipedia_talk.read(source, {}))
    found = [record for record in records if isinstance(record, CommentRecord)]
    assert len(found) == len({record.id for record in found}) == 276
    assert sum(isinstance(record, ThreadRecord) for record in records) == 55
    assert not any(record.posted_at_estimated for record in found)
    assert sum(record.reply_to is None for record in found) == 138
