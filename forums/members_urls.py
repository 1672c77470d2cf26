"""Addresses of people's public pages."""

from django.urls import path

from forums.views import members

app_name = "members"
urlpatterns = [path("<str:handle>/", members.profile, name="profile")]
