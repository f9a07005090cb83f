"""An audit: clients drawn by a seed, opened to its auditor until a minute, and closed with the auditor's sign-in."""

import datetime as dt
import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from clients import operations as clients_write
from compliance import queries
from compliance.models import Audit
from core import audit as trail
from core.errors import Refused
from core.models import User
from core.walls import acting, service

LONGEST = dt.timedelta(days=366)
MOST_CLIENTS = 1000
TABLE = "compliance_audit"


@transaction.atomic
def draw_audit(
    *, user: User, auditor_id: int, title: str, size: int, ends_at: dt.datetime, seed: str = "", now: dt.datetime
) -> Audit:
    """Draw ``size`` clients by a seed, a fresh one unless the auditor brought one, and open them until ``ends_at``.

    Raises:
        Refused: there is no such auditor, an audit of theirs still runs, or end or size are out of reach.
    """
    auditor = queries.auditors().exclude(person=user.person).filter(pk=auditor_id).first()
    if auditor is None:
        raise Refused("audit-whom", _("Choose an auditor."), field="auditor")
    if not now < ends_at <= now + LONGEST:
        raise Refused("audit-when", _("Choose a minute ahead, within a year."), field="ends_at")
    if Audit.objects.filter(auditor=auditor, ends_at__gt=now).exists():
        raise Refused("audit-runs", _("An audit of this auditor still runs. End it first."), field="auditor")
    row = Audit(auditor=auditor, title=title, seed=seed or secrets.token_hex(16), size=size, drawn_by=user)
    row.drawn_at, row.ends_at = now, ends_at
    ranked = queries.population(row)
    row.population = ranked.count()
    if not 0 < size <= min(MOST_CLIENTS, row.population):
        most = min(MOST_CLIENTS, row.population)
        raise Refused("audit-size", _("Between 1 and %(most)s clients.") % {"most": most}, field="size")
    row.save()
    drawn = list(ranked.values_list("pk", flat=True)[:size])
    clients_write.open_sample(user=user, auditor=auditor, origin=row.origin, client_ids=drawn, until=ends_at, now=now)
    _let_in(auditor, ends_at, user)
    trail.record("audit:draw", row=(TABLE, row.pk), data={"seed": row.seed, "size": size, "of": row.population})
    return row


@transaction.atomic
def end_audit(*, user: User, audit_id: int, now: dt.datetime) -> Audit:
    """End an audit before its time: its clients close, and the auditor's sign-in ends.

    Raises:
        Audit.DoesNotExist: there is none such.
        Refused: it has ended.
    """
    row = queries.audits(user=user).select_for_update(of=("self",)).get(pk=audit_id)
    if row.ends_at <= now:
        raise Refused("audit-ended", _("It has ended already."))
    row.ends_at = now
    row.save(update_fields=["ends_at"])
    clients_write.close_sample(origin=row.origin, now=now)
    _let_in(row.auditor, now, user)
    trail.record("audit:end", row=(TABLE, row.pk))
    return row


def _let_in(auditor: User, until: dt.datetime, user: User) -> None:
    """Let an auditor sign in until a minute; accounts are the administrator's, so the service writes it."""
    auditor.access_until = until
    with acting(service(), behalf=user):
        auditor.save(update_fields=["access_until"])
