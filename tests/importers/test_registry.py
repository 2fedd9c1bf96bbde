from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.errors import InvalidInput, UnreadableFile
from importers.records import CommentRecord, Note, Record, RecordError
from importers.registry import candidates, choose_format, formats, get_format
from importers.source import Source
from tests.importers.golden import CASES, cases
from tests.importers.reading import outcome, readable_anyhow
from tests.importers.test_archives import zipped

ROOT = Path(__file__).parents[2]


def source(tmp_path: Path, text: str, name: str = "file") -> Source:
    path = tmp_path / "upload"
    path.write_text(text)
    return Source(path, name)


def test_every_module_of_the_package_is_a_format() -> None:
    modules = {path.stem for path in (ROOT / "importers" / "formats").glob("[a-z]*.py")}
    assert set(formats()) == modules
    assert {"saved_page", "table"} <= modules


def test_docs_and_formats_name_each_other() -> None:
    page = (ROOT / "docs" / "formats.md").read_text()
    documented = dict(re.findall(r"^### `(\w+)`: (.+)$", page, flags=re.MULTILINE))
    assert documented == {name: format.title for name, format in formats().items()}


def test_every_format_has_golden_cases() -> None:
    assert {path.name for path in CASES.iterdir()} >= set(formats())
    for name in formats():
        assert cases(name)
        assert all((case / "expected.json").exists() for case in cases(name))


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="saved_page, stackexchange, table, telegram"):
        get_format("gopher")


@pytest.mark.parametrize("name", list(formats()))
def test_golden_inputs_are_recognised(name: str) -> None:
    for case in cases(name):
        if not (case / "options.json").exists():
            (path,) = case.glob("input.*")
            assert choose_format(Source(path)).name == name


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    page = source(tmp_path, "Title\n\nAda's picture\n\nArticle, with a comma.\n", "comments.csv")
    assert choose_format(page).name == "saved_page"
    rows = source(tmp_path, "id,text\n1,Hello\n2,Bye\n", "page.txt")
    assert choose_format(rows).name == "table"


def test_candidates_come_with_the_likeliest_first(tmp_path: Path) -> None:
    likely = candidates(source(tmp_path, 'id,text\n1,"Hi\n\nAda\'s picture\n\n"\n2,Bye\n'))
    scores = [candidate.score for candidate in likely]
    assert len(likely) == 2
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_plain_prose_is_no_format(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="none of the known formats"):
        choose_format(source(tmp_path, "It was a dark night.\n\nAnd, as ever, it rained.\n"))


@pytest.mark.parametrize("text", ['{"about": 1,\n "chats": }', '[{"a": 1}\n, oops]'])
def test_broken_json_is_refused_with_the_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFile, match=r"near line 2\. It is not valid JSON"):
        choose_format(source(tmp_path, text))


@pytest.mark.parametrize("name", list(formats()))
def test_every_reader_stands_behind_the_guard(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFile, match="PDF"):
        list(get_format(name).read(source(tmp_path, "%PDF-1.7\n"), {}))


class TestCollections:
    """Files that belong together, read file by file by a format that knows only one."""

    ROWS = {"a.csv": b"id,text\n1,Hello\n", "b/b.csv": b"id,text\n2,Bye\n"}

    def read(self, path: Path, files: dict[str, bytes]) -> list[Record]:
        return list(get_format("table").read(Source(zipped(path / "a.zip", files)), {}))

    def test_the_format_is_that_of_most_members(self, tmp_path: Path) -> None:
        (best, *_) = candidates(Source(zipped(tmp_path / "a.zip", self.ROWS)))
        assert best.format.name == "table"
        assert best.score == pytest.approx(0.81)

    def test_members_come_one_after_the_other(self, tmp_path: Path) -> None:
        records = self.read(tmp_path, self.ROWS)
        assert [r.text for r in records if isinstance(r, CommentRecord)] == ["Hello", "Bye"]

    def test_a_folder_is_read_as_its_zip(self, tmp_path: Path) -> None:
        folder = tmp_path / "folder"
        for name, data in self.ROWS.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        records = list(get_format("table").read(Source(folder), {}))
        assert records == self.read(tmp_path, self.ROWS)

    def test_what_goes_wrong_costs_one_member_and_is_named(self, tmp_path: Path) -> None:
        inner = zipped(tmp_path / "inner", {"x.csv": b"id,text\n"}).read_bytes()
        bad = {
            "archive.zip": inner,
            "latin.csv": "id,text\n3,café\n".encode("latin-1"),
            "logo.png": b"\x89PNG\r\n\x1a\n",
            "notes.html": b"<html><p>Nothing here.</p></html>",
            "twice.gz": gzip.compress(gzip.compress(b"id,text\n")),
            "empty.csv": b"",
            "rows.csv": b"id,text\n9,Nine\n10\n",
        }
        records = self.read(tmp_path, {**self.ROWS, **bad})
        assert sum(isinstance(record, CommentRecord) for record in records) == 3
        assert (
            Note("files left out that are no Table (CSV, TSV, JSON, Excel or Parquet)") in records
        )
        errors = sorted(record.message for record in records if isinstance(record, RecordError))
        assert [message.partition(":")[0] for message in errors] == [
            *("archive.zip", "empty.csv", "latin.csv", "logo.png", "rows.csv", "twice.gz")
        ]

    def test_options_are_guessed_from_the_first_member_that_is_known(self, tmp_path: Path) -> None:
        files = {"0.png": b"\x89PNG\r\n\x1a\n", **self.ROWS}
        table = get_format("table")
        assert table.propose is not None
        assert table.propose(Source(zipped(tmp_path / "a.zip", files)))["dialect"] == "csv"

    def test_an_empty_one_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFile, match="nothing to import"):
            choose_format(Source(zipped(tmp_path / "a.zip", {".hidden": b"x"})))


golden_inputs = sorted(path for path in CASES.glob("*/*/input.*") if path.is_file())
bits = st.sampled_from(
    [b"", b"\x00", b"\xff", b"[", b"{", b'"', b"\n", b"<", b">", b"\\", b"\xff\xfe"]
)


@settings(max_examples=60, deadline=None)
@given(data=readable_anyhow)
def test_detection_takes_any_bytes(data: bytes) -> None:
    def read_as_chosen(file: Source, options: object) -> Iterator[Record]:
        return choose_format(file).read(file, {})

    outcome(read_as_chosen, data, {})


@settings(max_examples=60, deadline=None)
@given(
    path=st.sampled_from(golden_inputs),
    changes=st.lists(st.tuples(st.floats(0, 1), bits, st.integers(0, 30)), max_size=4),
    kept=st.floats(0, 1),
)
def test_detection_takes_any_damage(
    path: Path, changes: list[tuple[float, bytes, int]], kept: float
) -> None:
    data = path.read_bytes()
    for place, bit, gone in changes:
        at = int(place * len(data))
        data = data[:at] + bit + data[at + gone :]
    with tempfile.TemporaryDirectory() as folder:
        damaged = Path(folder) / "input"
        damaged.write_bytes(data[: int(kept * len(data))])
        with suppress(UnreadableFile):
            assert all(0 < found.score <= 1 for found in candidates(Source(damaged)))
