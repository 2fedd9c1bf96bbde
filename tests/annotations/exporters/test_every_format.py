"""What may be relied on in the bytes of every export format.

``UPDATE_CASES=1 pytest tests/annotations/exporters`` writes the golden files anew.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from annotations.errors import InvalidInput
from annotations.exporters.dataset import Dataset, Rows
from annotations.exporters.flat import COLUMNS
from annotations.exporters.registry import Exporter, exporter, exporters, streamed
from annotations.exporters.rows import CommentRow, ThreadRow
from tests.annotations.exporters.discussion import STUDY, dataset
from tests.annotations.exporters.written import written, written_files

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "cases" / "exports"
DOCS = (ROOT / "docs" / "exports.md").read_text()
EXPORTERS = pytest.mark.parametrize("chosen", exporters().values(), ids=exporters())
STREAMED = pytest.mark.parametrize("chosen", streamed().values(), ids=streamed())
OF_MANY_FILES = sorted(set(exporters()) - set(streamed()))


@STREAMED
def test_golden_file(chosen: Exporter) -> None:
    path = CASES / chosen.name
    content = written(chosen.name, dataset())
    if os.environ.get("UPDATE_CASES"):
        path.write_bytes(content)
    assert content == path.read_bytes()


@pytest.mark.parametrize("name", OF_MANY_FILES)
def test_golden_folder(name: str) -> None:
    folder = CASES / name
    files = written_files(name, dataset())
    if os.environ.get("UPDATE_CASES"):
        shutil.rmtree(folder, ignore_errors=True)
        for one, content in files.items():
            (folder / one).parent.mkdir(parents=True, exist_ok=True)
            (folder / one).write_bytes(content)
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert dict(files) == found


@STREAMED
def test_what_streams_is_written_as_the_rows_come(chosen: Exporter) -> None:
    """Bytes come out before the rows have ended, so no exporter gathers them first."""
    taken = []
    comment = next(row for row in dataset().rows() if isinstance(row, CommentRow) and row.sampled)

    def read() -> Rows:
        for number in range(50_000):
            taken.append(number)
            yield ThreadRow(id=f"t{number}")
            yield comment

    assert chosen.write is not None
    chunks = iter(chosen.write(Dataset(STUDY, read)))
    for _ in range(10):
        next(chunks)
    assert len(taken) < 25_000


@EXPORTERS
def test_the_same_rows_give_the_same_bytes(chosen: Exporter) -> None:
    assert written(chosen.name, dataset()) == written(chosen.name, dataset())


@EXPORTERS
def test_a_study_without_rows_has_a_file_all_the_same(chosen: Exporter) -> None:
    assert isinstance(written(chosen.name, dataset([])), bytes)


def test_each_format_and_nothing_else_is_documented() -> None:
    told = re.findall(r"^### `(\w+)`$", DOCS, re.MULTILINE)
    assert sorted(told) == sorted(exporters())


def test_each_column_is_documented_in_its_order() -> None:
    columns = DOCS[DOCS.index("## Columns") : DOCS.index("## Add a format")]
    assert re.findall(r"^\| `(\w+)` \|", columns, re.MULTILINE) == list(COLUMNS)


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"'xml' is no export format.*csv,.*jsonl,.*threads"):
        exporter("xml")
