"""How money and rates are kept in columns."""

from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

AMOUNT: dict[str, Any] = {"max_digits": 20, "decimal_places": 4}
RATE: dict[str, Any] = {"max_digits": 20, "decimal_places": 10}
KEPT_ELSEWHERE: dict[str, Any] = {"db_index": False, "db_constraint": False}
"""A foreign key whose index begins another and whose constraint is part of a wider one."""


def changes(name: str) -> list[models.Index]:
    """Return the indexes by which is found what was learned, and what ceased to be believed, since a moment."""
    return [
        BrinIndex(fields=["known_at"], name=f"{name}_known"),
        models.Index(fields=["superseded_at"], condition=Q(superseded_at__isnull=False), name=f"{name}_ended"),
    ]
