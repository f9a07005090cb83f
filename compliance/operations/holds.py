"""Stopping decisions for a client, and letting them go on."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from clients import queries as clients
from clients.access import Permission
from compliance.models import Hold, HoldReason
from core import audit
from core.errors import Refused
from core.models import User


@transaction.atomic
def place_hold(*, user: User, client_id: int, reason: str, now: dt.datetime, kind: str = Hold.Kind.STOP.value) -> Hold:
    """Stop decisions for a client, or by a legal hold only that it is erased. The reason stays with compliance.

    Raises:
        Client.DoesNotExist: no such client for this user.
        Refused: the client is held so already.
    """
    client = clients.client(user=user, client_id=client_id, permission=Permission.HOLD_PLACE)
    if Hold.objects.filter(client=client, kind=kind, lifted_at__isnull=True).exists():
        raise Refused("held-already", _("This client is on hold already."))
    hold = Hold.objects.create(client=client, kind=kind, placed_by=user, placed_at=now)
    HoldReason.objects.create(client=client, hold=hold, text=reason)
    audit.record(f"{_noun(hold)}:place", client_id=client.pk, row=("compliance_hold", hold.pk))
    return hold


@transaction.atomic
def lift_hold(*, user: User, hold_id: int, reason: str, now: dt.datetime) -> Hold:
    """Let decisions go on.

    Raises:
        Hold.DoesNotExist: no such hold for this user.
        Refused: it was lifted before.
    """
    hold = Hold.objects.select_for_update(of=("self",)).get(pk=hold_id)
    if hold.lifted_at is not None:
        raise Refused("lifted-already", _("This hold was lifted before."))
    hold.lifted_by, hold.lifted_at = user, now
    hold.save(update_fields=["lifted_by", "lifted_at"])
    HoldReason.objects.create(client_id=hold.client_id, hold=hold, text=reason)
    audit.record(f"{_noun(hold)}:lift", client_id=hold.client_id, row=("compliance_hold", hold.pk))
    return hold


def _noun(hold: Hold) -> str:
    """Return what acts on a hold are called; of legal holds nobody outside compliance hears, webhooks included."""
    return "legal" if hold.kind == Hold.Kind.LEGAL else "hold"
