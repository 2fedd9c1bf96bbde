from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from pathlib import Path
from zipfile import ZIP_STORED

import pytest
import zstandard

from annotations.errors import UnreadableFile
from importers.guards import is_workbook, refuse_unreadable
from importers.source import Source
from tests.importers.test_archives import zipped

TABLE = b"id,text\n1,Hello\n"
TYPES = {"[Content_Types].xml": b"<Types/>"}


def _gzip(data: bytes) -> bytes:
    """Without the time of day: names of tests are made of these bytes, and must stay the same."""
    return gzip.compress(data, mtime=0)


def source(tmp_path: Path, data: bytes, name: str = "comments.csv") -> Source:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return Source(path, name)


def tar() -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("comments.csv"))
    return written.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n \n", "is empty"),
        (_gzip(b""), "is empty"),
        (_gzip(_gzip(TABLE)), "is packed twice"),
        (_gzip(bz2.compress(TABLE)), "is packed twice"),
        (bz2.compress(lzma.compress(TABLE)), "is packed twice"),
        (lzma.compress(zstandard.ZstdCompressor().compress(TABLE)), "is packed twice"),
        (_gzip(b"PK\x03\x04rest"), "is an archive within an archive"),
        (_gzip(tar()), "is a TAR archive"),
        (tar(), "is a TAR archive"),
        (_gzip(TABLE)[:-9], "cannot be unpacked"),
        (b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive"),
        (b"Rar!\x1a\x07\x00", "is a RAR archive"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "JPEG"),
        (b"GIF89a" + bytes(100), "GIF"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "WebP"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office document"),
        (b"SQLite format 3\x00" + bytes(100), "SQLite"),
        (b"\x7fELF\x02\x01\x01" + bytes(100), "binary"),
        ("id,text\n1,Hello\n".encode("utf-16-le"), "UTF-16"),
        ("id,text\n1,Hello\n".encode("utf-16")[:-1], "UTF-16 data are cut off"),
        ("id,text\n1,Hello\n".encode("utf-32"), "UTF-32"),
        ("id,text\n1,Hello\n".encode("utf-32-be"), "binary"),
        (b"[" * 100_000, "nests deeper than 1,000 levels"),
        (b"\xef\xbb\xbf " + b'{"a":' * 1_000_000, "nests deeper than 1,000 levels"),
    ],
)
def test_what_is_no_text_is_refused_by_what_it_is(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(UnreadableFile, match=what) as refusal:
        refuse_unreadable(source(tmp_path, data))
    assert "comments.csv" in refusal.value.message
    assert refusal.value.message.endswith(".")


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({**TYPES, "word/document.xml": b"x"}, "is a Word document"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "is an OpenDocument file"),
        ({**TYPES, "ppt/presentation.xml": b"x"}, "is a presentation"),
        ({".hidden": b"x"}, "is empty"),
    ],
)
def test_documents_in_zips_are_refused_by_what_they_are(
    tmp_path: Path, files: dict[str, bytes], what: str
) -> None:
    with pytest.raises(UnreadableFile, match=f"comments.csv {what}"):
        refuse_unreadable(Source(zipped(tmp_path / "a", files, ZIP_STORED), "comments.csv"))


def test_what_readers_unpack_is_let_through(tmp_path: Path) -> None:
    workbook = Source(zipped(tmp_path / "a", {**TYPES, "xl/workbook.xml": b"x"}))
    refuse_unreadable(workbook)
    assert is_workbook(workbook.head)
    refuse_unreadable(Source(zipped(tmp_path / "b", {"notes.txt": b"x"})))
    for pack in (_gzip, bz2.compress, lzma.compress, zstandard.ZstdCompressor().compress):
        refuse_unreadable(source(tmp_path, pack(TABLE)))
    for binary in (b"PAR1\x15\x04\xff\x00", b"WARC/1.0\r\n\x00\xff"):
        refuse_unreadable(source(tmp_path, binary))


def test_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="line 3") as refusal:
        refuse_unreadable(source(tmp_path, "id,text\n1,ok\n2,naïve\n".encode("cp1252")))
    assert refusal.value.line == 3


def test_text_is_let_through(tmp_path: Path) -> None:
    refuse_unreadable(source(tmp_path, b"\xef\xbb\xbf" + TABLE))
    refuse_unreadable(source(tmp_path, "one line 🇳🇴".encode()[:-1]))


def test_one_stray_nul_does_not_cost_the_file(tmp_path: Path) -> None:
    refuse_unreadable(source(tmp_path, TABLE + b"2,a\x00b\n" + b"3,fine\n" * 1000))


def test_markup_names_its_own_encoding(tmp_path: Path) -> None:
    refuse_unreadable(source(tmp_path, '<html><meta charset="latin-1">café'.encode("latin-1")))


def test_a_deep_line_does_not_cost_the_file(tmp_path: Path) -> None:
    deep = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
    refuse_unreadable(source(tmp_path, b'{"text": "a"}\n' + deep + b'\n{"text": "b"}\n'))


def test_a_wide_document_is_not_deep(tmp_path: Path) -> None:
    refuse_unreadable(source(tmp_path, b"[" + b'{"a": ["[[[["]},' * 5_000 + b"{}]"))
