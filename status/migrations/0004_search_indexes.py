from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("status", "0003_automation"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="incident",
            index=GinIndex(SearchVector("name", config="english"), name="incident_search"),
        ),
        migrations.AddIndex(
            model_name="incidentupdate",
            index=GinIndex(SearchVector("body", config="english"), name="incident_update_search"),
        ),
    ]
