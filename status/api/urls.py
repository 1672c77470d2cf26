"""Addresses of the write API, version 1."""

from django.urls import path, re_path

from status.api import alertmanager, components, incidents, maintenance
from status.api.access import unknown

app_name = "status_write_api"
ID = "[a-z0-9]{12}"
urlpatterns = [
    path("incidents/", incidents.collection, name="incidents"),
    re_path(rf"^incidents/(?P<incident>{ID})/$", incidents.one, name="incident"),
    re_path(rf"^incidents/(?P<incident>{ID})/updates/$", incidents.updates, name="incident_updates"),
    re_path(rf"^incidents/(?P<incident>{ID})/publish/$", incidents.publishing, name="incident_publish"),
    path("maintenances/", maintenance.collection, name="maintenances"),
    re_path(rf"^maintenances/(?P<maintenance_id>{ID})/$", maintenance.one, name="maintenance"),
    re_path(rf"^maintenances/(?P<maintenance_id>{ID})/updates/$", maintenance.updates, name="maintenance_updates"),
    re_path(rf"^maintenances/(?P<maintenance_id>{ID})/start/$", maintenance.starting, name="maintenance_start"),
    re_path(rf"^maintenances/(?P<maintenance_id>{ID})/complete/$", maintenance.completing, name="maintenance_complete"),
    re_path(rf"^maintenances/(?P<maintenance_id>{ID})/cancel/$", maintenance.cancelling, name="maintenance_cancel"),
    path("components/", components.collection, name="components"),
    re_path(rf"^components/(?P<component>{ID})/$", components.one, name="component"),
    path("alertmanager/", alertmanager.view, name="alertmanager"),
    path("<path:rest>", unknown, name="unknown"),
]
