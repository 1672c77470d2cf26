"""Addresses of a person's own status subscriptions, beside their account."""

from django.urls import path

from status import account_views

app_name = "status_account"
urlpatterns = [
    path("", account_views.subscriptions, name="subscriptions"),
]
