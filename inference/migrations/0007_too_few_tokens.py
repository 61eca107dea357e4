from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inference', '0006_images'),
    ]

    operations = [
        migrations.AlterField(
            model_name='generation',
            name='reason',
            field=models.CharField(blank=True, choices=[('stop', 'the answer was complete'), ('length', 'the limit of tokens was reached'), ('cancelled', 'stopped by its user'), ('deadline', 'it took too long'), ('too_long', "its messages do not fit the model's context"), ('unreadable', 'the model cannot read its messages'), ('grammar', 'its grammar cannot be followed'), ('too_few', 'no complete answer fits its limit of tokens'), ('error', 'an error')], max_length=10),
        ),
    ]
