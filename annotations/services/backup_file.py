"""A backup as a file: an archive of tables as lines of JSON, stored files, and a manifest.

It names tables and columns as the migration state that it was made in has them, and values as
JSON, so that it can be read into another database than it came from.
"""

from __future__ import annotations

import hashlib
import io
import lzma
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import msgspec
from django.apps.registry import Apps
from django.core.exceptions import ValidationError
from django.db.models import Field, Model

from annotations.errors import InvalidInput

FORMAT = 1
MANIFEST = "manifest.json"
BLOCK_BYTES = 256 * 1024
MANIFEST_LIMIT = LINE_LIMIT = 256 * 1024 * 1024
UNREADABLE = (
    *(KeyError, OSError, EOFError, BadZipFile, zlib.error),
    *(NotImplementedError, RuntimeError, lzma.LZMAError),  # other packings, a password
)
LEFT_OUT = frozenset({"sessions", "axes"})  # whoever was logged in logs in again


class Table(msgspec.Struct, frozen=True):
    """A table's rows in the archive; ``columns`` in the order in which each line has them."""

    name: str
    columns: list[str]
    rows: int
    sha256: str


class StoredFile(msgspec.Struct, frozen=True):
    """A file of the storage; ``name`` is its name there, ``size`` in bytes."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. ``migrations`` are the newest of each app; ``missing`` are the names of
    files that went while it was made."""

    format: int = FORMAT
    version: str
    database: str
    made_at: str
    migrations: list[tuple[str, str]]
    tables: list[Table]
    files: list[StoredFile]
    missing: list[str]


def tables_of(apps: Apps) -> list[type[Model]]:
    """The models whose rows a backup holds, those between two of them among them."""
    models = apps.get_models(include_auto_created=True)
    kept = [
        model
        for model in models
        if model._meta.managed and not model._meta.proxy and model._meta.app_label not in LEFT_OUT
    ]
    return sorted(kept, key=lambda model: model._meta.db_table)


def fields_of(model: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def table_member(name: str) -> str:
    return f"tables/{name}.jsonl"


def file_member(name: str) -> str:
    return f"files/{name}"


def add_table(archive: ZipFile, model: type[Model], rows: Iterable[Sequence[Any]]) -> Table:
    """Write the rows, one JSON list a line."""
    name, count, digest = model._meta.db_table, 0, hashlib.sha256()
    encode = msgspec.json.Encoder().encode
    member = _member(table_member(name), ZIP_DEFLATED)
    with (
        archive.open(member, "w", force_zip64=True) as packed,
        io.BufferedWriter(packed, BLOCK_BYTES) as file,
    ):
        for row in rows:
            line = encode(row) + b"\n"
            digest.update(line)
            file.write(line)
            count += 1
    columns = [field.attname for field in fields_of(model)]
    return Table(name, columns, count, digest.hexdigest())


def add_file(archive: ZipFile, name: str, source: IO[bytes]) -> StoredFile:
    """Copy a stored file; most of them are packed already."""
    size, digest = 0, hashlib.sha256()
    with archive.open(_member(file_member(name), ZIP_STORED), "w", force_zip64=True) as file:
        while block := source.read(BLOCK_BYTES):
            digest.update(block)
            file.write(block)
            size += len(block)
    return StoredFile(name, size, digest.hexdigest())


def read_manifest(archive: ZipFile) -> Manifest:
    """Raises InvalidInput for an archive that is no backup, or one of a later version."""
    try:
        with archive.open(MANIFEST) as file:
            manifest = msgspec.json.decode(file.read(MANIFEST_LIMIT), type=Manifest)
    except (*UNREADABLE, msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InvalidInput(
            "This archive is no backup of Threadmark: its manifest is missing or broken."
        ) from error
    if manifest.format > FORMAT:
        raise InvalidInput(
            f"This backup was made by Threadmark {manifest.version}, which writes them in a later "
            "form: restore it with that version."
        )
    for stored in manifest.files:
        if not _is_inside(stored.name):
            raise InvalidInput(
                f"This backup has a file named {stored.name!r}, which leads out of the storage: "
                "nothing was restored."
            )
    return manifest


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    drive = ":" in name.partition("/")[0]
    return (
        bool(path.parts)
        and name.isprintable()
        and not (path.is_absolute() or ".." in path.parts or drive)
    )


def verify(archive: ZipFile, manifest: Manifest) -> None:
    """Read everything once. Raises InvalidInput for a member that is not what it was."""
    members = [(table_member(table.name), table.sha256) for table in manifest.tables]
    members += [(file_member(file.name), file.sha256) for file in manifest.files]
    for member, sha256 in members:
        if _digest(archive, member) != sha256:
            raise InvalidInput(
                f"{member} in the backup is damaged: nothing was restored. Take another backup."
            )


def rows_of(archive: ZipFile, table: Table, model: type[Model]) -> Iterator[Model]:
    """The table's rows as unsaved objects of the model. Raises InvalidInput where its columns are
    other ones."""
    fields = {field.attname: field for field in fields_of(model)}
    if set(table.columns) != set(fields):
        raise InvalidInput(f"The table {table.name} in the backup has other columns than ours.")
    converted = [fields[column] for column in table.columns]
    decode = msgspec.json.Decoder().decode
    with archive.open(table_member(table.name)) as file:
        for number, line in enumerate(iter(lambda: file.readline(LINE_LIMIT), b""), 1):
            try:
                values = zip(converted, decode(line), strict=True)
                row = model(**{field.attname: field.to_python(value) for field, value in values})
            except (ValueError, TypeError, ValidationError, RecursionError) as error:
                raise InvalidInput(
                    f"Line {number} of the table {table.name} in the backup is no row of it "
                    f"({error}): nothing was restored."
                ) from error
            yield row


def _member(name: str, packing: int) -> ZipInfo:
    member = ZipInfo(name)
    member.compress_type = packing
    member.external_attr = 0o600 << 16
    return member


def _digest(archive: ZipFile, member: str) -> str:
    digest = hashlib.sha256()
    try:
        with archive.open(member) as file:
            while block := file.read(BLOCK_BYTES):
                digest.update(block)
    except UNREADABLE as error:
        raise InvalidInput(f"{member} cannot be read from the backup: {error}") from error
    return digest.hexdigest()
