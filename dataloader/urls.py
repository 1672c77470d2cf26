"""Addresses of the Data Loader community: those of every community, under a landing page of its own."""

from django.urls import path

from dataloader import views
from dataloader.constants import SLUG
from forums.urls import urlpatterns as community_urlpatterns
from forums.views import listing

app_name = "dataloader"
_COMMUNITY = {"community": SLUG}

urlpatterns = [
    path("", views.landing, _COMMUNITY, name="home"),
    # What other communities have for a home.
    path("topics/", listing.home, _COMMUNITY, name="topics"),
    path("errors/", views.errors, _COMMUNITY, name="errors"),
    path("errors/<str:code>/", views.error, _COMMUNITY, name="error"),
    *(
        path(str(entry.pattern), entry.callback, {**_COMMUNITY, **entry.default_args}, name=entry.name)
        for entry in community_urlpatterns
        if entry.name != "home"
    ),
]
