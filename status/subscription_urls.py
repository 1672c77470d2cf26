"""Addresses of subscribing: pages of the portal beside the published ones."""

from django.conf import settings
from django.urls import path, re_path

from status import subscription_views as views

_LANGUAGES = "|".join(code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE)

app_name = "status_subscriptions"
urlpatterns = [
    path("subscribe/", views.subscribe, name="subscribe"),
    path("subscribe/sent/", views.sent, name="sent"),
    path("subscriptions/confirm/<str:token>/", views.confirm, name="confirm"),
    path("subscriptions/<str:token>/", views.manage, name="manage"),
    path("subscriptions/<str:token>/unsubscribe/", views.unsubscribe, name="unsubscribe"),
    path("subscriptions/<str:token>/resume/", views.resume, name="resume"),
    path("subscriptions/<str:token>/secret/", views.renew_secret, name="renew_secret"),
    path("subscriptions/<str:token>/test/", views.test, name="test"),
]
if _LANGUAGES:
    # The forms on translated pages post beside themselves.
    urlpatterns.append(re_path(rf"^(?P<language>{_LANGUAGES})/subscribe/$", views.subscribe, name="subscribe_in"))
