"""Addresses of notifications."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.sent, name="sent"),
    path("preferences/", views.preferences, name="preferences"),
    path("centre/", views.unread, name="centre"),
    path("read/", views.read_all, name="read_all"),
    path("read/<int:stamp>/undo/", views.undo_read_all, name="undo_read_all"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("<int:delivery_id>/", views.detail, name="detail"),
    path("<int:delivery_id>/body/", views.body, name="body"),
    path("<int:delivery_id>/read/", views.read, name="read"),
]
