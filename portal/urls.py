"""Every address of the site. DESIGN's table of addresses is the contract."""

from django.contrib import admin
from django.urls import include, path

from portal import views

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.permission_denied"
handler404 = "portal.errors.not_found"
handler500 = "portal.errors.server_error"

urlpatterns = [
    path("", views.home, name="home"),
    path("support/", views.support, name="support"),
    path("accounts/", include("allauth.urls")),
    path("account/", include("accounts.urls")),
    path("account/notifications/", include("notifications.urls")),
    path("files/", include("files.urls")),
    path("cases/", include("cases.urls")),
    path("desk/", include("cases.desk_urls")),
    path("admin/", admin.site.urls),
]
