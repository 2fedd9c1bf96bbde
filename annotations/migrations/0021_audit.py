"""The audit log, of which the database itself refuses to change or delete an entry.

Two things pass. What names a person may be taken out of an entry, as an erasure does, and never
put into one. Entries may go that are older than an entry of the log itself says: nothing can be
forgotten without an entry that tells it.
"""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

KEPT = ("id", "at", "act", "way", "kind", "about", "details", "forgets_before")
TAKEN_AWAY = {
    "user_id": "IS NOT NULL",
    "campaign_id": "IS NOT NULL",
    "name": "<> ''",
    "token": "<> ''",
    "address": "<> ''",
}
NO_CHANGE = "What the audit log says never changes."
NO_DELETION = "The audit log forgets nothing that none of its entries says: use forget_audit."

SQLITE_CHANGE = """
CREATE TRIGGER audit_entry_is_immutable BEFORE UPDATE ON audit_entry
WHEN {changed} BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
SQLITE_DELETION = """
CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry
WHEN NOT EXISTS (SELECT 1 FROM audit_entry WHERE forgets_before > OLD.at)
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
POSTGRESQL_CHANGE = """
CREATE TRIGGER audit_entry_is_immutable BEFORE UPDATE ON audit_entry
FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION refuse_update('{message}')
"""
POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_to_forget() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit_entry WHERE forgets_before > OLD.at) THEN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$
"""
POSTGRESQL_DELETION = """
CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION refuse_to_forget('{message}')
"""


def add_triggers(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    on_postgresql = editor.connection.vendor == "postgresql"
    differs = "IS DISTINCT FROM" if on_postgresql else "IS NOT"
    kept = [f"NEW.{name} {differs} OLD.{name}" for name in KEPT]
    put = [
        f"(NEW.{name} {differs} OLD.{name} AND NEW.{name} {given})"
        for name, given in TAKEN_AWAY.items()
    ]
    change = POSTGRESQL_CHANGE if on_postgresql else SQLITE_CHANGE
    changed = " OR ".join([*kept, *put])
    editor.execute(change.format(changed=changed, message=NO_CHANGE), params=None)
    if on_postgresql:
        editor.execute(POSTGRESQL_FUNCTION, params=None)
    deletion = POSTGRESQL_DELETION if on_postgresql else SQLITE_DELETION
    editor.execute(deletion.format(message=NO_DELETION), params=None)


def drop_triggers(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    on_postgresql = editor.connection.vendor == "postgresql"
    suffix = " ON audit_entry" if on_postgresql else ""
    editor.execute(f"DROP TRIGGER audit_entry_is_immutable{suffix}", params=None)
    editor.execute(f"DROP TRIGGER audit_entry_stays{suffix}", params=None)
    if on_postgresql:
        editor.execute("DROP FUNCTION refuse_to_forget()", params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0020_erasing'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('act', models.CharField(choices=[('logged_in', 'Logged in'), ('login_failed', 'Log-in failed'), ('locked_out', 'Locked out'), ('unlocked', 'Unlocked'), ('logged_out', 'Logged out'), ('password_changed', 'Password changed'), ('account_made', 'Account made'), ('token_made', 'Token made'), ('token_revoked', 'Token revoked'), ('role_given', 'Role given'), ('role_changed', 'Role changed'), ('member_paused', 'Member paused'), ('member_resumed', 'Member let go on'), ('languages_changed', 'Languages of a member changed'), ('invitation_made', 'Invitation made'), ('invitation_revoked', 'Invitation revoked'), ('invitation_used', 'Invitation used'), ('campaign_made', 'Campaign made'), ('campaign_changed', 'Settings of a campaign changed'), ('campaign_opened', 'Campaign opened'), ('campaign_paused', 'Campaign paused'), ('campaign_closed', 'Campaign closed'), ('ruling_made', 'Ruling made'), ('units_added', 'Units or labels asked for'), ('known_changed', 'Known answers given or taken back'), ('recoding_started', 'Recoding started'), ('rule_started', 'Disputes settled by a rule'), ('suggestions_sent', 'Suggestions of a model sent'), ('codebook_loaded', 'Codebook loaded'), ('corpus_made', 'Corpus made'), ('corpus_changed', 'Corpus changed'), ('warnings_changed', 'Content warnings changed'), ('import_started', 'Import started'), ('records_sent', 'Records sent'), ('person_erased', 'Person erased'), ('annotations_seen', 'Annotations of others seen'), ('records_seen', 'Threads and comments of a corpus seen'), ('authors_seen', 'Authors of a corpus seen'), ('people_seen', 'Members and what they told of themselves seen'), ('labels_taken', 'Labels taken'), ('export_started', 'Export started'), ('export_taken', 'Export downloaded'), ('release_drafted', 'Release drafted'), ('release_changed', 'Draft of a release changed'), ('release_confirmed', 'Release confirmed'), ('release_discarded', 'Draft of a release discarded'), ('release_taken', 'Release downloaded'), ('release_withdrawn', 'Release withdrawn'), ('webhook_made', 'Webhook made'), ('webhook_changed', 'Webhook changed'), ('webhook_deleted', 'Webhook deleted'), ('job_cancelled', 'Job cancelled'), ('job_retried', 'Job tried again'), ('admin_added', 'Row added in the admin'), ('admin_changed', 'Row changed in the admin'), ('admin_deleted', 'Row deleted in the admin'), ('backup_made', 'Backup made'), ('backup_restored', 'Backup restored'), ('refused', 'Access refused'), ('log_taken', 'Audit log downloaded'), ('log_forgotten', 'Entries of the audit log forgotten')], max_length=24)),
                ('name', models.CharField(blank=True, max_length=150)),
                ('way', models.CharField(choices=[('browser', 'Browser'), ('token', 'Token'), ('admin', 'Admin'), ('command', 'Command line'), ('job', 'Job')], max_length=7)),
                ('token', models.CharField(blank=True, help_text='Name and beginning of the token that was used.', max_length=130)),
                ('address', models.CharField(blank=True, max_length=45)),
                ('kind', models.CharField(blank=True, max_length=32)),
                ('about', models.CharField(blank=True, max_length=120)),
                ('details', models.JSONField(blank=True, default=dict)),
                ('forgets_before', models.DateTimeField(blank=True, null=True)),
                ('campaign', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='annotations.campaign')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'db_table': 'audit_entry',
                'ordering': ('-id',),
                'indexes': [models.Index(condition=models.Q(('forgets_before__isnull', False)), fields=['forgets_before'], name='audit_entry_forgets')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('act', 'log_forgotten'), ('forgets_before__isnull', False)), models.Q(models.Q(('act', 'log_forgotten'), _negated=True), ('forgets_before__isnull', True)), _connector='OR'), name='audit_entry_forgets_if_it_says_so')],
            },
        ),
        migrations.RunPython(add_triggers, drop_triggers),
    ]
