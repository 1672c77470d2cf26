"""The customer's side of cases."""

from django.urls import URLPattern, path

from cases import views

app_name = "cases"
urlpatterns: list[URLPattern] = [
    path("", views.case_list, name="list"),
    path("activity/", views.activity, name="activity"),
    path("new/", views.create, name="create"),
    path("new/extras/", views.filing_extras, name="filing_extras"),
    path("drafts/", views.save_draft, name="save_draft"),
    path("drafts/discard/", views.discard_draft, name="discard_draft"),
    path("drafts/restore/", views.restore_draft, name="restore_draft"),
    path("preview/", views.preview, name="preview"),
    path("subject-check/", views.subject_check, name="subject_check"),
    path("<case:pk>/", views.detail, name="detail"),
    path("<case:pk>/filed/", views.filed, name="filed"),
    path("<case:pk>/reply/", views.reply, name="reply"),
    path("<case:pk>/status/", views.move, name="move"),
    path("<case:pk>/edit/", views.edit, name="edit"),
    path("<case:pk>/verification/", views.verify, name="verify"),
    path("<case:pk>/followers/", views.follow, name="follow"),
    path("<case:pk>/followers/remove/", views.unfollow, name="unfollow"),
    path("<case:pk>/files/<str:token>/<str:name>", views.attachment, name="attachment"),
]
