from django.db import migrations, models

CONTENTS = """
UPDATE conversations_sharedlink SET
    content = (SELECT content FROM conversations_message WHERE id = leaf_id),
    thought = (SELECT thought FROM conversations_message WHERE id = leaf_id)
"""


class Migration(migrations.Migration):

    dependencies = [('conversations', '0008_thoughts')]

    operations = [
        migrations.AddField(
            model_name='sharedlink',
            name='content',
            field=models.TextField(default='', help_text='The last message as it was: it may be an answer that goes on later.'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='sharedlink',
            name='thought',
            field=models.TextField(blank=True, default=''),
            preserve_default=False,
        ),
        migrations.RunSQL(CONTENTS, migrations.RunSQL.noop),
    ]
