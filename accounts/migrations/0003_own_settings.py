from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_what_keys_may_do")]

    operations = [
        migrations.AddField(
            "user",
            "language",
            models.CharField(
                "language",
                blank=True,
                help_text="Empty: as the browser asks for it.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "user",
            "theme",
            models.CharField(
                "theme",
                blank=True,
                choices=[("system", "As the system"), ("light", "Light"), ("dark", "Dark")],
                help_text="Empty: as each browser has it.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "user",
            "sessions_from",
            models.CharField(
                blank=True,
                editable=False,
                help_text="Changes when all sessions are ended.",
                max_length=32,
            ),
        ),
    ]
