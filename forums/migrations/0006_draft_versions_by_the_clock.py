from django.db import migrations, models


class Migration(migrations.Migration):
    """Deployed code writes no ``form`` and reads any number; a person has a hundred drafts at the most to rewrite."""

    dependencies = [
        ("forums", "0005_activity_weeks"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="form",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="draft",
            name="version",
            field=models.BigIntegerField(default=1),
        ),
    ]
