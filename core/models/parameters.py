"""Figures of law and house, by date."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q


class Parameters(models.Manager["Parameter"]):
    """Parameters by the date they govern."""

    def value(self, key: str, *, on: dt.date, jurisdiction: str = "*") -> Any:
        """Return the value of ``key`` that governs ``on``.

        Raises:
            Parameter.DoesNotExist: no row covers that date.
        """
        return self._governing(key, on).filter(jurisdiction=jurisdiction).latest("valid_from").value

    def history(self, key: str, *, jurisdiction: str = "*") -> Callable[[dt.date], Any]:
        """Return what tells the value of ``key`` that governs a day, None where none does: one query for all days."""
        rows = self.filter(key=key, jurisdiction=jurisdiction).order_by("-valid_from")
        known = list(rows.values_list("valid_from", "valid_to", "value"))

        def on(day: dt.date) -> Any:
            return next(
                (value for begins, ends, value in known if begins <= day and (ends is None or day < ends)), None
            )

        return on

    def by_place(self, key: str, *, on: dt.date) -> dict[str, Any]:
        """Return the value of ``key`` that governs ``on`` in each jurisdiction that has one."""
        return dict(self._governing(key, on).order_by("valid_from").values_list("jurisdiction", "value"))

    def _governing(self, key: str, on: dt.date) -> models.QuerySet["Parameter"]:
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), key=key, valid_from__lte=on)


class Parameter(models.Model):
    """An effective-dated figure of law or house: limits, thresholds, rates. The row valid on a date governs it."""

    jurisdiction = models.CharField(max_length=10, default="*")
    key = models.CharField(max_length=80)
    value = models.JSONField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300)

    objects = Parameters()

    class Meta:
        ordering = ["key", "jurisdiction", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "key", "valid_from"], name="parameter_once_per_date"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")), name="parameter_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.key} {self.valid_from}"
