"""What an annotator did today, and how fast, is asked at every click: read from an index alone."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotations", "0021_audit")]

    operations = [
        migrations.RemoveIndex(model_name="annotation", name="annotation_history"),
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(
                fields=["membership", "saved_at", "source", "state", "created_at", "seconds"],
                name="annotation_day",
            ),
        ),
    ]
