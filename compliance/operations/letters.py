"""Mails to officers of compliance: alarms as they happen, and every morning how the desk and its ledger stand."""

import datetime as dt
import uuid
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import localdate

from clients import queries as clients
from clients.models import Opening
from compliance import queries
from compliance.ledger import kept
from core import approvals, audit, post
from core.models import Role, User

MAIL = "ledger:mail"
log = structlog.get_logger()


def tell(template: str, context: dict[str, Any], *, now: dt.datetime) -> set[int]:
    """Mail every officer in the own language; return whom the relay took it for. No name of a client is in a mail."""
    told = set()
    for officer in officers():
        try:
            post.send(letter(officer, template, context, now=now))
        except (post.Rejected, post.PutOff, post.Uncertain) as error:
            log.warning("compliance.mail", template=template, officer=officer.pk, reason=str(error))
        else:
            told.add(officer.pk)
    return told


def mail_day(*, now: dt.datetime) -> list[int]:
    """Mail each officer, once a day, the root of the ledger and what waits; return whom the relay put off.

    The mails are copies of the root that nobody at the bank's database can change.
    """
    today, state = localdate(now), kept.state(now=now)
    told, put_off = set(queries.told_of(MAIL).filter(body__data__day=today.isoformat())), []
    for officer in officers():
        if officer.pk in told:
            continue
        emergencies = clients.openings(user=officer).filter(kind=Opening.Kind.EMERGENCY, reviewed_at__isnull=True)
        waits = {"approvals": approvals.waiting(user=officer, now=now).count(), "openings": emergencies.count()}
        context = {"state": state, "day": today, "waits": waits}
        try:
            post.send(letter(officer, "compliance/day_mail.txt", context, now=now))
        except post.PutOff:
            put_off.append(officer.pk)
        except (post.Rejected, post.Uncertain) as error:
            log.warning("compliance.mail", template="day", officer=officer.pk, reason=str(error))
        else:
            said = {"day": today, "size": state.last.size if state.last else 0}
            audit.record(MAIL, row=("core_user", officer.pk), data=said)
    return put_off


def officers() -> list[User]:
    """Return everybody of compliance who works here now."""
    return list(User.objects.filter(role=Role.COMPLIANCE, is_active=True).order_by("pk"))


def letter(officer: User, template: str, context: dict[str, Any], *, now: dt.datetime) -> EmailMessage:
    """Return a mail; the template's first line is its subject."""
    message = EmailMessage(policy=SMTP)
    with translation.override(officer.language):
        text = render_to_string(template, {**context, "officer": officer})
    subject, _blank, body = text.partition("\n\n")
    message["Subject"] = subject.strip()
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["To"] = post.on_the_wire(officer.email)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = post.address(uuid.uuid4())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message
