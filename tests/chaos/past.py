"""Databases as earlier versions of the application left them, with a study in each.

The tables are made by the migrations one after the other. After each, ``story`` tells what that
version could store for the first time, by the models as they were; a copy of the database then
stands for an installation that was never upgraded further.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps.registry import Apps
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from tests.chaos import story_begin, story_later, story_next  # noqa: F401  their steps are told
from tests.chaos.story import Story
from tests.servers import create_database, drop_database, unused_name

OURS = ("annotations", "importers")
Rows = dict[Any, dict[str, Any]]
Snapshot = dict[str, Rows]


@dataclass(frozen=True)
class Installation:
    """``state`` is the last migration that it has; ``said`` is all that its rows say."""

    state: str
    name: str
    said: Snapshot


@dataclass(frozen=True)
class Place:
    """Where the databases are: ``folder`` for those of SQLite, else the address of the server."""

    folder: Path
    server: str

    def new(self) -> str:
        name = unused_name()
        if self.server:
            create_database(self.server, name)
            return name
        return str(self.folder / name)

    def copy(self, name: str) -> str:
        connection.close()
        copied = unused_name()
        if self.server:
            create_database(self.server, copied, template=name)
            return copied
        target = str(self.folder / copied)
        shutil.copyfile(name, target)
        return target

    def drop(self, name: str) -> None:
        connection.close()
        if self.server:
            drop_database(self.server, name)


def states() -> list[tuple[str, str]]:
    """App and name of each migration of ours in the order in which they were written: one of the
    importers comes as soon as those are there that it builds on."""
    loader = MigrationLoader(None)
    left = [node for node in loader.graph.nodes if node[0] in OURS]
    builds_on = {node: set(loader.graph.forwards_plan(node)[:-1]) & set(left) for node in left}
    left.sort(key=lambda node: (node[0] != "importers", node[1]))
    placed: list[tuple[str, str]] = []
    while left:
        placed.append(next(node for node in left if builds_on[node] <= set(placed)))
        left.remove(placed[-1])
    return placed


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Django's own connection, on another database: migrations ask through no other."""
    connection.close()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def installations(place: Place, kept: set[str]) -> Iterator[Installation]:
    """The past, state by state: those named in ``kept`` are given as databases of their own."""
    growing = place.new()
    story = Story()
    try:
        for app, name in states():
            with connected_to(growing):
                apps = _step_to(app, name)
                story.tell(f"{app}.{name}", apps)
                said = snapshot(apps)
            if f"{app}.{name}" in kept:
                yield Installation(f"{app}.{name}", place.copy(growing), said)
        story.require_all_told()
    finally:
        place.drop(growing)


def snapshot(apps: Apps) -> Snapshot:
    """Every row of every table of ours, by table and key."""
    return {
        model._meta.db_table: {
            row[model._meta.pk.attname]: row
            for row in model._default_manager.values(*_columns(model))
        }
        for model in own_models(apps)
    }


def own_models(apps: Apps) -> list[type[models.Model]]:
    """Those that stand for a table between two others included."""
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.app_label in OURS]


def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _step_to(app: str, name: str) -> Apps:
    """Apply the migration; the first one comes with all of the other apps, as it did then."""
    executor = MigrationExecutor(connection)
    targets = [(app, name)]
    if not executor.loader.applied_migrations:
        targets += [node for node in executor.loader.graph.leaf_nodes() if node[0] not in OURS]
    return executor.migrate(targets).apps
