"""The desk."""

from django.urls import URLPattern, path, register_converter

from cases import desk_views
from cases.numbers import CaseNumberConverter

register_converter(CaseNumberConverter, "case")

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("", desk_views.queue, name="queue"),
    path("<case:pk>/", desk_views.case, name="case"),
    path("alerts/<str:token>/", desk_views.acknowledge, name="acknowledge"),
]
