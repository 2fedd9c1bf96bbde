"""Everything that is there already is a change that no mirror has seen."""

from __future__ import annotations

from django.db import migrations

FILL = """
INSERT INTO change (corpus_id, campaign_id, kind, "row", pending, changed_at)
SELECT corpus_id, NULL, 'thread', id, TRUE, created_at FROM thread;
INSERT INTO change (corpus_id, campaign_id, kind, "row", pending, changed_at)
SELECT corpus_id, NULL, 'comment', id, TRUE, created_at FROM comment;
INSERT INTO change (corpus_id, campaign_id, kind, "row", pending, changed_at)
SELECT NULL, unit.campaign_id, 'annotation', annotation.id, TRUE, annotation.saved_at
FROM annotation JOIN unit ON unit.id = annotation.unit_id;
"""
STATEMENTS = [statement for statement in FILL.split(";") if statement.strip()]


class Migration(migrations.Migration):
    dependencies = [("annotations", "0018_changes_and_webhooks")]

    operations = [
        migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS
    ]
