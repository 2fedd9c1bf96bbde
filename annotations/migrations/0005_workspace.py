"""What the workspace keeps: confidence, what models suggest, rulings, and who has read them.

A column is added on SQLite by making the table anew, and the triggers that migration 0002 put on
it are gone: they are put back where they are missing, forwards and backwards. A ruling gets such a trigger as well; who
made it may still be forgotten.
"""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

MADE_ANEW = {
    "codebook": "A loaded codebook never changes: load a new version.",
    "revision": "What an annotation once said never changes.",
}
RULING = "A ruling never changes: add another one."
RULING_COLUMNS = "id, campaign_id, text, created_at"

SQLITE = """
CREATE TRIGGER IF NOT EXISTS {table}_is_immutable BEFORE UPDATE{of} ON {table}
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
POSTGRESQL = """
CREATE TRIGGER {table}_is_immutable BEFORE UPDATE{of} ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_update('{message}')
"""


def put_back(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "sqlite":
        for table, message in MADE_ANEW.items():
            editor.execute(SQLITE.format(table=table, message=message, of=""), params=None)


def add_trigger(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    template = POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE
    of = f" OF {RULING_COLUMNS}"
    editor.execute(template.format(table="ruling", message=RULING, of=of), params=None)


def drop_trigger(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    suffix = " ON ruling" if editor.connection.vendor == "postgresql" else ""
    editor.execute(f"DROP TRIGGER ruling_is_immutable{suffix}", params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0004_text_scans'),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, put_back),
        migrations.CreateModel(
            name='Ruling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(help_text='Markdown.')),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'ruling',
                'ordering': ('-id',),
            },
        ),
        migrations.AddField(
            model_name='annotation',
            name='confidence',
            field=models.PositiveSmallIntegerField(blank=True, choices=[(1, 'unsure'), (2, 'fairly sure'), (3, 'sure')], help_text='How sure the annotator was.', null=True),
        ),
        migrations.AddField(
            model_name='annotation',
            name='model',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='campaign',
            name='show_suggestions',
            field=models.BooleanField(default=False, help_text='Whether annotators see what models suggest.'),
        ),
        migrations.AddField(
            model_name='codebook',
            name='confidence',
            field=models.BooleanField(default=False, help_text='Whether annotators are asked how sure they are.'),
        ),
        migrations.AddField(
            model_name='membership',
            name='codebook_seen',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.codebook'),
        ),
        migrations.AddField(
            model_name='revision',
            name='aside',
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(condition=models.Q(('kind', 'comment'), _negated=True), fields=['thread', 'position'], name='comment_opening'),
        ),
        migrations.AddConstraint(
            model_name='annotation',
            constraint=models.UniqueConstraint(condition=models.Q(('source', 'model')), fields=('unit', 'model'), name='annotation_once_per_model'),
        ),
        migrations.AddConstraint(
            model_name='annotation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('source', 'model'), models.Q(('model', ''), _negated=True)), models.Q(models.Q(('source', 'model'), _negated=True), ('model', '')), _connector='OR'), name='annotation_by_a_model_names_it'),
        ),
        migrations.AddConstraint(
            model_name='annotation',
            constraint=models.CheckConstraint(condition=models.Q(('confidence__isnull', True), ('confidence__in', (1, 2, 3)), _connector='OR'), name='annotation_confidence_1_to_3'),
        ),
        migrations.AddField(
            model_name='ruling',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rulings', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='ruling',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='membership',
            name='rulings_seen',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotations.ruling'),
        ),
        migrations.AddConstraint(
            model_name='ruling',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='ruling_says_something'),
        ),
        migrations.RunPython(put_back, migrations.RunPython.noop),
        migrations.RunPython(add_trigger, drop_trigger),
    ]
