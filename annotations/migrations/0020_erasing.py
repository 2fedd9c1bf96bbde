"""What the database refused to change may be erased: its words alone, and nothing else of it.

A revision of an annotation says when that was (``erased_at``). A revision of a comment may lose
its text. The triggers of migration 0002 give way to ones that let this through, and only this.
"""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

MESSAGES = {
    "revision": "What an annotation once said never changes.",
    "comment_revision": "What a comment once said never changes.",
}
KEPT = {
    "revision": ("id", "annotation_id", "number", "save_id", "state", "aside", "saved_at"),
    "comment_revision": ("id", "comment_id", "number", "replaced_at"),
}
ERASED = {
    "revision": "NEW.erased_at IS NOT NULL",
    "comment_revision": "NEW.text = ''",
}

SQLITE = """
CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table}
{when} BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
POSTGRESQL = """
CREATE TRIGGER {table}_is_immutable BEFORE UPDATE ON {table}
FOR EACH ROW {when} EXECUTE FUNCTION refuse_update('{message}')
"""


def let_erase(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    on_postgresql = editor.connection.vendor == "postgresql"
    differs = "IS DISTINCT FROM" if on_postgresql else "IS NOT"
    for table, kept in KEPT.items():
        changed = [f"NEW.{name} {differs} OLD.{name}" for name in kept]
        _put(editor, table, f"WHEN ({' OR '.join([f'NOT ({ERASED[table]})', *changed])})")


def refuse_all(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for table in KEPT:
        _put(editor, table, "")


def _put(editor: BaseDatabaseSchemaEditor, table: str, when: str) -> None:
    on_postgresql = editor.connection.vendor == "postgresql"
    suffix = f" ON {table}" if on_postgresql else ""
    editor.execute(f"DROP TRIGGER IF EXISTS {table}_is_immutable{suffix}", params=None)
    template = POSTGRESQL if on_postgresql else SQLITE
    editor.execute(template.format(table=table, when=when, message=MESSAGES[table]), params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0019_first_changes'),
    ]

    operations = [
        # Backwards, SQLite may make the table of a column that goes anew, without its trigger.
        migrations.RunPython(migrations.RunPython.noop, refuse_all),
        migrations.AddField(
            model_name='revision',
            name='erased_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('account', 'An account'), ('author', 'An author of comments')], max_length=7)),
                ('counts', models.JSONField(blank=True, default=dict)),
                ('erased_at', models.DateTimeField()),
                ('corpus', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='erasures', to='annotations.corpus')),
                ('erased_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'erasure',
                'ordering': ('-id',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('corpus__isnull', True), ('kind', 'account')), models.Q(('corpus__isnull', False), ('kind', 'author')), _connector='OR'), name='erasure_is_of_somebody')],
            },
        ),
        migrations.RunPython(let_erase, refuse_all),
    ]
