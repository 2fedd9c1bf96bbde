"""A corpus of hostile files, made here: each is refused in a sentence, or costs its own lines.

TRUST lists them (B1 to B5, 2.4): what stands in one table row is made for every packing, every
XML format, every place where a value can stand. Each is read within bounds of processor and
memory (``bounded``); ``test_hostile_input.py`` has those that need a process or a database.
"""

from __future__ import annotations

import gzip
import io
import re
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from annotations.codebooks.strict_yaml import read_yaml
from annotations.errors import InvalidCodebook, UnreadableFile
from importers.records import CommentRecord, RecordError
from importers.registry import candidates, get_format
from importers.source import Source
from tests.importers.damage import bounded, whole
from tests.importers.test_packed import PACK

Case = tuple[str, str, bytes, str]  # its name, the format, the file, a word of the refusal or ""

ROW = b'{"id": "a", "text": "Hello"}\n'
ROWS = b"".join(b'{"id": "%d", "text": "Hello"}\n' % n for n in range(50))
XINCLUDE = b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'
XML = ("disqus", "wordpress", "stackexchange", "wikipedia_talk", "web_documents")
MARKUP = ("input.xml", "Posts.xml")
XML_FORMATS = [name for name in XML if any(path.suffix == ".xml" for path in whole(name))]


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return written.getvalue()


def info(name: str, mode: int = 0o600) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo("x")
    made.filename, made.external_attr = name, mode << 16
    return made


def overlapping(count: int) -> bytes:
    """Entries that all have the same packed bytes: each is small, and all together are not."""
    whole_file = zipped(("a.jsonl", ROWS * 2_000))
    at = whole_file.index(b"PK\x01\x02")
    end = whole_file.index(b"PK\x05\x06")
    one = whole_file[at:end]
    many = one * count
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(many), at, 0)
    return whole_file[:at] + many + tail


