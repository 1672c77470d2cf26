"""Addresses of moderation."""

from django.urls import path

from forums.views import moderation

app_name = "moderation"
urlpatterns = [
    path("", moderation.queue, name="queue"),
    path("trail/", moderation.trail, name="trail"),
    path("reviews/<int:pk>/decide/", moderation.decide, name="decide"),
    path("posts/<int:pk>/hide/", moderation.hide, name="hide"),
    path("posts/<int:pk>/restore/", moderation.restore, name="restore"),
    path("members/<str:handle>/", moderation.member, name="member"),
    path("members/<str:handle>/standing/", moderation.change_standing, name="change_standing"),
    path("members/<str:handle>/clean-up/", moderation.clean_up, name="clean_up"),
]
