"""Addresses of the public status site. The snapshot's middleware answers them; the view only where it cannot."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from status import views

PAGES = [
    path("", views.published, name="home"),
    path("history/", views.published, name="history"),
    re_path(r"^history/(?P<month>\d{4}-\d{2})/$", views.published, name="month"),
    re_path(r"^incidents/(?P<incident>[a-z0-9]{12})/$", views.published, name="incident"),
    re_path(r"^components/(?P<component>[a-z0-9]{12})/$", views.published, name="component"),
    path("history.atom", views.published, name="atom"),
    path("history.rss", views.published, name="rss"),
]
_LANGUAGES = "|".join(code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE)

app_name = "status"
urlpatterns: list[URLPattern | URLResolver] = [
    *PAGES,
    path("calendar.ics", views.published, name="calendar"),
    path("badge.svg", views.published, name="badge"),
    path("widget.js", views.published, name="widget_script"),
    path("widget/", views.published, name="widget"),
    path("as-of.json", views.published, name="as_of"),
]
if _LANGUAGES:
    urlpatterns.append(re_path(rf"^(?P<language>{_LANGUAGES})/", include((PAGES, "translated"))))
