"""Addresses of what a person keeps in the forums for themselves, beside their account."""

from django.urls import path

from forums.views import keeping

app_name = "forum_account"
urlpatterns = [
    path("watching/", keeping.watching, name="watching"),
    path("bookmarks/", keeping.bookmarks, name="bookmarks"),
    path("drafts/", keeping.drafts, name="drafts"),
]
