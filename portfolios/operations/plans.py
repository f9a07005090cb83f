"""The difference between what rows say and what tables know, and how it is written."""

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import models

from clients.operations.intake import batches
from clients.rules.intake import Counts, LineError, LinesRefused
from core.jobs import Progress, silent

M = TypeVar("M", bound=models.Model)
BATCH = 2000


@dataclass
class Plan(Generic[M]):
    """The difference between what rows say and what is known."""

    new: list[M] = field(default_factory=list)
    changed: list[M] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    unchanged: int = 0

    @property
    def counts(self) -> Counts:
        """Return how many rows were of which fate."""
        ended = len(self.ended) or len(self.changed)
        return Counts(len(self.new) - len(self.ended), ended, self.unchanged)


class Errors:
    """Collects what the tables have against a file, and refuses it as a whole."""

    def __init__(self) -> None:
        self.found: list[LineError] = []

    def add(self, line: int, column: str, code: str, **values: str) -> None:
        """Note one line."""
        self.found.append(LineError(line, column, code, tuple(values.items())))

    def stop(self) -> None:
        """Refuse if anything was noted.

        Raises:
            LinesRefused: with every line noted.
        """
        if self.found:
            raise LinesRefused(self.found)


def known_rows(
    rows: models.QuerySet[M], path: str, values: Iterable[Hashable], key: Callable[[M], Hashable]
) -> dict[Any, M]:
    """Return the rows whose ``path`` is among ``values``, by ``key``."""
    found: dict[Any, M] = {}
    for part in batches(sorted(set(values), key=str)):
        found.update({key(row): row for row in rows.filter(**{f"{path}__in": part})})
    return found


def by_reference(model: type[M], values: Iterable[str]) -> dict[str, M]:
    """Return the rows of a model by the bank's references."""
    rows: models.QuerySet[M] = model._default_manager.all()  # noqa: SLF001  (the documented way to a model's manager)
    return known_rows(rows, "reference", (value for value in values if value), lambda row: row.reference)  # type: ignore[attr-defined]


def said_by(values: Mapping[str, Any]) -> dict[str, Any]:
    """Drop what the row does not say."""
    return {name: value for name, value in values.items() if value is not None and value != ""}


def in_place(plan: Plan[M], model: type[M], known: M | None, said: dict[str, Any], **always: object) -> M:
    """Plan a new row, or the correction of a known one."""
    if known is None:
        row = model(**said, **always)
        plan.new.append(row)
        return row
    if all(getattr(known, name) == value for name, value in said.items()):
        plan.unchanged += 1
        return known
    for name, value in {**said, **always}.items():
        setattr(known, name, value)
    plan.changed.append(known)
    return known


def versioned(plan: Plan[M], model: type[M], known: M | None, said: dict[str, Any], now: dt.datetime) -> None:
    """Plan a first version, or the end of the known one and its successor."""
    if known is None:
        plan.new.append(model(**said, known_at=now))
        return
    if all(getattr(known, name) == value for name, value in said.items()):
        plan.unchanged += 1
        return
    fields = [column.attname for column in model._meta.concrete_fields if not column.primary_key]  # noqa: SLF001
    before = {name: getattr(known, name) for name in fields}
    plan.ended.append(known.pk)
    plan.new.append(model(**{**before, **said, "known_at": now, "superseded_at": None}))


def write(
    plan: Plan[M], model: type[M], fields: Sequence[str], now: dt.datetime, progress: Progress = silent
) -> Counts:
    """Write the plan in batches, old versions first."""
    manager = model._default_manager  # noqa: SLF001
    for part in batches(plan.ended):
        manager.filter(pk__in=part).update(superseded_at=now)
    if plan.changed:
        manager.bulk_update(plan.changed, fields, batch_size=500)
    done = plan.unchanged + len(plan.changed)
    total = done + len(plan.new)
    for rows in batches(plan.new, BATCH):
        manager.bulk_create(rows)
        done += len(rows)
        progress(done, total)
    return plan.counts
