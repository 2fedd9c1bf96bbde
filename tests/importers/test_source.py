from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from annotations.errors import UnreadableFile
from importers.lines import LINE_LIMIT, Line
from importers.records import RecordError
from importers.source import HEAD_BYTES, Piece, Source
from tests.importers.test_archives import zipped
from tests.importers.test_packed import PACK

TABLE = b"id,text\n1,Hello\n2,Bye\n"


def file(path: Path, data: bytes) -> Source:
    path.write_bytes(data)
    return Source(path)


@pytest.mark.parametrize("packing", ["", *PACK])
def test_a_reader_sees_what_was_packed(tmp_path: Path, packing: str) -> None:
    data = PACK[packing](TABLE) if packing else TABLE
    source = file(tmp_path / "a", data)
    assert source.packing == packing
    assert source.head == source.open().read() == TABLE
    assert [line.text for line in source.lines() if isinstance(line, Line)] == [
        "id,text\n",
        "1,Hello\n",
        "2,Bye\n",
    ]
    assert (source.size, source.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert source.position == len(data)
    assert source.path_on_disk == (None if packing else source.path)


def test_the_head_is_a_mebibyte(tmp_path: Path) -> None:
    source = file(tmp_path / "a", gzip.compress(b"x" * (HEAD_BYTES + 5)))
    assert len(source.head) == HEAD_BYTES
    with pytest.raises(UnreadableFile, match="a has more than 1,000 bytes"):
        source.read(1_000)


@pytest.mark.parametrize("packing", PACK)
def test_what_is_cut_off_is_found_before_anything_is_stored(tmp_path: Path, packing: str) -> None:
    whole = PACK[packing](os.urandom(300_000).hex().encode())
    file(tmp_path / "whole", whole).verify()
    with pytest.raises(UnreadableFile, match="cut cannot be unpacked"):
        file(tmp_path / "cut", whole[:-8]).verify()


def test_a_cut_file_in_a_folder_is_found_too(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    file(tmp_path / "d" / "1.json", b"{}")
    file(tmp_path / "d" / "2.gz", gzip.compress(os.urandom(9_000))[:-9])
    with pytest.raises(UnreadableFile, match=r"2\.gz cannot be unpacked"):
        Source(tmp_path / "d").verify()


class TestFolders:
    def test_links_and_hidden_files_are_left_out(self, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        file(outside / "secret.json", b"{}")
        folder = tmp_path / "in"
        for name in ("b/2.json", "a.json", ".git/config", "__MACOSX/a.json", "b/.DS_Store"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            file(folder / name, b"{}")
        (folder / "link.json").symlink_to(outside / "secret.json")
        (folder / "linked").symlink_to(outside)
        (folder / "loop").symlink_to(folder)
        os.mkfifo(folder / "pipe")
        source = Source(folder)
        assert source.is_collection
        assert [member.name for member in source.members] == ["a.json", "b/2.json"]
        assert source.size == 4

    def test_progress_goes_on_from_file_to_file(self, tmp_path: Path) -> None:
        for name in ("1", "2", "3"):
            file(tmp_path / name, b"12345")
        source = Source(tmp_path)
        positions = []
        for member in source.members:
            assert member.read(10) == b"12345"
            positions.append(source.position)
        assert positions == [5, 10, 15]

    def test_the_digest_is_that_of_names_and_contents(self, tmp_path: Path) -> None:
        for name in ("x", "y", "z"):
            (tmp_path / name).mkdir()
        file(tmp_path / "x" / "1", b"a")
        file(tmp_path / "y" / "1", b"a")
        file(tmp_path / "z" / "2", b"a")
        x, y, z = (Source(tmp_path / name).sha256 for name in ("x", "y", "z"))
        assert x == y != z

    def test_it_has_no_bytes_of_its_own(self, tmp_path: Path) -> None:
        assert Source(tmp_path).head == b""
        with pytest.raises(UnreadableFile, match="holds several files"):
            Source(tmp_path).open()


class TestZips:
    def test_hidden_files_are_left_out(self, tmp_path: Path) -> None:
        files = {"a.json": b"{}", "__MACOSX/._a.json": b"", ".DS_Store": b"", "Thumbs.db": b""}
        source = Source(zipped(tmp_path / "a.zip", files))
        assert source.is_collection
        assert [member.name for member in source.members] == ["a.json"]

    def test_a_member_is_found_by_the_end_of_its_path(self, tmp_path: Path) -> None:
        files = {"export/Result.JSON": b"1", "export/noresult.json": b"2"}
        source = Source(zipped(tmp_path / "a.zip", files))
        found = source.member("gone.json", "result.json")
        assert found is not None
        assert found.read(9) == b"1"
        assert source.member("t.json") is None

    def test_packed_members_are_unpacked(self, tmp_path: Path) -> None:
        source = Source(zipped(tmp_path / "a.zip", {"a.csv.gz": gzip.compress(TABLE)}))
        assert source.members[0].open().read() == TABLE

    def test_a_workbook_is_a_file(self, tmp_path: Path) -> None:
        files = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
        source = Source(zipped(tmp_path / "a.xlsx", files))
        assert not source.is_collection
        assert source.members == (source,)

    @pytest.mark.parametrize("in_zip", [True, False])
    def test_memory_is_for_one_member(self, tmp_path: Path, in_zip: bool) -> None:
        data = json.dumps([{"id": n, "text": "x" * 90} for n in range(100)]).encode()
        if in_zip:
            path = tmp_path / "many.zip"
            with zipfile.ZipFile(path, "w") as archive:
                for n in range(1_000):
                    archive.writestr(f"{n}.json", data)
        else:
            path = tmp_path / "many"
            path.mkdir()
            for n in range(1_000):
                (path / f"{n}.json").write_bytes(data)
        source = Source(path)
        members = source.members
        tracemalloc.start()
        for number, member in enumerate(members):
            assert member.outline.shape == "array"
            if number == 200:
                early = tracemalloc.get_traced_memory()[0]
        grown = tracemalloc.get_traced_memory()[0] - early
        tracemalloc.stop()
        assert grown < 2_000 * (len(members) - 200)


class TestLines:
    def test_a_line_of_5_mebibytes_costs_only_itself(self, tmp_path: Path) -> None:
        long = b"x" * (5 * 1024 * 1024)
        lines = list(file(tmp_path / "a", b"one\r\n" + long + b"\nthree").lines())
        assert lines == [
            Line(1, "one\r\n"),
            RecordError(2, "The line is longer than 4,194,304 bytes."),
            Line(3, "three"),
        ]

    @pytest.mark.parametrize("size", [LINE_LIMIT - 1, LINE_LIMIT, LINE_LIMIT + 1])
    def test_the_limit_is_with_the_line_end(self, tmp_path: Path, size: int) -> None:
        lines = list(file(tmp_path / "a", b"x" * (size - 1) + b"\nnext\n").lines())
        assert isinstance(lines[0], Line) == (size <= LINE_LIMIT)
        assert lines[1:] == [Line(2, "next\n")]

    def test_what_is_no_text_costs_its_line(self, tmp_path: Path) -> None:
        data = b"\xef\xbb\xbfone\ntw\x00o\nthr\xe9e\n\xed\xa0\x80\n\xef\xbb\xbffive\n"
        lines = list(file(tmp_path / "a", data).lines())
        assert lines[0] == Line(1, "one\n")
        assert [line.message for line in lines if isinstance(line, RecordError)] == [
            "The line holds a NUL byte, which is no text.",
            "The line is not UTF-8 text: its byte 4 is not.",
            "The line is not UTF-8 text: its byte 1 is not.",
        ]
        assert lines[4] == Line(5, "\ufefffive\n")


def test_a_piece_ends_where_it_ends_however_it_is_read(tmp_path: Path) -> None:
    whole = file(tmp_path / "a", b"one\ntwo\nthree\n")
    piece = Piece(whole, 4, 8, 2)
    assert piece.open().read() == piece.open().read(99) == piece.read(99) == b"two\n"
    assert list(piece.lines()) == [Line(2, "two\n")]
    assert (piece.size, piece.position, piece.sha256) == (4, 4, whole.sha256)
    assert io.BytesIO(piece.head).readline() == b"one\n"
