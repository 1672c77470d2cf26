"""The portal's addresses, and pages that no address leads to."""

from django.urls import path

from portal.urls import handler400, handler403, handler404, handler429, handler500
from portal.urls import urlpatterns as portal_urlpatterns
from quality import states

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]

urlpatterns = [
    path("quality/errors/<int:code>/", states.error, name="quality_error"),
    path("quality/templates/<path:name>", states.template, name="quality_template"),
    *portal_urlpatterns,
]
