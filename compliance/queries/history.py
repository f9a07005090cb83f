"""One record through time: its versions as the trail holds them, and what it was on a day."""

import datetime as dt
from dataclasses import dataclass

from django.apps import apps

from compliance.queries.trail import Line, lines, midnight
from core.models import AuditEvent

MOST = 1000
ROW = "row:"


@dataclass(frozen=True)
class History:
    """A record's versions, newest first, and its values as known at the end of a day; ``stood`` says it was there."""

    table: str
    row_id: int
    versions: list[Line]
    known: list[tuple[str, str]]
    stood: bool
    cut: bool

    @property
    def client_id(self) -> int | None:
        """Return whose record it is, None where it is nobody's."""
        return next((one.event.client_id for one in self.versions if one.event.client_id is not None), None)


def history(*, table: str, row_id: int, on: dt.date) -> History:
    """Return a record of the trail, at most its last thousand versions; the wall shows it to who reads everything.

    Raises:
        AuditEvent.DoesNotExist: the trail knows no such record.
    """
    rows = AuditEvent.objects.select_related("actor", "behalf").filter(
        table_name=table, row_id=row_id, verb__startswith=ROW
    )
    newest = list(rows.order_by("-id")[: MOST + 1])
    if not newest:
        raise AuditEvent.DoesNotExist
    versions, behind = lines(newest[:MOST]), midnight(on + dt.timedelta(days=1))
    values, stood = dict[str, str](), False
    for line in reversed(versions):
        if line.event.at >= behind:
            break
        stood = line.event.verb != "row:delete"
        values = {**({} if line.event.verb == "row:insert" else values), **{n: after for n, _b, after in line.changes}}
    words = _labels(table)
    known = [(words.get(name, name), _shown(value)) for name, value in sorted(values.items()) if value] if stood else []
    return History(table, row_id, versions, known, stood, cut=len(newest) > MOST)


def _labels(table: str) -> dict[str, str]:
    """Return what the columns of a table are called; none where no model has it any more."""
    model = next((one for one in apps.get_models() if one._meta.db_table == table), None)  # noqa: SLF001
    fields = model._meta.concrete_fields if model else []  # noqa: SLF001  (Django's own name for it)
    return {str(field.column): str(field.verbose_name) for field in fields}


def _shown(value: str) -> str:
    """Leave out bytes: what is sealed is read nowhere but where it is opened."""
    return "•••" if value.startswith("\\x") else value
