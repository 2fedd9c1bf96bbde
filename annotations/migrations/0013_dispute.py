"""The rule that settles clear units as a job, and the notes of a campaign by an index."""


import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0012_consensus_median'),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleRun',
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
                ('least', models.PositiveSmallIntegerField()),
                ('agree', models.FloatField(default=1)),
                ('questions', models.JSONField(blank=True, default=list)),
                ('settled', models.PositiveBigIntegerField(default=0)),
            ],
            options={
                'db_table': 'rule_run',
                'ordering': ('-id',),
                'abstract': False,
            },
        ),
        migrations.AddIndex(
            model_name='annotation',
            index=models.Index(condition=models.Q(('note', ''), _negated=True), fields=['-saved_at', '-id'], name='annotation_with_a_note'),
        ),
        migrations.AddField(
            model_name='rulerun',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rule_runs', to='annotations.campaign'),
        ),
        migrations.AddField(
            model_name='rulerun',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rulerun',
            name='membership',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rule_runs', to='annotations.membership'),
        ),
        migrations.AddIndex(
            model_name='rulerun',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'running'))), fields=['sent_at'], name='rulerun_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='rulerun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='rulerun_lease_while_running'),
        ),
        migrations.AddConstraint(
            model_name='rulerun',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('staged', 'queued', 'running', 'done', 'failed', 'cancelled'))), name='rulerun_state_known'),
        ),
        migrations.AddConstraint(
            model_name='rulerun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('error', ''), _negated=True), _connector='OR'), name='rulerun_failure_has_words'),
        ),
        migrations.AddConstraint(
            model_name='rulerun',
            constraint=models.CheckConstraint(condition=models.Q(('least__gte', 2), ('agree__gt', 0.5), ('agree__lte', 1)), name='rule_run_is_a_majority'),
        ),
    ]
