"""Addresses of notifications."""

from django.http import HttpResponse
from django.urls import path

app_name = "notifications"
urlpatterns = [
    path("unsubscribe/<str:token>/", lambda request, token: HttpResponse(), name="unsubscribe"),
]
