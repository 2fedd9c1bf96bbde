"""A backup read into an empty installation, on whichever database."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import BinaryIO, cast
from zipfile import BadZipFile, ZipFile

from django.apps.registry import Apps
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from annotations.errors import Conflict, InvalidInput
from annotations.models import AuditEntry, Campaign, Codebook, Corpus, User
from annotations.services.audit import Act, note_act
from annotations.services.backup_file import (
    Manifest,
    Table,
    file_member,
    read_manifest,
    rows_of,
    tables_of,
    verify,
)

ROWS_AT_ONCE = 2_000
Tell = Callable[[str], None]


def read_backup(source: BinaryIO, *, tell: Tell = lambda _: None) -> Manifest:
    """Bring an empty installation to the state of the backup, and then up to date.

    The whole backup is verified first; then the files are stored, then all rows in one
    transaction. Raises InvalidInput for a backup that is damaged, unknown or of a later version,
    and Conflict where the installation is not empty: nothing was changed then.
    """
    try:
        archive = ZipFile(source)
    except BadZipFile as error:
        raise InvalidInput("This file is no backup of Threadmark.") from error
    with archive:
        manifest = read_manifest(archive)
        tell(f"Made by Threadmark {manifest.version} on {manifest.made_at}. Verifying it.")
        verify(archive, manifest)
        _migrate(manifest)
        _require_empty(manifest)
        try:
            _store_files(archive, manifest, tell)
            _store_rows(archive, manifest, tell)
        except BaseException:
            for file in manifest.files:  # none of them was there before
                default_storage.delete(file.name)
            raise
    call_command("migrate", interactive=False, verbosity=0)
    note_act(act=Act.BACKUP_RESTORED, details={"made_at": manifest.made_at})
    return manifest


def _migrate(manifest: Manifest) -> None:
    """Bring the tables to the state of the backup. Raises Conflict where they are beyond it."""
    executor = MigrationExecutor(connection)
    unknown = [name for name in manifest.migrations if name not in executor.loader.graph.nodes]
    if unknown:
        raise InvalidInput(
            f"This backup was made by a later version, with {'.'.join(unknown[0])}: restore it "
            f"with Threadmark {manifest.version}."
        )
    plan = executor.migration_plan(manifest.migrations)
    if any(backwards for _, backwards in plan) or _beyond(executor, manifest):
        raise Conflict(
            "The database is set up for a later version than the backup is from. Restore it into "
            "an empty database: it is brought up to date afterwards."
        )
    executor.migrate(manifest.migrations)


def _beyond(executor: MigrationExecutor, manifest: Manifest) -> bool:
    """Whether migrations were applied that the backup does not know."""
    graph = executor.loader.graph
    known = {node for newest in manifest.migrations for node in graph.forwards_plan(newest)}
    return bool(executor.loader.applied_migrations.keys() & graph.nodes.keys() - known)


def _require_empty(manifest: Manifest) -> None:
    for model in (User, Corpus, Codebook, Campaign):
        if model._base_manager.exists():
            names = model._meta.verbose_name_plural
            raise Conflict(
                f"This installation has {names} already: restore into an empty one, with another "
                "VAR_DIR or another database."
            )
    _require_empty_log(manifest)
    for file in manifest.files:
        if default_storage.exists(file.name):
            raise Conflict(
                f"The storage has a file {file.name} already: restore into an empty one."
            )


def _require_empty_log(manifest: Manifest) -> None:
    """An audit log forgets nothing: also not that somebody tried to log in here."""
    table = AuditEntry._meta.db_table
    if table in {one.name for one in manifest.tables} and AuditEntry.objects.exists():
        raise Conflict(
            "The audit log of this installation has entries already: restore into an empty one, "
            "with another VAR_DIR or another database."
        )


def _store_files(archive: ZipFile, manifest: Manifest, tell: Tell) -> None:
    for file in manifest.files:
        with archive.open(file_member(file.name)) as source:
            stored = default_storage.save(file.name, File(cast(BinaryIO, source), name=file.name))
        if stored != file.name:
            raise Conflict(
                f"The storage keeps {file.name} as {stored}: its rows would not find it."
            )
        tell(f"{file.name}: {file.size:,} bytes")


def _store_rows(archive: ZipFile, manifest: Manifest, tell: Tell) -> None:
    models = {model._meta.db_table: model for model in tables_of(_apps_of(manifest))}
    try:
        with transaction.atomic():
            for model in models.values():  # what migrating made by itself: types and permissions
                model._base_manager.all().delete()
            for table in manifest.tables:
                if table.name not in models:
                    raise InvalidInput(
                        f"This backup has a table {table.name!r}, which is none of ours: nothing "
                        "was restored."
                    )
                _store_table(archive, table, models[table.name])
                tell(f"{table.name}: {table.rows:,} rows")
            _go_on_counting(list(models.values()))
    except (DataError, IntegrityError, OverflowError) as error:
        raise InvalidInput(
            f"The rows of this backup do not fit together ({error}): nothing was restored. Take "
            "another backup."
        ) from error
    ContentType.objects.clear_cache()


def _apps_of(manifest: Manifest) -> Apps:
    """The models as the backup's migrations have them, which need not be today's."""
    return MigrationExecutor(connection).loader.project_state(manifest.migrations).apps


def _store_table(archive: ZipFile, table: Table, model: type[Model]) -> None:
    rows = rows_of(archive, table, model)
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        model._base_manager.bulk_create(batch)


def _go_on_counting(models: list[type[Model]]) -> None:
    """New rows get ids after those that were restored."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
