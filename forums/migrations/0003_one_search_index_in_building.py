from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forums", "0002_append_only_trail")]
    operations = [
        migrations.RemoveConstraint(model_name="searchindex", name="search_index_one_being_built"),
        migrations.AddConstraint(
            model_name="searchindex",
            constraint=models.UniqueConstraint(
                condition=models.Q(("built_to__gte", 0), ("is_live", False)),
                fields=("community",),
                name="search_index_one_in_building",
            ),
        ),
    ]
