from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("annotations", "0011_stages"),
    ]

    operations = [
        migrations.AddField(
            model_name="consensus",
            name="median",
            field=models.FloatField(blank=True, null=True),
        ),
    ]
