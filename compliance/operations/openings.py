"""Opening a client in an emergency: never without an alarm that somebody else of compliance received."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from clients import operations as clients_write
from clients import queries as clients
from clients.models import Opening
from compliance import queries
from compliance.operations.letters import tell
from core import audit
from core.errors import Refused
from core.models import User

LATE = "opening:late"


@transaction.atomic
def open_client(*, user: User, client_id: int, person_id: int, minutes: int, reason: str, now: dt.datetime) -> Opening:
    """Open one client to somebody for at most an hour, and tell the rest of compliance before it counts.

    Raises:
        Client.DoesNotExist: there is no such client.
        Refused: it may not be opened so, or the alarm reaches nobody else of compliance.
    """
    opening = clients_write.open_client(
        user=user, client_id=client_id, person_id=person_id, minutes=minutes, reason=reason, now=now
    )
    if not tell("compliance/opening_mail.txt", {"opening": opening}, now=now) - {user.pk}:
        raise Refused("alarm-unsent", _("The alarm to compliance could not be sent, so nothing was opened."))
    return opening


def watch_openings(*, user: User, now: dt.datetime) -> list[int]:
    """Raise the alarm, once, for emergencies that nobody reviewed within a day; return their numbers."""
    late = clients.openings(user=user).filter(
        kind=Opening.Kind.EMERGENCY, reviewed_at__isnull=True, valid__startswith__lt=now - clients.REVIEW_WITHIN
    )
    raised = []
    for opening in late.exclude(pk__in=queries.told_of(LATE)):
        if tell("compliance/late_mail.txt", {"opening": opening}, now=now):
            audit.record(LATE, client_id=opening.client_id, row=("clients_opening", opening.pk))
            raised.append(opening.pk)
    return raised
