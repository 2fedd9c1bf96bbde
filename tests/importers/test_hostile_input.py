"""Hostile files on their whole way: each is refused in words, or costs only its own lines.

After a refusal nothing of the file is in the tables. Memory is that of a process of its own.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from annotations.models import Author, Comment, Thread
from importers.json_text import DOCUMENT_LIMIT
from importers.models import ImportRun, ImportTouch
from tests.importers.golden import CASES
from tests.importers.storing import line, run_command, try_command, write_lines
from tests.importers.test_archives import zipped
from tests.importers.test_packed import PACK

ROOT = Path(__file__).parents[2]
MEMORY_LIMIT = 400 * 1024 * 1024
HEADER = b"id,text\n1,Hello\n2,Bye\n3,"
TABLES = (Author, Comment, Thread, ImportTouch)
INPUTS = sorted(path for path in CASES.glob("*/*/input.*") if path.is_file())
DOCUMENTS = [path for path in INPUTS if path.suffix in (".json", ".xml")]
MARKUP = [path for path in INPUTS if path.suffix == ".xml"]
BOMB = (
    b'<!DOCTYPE bomb [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
)
OTHER_FILES = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
FETCHED = b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'


def refusal(path: Path, format: str | None = None) -> str:
    """Why the file was refused, which is in its run's row, too; nothing of it is stored."""
    (report,), error = try_command(path, format=format)
    assert error is not None
    assert report["state"] == "failed"
    assert path.name in report["error"]
    assert report["error"].endswith(".")
    assert ImportRun.objects.latest("pk").error == report["error"]
    assert [table.objects.count() for table in TABLES] == [0] * len(TABLES)
    return str(report["error"])


def of(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.parent.name}"


@pytest.mark.django_db
class TestRefused:
    @pytest.mark.parametrize("packing", PACK)
    def test_packed_files_that_are_cut_off(self, tmp_path: Path, packing: str) -> None:
        rows = [line(f"c{n}", f"{hash((n, n))} {n * n}") for n in range(3_000)]
        data = write_lines(tmp_path / "rows", rows).read_bytes()
        path = tmp_path / "cut.jsonl"
        path.write_bytes(PACK[packing](data)[:-20])
        assert "cut off or broken" in refusal(path, "table")

    @pytest.mark.parametrize("case", INPUTS, ids=of)
    def test_the_files_of_every_format_cut_off_in_their_packing(
        self, tmp_path: Path, case: Path
    ) -> None:
        path = tmp_path / "cut.gz"
        path.write_bytes(gzip.compress(case.read_bytes())[:-6])
        assert "Fetch the file again" in refusal(path, case.parent.parent.name)

    @pytest.mark.parametrize("case", DOCUMENTS, ids=of)
    def test_documents_that_are_cut_off(self, tmp_path: Path, case: Path) -> None:
        path = tmp_path / f"cut{case.suffix}"
        data = case.read_bytes().rstrip()
        for kept in (len(data) - 1, len(data) * 2 // 3):
            path.write_bytes(data[:kept])
            words = refusal(path, case.parent.parent.name)
            assert "Nothing of it was imported." in words
            assert "again" in words

    @pytest.mark.parametrize("declared", [BOMB, OTHER_FILES, FETCHED])
    @pytest.mark.parametrize("case", MARKUP, ids=of)
    def test_document_types_in_every_xml(self, tmp_path: Path, case: Path, declared: bytes) -> None:
        path = tmp_path / "bomb.xml"
        root = re.compile(rb"<(?=[A-Za-z])")
        path.write_bytes(root.sub(declared + b"<", case.read_bytes(), count=1))
        assert "declares a document type" in refusal(path, case.parent.parent.name)

    @pytest.mark.parametrize("name", ["../out.jsonl", "/out.jsonl", "C:\\out.jsonl"])
    def test_paths_that_lead_out_of_an_archive(self, tmp_path: Path, name: str) -> None:
        good = b'{"id": 1, "text": "Hello"}\n' * 3
        assert "leads out" in refusal(zipped(tmp_path / "a.zip", {"a.jsonl": good, name: good}))

    @pytest.mark.parametrize("depth", [2_000, 200_000])
    @pytest.mark.parametrize("opening", [b"[", b'[{"text": "a"}, ', b'{"data": ['])
    def test_deep_documents(self, tmp_path: Path, opening: bytes, depth: int) -> None:
        path = tmp_path / "deep.json"
        for end in (b"", b"]" * depth):
            path.write_bytes(opening + b"[" * depth + end)
            assert "deep" in refusal(path) or "none of the known formats" in refusal(path)
            assert "deep" in refusal(path, "table") or "no table" in refusal(path, "table")

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ('{"messages": ["é"]}'.encode("latin-1"), "not UTF-8 text: line 1"),
            ('{"messages": []}'.encode("utf-16")[:-1], "UTF-16"),
            (b'{"messages": [NaN]}', "not valid JSON"),
            (b'{"messages": ["\xed\xa0\x80"]}', "not UTF-8 text"),
            (b'{"messages": [%s]}' % (b"9" * 10_000), "out of range"),
            (b'{"messages": []} {}', "trailing characters"),
        ],
    )
    def test_documents_that_are_no_text(self, tmp_path: Path, data: bytes, words: str) -> None:
        path = tmp_path / "bad.json"
        path.write_bytes(data)
        assert words in refusal(path, "telegram")


