"""The database itself refuses to change a loaded codebook or what was once saved."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

IMMUTABLE = {
    "codebook": "A loaded codebook never changes: load a new version.",
    "question": "A loaded codebook never changes: load a new version.",
    "label": "A loaded codebook never changes: load a new version.",
    "revision": "What an annotation once said never changes.",
    "comment_revision": "What a comment once said never changes.",
}

SQLITE = """
CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
POSTGRESQL = """
CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_update('{message}')
"""


def add_triggers(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    on_postgresql = editor.connection.vendor == "postgresql"
    if on_postgresql:
        editor.execute(POSTGRESQL_FUNCTION, params=None)
    for table, message in IMMUTABLE.items():
        template = POSTGRESQL if on_postgresql else SQLITE
        editor.execute(template.format(table=table, message=message), params=None)


def drop_triggers(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    on_postgresql = editor.connection.vendor == "postgresql"
    for table in IMMUTABLE:
        suffix = f" ON {table}" if on_postgresql else ""
        editor.execute(f"DROP TRIGGER {table}_is_immutable{suffix}", params=None)
    if on_postgresql:
        editor.execute("DROP FUNCTION refuse_update()", params=None)


class Migration(migrations.Migration):
    dependencies = [("annotations", "0001_initial")]
    operations = [migrations.RunPython(add_triggers, drop_triggers)]
