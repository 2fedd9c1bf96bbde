"""A backup of everything, made while the application is in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from zipfile import ZipFile

import msgspec
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from annotations.errors import Conflict
from annotations.services.audit import Act, note_act
from annotations.services.backup_file import (
    MANIFEST,
    Manifest,
    StoredFile,
    add_file,
    add_table,
    fields_of,
    tables_of,
)
from annotations.services.label_files import FOLDER as LABEL_FILES
from annotations.version import VERSION

ROWS_AT_ONCE = 2_000
MADE_AGAIN = {LABEL_FILES}


def write_backup(
    out: BinaryIO, *, now: datetime, tell: Callable[[str], None] = lambda _: None
) -> Manifest:
    """All tables as they are at one moment, and then the files that the storage holds.

    A row that names a file is written after the file, so what the tables name is there, but for
    what was deleted since: that is told as missing. ``tell`` gets a line for each step. Raises
    Conflict where migrations wait to be applied.
    """
    migrations = _applied()
    with ZipFile(out, "w") as archive:
        with _one_moment():
            tables = []
            for model in tables_of(apps):
                table = add_table(archive, model, _rows(model))
                tell(f"{table.name}: {table.rows:,} rows")
                tables.append(table)
        files, missing = _add_files(archive, tell)
        manifest = Manifest(
            version=VERSION,
            database=connection.vendor,
            made_at=now.isoformat(),
            migrations=migrations,
            tables=tables,
            files=files,
            missing=missing,
        )
        archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    rows = sum(table.rows for table in tables)
    note_act(act=Act.BACKUP_MADE, details={"rows": rows, "files": len(files)}, now=now)
    return manifest


def _applied() -> list[tuple[str, str]]:
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    if executor.migration_plan(newest):
        raise Conflict("Migrations wait to be applied: run manage.py migrate, then back up.")
    return sorted(newest)


@contextmanager
def _one_moment() -> Iterator[None]:
    """What is read in the block is as it was at its beginning, and nobody waits for it."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # Django's own would take the one lock for writing
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield


def _rows(model: type[Model]) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in fields_of(model)]
    rows = model._base_manager.order_by("pk").values_list(*names)
    return rows.iterator(chunk_size=ROWS_AT_ONCE)


def _add_files(archive: ZipFile, tell: Callable[[str], None]) -> tuple[list[StoredFile], list[str]]:
    files, missing = [], []
    for name in _stored_names(""):
        try:
            with default_storage.open(name) as source:
                files.append(add_file(archive, name, source))
        except FileNotFoundError:
            missing.append(name)
        else:
            tell(f"{name}: {files[-1].size:,} bytes")
    return files, missing


def _stored_names(folder: str) -> Iterator[str]:
    """Finished files, by name, without those that are being written or can be made again.

    The former begin with a dot.
    """
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        if not name.startswith("."):
            yield str(PurePosixPath(folder, name))
    for name in sorted(set(folders) - MADE_AGAIN):
        yield from _stored_names(str(PurePosixPath(folder, name)))
