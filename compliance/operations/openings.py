"""Opening a client in an emergency: never without an alarm that somebody else of compliance received."""

import datetime as dt
import uuid
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import structlog
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from clients import operations as clients_write
from clients import queries as clients
from clients.models import Opening
from compliance import queries
from core import audit, post
from core.errors import Refused
from core.models import Role, User

LATE = "opening:late"
log = structlog.get_logger()


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
    if not _alarm(opening, now, "compliance/opening_mail.txt") - {user.pk}:
        raise Refused("alarm-unsent", _("The alarm to compliance could not be sent, so nothing was opened."))
    return opening


def watch_openings(*, user: User, now: dt.datetime) -> list[int]:
    """Raise the alarm, once, for emergencies that nobody reviewed within a day; return their numbers."""
    late = clients.openings(user=user).filter(
        kind=Opening.Kind.EMERGENCY, reviewed_at__isnull=True, valid__startswith__lt=now - clients.REVIEW_WITHIN
    )
    raised = []
    for opening in late.exclude(pk__in=queries.told_of(LATE)):
        if _alarm(opening, now, "compliance/late_mail.txt"):
            audit.record(LATE, client_id=opening.client_id, row=("clients_opening", opening.pk))
            raised.append(opening.pk)
    return raised


def _alarm(opening: Opening, now: dt.datetime, template: str) -> set[int]:
    """Mail every officer of compliance; return whom the relay took it for. No name of a client goes into a mail."""
    told = set()
    for officer in User.objects.filter(role=Role.COMPLIANCE, is_active=True).order_by("pk"):
        try:
            post.send(_letter(opening, officer, now, template))
        except (post.Rejected, post.PutOff, post.Uncertain) as error:
            log.warning("opening.alarm", opening=opening.pk, officer=officer.pk, reason=str(error))
        else:
            told.add(officer.pk)
    return told


def _letter(opening: Opening, officer: User, now: dt.datetime, template: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    with translation.override(officer.language):
        text = render_to_string(template, {"opening": opening, "officer": officer})
    subject, _blank, body = text.partition("\n\n")
    message["Subject"] = subject.strip()
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["To"] = post.on_the_wire(officer.email)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = post.address(uuid.uuid4())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message
