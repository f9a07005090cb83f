"""What a bank file did, as the trail tells it: the rows it added and changed, with what was there before.

The trail is the only record of it, so what a dry run shows and what is taken back is what the evidence says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Field, Model

from core.models import AuditEvent, AuditValue

ADDED, CHANGED = "new", "changed"
SHOWN = 50
"""So many rows of each fate are shown of a dry run."""
SILENT = {"id", "sort_name", "seal_id", "sealed", "index", "version", "known_at", "superseded_at", "created_at"}
SILENT |= {"statement_secret", "invented", "valid"}
Values = dict[str, Any]


@dataclass(frozen=True)
class Trace:
    """The events of one transaction between two marks of the trail."""

    xid: str
    after: int
    until: int

    @classmethod
    def of_transaction(cls, *, after: int) -> "Trace":
        """Return what the current transaction did since ``after``."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text")
            return cls(cursor.fetchone()[0], after, mark())

    def preview(self) -> list[Values]:
        """Return the first rows of each fate: ``{fate, table, row, values: {column: [old, new]}}``."""
        return [
            told for verb, fate in (("row:insert", ADDED), ("row:update", CHANGED)) for told in self._first(verb, fate)
        ]

    def _first(self, verb: str, fate: str) -> Iterator[Values]:
        events = AuditEvent.objects.filter(id__gt=self.after, id__lte=self.until, xid=self.xid, verb=verb)
        kept = [event for event in events.order_by("id")[: SHOWN * 4] if told_of(event.table_name)][:SHOWN]
        secrets = dict(AuditValue.objects.filter(pk__in=[event.pk for event in kept]).values_list("pk", "secrets"))
        for event in kept:
            values = _shown(event, secrets.get(event.pk, {}))
            if values:
                yield {"fate": fate, "table": event.table_name, "row": event.row_id, "values": values}


def mark() -> int:
    """Return the number of the trail's latest event that is given out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM core_auditevent")
        return int(cursor.fetchone()[0])


def told_of(table: str) -> "type[Model] | None":
    """Return the model of a table that a file writes, None for the run itself and what belongs to no room."""
    for model in apps.get_models():
        if model._meta.db_table == table and table != "portfolios_feedrun":  # noqa: SLF001
            return model
    return None


def clear(event: AuditEvent, secrets: Values) -> Values:
    """Return an event's data with the personal values in their place.

    Raises:
        KeyError: one of them was erased.
    """
    data: Values = {}
    for name, value in event.body["data"].items():
        if isinstance(value, list):
            data[name] = [_open(side, f"{name}.{place}", secrets) for place, side in enumerate(value)]
        else:
            data[name] = _open(value, name, secrets)
    return data


def _open(value: Any, path: str, secrets: Values) -> Any:
    return secrets[path][1] if isinstance(value, dict) and "sha256" in value else value


def _shown(event: AuditEvent, secrets: Values) -> Values:
    model = told_of(event.table_name)
    assert model is not None  # chosen by it  # noqa: S101
    fields = {field.column: field for field in model._meta.concrete_fields}  # noqa: SLF001
    changed = event.verb == "row:update"
    values = {}
    for name, value in clear(event, secrets).items():
        if _is_shown(fields.get(name)) and (changed or value not in (None, "")):
            values[name] = value if changed else [None, value]
    return values


def _is_shown(field: "Field[Any, Any] | None") -> bool:
    return field is not None and field.name not in SILENT and not field.is_relation