@pytest.mark.django_db
class TestOneLine:
    """A line that cannot be read costs itself."""

    @pytest.mark.parametrize(
        ("bad", "words"),
        [
            (b"[" * 100_000 + b"]" * 100_000, "deeper"),
            (b'{"comment": ' * 100_000 + b"1" + b"}" * 100_000, "deeper"),
            (b'{"text": "%s"}' % (b"x" * 5 * 1024 * 1024), "longer than 4,194,304 bytes"),
            (b'{"text": "\xed\xa0\x80"}', "not UTF-8"),
            (b'{"text": "\xff"}', "not UTF-8"),
            (b'{"text": "\x00"}', "NUL"),
            (b'{"text": NaN}', "not valid JSON"),
            (b'{"text": -Infinity}', "not valid JSON"),
            (b'{"text": "a", "score": %s}' % (b"9" * 10_000), "out of range"),
            (b'{"text": "cut', "not valid JSON"),
        ],
    )
    def test_the_rest_is_imported(self, tmp_path: Path, bad: bytes, words: str) -> None:
        beyond_the_head = [line(f"c{n}", "x" * 150_000) for n in range(8)]
        path = write_lines(tmp_path / "lines.jsonl", [*beyond_the_head, "BAD", line("last")])
        path.write_bytes(path.read_bytes().replace(b"BAD", bad))
        (report,) = run_command(path)
        assert report["comments"]["created"] == 9
        assert [refused["line"] for refused in report["refused"]] == [9]
        assert words in report["refused"][0]["message"]

    @pytest.mark.parametrize(
        ("data", "refused"),
        [
            (b'id,text\n1,Hello\n2,"never closed\n3,Hi\n4,Bye\n', [3]),
            (b"\xef\xbb\xbfid,text\r\n1,Hello\r\n2,Bye\r\n3,Hi\r\n", []),
            (b'id,text\n1,Hello\n2,Bye\n3,Hi\n4,"cut', [5]),
        ],
    )
    def test_tables(self, tmp_path: Path, data: bytes, refused: list[int]) -> None:
        path = tmp_path / "rows.csv"
        path.write_bytes(data)
        (report,) = run_command(path)
        assert report["comments"]["created"] == 3
        assert [refusal["line"] for refusal in report["refused"]] == refused

    def test_what_no_database_keeps_is_replaced_and_counted(self, tmp_path: Path) -> None:
        case = next(path for path in INPUTS if of(path) == "discord/channel")
        path = tmp_path / "half.json"
        path.write_bytes(re.sub(rb'("content": ")', rb"\1\\ud800\\u0000", case.read_bytes()))
        (report,) = run_command(path)
        assert report["state"] == "done"
        assert report["notes"]["characters replaced that no database keeps"] >= 2
        assert Comment.objects.filter(text__startswith="\ufffd\ufffd").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("depth", [60, 300, 940])
@pytest.mark.parametrize("case", [path for path in INPUTS if "json" in path.suffix], ids=of)
def test_values_that_nest_deep_break_nothing(tmp_path: Path, case: Path, depth: int) -> None:
    """Every object gets a field that nests as deep as can be read: rows can be read again."""
    deep: Any = "in"
    for level in range(depth):
        deep = {"x": deep} if level % 2 else [deep]
    options = case.parent / "options.json"
    path = tmp_path / f"deep{case.suffix}"
    path.write_bytes(
        re.sub(rb"\{(?=\s*\")", b'{"deep": %b, ' % json.dumps(deep).encode(), case.read_bytes())
    )
    (report,), _ = try_command(
        path,
        format=case.parent.parent.name,
        options=options.read_text() if options.exists() else None,
    )
    if report["state"] == "failed":
        assert path.name in report["error"]
    for comment in Comment.objects.all():
        assert isinstance(comment.raw, dict)


