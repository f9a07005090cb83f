"""Addresses of the portfolios room."""

from django.urls import path

from portfolios.views import feeds

app_name = "portfolios"
urlpatterns = [
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/<int:run_id>/", feeds.feed, name="feed"),
    path("feeds/<int:run_id>/progress/", feeds.feed_progress, name="feed_progress"),
    path("feeds/<int:run_id>/errors.csv", feeds.feed_errors, name="feed_errors"),
]
