from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0007_titles_of_links")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="thought",
            field=models.TextField(
                blank=True,
                default="",
                help_text="What the model thought before it answered.",
                verbose_name="thought",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="comparedanswer",
            name="thought",
            field=models.TextField(blank=True, default="", verbose_name="thought"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="comparedanswer",
            name="thinking_seconds",
            field=models.FloatField(blank=True, null=True),
        ),
    ]
