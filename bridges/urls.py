"""Addresses that join a case with a topic or an incident: most at the desk."""

from django.urls import path

from bridges.views import incidents, making, publishing

app_name = "bridges"
urlpatterns = [
    path("desk/topics/<int:topic_id>/case/", making.make_case, name="make_case"),
    path("desk/cases/<case:pk>/publish/", publishing.publish, name="publish"),
    path("desk/cases/<case:pk>/incidents/", incidents.link, name="link_incident"),
    path("desk/cases/<case:pk>/incidents/remove/", incidents.unlink, name="unlink_incident"),
    path("cases/incidents/<slug:public_id>/", incidents.cases, name="cases_of_incident"),
]
