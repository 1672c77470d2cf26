"""The portal's addresses, and the page that the others are measured against."""

from django.urls import path

from benchmarks.floor import bare, floor, public_floor
from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as portal_urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("benchmark-floor/", floor, name="benchmark_floor"),
    path("benchmark-public-floor/", public_floor, name="benchmark_public_floor"),
    path("benchmark-bare/<int:size>/", bare, name="benchmark_bare"),
    *portal_urlpatterns,
]
