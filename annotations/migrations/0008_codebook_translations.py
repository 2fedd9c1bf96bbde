"""A codebook's words in other languages.

On SQLite a column is added by making the table anew, and the trigger that keeps a codebook as it
is (0002) is gone with the old one: it is put back, forwards and backwards.
"""

from django.db import migrations, models


TRIGGER = """
CREATE TRIGGER IF NOT EXISTS codebook_is_immutable BEFORE UPDATE ON codebook
BEGIN SELECT RAISE(ABORT, 'A loaded codebook never changes: load a new version.'); END
"""


def put_trigger_back(_apps, editor):
    if editor.connection.vendor == "sqlite":
        editor.execute(TRIGGER, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0007_content_categories'),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, put_trigger_back),
        migrations.AddField(
            model_name='codebook',
            name='translations',
            field=models.JSONField(default=dict, help_text='Its words in other languages.'),
        ),
        migrations.RunPython(put_trigger_back, migrations.RunPython.noop),
    ]
