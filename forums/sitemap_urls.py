"""Addresses for search engines."""

from django.urls import path

from forums.views import sitemaps

app_name = "sitemaps"
urlpatterns = [
    path("sitemap.xml", sitemaps.index, name="index"),
    path("sitemap-<slug:community>-<int:block>.xml", sitemaps.block, name="block"),
    path("robots.txt", sitemaps.robots, name="robots"),
]
