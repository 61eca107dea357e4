from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inference', '0005_begun_answers_and_titles'),
    ]

    operations = [
        migrations.AddField(
            model_name='aimodel',
            name='projector',
            field=models.CharField(blank=True, help_text='A second GGUF file (mmproj), with which it reads images. Empty: it reads none.', max_length=500, verbose_name='projector'),
        ),
        migrations.AddField(
            model_name='generation',
            name='has_images',
            field=models.BooleanField(default=False, help_text='Its messages show images, which are rows of their own.'),
        ),
        migrations.CreateModel(
            name='RunImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(help_text='By which messages name it.')),
                ('data', models.BinaryField()),
                ('generation', models.ForeignKey(on_delete=models.deletion.CASCADE, related_name='images', to='inference.generation')),
            ],
            options={
                'verbose_name': 'image of a run',
                'verbose_name_plural': 'images of runs',
                'constraints': [models.UniqueConstraint(fields=('generation', 'number'), name='one_image_of_a_number')],
            },
        ),
    ]
