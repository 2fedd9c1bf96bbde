"""A backup that somebody made to do harm is refused in a sentence, before anything is stored."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.storage import default_storage

from annotations.errors import InvalidInput
from annotations.models import Corpus, User
from annotations.services.backup_file import Table, fields_of, read_manifest, rows_of
from annotations.services.restore import read_backup
from tests.importers.damage import bounded

ABOUT: dict[str, Any] = {
    "format": 1,
    "version": "0.1.0",
    "database": "sqlite",
    "made_at": "2026-01-01T00:00:00Z",
    "migrations": [],
    "tables": [],
    "files": [],
    "missing": [],
}


def archive(manifest: bytes | dict[str, Any], **members: bytes) -> io.BytesIO:
    written = io.BytesIO()
    said = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("manifest.json", said)
        for name, content in members.items():
            made.writestr(name, content)
    return written


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/cron.d/x", "a/../../x", "..\\x", "C:\\x", "", "a\nb", "a\x00b", "\u202ex", "."],
)
def test_a_file_that_would_leave_the_storage_costs_the_backup(name: str) -> None:
    stored = {"name": name, "size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    backup = archive({**ABOUT, "files": [stored]}, **{f"files/{name}": b"x"})
    with pytest.raises(InvalidInput, match="leads out of the storage"):
        read_backup(backup)


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"\xff\xfe",
        b"9" * 100_000,
        {**ABOUT, "tables": [{"name": "user"}]},
        {**ABOUT, "migrations": [["a"]]},
        {**ABOUT, "files": "x"},
    ],
    ids=lambda manifest: repr(manifest)[:30],
)
def test_a_manifest_that_is_none_is_refused(manifest: Any) -> None:
    with bounded(), pytest.raises(InvalidInput, match="missing or broken"):
        read_backup(archive(manifest))


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, None])
def test_a_manifest_that_is_packed_otherwise_or_locked_is_refused(packing: int | None) -> None:
    """Locked where there is no packing."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", packing or zipfile.ZIP_STORED) as made:
        made.writestr("manifest.json", b"[]")
    content = bytearray(written.getvalue())
    if packing is None:
        content[content.index(b"PK\x01\x02") + 8] |= 1
        content[6] |= 1
    with pytest.raises(InvalidInput, match="missing or broken"):
        read_backup(io.BytesIO(bytes(content)))


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"7",
        b"null",
        b"[]",
        b"[1]",
        b"[" * 100_000,
        b'["\xff"]',
        b"not JSON",
        json.dumps([{"a": 1}] * 30).encode(),
        json.dumps(["x"] * 30).encode(),
    ],
    ids=lambda line: repr(line[:20]),
)
def test_a_line_that_is_no_row_is_named(line: bytes) -> None:
    columns = [field.attname for field in fields_of(Corpus)]
    padded = line
    if line.startswith((b'[{"a"', b'["x"')):
        padded = json.dumps(json.loads(line)[: len(columns)]).encode()
    backup = archive(ABOUT, **{"tables/corpus.jsonl": padded + b"\n"})
    with zipfile.ZipFile(backup) as source:
        table = Table("corpus", columns, 1, "")
        with bounded(), pytest.raises(InvalidInput, match="Line 1 of the table corpus"):
            list(rows_of(source, table, Corpus))


def test_other_columns_than_ours_are_refused() -> None:
    backup = archive(ABOUT, **{"tables/user.jsonl": b"[1]\n"})
    with zipfile.ZipFile(backup) as source, pytest.raises(InvalidInput, match="other columns"):
        list(rows_of(source, Table("user", ["id", "__class__"], 1, ""), User))


def test_a_manifest_as_it_should_be_is_read() -> None:
    """Else all the refusals above could be for another reason."""
    stored = {"name": "exports/1.csv", "size": 1, "sha256": "x"}
    with zipfile.ZipFile(archive({**ABOUT, "files": [stored]})) as source:
        assert read_manifest(source).files[0].name == "exports/1.csv"
    assert default_storage.exists("exports/1.csv") is False