MEASURE = """
import json, re, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from annotations.errors import UnreadableFile
from importers.records import CommentRecord, RecordError
from importers.registry import candidates, get_format
from importers.source import Source

source, comments, refused, error = Source(Path(sys.argv[2])), 0, 0, ""
try:
    likely = candidates(source)
    source.verify()
    format = get_format(sys.argv[3]) if sys.argv[3] else likely[0].format
    for record in format.read(source, {}):
        comments += isinstance(record, CommentRecord)
        refused += isinstance(record, RecordError)
except UnreadableFile as raised:
    error = raised.message
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
print(json.dumps({"comments": comments, "refused": refused, "error": error, "peak": peak}))
"""


def measured(path: Path, format: str = "") -> dict[str, Any]:
    """What reading the file gives and the most memory that it takes, in a process of its own.

    ``VmHWM`` is that of the program alone; ru_maxrss begins with its parent's.
    """
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(ROOT), str(path), format],
        capture_output=True,
        check=True,
        timeout=120,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["peak"] < MEMORY_LIMIT
    return found


def write(path: Path, blocks: Iterable[bytes]) -> Path:
    with path.open("wb") as file:
        for block in blocks:
            file.write(block)
    return path


@pytest.mark.slow
class TestMemory:
    @pytest.mark.parametrize(
        "pack",
        [
            gzip.compress,
            bz2.compress,
            lzma.compress,
            zstandard.ZstdCompressor(level=19).compress,
            zstandard.ZstdCompressor(
                compression_params=zstandard.ZstdCompressionParameters(window_log=31)
            ).compress,
        ],
        ids=["gzip", "bzip2", "xz", "zstd", "zstd with a long window"],
    )
    @pytest.mark.parametrize("content", [b"\x00", b"x", b"["])
    def test_bombs(self, tmp_path: Path, pack: Callable[[bytes], bytes], content: bytes) -> None:
        path = tmp_path / "bomb"
        path.write_bytes(pack(HEADER) + pack(content * 64 * 1024 * 1024) * 16)
        found = measured(path, "table")
        assert found["comments"] == 0
        assert re.search(r"bomb (grows more than 200-fold|holds NUL bytes)", found["error"])

    def test_a_zip_bomb(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "bomb", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", HEADER)
            with archive.open("b.csv", "w") as file:
                for _ in range(256):
                    file.write(bytes(1024 * 1024))
        assert "grows more than 200-fold" in measured(tmp_path / "bomb")["error"]

    def test_a_zip_of_very_many_files(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "many", "w") as archive:
            for number in range(201_000):
                archive.writestr(zipfile.ZipInfo(f"{number}.csv"), b"")
        assert "too many files" in measured(tmp_path / "many")["error"]

    def test_a_line_of_a_gigabyte_costs_only_itself(self, tmp_path: Path) -> None:
        rows = [b"%d,Some words of a comment.\n" % n for n in range(100_000)]
        long = (b"x" * 1024 * 1024 for _ in range(1024))
        path = write(tmp_path / "long.csv", [b"id,text\n", *rows, *long, b"\nlast,Bye\n"])
        found = measured(path)
        assert (found["comments"], found["refused"], found["error"]) == (100_001, 1, "")

    def test_a_file_of_one_line_of_a_gigabyte(self, tmp_path: Path) -> None:
        path = write(tmp_path / "long.csv", (b"x" * 1024 * 1024 for _ in range(1024)))
        assert "long.csv" in measured(path, "table")["error"]

    @pytest.mark.parametrize(
        ("end", "words"),
        [
            ([b"[" * 1024 * 1024] * 40, "nests deeper than 100 levels"),
            ([b'{"a":' * 200_000] * 40, "nests deeper than 100 levels"),
            ([b'"', *[b"x" * 1024 * 1024] * 600], "string of more than"),
            ([b'"', *[b'\\"' * 1024 * 1024] * 300], "string of more than"),
            ([b'{"id": 1'], "not a whole JSON text"),
        ],
        ids=["arrays", "objects", "string", "quotes", "cut off"],
    )
    def test_long_documents_with_a_hostile_end(
        self, tmp_path: Path, end: list[bytes], words: str
    ) -> None:
        message = json.dumps({"id": 1, "type": "message", "text": "x" * 900}).encode() + b",\n"
        head = b'{"name": "a", "type": "personal_chat", "id": 1, "messages": ['
        many = message * (DOCUMENT_LIMIT // len(message) + 100)
        found = measured(write(tmp_path / "long.json", [head, many, *end]), "telegram")
        assert words in found["error"]
        assert found["comments"] == 0
