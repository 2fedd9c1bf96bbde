"""A unit's id is drawn by chance from now on; those that there are keep theirs."""

import annotations.models.campaign
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0013_dispute'),
    ]

    operations = [
        migrations.AlterField(
            model_name='unit',
            name='id',
            field=models.BigAutoField(default=annotations.models.campaign.new_unit_id, primary_key=True, serialize=False),
        ),
    ]
