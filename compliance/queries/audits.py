"""Reads about audits and openings: who drew or opened what for whom, and what was looked at by it."""

from django.db import models
from django.db.models import Count, Max

from clients import queries as clients
from clients.models import Client, Opening
from compliance.models import Audit
from compliance.queries.trail import looks, trail
from core.models import AuditEvent, Role, User


def auditors() -> models.QuerySet[User]:
    """Return the auditors, by name."""
    return User.objects.filter(role=Role.AUDITOR, is_active=True).order_by("name", "pk")


def audits(*, user: User) -> models.QuerySet[Audit]:
    """Return every audit to compliance, an auditor's own to the auditor, newest first."""
    rows = Audit.objects.select_related("auditor", "drawn_by").order_by("-id")
    return rows if user.role in (Role.COMPLIANCE, Role.SYSTEM) else rows.filter(auditor=user)


def population(audit: Audit) -> models.QuerySet[Client]:
    """Return everybody an audit draws from, in the order of its seed."""
    return clients.ranked(seed=audit.seed, drawn_at=audit.drawn_at)


def drawn_again(audit: Audit) -> bool:
    """Draw a sample once more by its seed and say whether it is the one that is open."""
    again = set(population(audit).values_list("pk", flat=True)[: audit.size])
    return again == set(clients.drawn(audit.origin).order_by().values_list("client_id", flat=True))


def opened(audit: Audit, client_ids: list[int]) -> dict[int, tuple[int, object]]:
    """Return how often and when last the auditor looked at each client since the draw."""
    told = trail(actor=audit.auditor.username).filter(client_id__in=client_ids, at__gte=audit.drawn_at)
    rows = looks(told).order_by().values_list("client_id").annotate(Count("pk"), Max("at"))
    return {client_id: (count, last) for client_id, count, last in rows}


def told_of(verb: str) -> models.QuerySet[AuditEvent, int | None]:
    """Return the rows about which an event was written."""
    return AuditEvent.objects.filter(verb=verb, row_id__isnull=False).order_by().values_list("row_id", flat=True)


def looks_by(opening: Opening) -> list[AuditEvent]:
    """Return what somebody looked at by an opening, oldest first, at most two hundred looks."""
    told = trail(client_id=opening.client_id, actor=opening.person.username)
    return list(looks(told).filter(body__data__openings__contains=[opening.pk]).order_by("id")[:200])
