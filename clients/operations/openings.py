"""Opening a client for a while: in an emergency to one person, for a stated purpose, for the sample of an audit."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from clients import queries
from clients.access import Permission, scoped
from clients.models import Client, Opening
from core import audit
from core.errors import Conflict, Refused
from core.models import User

LONGEST = dt.timedelta(minutes=60)
PURPOSE_STANDS = dt.timedelta(hours=8)
TABLE = "clients_opening"
Kind = Opening.Kind


@transaction.atomic
def state_purpose(*, user: User, client_id: int, purpose: str, reason: str, now: dt.datetime) -> Opening:
    """Say why an officer of compliance looks at a client; it stands for eight hours and replaces what was said before.

    Raises:
        Client.DoesNotExist: there is no such client.
    """
    client = queries.client(user=user, client_id=client_id, permission=Permission.PURPOSE_STATE)
    before = Opening.objects.filter(client=client, person=user, kind=Kind.PURPOSE, valid__contains=now)
    for row in before:
        _end(row, now)
    said = Opening(client=client, person=user, opened_by=user, kind=Kind.PURPOSE, purpose=purpose, reason=reason)
    opening = _open(said, now, now + PURPOSE_STANDS)
    audit.record("purpose:state", client_id=client.pk, row=(TABLE, opening.pk), data={"purpose": purpose})
    return opening


@transaction.atomic
def open_client(*, user: User, client_id: int, person_id: int, minutes: int, reason: str, now: dt.datetime) -> Opening:
    """Open one client to somebody who does not cover it, to read, for at most an hour.

    Raises:
        Client.DoesNotExist: there is no such client.
        Refused: the person sees the client anyway, or is none to whom a client is opened.
    """
    client = queries.client(user=user, client_id=client_id, permission=Permission.CLIENT_OPEN)
    person = queries.desk().exclude(person=user.person).filter(pk=person_id).first()
    if person is None:
        raise Refused("opening-whom", _("Choose a manager or a lead who is at the desk."), field="person")
    if not dt.timedelta(0) < dt.timedelta(minutes=minutes) <= LONGEST:
        raise Refused("opening-long", _("At most 60 minutes."), field="minutes")
    if scoped(Client.objects.filter(pk=client.pk), person, Permission.CLIENT_READ, path="pk").exists():
        raise Refused("opening-seen", _("This person sees the client already."), field="person")
    opened = Opening(client=client, person=person, opened_by=user, kind=Kind.EMERGENCY, reason=reason)
    opening = _open(opened, now, now + dt.timedelta(minutes=minutes))
    audit.record("client:open", client_id=client.pk, row=(TABLE, opening.pk), data={"to": person.username})
    return opening


@transaction.atomic
def end_opening(*, user: User, opening_id: int, now: dt.datetime) -> Opening:
    """End an emergency before its time.

    Raises:
        Opening.DoesNotExist: there is none such.
        Refused: it has ended.
    """
    row = queries.openings(user=user).select_for_update(of=("self",)).get(pk=opening_id, kind=Kind.EMERGENCY)
    if row.valid.upper <= now:
        raise Refused("opening-ended", _("It has ended already."))
    _end(row, now)
    audit.record("opening:end", client_id=row.client_id, row=(TABLE, row.pk))
    return row


@transaction.atomic
def review_opening(*, user: User, opening_id: int, finding: str, now: dt.datetime) -> Opening:
    """Say what came of an emergency, which ends with it; another person than who opened it, once.

    Raises:
        Opening.DoesNotExist: there is none such.
        Refused: it is the reviewer's own.
        Conflict: somebody reviewed it before.
    """
    row = queries.openings(user=user).select_for_update(of=("self",)).get(pk=opening_id, kind=Kind.EMERGENCY)
    if row.reviewed_by is not None:
        raise Conflict(_("Somebody reviewed this since you looked."), theirs={"by": row.reviewed_by.name})
    if user.person in (row.opened_by.person, row.person.person):
        raise Refused("own-opening", _("Another person than who opened it reviews it."))
    if row.valid.upper > now:
        _end(row, now)
    row.reviewed_by, row.reviewed_at, row.finding = user, now, finding
    row.save(update_fields=["reviewed_by", "reviewed_at", "finding"])
    audit.record("opening:review", client_id=row.client_id, row=(TABLE, row.pk))
    return row


@transaction.atomic
def open_sample(
    *, user: User, auditor: User, origin: str, client_ids: Iterable[int], until: dt.datetime, now: dt.datetime
) -> int:
    """Open the clients that an audit drew to its auditor until the end of the audit; return how many."""
    valid = DateTimeTZRange(now, until)
    given = {"person": auditor, "opened_by": user, "kind": Kind.SAMPLE, "origin": origin, "valid": valid}
    return len(Opening.objects.bulk_create(Opening(client_id=one, **given) for one in client_ids))


@transaction.atomic
def close_sample(*, origin: str, now: dt.datetime) -> None:
    """End the openings of an audit."""
    for row in Opening.objects.select_for_update().filter(origin=origin, valid__contains=now):
        _end(row, now)


def _open(row: Opening, now: dt.datetime, until: dt.datetime) -> Opening:
    """Write an opening; the database says when it begins."""
    row.valid = DateTimeTZRange(now, until)
    row.save()
    row.refresh_from_db(fields=["valid"])
    return row


def _end(row: Opening, now: dt.datetime) -> None:
    row.valid = DateTimeTZRange(row.valid.lower, max(now, row.valid.lower + dt.timedelta(microseconds=1)))
    row.save(update_fields=["valid"])
