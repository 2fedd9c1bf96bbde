"""The database itself refuses to change what a finished release says."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FIXED = (
    "campaign_id",
    "title",
    "version",
    "contents",
    "formats",
    "card",
    "key",
    "manifest",
    "frozen_at",
    "rows",
    "bytes",
    "sha256",
    "state",
)
FILES = ("file", "frozen")
MESSAGE = "A finished release never changes: make a new version, or withdraw it."

# A withdrawal takes the files away, and nothing brings them back.
SQLITE = """
CREATE TRIGGER release_is_frozen BEFORE UPDATE ON "release"
WHEN OLD.state = 'done' AND ({changed})
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
POSTGRESQL = """
CREATE TRIGGER release_is_frozen BEFORE UPDATE ON "release"
FOR EACH ROW WHEN (OLD.state = 'done' AND ({changed}))
EXECUTE FUNCTION refuse_update('{message}')
"""


def add_trigger(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    on_postgresql = editor.connection.vendor == "postgresql"
    differs = "IS DISTINCT FROM" if on_postgresql else "IS NOT"
    fixed = [f'NEW."{name}" {differs} OLD."{name}"' for name in FIXED]
    files = [
        f'(NEW."{name}" {differs} OLD."{name}" '
        f"AND (NEW.\"{name}\" <> '' OR NEW.withdrawn_at IS NULL))"
        for name in FILES
    ]
    withdrawn = (
        "(OLD.withdrawn_at IS NOT NULL "
        f"AND (NEW.withdrawn_at {differs} OLD.withdrawn_at "
        f"OR NEW.withdrawn_reason {differs} OLD.withdrawn_reason))"
    )
    template = POSTGRESQL if on_postgresql else SQLITE
    changed = " OR ".join([*fixed, *files, withdrawn])
    editor.execute(template.format(changed=changed, message=MESSAGE), params=None)


def drop_trigger(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    suffix = ' ON "release"' if editor.connection.vendor == "postgresql" else ""
    editor.execute(f"DROP TRIGGER release_is_frozen{suffix}", params=None)


class Migration(migrations.Migration):
    dependencies = [("annotations", "0015_releases")]
    operations = [migrations.RunPython(add_trigger, drop_trigger)]