def packings() -> Iterator[Case]:
    for name, pack in PACK.items():
        good = pack(ROWS)
        yield f"{name}, bytes behind", "table", good + b"garbage" * 9, ""
        yield f"{name}, zeros behind", "table", good + bytes(600), ""
        yield f"{name}, another file behind", "table", good + pack(ROW), ""
        yield f"{name}, an empty one behind", "table", good + pack(b""), ""
        yield f"{name}, a hundred in one", "table", pack(ROW) * 100, ""
        yield f"{name}, cut in the middle", "table", good[: len(good) // 2], "unpacked"
        yield f"{name}, nothing but its sign", "table", good[:6], "unpacked"
        yield f"{name} within {name}", "table", pack(pack(ROWS)), "packed twice"
        yield f"{name} around a ZIP", "table", pack(zipped(("a.jsonl", ROWS))), "archive within"
        yield f"{name} of zeros", "table", pack(bytes(2_000_000)), "NUL"
    for name in ("gzip", "zstd"):
        yield f"{name} that grows", "table", PACK[name](ROWS + b"x" * 60_000_000), "200-fold"
    frame = zstandard.ZstdCompressor().compress(b"")
    yield "zstd, 100,000 empty frames", "table", frame * 100_000 + PACK["zstd"](ROWS), ""
    long = zstandard.ZstdCompressionParameters(window_log=27)
    window = zstandard.ZstdCompressor(compression_params=long).compress(ROWS)
    yield "zstd, a long window", "table", window, ""
    yield "a gzip that names ../../x", "table", _named_gzip(), ""


def _named_gzip() -> bytes:
    written = io.BytesIO()
    with gzip.GzipFile("../../etc/passwd", "wb", fileobj=written, mtime=0) as file:
        file.write(ROWS)
    return written.getvalue()


def archives() -> Iterator[Case]:
    for name in (
        "../x",
        "a/../../x",
        "/abs",
        "\\abs",
        "C:\\x",
        "c:x",
        "..\\x",
        "a\\..\\..\\x",
        "//h/x",
    ):
        yield f"an archive with {name!r}", "table", zipped((info(name), ROWS)), "leads out"
    for name in (
        "a\nb.jsonl",
        "a\x1b[2Jb.jsonl",
        "\u202eljson.a",
        "a\u200db.jsonl",
        "x" * 5_000,
        " ",
        "CON",
        "a.jsonl ",
        "=1+1",
        "<script>",
        "é\u0301",
        "a/" * 2_000 + "b",
        "%2e%2e%2f",
    ):
        yield f"an archive with {name[:20]!r}", "table", zipped((info(name), ROWS)), ""
    for kind in (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK):
        link = (info("link", kind | 0o777), b"/etc/passwd")
        yield f"an archive with {kind:o}", "table", zipped(link, ("a.jsonl", ROWS)), ""
    twice = zipped(("a.jsonl", ROW), ("b.jsonl", ROW)).replace(b"b.jsonl", b"a.jsonl")
    yield "an archive with one name twice", "table", twice, ""
    yield "an archive within an archive", "table", zipped(("a.zip", zipped(("b.jsonl", ROWS)))), ""
    yield "an archive of nothing", "table", zipped(), "empty"
    yield "entries that share their bytes", "table", overlapping(3_000), "share|200-fold"
    yield "a few entries that share", "table", overlapping(3), "share"
    zeros = zipped(("a.jsonl", bytes(100 * 1024 * 1024)))
    assert 100 * 1024 * 1024 / len(zeros) > 1_000
    yield "a ZIP of 1,025 to 1", "table", zeros, "200-fold"
    good = zipped(("a.jsonl", ROWS))
    locked = bytearray(good)
    locked[good.index(b"PK\x01\x02") + 8] |= 1
    yield "a ZIP with a password", "table", bytes(locked), "password"
    yield "a ZIP behind a program", "table", b"MZ" + bytes(500) + good, "NUL"
    yield "a ZIP with bytes behind", "table", good + b"x" * 100, ""
    for at in range(0, len(good), 12):
        broken = bytearray(good)
        broken[at : at + 4] = b"\xff\xff\xff\xff"
        yield f"a ZIP that is broken at {at}", "table", bytes(broken), ""


VALUES: dict[str, bytes] = {
    "depth 200,000": b"[" * 200_000 + b"]" * 200_000,
    "depth 200,000 and no end": b'{"a":' * 200_000,
    "an integer of 100,000 digits": b"9" * 100_000,
    "a negative one": b"-" + b"9" * 100_000,
    "a fraction of 100,000 digits": b"0." + b"9" * 100_000,
    "1e999999999": b"1e999999999",
    "NaN": b"NaN",
    "-Infinity": b"-Infinity",
    "half a pair": b'"\\ud800"',
    "the other half": b'"\\udc00\\ud800"',
    "half a pair in bytes": b'"\xed\xa0\x80"',
    "NUL, escaped": b'"a\\u0000b"',
    "NUL": b'"a\x00b"',
    "no UTF-8": b'"\xff\xfe"',
    "an overlong slash": b'"\xc0\xaf"',
    "beyond Unicode": b'"\xf4\x90\x80\x80"',
    "a BOM inside": b'"\xef\xbb\xbf"',
    "CR": b'"a\r\nb"',
    "a string with no end": b'"abc',
    "a bad escape": b'"\\x41"',
    "a comma too many": b'["a",]',
    "keys without quotes": b"{a: 1}",
    "a comment": b"/* x */ 1",
    "one key 100,000 times": b"{" + b",".join([b'"a":1'] * 100_000) + b"}",
    "100,000 keys": b"{" + b",".join(b'"%d":1' % n for n in range(100_000)) + b"}",
    "100,000 elements": b"[" + b",".join([b"{}"] * 100_000) + b"]",
    "__proto__": b'{"__proto__": {"x": 1}}',
    "5 MB of text": b'"' + b"x" * 5_000_000 + b'"',
    "5 MB of escapes": b'"' + b"\\u00e9" * 800_000 + b'"',
    "5 MB of backslashes": b'"' + b"\\\\" * 2_500_000 + b'"',
    "combining marks": b'"' + "a\u0301".encode() * 50_000 + b'"',
    "true": b"true",
}


def values() -> Iterator[Case]:
    for what, value in VALUES.items():
        beside = b'{"id": "b", "text": ' + value + b"}"
        yield f"a line with {what}", "table", ROW * 3 + beside + b"\n" + ROW.replace(b"a", b"z"), ""
        line = b'{"record": "comment", "id": "b", "thread_id": "t", "raw": {"x": ' + value + b"}}\n"
        yield f"a record with {what}", "threadmark", line * 2, ""
        document = b'{"name": "a", "type": "personal_chat", "id": 1, "messages": [' + value + b"]}"
        yield f"a document with {what}", "telegram", document, ""
        yield f"{what} as key of one", "telegram", document.replace(b'"a"', b'"b", ' + value, 1), ""
    for encoding in (
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-8-sig",
        "cp1252",
        "utf-7",
        "shift_jis",
        "cp500",
    ):
        text = ROWS.decode() + '{"id": "x", "text": "caf\u00e9 Z\u00fcrich"}\n'
        yield f"lines in {encoding}", "table", text.encode(encoding, "replace"), ""


def markup() -> Iterator[Case]:
    entities = b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    declared = {
        "billion laughs": b'<!DOCTYPE x [<!ENTITY a "lol">' + entities + b"]>",
        "quadratic blow-up": b'<!DOCTYPE x [<!ENTITY a "' + b"x" * 50_000 + b'">]>',
        "XXE": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        "XXE by parameter": b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p;]>',
        "a DTD to fetch": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        "a public DTD": b'<!DOCTYPE x PUBLIC "-//W3C//DTD" "http://127.0.0.1:9/x.dtd">',
    }
    root = re.compile(rb"<(?=[A-Za-z])")
    for name in XML_FORMATS:
        data = max(p.read_bytes() for p in whole(name) if p.name in MARKUP)
        for what, doctype in declared.items():
            yield f"{name}, {what}", name, root.sub(doctype + b"<", data, count=1), "document type"
        middle = data.index(b">", len(data) // 2) + 1
        for what, put in {
            "XInclude": XINCLUDE,
            "a processing instruction": b"<?xml-stylesheet href='http://127.0.0.1:9/x'?>",
            "an unknown entity": b"&nothing;",
            "a character that is none": b"&#xd800;",
            "another one": b"&#1114112;",
            "NUL": b"\x00",
            "depth 100,000": b"<a>" * 100_000,
            "100,000 attributes": b"<a "
            + b" ".join(b'x%d="1"' % n for n in range(100_000))
            + b"/>",
            "a tag of 20 MB": b"<" + b"x" * 20_000_000,
            "one attribute twice": b'<a x="1" x="2"/>',
            "a prefix that is none": b"<no:prefix/>",
            "CDATA without an end": b"<![CDATA[ x",
            "a comment without one": b"<!-- x",
        }.items():
            yield f"{name}, {what}", name, data[:middle] + put + data[middle:], ""


def tables() -> Iterator[Case]:
    head = b"id,parent,text\n"
    body = b"1,,Hello\n2,1,Bye\n"
    for what, data in {
        "a quote open to the end": head + body + b'3,1,"' + b"x,y\n" * 100_000,
        "100,000 columns": b",".join(b"c%d" % n for n in range(100_000)) + b"\n" + body,
        "a row of 1,000,000 fields": head + body + b"," * 1_000_000 + b"\n",
        "one name for all columns": b"text,text,text\n" + body,
        "no column's name": b",,\n" + body,
        "quotes of quotes": head + b'1,,"' + b'""' * 100_000 + b'"\n',
        "half a million empty lines": head + b"\n" * 500_000 + body,
        "only CR": (head + body).replace(b"\n", b"\r"),
        "NUL in a field": head + body * 500 + b"9,,a\x00b\n",
        "formulas": head + b'3,,"=HYPERLINK(""http://127.0.0.1:9"")"\n4,,@SUM(1)\n5,,+1\n6,,-1\n',
        "an own parent": head + b"1,1,Hello\n2,1,Bye\n",
        "a ring": head + b"1,3,a\n2,1,b\n3,2,c\n",
        "parents that are missing": head + b"1,x,a\n2,y,b\n",
        "one id again and again": head + b"1,,a\n" * 500,
        "children before parents": head + b"".join(b"%d,%d,a\n" % (n, n + 1) for n in range(500)),
        "a chain of 10,000": head + b"".join(b"%d,%d,a\n" % (n, n - 1) for n in range(1, 10_001)),
        "an id of 100,000 characters": head + b"x" * 100_000 + b",,a\n" + body,
    }.items():
        yield f"a table with {what}", "table", data, ""
    times = (
        "-1",
        "0",
        "1e300",
        "253402300800",
        "99999999999999999999",
        "0000-00-00",
        "NaN",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "2024-02-30",
        "1066-10-14",
        "24:00",
        "2024-01-01T00:00:00+99:99",
        "９",
        "٢٠٢٤-٠١-٠١",
        "now",
        "\u202e4202",
    )
    for time in times:
        text = f"id,time,text\n1,{time},Hello\n2,2024-01-01T00:00:00Z,Bye\n"
        yield f"a table with the time {time!r}", "table", text.encode(), ""


def pages() -> Iterator[Case]:
    for charset in (
        "rot13",
        "zlib",
        "hex",
        "idna",
        "punycode",
        "undefined",
        "utf-7",
        "nothing",
        "../../x",
        "unicode_escape",
        "raw_unicode_escape",
        "mbcs",
    ):
        page = f'<html><meta charset="{charset}"><p>caf\u00e9 \\ud800 +ADw-</p></html>'
        yield f"a page in {charset}", "html_page", page.encode("latin-1") * 30, ""
    for what, data in {
        "depth 100,000": b"<html>" + b"<div>" * 100_000,
        "100,000 attributes": b"<html><p "
        + b" ".join(b'x%d="1"' % n for n in range(100_000))
        + b">",
        "attributes behind a quote": b'<html><p " ' + b"x " * 50_000 + b'">',
        "attributes between quotes": b"<html><p " + b'a="<>" ' * 50_000 + b">",
        "a tag that does not end": b"<html><p " + b"x" * 1_000_000,
        "comments in comments": b"<html>" + b"<!--" * 100_000,
        "entities": b"<html><p>" + b"&#x110000;&#0;&bogus;&amp" * 10_000,
        "JSON-LD that is deep": b'<html><script type="application/ld+json">' + b"[" * 100_000,
        "svg and math": b"<html>" + b"<svg><math><style><!--</style>" * 3_000,
    }.items():
        yield f"a page with {what}", "html_page", data, ""
    for what, data in {
        "a length that is a lie": b"WARC/1.0\r\nContent-Length: 99999999999\r\n\r\nx",
        "a length below zero": b"WARC/1.0\r\nContent-Length: -5\r\n\r\nx",
        "no length": b"WARC/1.0\r\nWARC-Type: response\r\n\r\n" * 100,
        "a head of 5 MB": b"WARC/1.0\r\nX: " + b"x" * 5_000_000,
        "100,000 heads": b"WARC/1.0\r\n" + b"X: 1\r\n" * 100_000 + b"\r\n",
    }.items():
        yield f"an archive of the web with {what}", "web_documents", data, ""


# Each with the number of its cases: together they are the corpus.
GROUPS: dict[Callable[[], Iterator[Case]], int] = {
    packings: 40,
    archives: 55,
    values: 130,
    markup: 50,
    tables: 30,
    pages: 20,
}


def sentences(path: Path, format: str) -> list[str]:
    """Why the file, or parts of it, are refused; what is read of it is none of this machine's."""
    said = []
    try:
        source = Source(path, path.name)
        candidates(source)
        source.verify()
        for record in get_format(format).read(source, {}):
            if isinstance(record, RecordError):
                said.append(record.message)
            elif isinstance(record, CommentRecord):
                assert "root:" not in record.text
    except UnreadableFile as error:
        said.append(error.message)
    return said


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_hostile_files(tmp_path: Path, group: Callable[[], Iterator[Case]]) -> None:
    """Made one by one: together they would take a gigabyte."""
    path = tmp_path / "upload.bin"
    wrong: dict[str, str] = {}
    names: set[str] = set()
    for name, format, data, word in group():
        assert name not in names
        names.add(name)
        path.write_bytes(data)
        try:
            with bounded():
                said = sentences(path, format)
        except Exception as error:
            wrong[name] = f"{type(error).__name__}: {error}"[:300]
            continue
        bad = [one for one in said if not (one.endswith(".") and one.isprintable())]
        if bad or (word and not re.search(word, " ".join(said))):
            wrong[name] = f"{word!r} expected, said: {(bad or said)[:2]}"[:300]
        assert sorted(tmp_path.iterdir()) == [path], "nothing is unpacked beside it"
    assert wrong == {}
    assert len(names) >= GROUPS[group]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: &a [x]\nb: *a\n", "alias"),
        ("a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(30)), "alias"),
        ("!!python/object/apply:os.system ['true']", "tag"),
        ("a: !!python/name:os.system\n", "tag"),
        ("a: !!binary aGk=\n", "tag"),
        ("<<: *x\n", "alias|YAML"),
        ("a: 1\na: 2\n", "already"),
        ("[" * 100_000, "nesting"),
        ("- " * 10_000 + "x", "nesting"),
        ("a: " + "{a: " * 5_000, "nesting"),
        ('a: "\\ud800"', "character|control|escape"),
        ('a: "\\0"', "control"),
        ('a: "\\UFFFFFFFF"', "escape"),
        ("a: \x00", "control"),
        ("x" * 1_000_001, "larger"),
        ("? [a]\n: b\n", "name of a field"),
        ("a: 'no end", "YAML"),
        ("%YAML 9.9\n---\na", "YAML"),
        ("a: b\n---\nc: d\n", "YAML"),
        ("\t- a", "YAML"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_a_hostile_codebook(text: str, word: str) -> None:
    with bounded(), pytest.raises(InvalidCodebook) as raised:
        read_yaml(text)
    assert re.search(word, raised.value.message)


def test_numbers_of_a_codebook_stay_text_where_they_are_too_long() -> None:
    assert read_yaml(f"a: {'9' * 100_000}") == {"a": "9" * 100_000}
