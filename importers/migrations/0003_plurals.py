"""Names of tables in the admin, in the plural; the database stays as it is."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("importers", "0002_pieces")]

    operations = [
        migrations.AlterModelOptions(
            name="importtouch",
            options={"verbose_name_plural": "import touches"},
        ),
    ]
