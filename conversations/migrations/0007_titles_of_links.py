from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0006_lists_of_conversations")]

    operations = [
        migrations.AddField(
            model_name="sharedlink",
            name="title",
            field=models.CharField(
                blank=True,
                default="",
                help_text="As it was when the link was made.",
                max_length=200,
            ),
            preserve_default=False,
        ),
    ]
