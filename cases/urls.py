"""The customer's side of cases."""

from django.urls import URLPattern, path, register_converter

from cases import views
from cases.numbers import CaseNumberConverter

register_converter(CaseNumberConverter, "case")

app_name = "cases"
urlpatterns: list[URLPattern] = [
    path("", views.case_list, name="list"),
    path("new/", views.create, name="create"),
    path("preview/", views.preview, name="preview"),
    path("<case:pk>/", views.detail, name="detail"),
]
