"""Addresses of files."""

from django.urls import path

from files import views

app_name = "files"
urlpatterns = [
    path("", views.stage, name="stage"),
    path("<str:token>/discard/", views.discard, name="discard"),
]
