"""The study around the labels: samples, stages, people, agreement, disputes, notes, recodings.

A column is added on SQLite by making the table anew, and the trigger that keeps a ruling as it is
(0005) is gone with the old one: it is put back, forwards and backwards, and forwards keeps the
ruling's unit as well.
"""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

RULING = "A ruling never changes: add another one."
COLUMNS = "id, campaign_id, text, created_at"
SQLITE = """
CREATE TRIGGER ruling_is_immutable BEFORE UPDATE OF {columns} ON ruling
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
POSTGRESQL = """
CREATE TRIGGER ruling_is_immutable BEFORE UPDATE OF {columns} ON ruling
FOR EACH ROW EXECUTE FUNCTION refuse_update('{message}')
"""
OVERLAP_OF_CAMPAIGN = """
UPDATE unit SET overlap = (SELECT overlap FROM campaign WHERE campaign.id = unit.campaign_id)
"""
LANGUAGE_OF_COMMENT = """
UPDATE assignment SET language = COALESCE((
    SELECT comment.language FROM unit JOIN comment ON comment.id = unit.comment_id
    WHERE unit.id = assignment.unit_id
), '')
"""


def put_trigger(editor: BaseDatabaseSchemaEditor, columns: str) -> None:
    on_postgresql = editor.connection.vendor == "postgresql"
    suffix = " ON ruling" if on_postgresql else ""
    editor.execute(f"DROP TRIGGER IF EXISTS ruling_is_immutable{suffix}", params=None)
    template = POSTGRESQL if on_postgresql else SQLITE
    editor.execute(template.format(columns=columns, message=RULING), params=None)


def put_back(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    put_trigger(editor, COLUMNS)


def keep_unit(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    put_trigger(editor, f"{COLUMNS}, unit_id")


def drop_trigger(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    suffix = " ON ruling" if editor.connection.vendor == "postgresql" else ""
    editor.execute(f"DROP TRIGGER IF EXISTS ruling_is_immutable{suffix}", params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0008_codebook_translations'),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, put_back),
        migrations.CreateModel(
            name='Aggregation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('staged', 'Waiting to be confirmed'), ('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('cancel_asked', models.BooleanField(default=False)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('method', models.CharField(choices=[('majority', 'Majority'), ('weighted', 'Majority, weighted by competence'), ('dawid_skene', 'Dawid-Skene'), ('mace', 'MACE')], max_length=20)),
                ('seed', models.PositiveIntegerField(default=1)),
                ('units', models.PositiveBigIntegerField(default=0)),
                ('result', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'db_table': 'aggregation',
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AgreementRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('staged', 'Waiting to be confirmed'), ('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('cancel_asked', models.BooleanField(default=False)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('seed', models.PositiveIntegerField(default=1)),
                ('resamples', models.PositiveIntegerField(default=1000)),
                ('labels', models.PositiveBigIntegerField(default=0)),
                ('result', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'db_table': 'agreement_run',
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Consensus',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.JSONField(null=True)),
                ('shares', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'consensus',
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('share', models.FloatField()),
                ('ratings', models.PositiveIntegerField()),
                ('measured_at', models.DateTimeField()),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'db_table': 'dispute',
                'ordering': ('campaign', '-share', 'unit'),
            },
        ),
        migrations.CreateModel(
            name='DisputedQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('share', models.FloatField()),
            ],
            options={
                'db_table': 'disputed_question',
                'ordering': ('dispute', 'question'),
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('manager', 'Manager'), ('adjudicator', 'Adjudicator'), ('annotator', 'Annotator'), ('viewer', 'Viewer')], max_length=12)),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('prefix', models.CharField(max_length=8)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('most_uses', models.PositiveIntegerField(blank=True, null=True)),
                ('uses', models.PositiveIntegerField(default=0)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'invitation',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='NoteReply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.TextField()),
                ('text', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'note_reply',
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Ranking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('staged', 'Waiting to be confirmed'), ('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('cancel_asked', models.BooleanField(default=False)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('units', models.PositiveBigIntegerField(default=0)),
            ],
            options={
                'db_table': 'ranking',
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Recoding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('staged', 'Waiting to be confirmed'), ('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('cancel_asked', models.BooleanField(default=False)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('reopen', models.BooleanField(default=False)),
                ('mapping', models.JSONField(default=dict)),
                ('counts', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'db_table': 'recoding',
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Sample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('staged', 'Waiting to be confirmed'), ('queued', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('cancel_asked', models.BooleanField(default=False)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('kind', models.CharField(choices=[('draw', 'Units'), ('overlap', 'More labels for each unit')], default='draw', max_length=10)),
                ('recipe', models.JSONField(default=dict)),
                ('candidates', models.PositiveBigIntegerField(default=0)),
                ('units', models.PositiveBigIntegerField(default=0)),
            ],
            options={
                'db_table': 'sample',
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slot', models.PositiveSmallIntegerField()),
                ('first', models.PositiveIntegerField()),
                ('last', models.PositiveIntegerField()),
                ('language', models.CharField(blank=True, max_length=8)),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'db_table': 'turn',
                'ordering': ('campaign', 'first', 'slot'),
            },
        ),
        migrations.RemoveConstraint(
            model_name='unit',
            name='unit_comment_once',
        ),
        migrations.RemoveConstraint(
            model_name='unit',
            name='unit_thread_once',
        ),
        migrations.AddField(
            model_name='annotation',
            name='certainty',
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='annotation',
            name='reason',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='annotation',
            name='rule',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='assignment',
            name='language',
            field=models.CharField(blank=True, max_length=8),
        ),
        migrations.AddField(
            model_name='assignment',
            name='purpose',
            field=models.CharField(choices=[('study', 'Sample'), ('training', 'Training'), ('test', 'Test'), ('check', 'Check'), ('repeat', 'Repeat')], default='study', max_length=10),
        ),
        migrations.AddField(
            model_name='assignment',
            name='score',
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='check_every',
            field=models.PositiveSmallIntegerField(blank=True, help_text='One unit in so many is a check with a known answer.', null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='check_score',
            field=models.FloatField(blank=True, help_text='Below this score in the checks an annotator is paused.', null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='check_window',
            field=models.PositiveSmallIntegerField(default=20, help_text='How many of the last checks that score is taken from.'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='disputes_measured_at',
            field=models.DateTimeField(blank=True, help_text='Until when disagreements are measured.', null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='overlap_more',
            field=models.PositiveSmallIntegerField(blank=True, help_text='How many label each unit of the share that more label.', null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='repeat_every',
            field=models.PositiveSmallIntegerField(blank=True, help_text='One unit in so many is one that was labeled before.', null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='share_more',
            field=models.FloatField(default=0, help_text='Which share of the units (0 to 1) more annotators label.'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='test_score',
            field=models.FloatField(blank=True, help_text='From which score in the test the campaign opens.', null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='whole_threads',
            field=models.BooleanField(default=False, help_text='Whether one person labels all units of a thread, in order.'),
        ),
        migrations.AddField(
            model_name='membership',
            name='admitted_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='languages',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='membership',
            name='pause_reason',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='paused_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='ruling',
            name='unit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rulings', to='annotations.unit'),
        ),
        migrations.AddField(
            model_name='unit',
            name='overlap',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='unit',
            name='purpose',
            field=models.CharField(choices=[('study', 'Sample'), ('training', 'Training'), ('test', 'Test'), ('check', 'Check'), ('repeat', 'Repeat')], default='study', max_length=10),
        ),
        migrations.AddField(
            model_name='unit',
            name='repeat_of',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeat', to='annotations.unit'),
        ),
        migrations.AlterField(
            model_name='assignment',
            name='order',
            field=models.PositiveIntegerField(),
        ),
        migrations.AlterField(
            model_name='campaign',
            name='order',
            field=models.CharField(choices=[('thread', 'Thread by thread, in reading order'), ('random', 'Random, by the seed'), ('uncertain', 'What models are least sure of first')], default='thread', max_length=10),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['campaign', 'language', 'order'], name='assignment_next_in_language'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['campaign', 'slot', 'order'], name='assignment_next_of_a_turn'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('state__in', ('submitted', 'skipped'))), fields=['campaign', 'changed_at'], name='assignment_settled_at'),
        ),
        migrations.AddConstraint(
            model_name='annotation',
            constraint=models.UniqueConstraint(condition=models.Q(('source', 'adjudication')), fields=('unit',), name='annotation_adjudicated_once'),
        ),
        migrations.AddConstraint(
            model_name='annotation',
            constraint=models.CheckConstraint(condition=models.Q(('certainty__isnull', True), models.Q(('source', 'model'), ('certainty__gte', 0), ('certainty__lte', 1)), _connector='OR'), name='annotation_certainty_of_a_model'),
        ),
        migrations.AddConstraint(
            model_name='annotation',
            constraint=models.CheckConstraint(condition=models.Q(('rule', ''), ('source', 'adjudication'), _connector='OR'), name='annotation_settled_by_a_rule'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('score__isnull', True), models.Q(('score__gte', 0), ('score__lte', 1)), _connector='OR'), name='assignment_score_is_a_share'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('overlap_more__isnull', True), models.Q(('overlap_more__gt', models.F('overlap')), ('overlap_more__lte', 100)), _connector='OR'), name='campaign_more_is_more'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('share_more__gte', 0), ('share_more__lte', 1)), name='campaign_share_is_a_share'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('test_score__isnull', True), models.Q(('test_score__gte', 0), ('test_score__lte', 1)), _connector='OR'), models.Q(('check_score__isnull', True), models.Q(('check_score__gte', 0), ('check_score__lte', 1)), _connector='OR')), name='campaign_scores_are_shares'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('check_every__isnull', True), ('check_every__gte', 2), _connector='OR'), models.Q(('repeat_every__isnull', True), ('repeat_every__gte', 2), _connector='OR'), ('check_window__gte', 1)), name='campaign_checks_leave_work'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('paused_at__isnull', False), ('pause_reason', ''), _connector='OR'), name='membership_reason_of_a_pause'),
        ),
        migrations.AddField(
            model_name='aggregation',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='aggregations', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='aggregation',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='agreementrun',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='agreementrun',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='consensus',
            name='aggregation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consensus', to='annotations.aggregation'),
        ),
        migrations.AddField(
            model_name='consensus',
            name='question',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consensus', to='annotations.question'),
        ),
        migrations.AddField(
            model_name='consensus',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consensus', to='annotations.unit'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='membership',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='annotations.membership'),
        ),
        migrations.AddField(
            model_name='dispute',
            name='unit',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='dispute', to='annotations.unit'),
        ),
        migrations.AddField(
            model_name='disputedquestion',
            name='dispute',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='annotations.dispute'),
        ),
        migrations.AddField(
            model_name='disputedquestion',
            name='question',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='annotations.question'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='notereply',
            name='annotation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='annotations.annotation'),
        ),
        migrations.AddField(
            model_name='notereply',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='notereply',
            name='ruling',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='annotations.ruling'),
        ),
        migrations.AddField(
            model_name='ranking',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rankings', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='ranking',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recoding',
            name='after',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recoded_to', to='annotations.codebook'),
        ),
        migrations.AddField(
            model_name='recoding',
            name='before',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recoded_from', to='annotations.codebook'),
        ),
        migrations.AddField(
            model_name='recoding',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recodings', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='recoding',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sample',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='samples', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='sample',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='unit',
            name='sample',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='drawn', to='annotations.sample'),
        ),
        migrations.AddIndex(
            model_name='unit',
            index=models.Index(condition=models.Q(('purpose', 'study'), _negated=True), fields=['campaign', 'purpose', 'order'], name='unit_beside_the_sample'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.UniqueConstraint(condition=models.Q(('comment__isnull', False), ('repeat_of__isnull', True)), fields=('campaign', 'comment'), name='unit_comment_once'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.UniqueConstraint(condition=models.Q(('comment__isnull', True), ('repeat_of__isnull', True)), fields=('campaign', 'thread'), name='unit_thread_once'),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('purpose__in', ('study', 'training', 'test', 'check')), ('repeat_of__isnull', True)), models.Q(('purpose', 'repeat'), ('repeat_of__isnull', False)), _connector='OR'), name='unit_purpose_known'),
        ),
        migrations.AddField(
            model_name='turn',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='turns', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='turn',
            name='membership',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='turns', to='annotations.membership'),
        ),
        migrations.AddField(
            model_name='turn',
            name='thread',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='turns', to='annotations.thread'),
        ),
        migrations.AddIndex(
            model_name='aggregation',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'running'))), fields=['sent_at'], name='aggregation_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='aggregation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='aggregation_lease_while_running'),
        ),
        migrations.AddConstraint(
            model_name='aggregation',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('staged', 'queued', 'running', 'done', 'failed', 'cancelled'))), name='aggregation_state_known'),
        ),
        migrations.AddConstraint(
            model_name='aggregation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('error', ''), _negated=True), _connector='OR'), name='aggregation_failure_has_words'),
        ),
        migrations.AddConstraint(
            model_name='aggregation',
            constraint=models.CheckConstraint(condition=models.Q(('method__in', ('majority', 'weighted', 'dawid_skene', 'mace'))), name='aggregation_method_known'),
        ),
        migrations.AddIndex(
            model_name='agreementrun',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'running'))), fields=['sent_at'], name='agreementrun_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='agreementrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='agreementrun_lease_while_running'),
        ),
        migrations.AddConstraint(
            model_name='agreementrun',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('staged', 'queued', 'running', 'done', 'failed', 'cancelled'))), name='agreementrun_state_known'),
        ),
        migrations.AddConstraint(
            model_name='agreementrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('error', ''), _negated=True), _connector='OR'), name='agreementrun_failure_has_words'),
        ),
        migrations.AddConstraint(
            model_name='consensus',
            constraint=models.UniqueConstraint(fields=('aggregation', 'unit', 'question'), name='consensus_once'),
        ),
        migrations.AddIndex(
            model_name='dispute',
            index=models.Index(condition=models.Q(('decided_at__isnull', True)), fields=['campaign', '-share', 'unit'], name='dispute_worst_first'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('share__gte', 0), ('share__lte', 1)), name='dispute_share_is_a_share'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('held_until__isnull', True), ('membership__isnull', False), _connector='OR'), name='dispute_held_by_somebody'),
        ),
        migrations.AddIndex(
            model_name='disputedquestion',
            index=models.Index(fields=['question', '-share'], name='disputed_question_worst_first'),
        ),
        migrations.AddConstraint(
            model_name='disputedquestion',
            constraint=models.UniqueConstraint(fields=('dispute', 'question'), name='disputed_question_once'),
        ),
        migrations.AddConstraint(
            model_name='disputedquestion',
            constraint=models.CheckConstraint(condition=models.Q(('share__gte', 0), ('share__lte', 1)), name='disputed_question_share_is_a_share'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ('manager', 'adjudicator', 'annotator', 'viewer'))), name='invitation_role_known'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('most_uses__isnull', True), ('uses__lte', models.F('most_uses')), _connector='OR'), name='invitation_not_overused'),
        ),
        migrations.AddConstraint(
            model_name='notereply',
            constraint=models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='note_reply_to_a_note'),
        ),
        migrations.AddIndex(
            model_name='ranking',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'running'))), fields=['sent_at'], name='ranking_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='ranking',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='ranking_lease_while_running'),
        ),
        migrations.AddConstraint(
            model_name='ranking',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('staged', 'queued', 'running', 'done', 'failed', 'cancelled'))), name='ranking_state_known'),
        ),
        migrations.AddConstraint(
            model_name='ranking',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('error', ''), _negated=True), _connector='OR'), name='ranking_failure_has_words'),
        ),
        migrations.AddIndex(
            model_name='recoding',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'running'))), fields=['sent_at'], name='recoding_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='recoding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='recoding_lease_while_running'),
        ),
        migrations.AddConstraint(
            model_name='recoding',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('staged', 'queued', 'running', 'done', 'failed', 'cancelled'))), name='recoding_state_known'),
        ),
        migrations.AddConstraint(
            model_name='recoding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('error', ''), _negated=True), _connector='OR'), name='recoding_failure_has_words'),
        ),
        migrations.AddConstraint(
            model_name='recoding',
            constraint=models.CheckConstraint(condition=models.Q(('before', models.F('after')), _negated=True), name='recoding_changes_something'),
        ),
        migrations.AddIndex(
            model_name='sample',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'running'))), fields=['sent_at'], name='sample_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='sample',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='sample_lease_while_running'),
        ),
        migrations.AddConstraint(
            model_name='sample',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('staged', 'queued', 'running', 'done', 'failed', 'cancelled'))), name='sample_state_known'),
        ),
        migrations.AddConstraint(
            model_name='sample',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('error', ''), _negated=True), _connector='OR'), name='sample_failure_has_words'),
        ),
        migrations.AddIndex(
            model_name='turn',
            index=models.Index(condition=models.Q(('membership__isnull', True)), fields=['campaign', 'language', 'first'], name='turn_next'),
        ),
        migrations.AddIndex(
            model_name='turn',
            index=models.Index(condition=models.Q(('done_at__isnull', True)), fields=['membership'], name='turn_of_annotator'),
        ),
        migrations.AddConstraint(
            model_name='turn',
            constraint=models.UniqueConstraint(fields=('campaign', 'thread', 'slot', 'first'), name='turn_once'),
        ),
        migrations.AddConstraint(
            model_name='turn',
            constraint=models.UniqueConstraint(fields=('campaign', 'thread', 'first', 'membership'), name='turn_once_per_annotator'),
        ),
        migrations.AddConstraint(
            model_name='turn',
            constraint=models.CheckConstraint(condition=models.Q(('first__lte', models.F('last'))), name='turn_has_units'),
        ),
        migrations.AddConstraint(
            model_name='turn',
            constraint=models.CheckConstraint(condition=models.Q(('membership__isnull', False), models.Q(('done_at__isnull', True), ('held_until__isnull', True)), _connector='OR'), name='turn_state_fits_holder'),
        ),
        migrations.RunPython(keep_unit, drop_trigger),
        migrations.RunSQL(OVERLAP_OF_CAMPAIGN, migrations.RunSQL.noop),
        migrations.RunSQL(LANGUAGE_OF_COMMENT, migrations.RunSQL.noop),
    ]
