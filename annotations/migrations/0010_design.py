"""When a sample's units were all written: from then on only their slots may be missing."""

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
    ]
