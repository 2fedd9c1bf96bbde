"""When a sample's units were all written, and the way to the next turn in any language."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotations", "0009_study")]

    operations = [
        migrations.AddField(
            model_name="sample",
            name="drawn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RenameIndex(
            model_name="turn", old_name="turn_next", new_name="turn_next_in_language"
        ),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(
                fields=["campaign", "first", "slot"],
                condition=models.Q(membership__isnull=True),
                name="turn_next",
            ),
        ),
    ]
