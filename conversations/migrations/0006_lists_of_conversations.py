from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0005_comparisons")]

    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("pinned_at__isnull", False)),
                fields=["user", "pinned_at"],
                name="conversation_pinned",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(("is_temporary", True)),
                fields=["updated_at"],
                name="conversation_temporary",
            ),
        ),
    ]
