"""The reviews room."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """What is owed to whom: maturities and periodic reviews, and their decisions."""

    name = "reviews"
