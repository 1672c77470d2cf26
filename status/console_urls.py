"""The operators' console."""

from django.urls import URLPattern, path

from status.console.views import components, incident, opening, overview, past, planning, previewing, updating

app_name = "status_console"
urlpatterns: list[URLPattern] = [
    path("", overview.overview, name="overview"),
    path("history/", overview.history, name="history"),
    path("text/", previewing.text, name="text"),
    path("incidents/new/", opening.open_incident, name="open"),
    path("incidents/past/", past.enter_past, name="past"),
    path("maintenance/new/", planning.schedule, name="schedule"),
    path("incidents/<str:public_id>/", incident.incident, name="incident"),
    path("incidents/<str:public_id>/update/", updating.post_update, name="update"),
    path("incidents/<str:public_id>/move/", updating.move, name="move"),
    path("incidents/<str:public_id>/edit/", incident.edit, name="edit"),
    path("incidents/<str:public_id>/draft/", opening.edit_draft, name="draft"),
    path("incidents/<str:public_id>/publish/", opening.publish, name="publish"),
    path("incidents/<str:public_id>/bring-back/", opening.bring_back, name="bring_back"),
    path("incidents/<str:public_id>/discard/", opening.discard, name="discard"),
    path("incidents/<str:public_id>/plan/", planning.reschedule, name="reschedule"),
    path("incidents/<str:public_id>/cancel/", planning.cancel, name="cancel"),
    path("updates/<str:public_id>/edit/", incident.edit_update, name="edit_update"),
    path("components/", components.component_list, name="components"),
    path("components/<str:public_id>/status/", components.set_status, name="set_status"),
]
