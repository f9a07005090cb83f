"""Reads about holds: whether a client is held, and for compliance alone, why, and what is kept for a court."""

from django.db import models
from django.db.models import Q

from clients.access import Permission, scoped
from compliance.models import Hold, HoldReason
from core.models import User

STANDS = Q(lifted_at__isnull=True)
STOPS = STANDS & Q(kind=Hold.Kind.STOP)


def on_hold(client_id: int) -> bool:
    """Say whether compliance holds decisions for the client. Never says why."""
    return Hold.objects.filter(STOPS, client_id=client_id).exists()


def held(*, user: User) -> set[int]:
    """Return the ids of the user's clients that are on hold."""
    rows = scoped(Hold.objects.filter(STOPS), user, Permission.HOLD_STATUS)
    return set(rows.order_by().values_list("client_id", flat=True))


def standing(*, user: User, client_id: int) -> list[Hold]:
    """Return the holds that stand, of either kind, for compliance."""
    return list(scoped(Hold.objects.filter(STANDS, client_id=client_id), user, Permission.HOLD_READ))


def holds(*, user: User) -> models.QuerySet[Hold]:
    """Return every hold with its client, newest first, for compliance."""
    rows = scoped(Hold.objects.all(), user, Permission.HOLD_READ)
    return (
        rows.select_related("client", "placed_by", "lifted_by")
        .prefetch_related("reasons")
        .order_by("-placed_at", "-id")
    )


def reasons(*, user: User, client_id: int) -> models.QuerySet[HoldReason]:
    """Return why a client was held and released, for compliance."""
    return scoped(HoldReason.objects.filter(client_id=client_id), user, Permission.HOLD_READ).order_by("-id")
