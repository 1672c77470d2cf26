"""Every address of the site. DESIGN's table of addresses is the contract."""

from django.contrib import admin
from django.urls import include, path

from portal import language_views, search_views, views

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.permission_denied"
handler404 = "portal.errors.not_found"
# The name by which allauth's limits look for it.
handler429 = "portal.errors.too_many"
handler500 = "portal.errors.server_error"

urlpatterns = [
    path("", views.home, name="home"),
    path("support/", views.support, name="support"),
    path("language/", language_views.choose, name="language"),
    path("accounts/", include("allauth.urls")),
    path("account/", include("accounts.urls")),
    path("account/notifications/", include("notifications.urls")),
    path("files/", include("files.urls")),
    path("cases/", include("cases.urls")),
    path("desk/", include("cases.desk_urls")),
    path("", include("bridges.urls")),
    path("styleguide/", include("portal.styleguide.urls")),
    path("search/", search_views.search, name="search"),
    path("palette/", search_views.palette, name="palette"),
    path("forums/", include("forums.discuss_urls")),
    path("forums/", include("forums.urls", namespace="forums"), {"community": "community"}),
    path("data-loader/", include("dataloader.urls")),
    path("communities/<slug:community>/", include("forums.urls", namespace="communities")),
    path("members/", include("forums.members_urls")),
    path("moderation/", include("forums.moderation_urls")),
    path("account/", include("forums.account_urls")),
    path("", include("forums.sitemap_urls")),
    path("status/", include("status.subscription_urls")),
    path("account/status/", include("status.account_urls")),
    path("status/manage/", include("status.console_urls")),
    path("status/", include("status.urls")),
    path("status/api/v1/", include("status.api.urls")),
    path("status/api/v2/", include("status.api_urls")),
    path("api/v2/", include("status.api_urls", namespace="api")),
    path("admin/", admin.site.urls),
]
