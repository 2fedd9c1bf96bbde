"""Names of tables in the admin, in the plural; the database stays as it is."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("annotations", "0023_figures_of_old_threads")]

    operations = [
        migrations.AlterModelOptions(
            name="consensus",
            options={"ordering": ("id",), "verbose_name_plural": "consensuses"},
        ),
        migrations.AlterModelOptions(
            name="notereply",
            options={"ordering": ("id",), "verbose_name_plural": "note replies"},
        ),
    ]
