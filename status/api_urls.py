"""Addresses of the read API: Statuspage's, version 2."""

from django.urls import path

from status import views

FILES = (
    "status",
    "summary",
    "components",
    "incidents",
    "incidents/unresolved",
    "scheduled-maintenances",
    "scheduled-maintenances/upcoming",
    "scheduled-maintenances/active",
)
app_name = "status_read_api"
urlpatterns = [path(f"{name}.json", views.published, name=name.replace("/", "_").replace("-", "_")) for name in FILES]
