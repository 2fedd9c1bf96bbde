"""Made-up damage for files of any format, and the bounds within which a reader must end."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from hypothesis import strategies as st

from tests.importers.golden import CASES, cases
from tests.importers.hostile import damaged

MORE = 25 if os.environ.get("CHAOS") else 1
CPU_SECONDS = 20.0
MEMORY = 2 * 1024**3
SHAPED = re.compile(rb"[\w.:+-]+")
# What files say where nobody expects it. Sorted by what it tries, not by how it looks.
WORDS = [
    *(b"", b"0", b"-1", b"9" * 30, b"9" * 5_000, b"1e999", b"-0.0", b"NaN", b"Infinity", b"null"),
    *(
        b"true",
        b"[]",
        b"{}",
        b'""',
        b"0000-00-00",
        b"2024-13-45T99:99:99Z",
        b"0001-01-01T00:00:00Z",
    ),
    *(b"9999-12-31T23:59:59-23:59", b"253402300800", b"-62135596801", b"1e300"),
    *("\u202egnp.exe".encode(), "\u200d\u0301\ufeff".encode(), "👩‍👩‍👧".encode(), "ﷺ".encode()),
    *(b"\\ud800", b"\\u0000", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\r", b"\x1b[2J", b"\x0b"),
    *(b"=1+1", b"<script>", b"&#x110000;", b"&#0;", b"&amp;", b"]]>", b"<!--", b"<?x?>", b"'"),
    *(b'"', b"\n", b"\n\n", b"," * 300, b"../../etc/passwd", b"http://[", b"//\\@:99999/?%zz"),
    *(b"__class__", b"__proto__", b"%s%n", b"{0.__class__}", b"x" * 3_000, b"<b>" * 400),
]


def whole(name: str) -> list[Path]:
    """The files of a format's golden cases; those of folders one by one."""
    found = [path for case in cases(name) for path in case.glob("input.*")]
    return sorted(
        file
        for path in found
        for file in (path.rglob("*") if path.is_dir() else [path])
        if file.is_file()
    )


def everything() -> list[Path]:
    """The golden inputs of all formats."""
    return [
        path
        for folder in sorted(CASES.iterdir())
        for path in folder.glob("*/input.*")
        if path.is_file()
    ]


def any_damage(data: bytes, others: list[bytes]) -> st.SearchStrategy[bytes]:
    """The bytes after up to six blows: cut, flipped, doubled, mixed with others."""
    at = st.integers(0, len(data))
    blow = st.one_of(
        st.tuples(st.just("cut"), at, at, st.just(b"")),
        st.tuples(st.just("leave out"), at, at, st.just(b"")),
        st.tuples(st.just("double"), at, at, st.just(b"")),
        st.tuples(
            st.just("put in"), at, at, st.one_of(st.sampled_from(WORDS), st.binary(max_size=8))
        ),
        st.tuples(st.just("overwrite"), at, at, st.binary(min_size=1, max_size=3)),
        st.tuples(st.just("put in"), at, at, st.sampled_from(others)),
    )
    return st.lists(blow, min_size=1, max_size=6).map(lambda blows: _struck(data, blows))


def other_words(data: bytes) -> st.SearchStrategy[bytes]:
    """The bytes with up to four of their words exchanged: the shape of the file stays."""
    places = [found.span() for found in SHAPED.finditer(data)] or [(0, len(data))]
    change = st.tuples(st.sampled_from(places), st.sampled_from(WORDS))
    return st.lists(change, min_size=1, max_size=4).map(lambda changes: _exchanged(data, changes))


def other_values(data: bytes) -> st.SearchStrategy[bytes] | None:
    """The JSON text, or one of the lines of JSON, with values that stand anywhere; else None."""
    try:
        return damaged(json.loads(data)).map(_written)
    except ValueError:
        pass
    lines = data.splitlines()
    try:
        objects = [json.loads(line) for line in lines]
    except ValueError:
        return None
    if not objects:
        return None
    number = st.integers(0, len(objects) - 1)
    return number.flatmap(
        lambda n: damaged(objects[n]).map(
            lambda changed: b"\n".join([*lines[:n], _written(changed), *lines[n + 1 :]]) + b"\n"
        )
    )


@contextmanager
def bounded() -> Iterator[None]:
    """Ends with an error what takes more of the processor than any small file may; what takes more
    memory gets none."""

    def end(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"A small file took more than {CPU_SECONDS:.0f} s of the processor.")

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = signal.signal(signal.SIGPROF, end)
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, hard))
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def put(file: Path, data: bytes, folder: Path) -> Path:
    """The golden input that ``file`` is, or is part of, with ``data`` in its place."""
    (root,) = (path for path in (file, *file.parents) if path.name.startswith("input."))
    target = folder / root.name
    if root.is_dir():
        shutil.copytree(root, target)
        (target / file.relative_to(root)).write_bytes(data)
    else:
        target.write_bytes(data)
    return target


def options_of(file: Path) -> dict[str, Any]:
    """How the golden case reads the file."""
    (case,) = (path for path in file.parents if path.parent.parent == CASES)
    options = case / "options.json"
    found: dict[str, Any] = json.loads(options.read_text()) if options.exists() else {}
    return found


def _written(value: Any) -> bytes:
    return json.dumps(value).encode()


def _struck(data: bytes, blows: list[tuple[str, int, int, bytes]]) -> bytes:
    for what, one, other, new in blows:
        start, end = sorted((min(one, len(data)), min(other, len(data))))
        match what:
            case "cut":
                data = data[:end] or data
            case "leave out":
                data = data[:start] + data[end:]
            case "double":
                data = data[:end] + data[start:]
            case "overwrite":
                data = data[:start] + new + data[start + len(new) :]
            case _:
                data = data[:start] + new + data[start:]
    return data[:200_000]


def _exchanged(data: bytes, changes: list[tuple[tuple[int, int], bytes]]) -> bytes:
    for (start, end), new in sorted(changes, reverse=True):
        data = data[:start] + new + data[end:]
    return data
