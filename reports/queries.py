"""Reads of the reports room: statements and their deliveries, each scoped to the person who asks."""

import datetime as dt
from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.db import models

from clients import queries as clients
from clients.access import Permission, scoped
from core import crypto
from core.models import User
from reports.models import Delivery, Statement


@dataclass(frozen=True)
class StatementCard:
    """One statement with the history of its deliveries, latest first. ``may_send``: the person covers the client."""

    statement: Statement
    deliveries: list[Delivery]
    may_send: bool


def statements(*, user: User, client_id: int | None = None) -> models.QuerySet[Statement]:
    """Return statements, latest month first: of one client, or of all the user may see. Snapshots are left behind."""
    rows = scoped(Statement.objects.defer("snapshot"), user, Permission.STATEMENT_READ).select_related("client")
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    return rows.prefetch_related(models.Prefetch("deliveries", Delivery.objects.order_by("-attempt")))


def card(*, user: User, statement_id: int) -> StatementCard:
    """Return one statement with its snapshot and deliveries.

    Raises:
        Statement.DoesNotExist: missing or somebody else's.
    """
    rows = scoped(Statement.objects.select_related("client"), user, Permission.STATEMENT_READ)
    found = rows.get(pk=statement_id)
    deliveries = list(found.deliveries.order_by("-attempt"))
    return StatementCard(found, deliveries, clients.covers(user=user, client_id=found.client_id))


def deliveries(*, user: User, state: str = "", month: dt.date | None = None) -> models.QuerySet[Delivery]:
    """Return the delivery ledger, latest first; ``month`` is any day of the month that the statement speaks of."""
    rows = scoped(Delivery.objects.all(), user, Permission.STATEMENT_READ)
    if state:
        rows = rows.filter(state=state)
    if month is not None:
        rows = rows.filter(statement__period_end__year=month.year, statement__period_end__month=month.month)
    return rows.select_related("client", "statement").defer("statement__snapshot").order_by("-id")


def ended(rows: models.QuerySet[Delivery]) -> models.QuerySet[Delivery]:
    """Keep the last attempt of each statement, where it is over."""
    later = Delivery.objects.filter(statement=models.OuterRef("statement"), attempt__gt=models.OuterRef("attempt"))
    under_way = [Delivery.State.WAITING, Delivery.State.SENDING]
    return rows.exclude(state__in=under_way).filter(~models.Exists(later))


def document(statement: Statement) -> bytes:
    """Return the stored, locked PDF.

    Raises:
        OSError: it is not there.
    """
    with default_storage.open(statement.pdf_name) as file:
        return bytes(file.read())


def secret(statement: Statement) -> str | None:
    """Return the client's statement secret in clear text, None before one was issued. For the rendering job only."""
    client = statement.client
    if client.statement_secret is None:
        return None
    return crypto.unseal(client.statement_secret, column=clients.SECRET_COLUMN, row=client.seal_id)
