"""Numbers each annotator's units, and admits those who were at work before there were stages."""

from __future__ import annotations

from django.db import migrations, models

NUMBER = """
UPDATE assignment SET number = ranked.place
FROM (
    SELECT id AS ranked_id,
        ROW_NUMBER() OVER (PARTITION BY membership_id ORDER BY "order", slot) AS place
    FROM assignment WHERE membership_id IS NOT NULL
) AS ranked
WHERE id = ranked.ranked_id
"""
ADMIT = """
UPDATE membership SET admitted_at = joined_at
WHERE admitted_at IS NULL AND EXISTS (
    SELECT 1 FROM assignment WHERE assignment.membership_id = membership.id
)
"""


class Migration(migrations.Migration):
    dependencies = [("annotations", "0010_design")]
    operations = [
        migrations.AddField(
            model_name="assignment",
            name="number",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["membership", "number"], name="assignment_number"),
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.RunSQL(ADMIT, migrations.RunSQL.noop),
    ]
