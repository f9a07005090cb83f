"""Reads about mappings: the newest version of each name is the one in use."""

from django.db.models import QuerySet

from portfolios.models import FeedMapping


def mappings() -> QuerySet[FeedMapping]:
    """Return the mappings in use, by name."""
    newest = FeedMapping.objects.order_by("name", "-version").distinct("name").values("pk")
    return FeedMapping.objects.filter(pk__in=newest).select_related("saved_by").order_by("name")


def mapping_names() -> dict[int, str]:
    """Return the names of the mappings in use by their ids."""
    return dict(mappings().values_list("pk", "name"))


def versions(*, name: str) -> QuerySet[FeedMapping]:
    """Return every version of a mapping, newest first."""
    return FeedMapping.objects.filter(name=name).select_related("saved_by").order_by("-version")
