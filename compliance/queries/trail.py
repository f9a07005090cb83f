"""Reads about the trail, put into words."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language

from clients import queries as clients
from clients.access import Permission, Scope, scope_of
from compliance.queries.acts import ACTS
from core.models import AuditEvent, AuditValue, User

HOUSE = ("session:", "access:", "staff:", "token:", "webhook:", "row:", "export:", "trail:")
ROW = "row:"
UNREAD = [
    f"{person}__{field.name}"
    for person in ("actor", "behalf")
    for field in User._meta.concrete_fields  # noqa: SLF001  (Django's own name for it)
    if field.name not in {"id", "name", "username"}
]
"""What the trail does not tell of people: it would be read and unpacked once for each event."""


@dataclass(frozen=True)
class Line:
    """One event as the trail page shows it: in words, with what changed before and after."""

    event: AuditEvent
    act: str
    client_name: str
    changes: list[tuple[str, str, str]]

    @property
    def pk(self) -> int:
        """Return the number of the event."""
        return self.event.pk

    @property
    def client_id(self) -> int | None:
        """Return the number of the client."""
        return self.event.client_id


def trail(
    *,
    client_id: int | None = None,
    actor: str = "",
    verb: str = "",
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> models.QuerySet[AuditEvent]:
    """Return events, newest first. Whose is decided by the wall on the trail: own, the team's, or all.

    ``verb`` is a known act, or what several begin with; ``actor`` a user name, or a part of one or of a name; dates are
    inclusive.
    """
    rows = AuditEvent.objects.select_related("actor", "behalf").defer(*UNREAD).order_by("-id")
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if actor:
        rows = _by(rows, list(_people(actor)))
    if verb:
        rows = rows.filter(verb=verb) if verb in ACTS else rows.filter(verb__startswith=verb)
        rows = rows if verb.startswith(ROW) else _acts_only(rows)
    if since:
        rows = rows.filter(at__gte=midnight(since))
    if until:
        rows = rows.filter(at__lt=midnight(until + dt.timedelta(days=1)))
    return rows


def _by(rows: models.QuerySet[AuditEvent], people: list[int]) -> models.QuerySet[AuditEvent]:
    """Keep what people did, and what was done for them; who had nothing done is read by one index, in its order."""
    for_them = models.Q(behalf__in=people)
    if not AuditEvent.objects.filter(for_them).exists():
        return rows.filter(actor__in=people)
    return rows.filter(models.Q(actor__in=people) | for_them)


def _people(words: str) -> models.QuerySet[User, int]:
    """Return the ids of people by user name, or by a part of the name where nobody has that user name."""
    exact = User.objects.filter(username=words.lower()).values_list("pk", flat=True)
    return exact or User.objects.filter(name__icontains=words).values_list("pk", flat=True)


def _acts_only(rows: models.QuerySet[AuditEvent]) -> models.QuerySet[AuditEvent]:
    """Leave out the rows that changed, which are almost everything; an index holds the rest."""
    return rows.exclude(verb__startswith=ROW)


def midnight(day: dt.date) -> dt.datetime:
    """Return the instant at which a day begins at the bank."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=timezone.get_current_timezone())


def looks(events: models.QuerySet[AuditEvent]) -> models.QuerySet[AuditEvent]:
    """Keep the events in which somebody saw something."""
    return _acts_only(events.filter(verb__endswith=":read"))


def acts_of(*, user: User) -> dict[str, str]:
    """Return the acts that the person's trail may hold, verb to words: an administrator reads those of the house."""
    house = scope_of(user, Permission.TRAIL_READ) is Scope.NONE
    return {verb: words for verb, words in _words(get_language()).items() if not house or verb.startswith(HOUSE)}


@cache
def _words(_language: str | None) -> dict[str, str]:
    """Return every act in the words of the active language, in the order of the words."""
    return dict(sorted(((verb, str(words)) for verb, words in ACTS.items()), key=itemgetter(1)))


def lines(events: list[AuditEvent]) -> list[Line]:
    """Put events into words, with personal values where the reader may see them; two queries for any number."""
    names = clients.names({event.client_id for event in events if event.client_id is not None})
    kept = AuditValue.objects.filter(pk__in=[event.pk for event in events])
    values = {row.pk: {path: value for path, (_salt, value) in row.secrets.items()} for row in kept}
    words = _words(get_language())
    return [
        Line(e, words.get(e.verb, e.verb), names.get(e.client_id or 0, ""), _changes(e, values.get(e.pk, {})))
        for e in events
    ]


def _changes(event: AuditEvent, values: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return (field, before, after) of a row change, or the plain members of an event."""
    data: dict[str, Any] = event.body.get("data") or {}
    if event.verb == "row:update":
        pairs = {
            name: (_word(old, values.get(f"{name}.0")), _word(new, values.get(f"{name}.1")))
            for name, (old, new) in data.items()
        }
        return [(name, before, after) for name, (before, after) in sorted(pairs.items())]
    shown = {name: _word(value, values.get(name)) for name, value in sorted(data.items())}
    if event.verb == "row:delete":
        return [(name, value, "") for name, value in shown.items() if value]
    return [(name, "", value) for name, value in shown.items() if value]


def _word(value: Any, personal: str | None) -> str:
    """Return a value as text: the personal one where it may be seen, else a mark that it is sealed."""
    if personal is not None:
        return personal
    if isinstance(value, dict) and set(value) == {"sha256"}:
        return f"••• {value['sha256'][:8]}"
    if value is None or value in ("", [], {}):
        return ""
    return str(value)
