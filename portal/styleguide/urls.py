"""``/styleguide/``."""

from django.urls import path

from portal.styleguide import views

urlpatterns = [
    path("", views.styleguide, name="styleguide"),
    path("errors/<slug:code>/", views.error_page, name="styleguide_error"),
]
