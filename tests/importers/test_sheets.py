"""Tables that are no text: Excel workbooks and Parquet."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import UnreadableFile
from importers import table_rows
from importers.formats import table
from importers.guards import refuse_unreadable
from importers.records import CommentRecord, Record, RecordError
from importers.source import Source
from tests.importers.reading import outcome
from tests.importers.workbooks import write_workbook

TALK: list[list[Any]] = [
    ["thread", "id", "parent", "author", "time", "score", "text"],
    [7, 1, None, "heron", datetime(2024, 5, 31, 14, 30), 3, "Is the ferry late?"],  # noqa: DTZ001
    [7, 2, 1, "otter", 1717165800, "1,234", "Yes."],
    [],
    [7, 3, 2, None, None, None, 100],
    ["#NAME?", 4, 2, "newt", None, None, "In an error's thread"],
    [7, 5, 2, "newt", None, None, None],
]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pyarrow")


def comments(records: list[Record]) -> list[CommentRecord]:
    return [record for record in records if isinstance(record, CommentRecord)]


def refused(records: list[Record]) -> dict[int | None, str]:
    return {record.line: record.message for record in records if isinstance(record, RecordError)}


@pytest.fixture
def workbook(tmp_path: Path) -> Source:
    return Source(write_workbook(tmp_path / "talk.csv", Talk=TALK, Other=[["text"], ["Else"]]))


def write_parquet(path: Path, columns: dict[str, Any], **options: Any) -> Source:
    pq.write_table(pa.table(columns), path, **options)
    return Source(path)


def test_a_workbook_is_read_whatever_its_name(workbook: Source) -> None:
    assert table.detect(workbook) == 0.9
    assert table.propose(workbook)["dialect"] == "xlsx"
    first, second, third = comments(list(table.read(workbook, {})))
    assert (first.id, first.thread_id, first.text) == ("1", "7", "Is the ferry late?")
    assert first.posted_at == datetime(2024, 5, 31, 14, 30, tzinfo=UTC)
    assert first.posted_at_estimated
    assert (second.reply_to, second.score, second.posted_at_estimated) == ("1", 1234, False)
    assert (third.text, third.line, third.author_id) == ("100", 5, "")


def test_rows_of_a_workbook_are_refused_with_their_number(workbook: Source) -> None:
    assert refused(list(table.read(workbook, {}))) == {
        6: "The row was left out. Its column 'thread' names no thread.",
        7: "The row was left out. Its column 'text' holds no text.",
    }


def test_another_sheet_can_be_named(workbook: Source) -> None:
    (comment,) = comments(list(table.read(workbook, {"sheet": "Other"})))
    assert comment.text == "Else"
    with pytest.raises(UnreadableFile, match="no sheet 'Third'; its sheets are: Talk, Other"):
        list(table.read(workbook, {"sheet": "Third"}))


def test_ids_that_a_spreadsheet_rounded_are_refused(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["id", "text"], [1234567890123456789, "Rounded"], [12, "Whole"]]
    file = Source(write_workbook(tmp_path / "ids.xlsx", One=rows))
    records = list(table.read(file, {"columns": {"comment": "id", "text": "text"}}))
    assert [comment.id for comment in comments(records)] == ["12"]
    assert "rounded" in refused(records)[2]


def test_a_workbook_within_an_archive_is_read(tmp_path: Path, workbook: Source) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(workbook.path, "talk.xlsx")
    (member,) = Source(tmp_path / "all.zip").members
    assert len(comments(list(table.read(member, {})))) == 3


def test_a_workbook_that_grows_too_much_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "bomb.xlsx", One=[["text"], ["a"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * 60 * 1024 * 1024)
    with pytest.raises(UnreadableFile, match="unpacks to 60 MiB"):
        list(table.read(Source(path), {"dialect": "xlsx"}))


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_that_unpack_without_a_bound_are_refused_before_they_are_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: int
) -> None:
    path = write_workbook(tmp_path / "rare.xlsx", One=[["text"], ["a"]])
    with zipfile.ZipFile(path, "a", packing) as archive:
        archive.writestr("xl/media/more", b" " * 1_000)
    monkeypatch.delattr(zipfile.ZipFile, "open")
    with pytest.raises(UnreadableFile, match=r"rare\.xlsx .* packed in a way .* save it anew"):
        list(table.read(Source(path), {"dialect": "xlsx"}))


def test_a_sheet_of_very_many_columns_is_refused_in_words(
    workbook: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_rows, "MAX_COLUMNS", 6)
    with pytest.raises(UnreadableFile, match="has 7 columns; at most 6 are read"):
        list(table.read(workbook, {}))


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "lie.xlsx", One=[["text"], ["a" * 5000]])
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    told, lie = size.to_bytes(4, "little"), (9).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(told, lie))
    with pytest.raises(UnreadableFile, match="broken Excel workbook"):
        list(table.read(Source(path), {"dialect": "xlsx"}))


def test_a_damaged_workbook_is_refused_in_words(tmp_path: Path, workbook: Source) -> None:
    data = workbook.path.read_bytes()
    place = data.index(b"xl/worksheets/sheet1.xml") + 60
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(data[:place] + b"????" + data[place + 4 :])
    with pytest.raises(UnreadableFile, match="broken Excel workbook"):
        list(table.read(Source(path), {"dialect": "xlsx"}))


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    at = datetime(2024, 5, 31, 12, tzinfo=UTC)
    file = write_parquet(
        tmp_path / "talk.parquet",
        {
            "thread": pa.array(["t", "t"]).dictionary_encode(),
            "id": pa.array([1, 2], pa.uint64()),
            "parent": pa.array([None, 1.0], pa.float64()),
            "created": pa.array([at, None], pa.timestamp("ns", "Europe/Oslo")),
            "text": ["Is the ferry late?", "Yes, “late” 🚢"],
            "tags": [["a", None], []],
            "more": [{"day": date(2024, 5, 31), "price": Decimal("1.50"), "b": b"x"}, None],
            "big": pa.array([2**64 - 1, 1], pa.uint64()),
            "n": pa.array([float("nan"), float("inf")]),
        },
    )
    refuse_unreadable(file)
    assert table.detect(file) == 0.9
    records = list(table.read(file, {}))
    first, second = comments(records)
    assert (first.posted_at, first.posted_at_estimated) == (at, False)
    assert (second.id, second.reply_to, second.text, second.line) == ("2", "1", "Yes, “late” 🚢", 2)
    assert first.raw["tags"] == ["a", None]
    assert first.raw["more"] == {"day": "2024-05-31", "price": "1.50", "b": "x"}
    assert (first.raw["big"], first.raw["n"], second.raw["n"]) == (str(2**64 - 1), None, None)


def test_parquet_times_without_a_zone_are_estimated(tmp_path: Path) -> None:
    times = pa.array([1_717_156_800_000_000_123, 9_000_000_000_000_000_000], pa.timestamp("ns"))
    file = write_parquet(tmp_path / "p", {"time": times, "text": ["a", "b"]})
    records = list(table.read(file, {"columns": {"time": "time", "text": "text"}}))
    (comment,) = comments(records)
    assert comment.posted_at == datetime(2024, 5, 31, 12, tzinfo=UTC)
    assert comment.posted_at_estimated
    assert "is no time" in refused(records)[2]


def test_a_parquet_value_that_python_has_not_costs_its_row(tmp_path: Path) -> None:
    far = pa.array([0, 2**60], pa.timestamp("us"))
    file = write_parquet(tmp_path / "p", {"far": far, "text": ["a", "b"]})
    records = list(table.read(file, {}))
    assert [comment.text for comment in comments(records)] == ["a"]
    assert list(refused(records)) == [2]


def test_parquet_that_is_packed_is_read(tmp_path: Path) -> None:
    plain = write_parquet(tmp_path / "p", {"id": ["a", "b"], "text": ["One", "Two"]})
    packed = tmp_path / "p.gz"
    packed.write_bytes(gzip.compress(plain.path.read_bytes()))
    assert len(comments(list(table.read(Source(packed), {})))) == 2


def test_parquet_cut_short_is_refused_in_words(tmp_path: Path) -> None:
    whole = write_parquet(tmp_path / "p", {"text": ["One", "Two"]})
    cut = tmp_path / "cut"
    cut.write_bytes(whole.path.read_bytes()[:-20])
    with pytest.raises(UnreadableFile, match="broken Parquet"):
        list(table.read(Source(cut), {"columns": {"text": "text"}}))


def test_parquet_that_grows_too_much_is_refused(tmp_path: Path) -> None:
    texts = ["x" * 60_000] * 1_000
    file = write_parquet(tmp_path / "p", {"text": texts}, compression="zstd", use_dictionary=False)
    with pytest.raises(UnreadableFile, match="grows more than 200-fold"):
        list(table.read(file, {"columns": {"text": "text"}}))


@pytest.mark.slow
def test_memory_for_parquet_does_not_grow_with_the_file(tmp_path: Path) -> None:
    schema = pa.schema([("id", pa.int64()), ("text", pa.string())])
    with pq.ParquetWriter(tmp_path / "p", schema, compression="none", use_dictionary=False) as out:
        for start in range(0, 60_000, 6_000):
            ids = range(start, start + 6_000)
            texts = [f"{n} {'x' * 900}" for n in ids]
            out.write_table(pa.table({"id": list(ids), "text": texts}, schema))
    before = pa.total_allocated_bytes()
    peak = 0
    for count, _ in enumerate(table.read(Source(tmp_path / "p"), {})):
        if count % 1_000 == 0:
            peak = max(peak, pa.total_allocated_bytes() - before)
    assert count == 60_000
    assert peak < 20_000_000 < (tmp_path / "p").stat().st_size


def _seeds() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        book = write_workbook(Path(folder) / "b", One=TALK).read_bytes()
    out = io.BytesIO()
    pq.write_table(pa.table({"id": [1, 2], "text": ["a", "b"]}), out)
    return [book, out.getvalue()]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.sampled_from(_seeds()),
    edits=st.lists(st.tuples(st.integers(0, 6_000), st.binary(max_size=4)), min_size=1, max_size=4),
)
def test_damaged_files_give_records_or_a_refusal(
    seed: bytes, edits: list[tuple[int, bytes]]
) -> None:
    data = bytearray(seed)
    for place, put in edits:
        at = place % len(data)
        data[at : at + len(put)] = put
    dialect = "parquet" if seed.startswith(b"PAR1") else "xlsx"
    outcome(table.read, bytes(data), {"dialect": dialect, "columns": {"text": "text"}})
