"""The desk."""

from django.urls import URLPattern, path

from cases.desk_views import activity, acts, alerts, cases, composer, filing, queue

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("", queue.queue, name="queue"),
    path("new/", filing.choose_account, name="new"),
    path("new/<int:account_id>/", filing.file_case, name="file"),
    path("accounts/<int:account_id>/activity/", activity.activity, name="activity"),
    path("alerts/<str:token>/", alerts.acknowledge, name="acknowledge"),
    path("<case:pk>/", cases.case, name="case"),
    path("<case:pk>/take/", queue.take, name="take"),
    path("<case:pk>/reply/", composer.compose, name="reply"),
    path("<case:pk>/edit/", acts.edit, name="edit"),
    path("<case:pk>/status/", acts.status, name="status"),
    path("<case:pk>/owner/", acts.owner, name="owner"),
    path("<case:pk>/priority/", acts.priority, name="priority"),
    path("<case:pk>/severity/", acts.severity, name="severity"),
    path("<case:pk>/lower/", acts.lower, name="lower"),
    path("<case:pk>/escalation/", acts.escalation, name="escalation"),
    path("<case:pk>/verification/", acts.verify, name="verify"),
    path("<case:pk>/followers/", acts.follower, name="follower"),
]
