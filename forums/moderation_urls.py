"""Addresses of moderation."""

from django.urls import path

from forums.views import moderation, standing

app_name = "moderation"
urlpatterns = [
    path("", moderation.queue, name="queue"),
    path("trail/", moderation.trail, name="trail"),
    path("reviews/<int:pk>/decide/", moderation.decide, name="decide"),
    path("posts/<int:pk>/hide/", moderation.hide, name="hide"),
    path("posts/<int:pk>/restore/", moderation.restore, name="restore"),
    path("members/<str:handle>/", standing.member, name="member"),
    path("members/<str:handle>/standing/", standing.change_standing, name="change_standing"),
    path("members/<str:handle>/clean-up/", standing.clean_up, name="clean_up"),
]
