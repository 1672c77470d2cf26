"""Addresses at the desk that join a case and a topic."""

from django.urls import path

from bridges.views import making, publishing

app_name = "bridges"
urlpatterns = [
    path("topics/<int:topic_id>/case/", making.make_case, name="make_case"),
    path("cases/<case:pk>/publish/", publishing.publish, name="publish"),
]
