"""Addresses of a person's own account."""

from django.urls import path

from accounts import guide_views, team_views, views

app_name = "accounts"
urlpatterns = [
    path("", views.profile, name="profile"),
    path("join/", views.join, name="join"),
    path("invitations/<str:signed>/", views.invitation, name="invitation"),
    path("getting-started/", guide_views.getting_started, name="getting_started"),
    path("getting-started/<slug:code>/dismiss/", guide_views.dismiss, name="dismiss_guide"),
    path("getting-started/<slug:code>/reopen/", guide_views.reopen, name="reopen_guide"),
    path("team/", team_views.team, name="team"),
    path("team/<int:pk>/", team_views.account_team, name="account_team"),
    path("team/<int:pk>/invite/", team_views.invite, name="team_invite"),
    path("team/<int:pk>/contacts/<int:contact_pk>/end/", team_views.end_access, name="team_end"),
    path("team/<int:pk>/contacts/<int:contact_pk>/end/undo/", team_views.undo_end_access, name="team_undo_end"),
    path("team/<int:pk>/invitations/<int:invitation_pk>/resend/", team_views.resend, name="team_resend"),
    path("team/<int:pk>/invitations/<int:invitation_pk>/withdraw/", team_views.withdraw, name="team_withdraw"),
    path(
        "team/<int:pk>/invitations/<int:invitation_pk>/withdraw/undo/",
        team_views.undo_withdraw,
        name="team_undo_withdraw",
    ),
]
