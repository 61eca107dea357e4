from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0004_inspections"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="comparison",
            name="instructions",
            field=models.TextField(blank=True, verbose_name="instructions"),
        ),
        migrations.AddField(
            model_name="comparison",
            name="voted_blind",
            field=models.BooleanField(
                default=False, help_text="The names were hidden when this vote was given."
            ),
        ),
        migrations.AddIndex(
            model_name="comparison",
            index=models.Index(fields=["user", "-created_at"], name="comparison_recent"),
        ),
    ]
