from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from annotations.errors import UnreadableFile
from importers.guards import refuse_unreadable
from importers.registry import choose_format
from importers.source import Source

TABLE = b"id,text\n1,Hello\n"


def archive(name: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr(name, "content")
    return written.getvalue()


def source(tmp_path: Path, data: bytes, name: str = "comments.csv") -> Source:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return Source(path, name)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \n", "empty"),
        (archive("notes.txt"), "ZIP"),
        (archive("xl/workbook.xml"), "Excel"),
        (archive("word/document.xml"), "Word"),
        (gzip.compress(TABLE, mtime=0), "gzip"),
        (bz2.compress(TABLE), "bzip2"),
        (lzma.compress(TABLE), "xz"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "JPEG"),
        (b"GIF89a" + bytes(100), "GIF"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "WebP"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
        (b"\x7fELF\x02\x01\x01" + bytes(100), "binary"),
        ("id,text\n1,Hello\n".encode("utf-16"), "UTF-16"),
        ("id,text\n1,Hello\n".encode("utf-16-le"), "UTF-16"),
        ("id,text\n1,Hello\n".encode("utf-32"), "UTF-32"),
    ],
)
def test_what_is_no_text_is_refused_by_what_it_is(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(UnreadableFile, match=what) as refusal:
        refuse_unreadable(source(tmp_path, data))
    assert "comments.csv" in refusal.value.message
    assert refusal.value.message.endswith(".")


def test_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="line 3") as refusal:
        refuse_unreadable(source(tmp_path, "id,text\n1,ok\n2,naïve\n".encode("cp1252")))
    assert refusal.value.line == 3


def test_text_is_let_through(tmp_path: Path) -> None:
    refuse_unreadable(source(tmp_path, b"\xef\xbb\xbf" + TABLE))
    refuse_unreadable(source(tmp_path, "one line 🇳🇴".encode()[:-1]))


def test_one_stray_nul_does_not_cost_the_file(tmp_path: Path) -> None:
    refuse_unreadable(source(tmp_path, TABLE + b"2,a\x00b\n" + b"3,fine\n" * 1000))


def test_200_megabytes_of_one_line_are_refused_without_reading_them(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        for _ in range(200):
            file.write(b"x" * 1_000_000)
    tracemalloc.start()
    with pytest.raises(UnreadableFile, match="first line"):
        choose_format(Source(path))
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
