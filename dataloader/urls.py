"""Addresses of the Data Loader community: those of every community, under a landing page of its own."""

from django.urls import path

from forums.urls import urlpatterns as community_urlpatterns

app_name = "dataloader"
_COMMUNITY = {"community": "data-loader"}

urlpatterns = [
    *(
        path(str(entry.pattern), entry.callback, {**_COMMUNITY, **entry.default_args}, name=entry.name)
        for entry in community_urlpatterns
    ),
]
