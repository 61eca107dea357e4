from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('conversations', '0009_texts_of_links')]

    operations = [
        migrations.AddField(
            model_name='message',
            name='model_name',
            field=models.CharField(blank=True, default='', help_text='Of an answer without a run: the name of its model.', max_length=100),
            preserve_default=False,
        ),
    ]
