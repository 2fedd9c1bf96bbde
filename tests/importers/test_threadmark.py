"""Threadmark's own records as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from annotations.errors import InvalidInput
from importers.formats import threadmark
from importers.record_lines import line_schema
from importers.records import CommentRecord, RecordError, ThreadRecord
from importers.source import Source
from project.environment import ROOT
from tests.importers.golden import cases, check_case
from tests.importers.lines_sent import comment, thread
from tests.importers.reading import outcome, readable_anyhow
from tests.importers.storing import write_lines


@pytest.mark.parametrize("case", cases("threadmark"), ids=lambda case: case.name)
def test_golden(case: Path) -> None:
    check_case(case)


def test_a_file_of_records_is_recognised_and_nothing_else(tmp_path: Path) -> None:
    def score(*lines: Any) -> float:
        return threadmark.detect(Source(write_lines(tmp_path / "lines", lines)))

    assert score(thread(), comment("c1")) == 1.0
    assert score(comment("c1")) == 1.0
    assert score(comment("c1"), {"id": "c2", "text": "Hello"}) == 0.0
    assert score({"record": "vinyl", "id": "7"}) == 0.0


def test_it_takes_keep_private_alone(tmp_path: Path) -> None:
    source = Source(write_lines(tmp_path / "lines", [comment("c1", raw={"ip": "10.0.0.1"})]))
    (kept,) = threadmark.read(source, {"keep_private": True})
    assert isinstance(kept, CommentRecord)
    assert kept.raw == {"ip": "10.0.0.1"}
    with pytest.raises(InvalidInput, match="make no sense"):
        list(threadmark.read(source, {"keep": True}))


@settings(max_examples=60)
@given(data=readable_anyhow)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for record in outcome(threadmark.read, data, {}):
        assert isinstance(record, RecordError | ThreadRecord | CommentRecord)


def test_every_field_is_told_in_the_docs() -> None:
    page = (ROOT / "docs" / "bulk.md").read_text()
    for schema in line_schema()["oneOf"]:
        for name, told in schema["properties"].items():
            assert f"`{name}`" in page, name
            for inner in told.get("items", {}).get("properties", {}):
                assert f"`{inner}`" in page, (name, inner)


def test_the_schema_of_a_line_is_whole_in_itself() -> None:
    written = json.dumps(line_schema())
    assert "$ref" not in written
    assert written.count('"additionalProperties": false') == 5
