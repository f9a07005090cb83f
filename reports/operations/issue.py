"""Statements frozen for a month, one a client, and sent again when a person asks."""

import datetime as dt
import itertools
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from clients import queries as clients
from clients.access import Permission, scoped
from clients.models import Client, Coverage
from compliance import queries as compliance
from core import audit
from core.errors import Refused
from core.jobs import enqueue
from core.models import User
from reports import statements
from reports.models import Delivery, Statement
from reports.operations.freezing import frozen
from reports.statements import Parties, Person

BATCH = 50
log = structlog.get_logger()


@transaction.atomic
def issue_due(*, as_of: dt.date, now: dt.datetime) -> int:
    """Queue the statement of the last whole month for every active client without one; return for how many.

    The work is cut into jobs of some clients each, so that workers share it and a broken one loses little.
    """
    end = month_end(as_of)
    have = Statement.objects.filter(period_end=end).values("client_id")
    ids = clients.active_clients().exclude(pk__in=have).values_list("pk", flat=True).iterator()
    count = 0
    while batch := list(itertools.islice(ids, BATCH)):
        enqueue("reports.issue", now=now, client_ids=batch, period_end=end)
        count += len(batch)
    return count


def month_end(as_of: dt.date) -> dt.date:
    """Return the end of the last whole month that ended on or before ``as_of``."""
    tomorrow = as_of + dt.timedelta(days=1)
    return as_of if tomorrow.day == 1 else as_of.replace(day=1) - dt.timedelta(days=1)


def issue(*, client_ids: list[int], period_end: dt.date, now: dt.datetime) -> int:
    """Freeze the month of each client that has none yet; return how many were new.

    A client whose books cannot be read does not stop the others: it gets a job of its own, which fails by its name.
    """
    new = 0
    for client in clients.active_clients().filter(pk__in=client_ids):
        try:
            with transaction.atomic():
                new += _issue_one(client, period_end, now)
        except Exception:
            if len(client_ids) == 1:
                raise
            log.exception("statement.not_frozen", client=client.pk)
            enqueue("reports.issue", now=now, client_ids=[client.pk], period_end=period_end)
    return new


def _issue_one(client: Client, end: dt.date, now: dt.datetime) -> bool:
    start = end.replace(day=1)
    period = {"client": client, "period_start": start, "period_end": end, "version": 1}
    if Statement.objects.filter(**period).exists():
        return False
    with translation.override(client.language):  # the books name banks in the language that is active
        sealed = compliance.newest_checkpoint()
        ledger = (sealed.size, sealed.short_root) if sealed else None
        snapshot = frozen(
            client_id=client.pk,
            period=(start, end),
            language=client.language,
            known_at=now,
            parties=_parties(client),
            ledger=ledger,
        )
    digest = statements.digest(snapshot)
    values = {"snapshot": snapshot, "digest": digest, "language": client.language, "frozen_at": now}
    statement, new = Statement.objects.get_or_create(**period, defaults=values)
    if new:
        Delivery.objects.create(client=client, statement=statement, created_at=now)
        row = ("reports_statement", statement.pk)
        said = {"digest": digest, "period_end": end}
        audit.record("statement:freeze", client_id=client.pk, row=row, data=said)
        enqueue("reports.render", now=now, key=f"render:{statement.pk}", statement_id=statement.pk)
    return new


def _parties(client: Client) -> Parties:
    """Name the bank and those who look after the client now."""
    people: dict[str, Person] = {}
    for row in clients.current_coverage(client.pk).select_related("manager"):
        people.setdefault(row.kind, Person(row.manager.name, row.manager.email))
    manager, backup = people.get(Coverage.Kind.PRIMARY), people.get(Coverage.Kind.BACKUP)
    bank = Person(*parseaddr(settings.DEFAULT_FROM_EMAIL))
    return Parties(bank=bank, reference=client.reference, name=client.name, manager=manager, backup=backup)


@transaction.atomic
def send(*, user: User, statement_id: int, now: dt.datetime, confirmed: bool = False) -> Delivery:
    """Put a statement on its way once more, as the next attempt. The stored bytes go out again, not a new print.

    ``confirmed``: the person checked an address that a delivery had held back as not this client's alone.

    Raises:
        Statement.DoesNotExist: the user does not cover the client.
        Refused: it is under way, or may not be mailed.
    """
    rows = scoped(Statement.objects.defer("snapshot"), user, Permission.STATEMENT_SEND)
    statement = rows.get(pk=statement_id)
    last = statement.deliveries.order_by("-attempt").first()
    _may_be_mailed(statement)
    if last is not None and last.reason == "shared" and not confirmed:
        raise Refused("shared", _("Check that the address is the client's own, and confirm it."), field="confirmed")
    if last is not None and last.state in (Delivery.State.WAITING, Delivery.State.SENDING):
        raise Refused("under-way", _("The statement is already on its way."))
    attempt = last.attempt + 1 if last else 1
    delivery = Delivery(client_id=statement.client_id, statement=statement, attempt=attempt, created_at=now)
    delivery.reason = "confirmed" if confirmed else ""
    try:
        with transaction.atomic():
            delivery.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("under-way", _("The statement is already on its way.")) from error
    row = ("reports_delivery", delivery.pk)
    said = {"attempt": attempt, "confirmed": confirmed}
    audit.record("statement:send", client_id=statement.client_id, row=row, data=said)
    if statement.pdf_name:
        key = f"deliver:{delivery.pk}:0"
        enqueue("reports.deliver", now=now, key=key, requested_by=user, delivery_id=delivery.pk)
    else:
        key = f"render:{statement.pk}:{attempt}"
        enqueue("reports.render", now=now, key=key, requested_by=user, statement_id=statement.pk)
    return delivery


def _may_be_mailed(statement: Statement) -> None:
    recipient = clients.statement_recipient(statement.client_id)
    if recipient is None:
        raise Refused("no-address", _("The client has no e-mail address or no statement secret yet."))
    if not recipient.consented:
        raise Refused("no-consent", _("The client has not agreed to statements by e-mail."))
