"""Addresses of one community: included once for each that has an address of its own, and once for all others."""

from django.urls import path

from forums.views import activity, asking, feeds, leaderboard, listing, searching, topic

app_name = "forums"
urlpatterns = [
    path("", listing.home, name="home"),
    path("ask/", asking.ask, name="ask"),
    path("ask/similar/", asking.similar, name="similar"),
    path("search/", searching.community_search, name="search"),
    path("c/<slug:category>/", listing.category, name="category"),
    path("tags/", listing.tags, name="tags"),
    path("tags/<str:tag>/", listing.tag, name="tag"),
    path("t/<int:pk>/", topic.topic, name="topic_by_number"),
    path("t/<int:pk>/<str:slug>/", topic.topic, name="topic"),
    path("leaderboard/", leaderboard.leaderboard, name="leaderboard"),
    path("activity/", activity.activity, name="activity"),
    path("feed.atom", feeds.community_feed, name="feed"),
    path("c/<slug:category>/feed.atom", feeds.category_feed, name="category_feed"),
    path("tags/<str:tag>/feed.atom", feeds.tag_feed, name="tag_feed"),
]
