"""The least that shows the same rows to a signed-in person: a scoped query and a table, no walls, nothing recorded."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from clients.models import Client, ContactNote, ContactPoint, Coverage, IdentityDocument, Task
from core.models import AuditEvent, AuditValue, Role, User
from portfolios.models import Account, Deposit, Holding, Price, Transaction
from tests.bench.rival.rows import with_people

SIZE = 50


def mine(user: User) -> QuerySet[Client]:
    """Return the clients of a manager; everybody's for the others."""
    rows = Client.objects.all()
    if user.role != Role.MANAGER:
        return rows
    covered = Coverage.objects.filter(manager=user, valid__contains=Now())
    return rows.filter(pk__in=covered.values("client_id"))


@login_required
def client_list(request: HttpRequest) -> HttpResponse:
    """Show fifty clients by name, after a name where one is given, or those that carry a word."""
    assert isinstance(request.user, User)
    rows = with_people(mine(request.user)).select_related("household").order_by("sort_name", "id")
    if words := request.GET.get("q"):
        rows = rows.filter(pk__in=found(words.lower()))
    if after := request.GET.get("after"):
        last = request.GET.get("id", 0)
        rows = rows.filter(Q(sort_name__gt=after) | Q(sort_name=after, pk__gt=last), sort_name__gte=after)
    return render(request, "rival/list.html", {"rows": list(rows[:SIZE])})


def found(words: str) -> list[int]:
    """Return who carries the words: the same table of search words, read in the quickest plain way."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT client_id FROM clients_searchkey WHERE value LIKE %s LIMIT 200", [f"%{words}%"])
        return [row[0] for row in cursor.fetchall()]


@login_required
def client_detail(request: HttpRequest, client_id: int) -> HttpResponse:
    """Show one client with the rows that belong to it."""
    assert isinstance(request.user, User)
    client = get_object_or_404(mine(request.user).select_related("household"), pk=client_id)
    holdings = Holding.objects.filter(client=client, superseded_at__isnull=True).order_by("reference", "-value_date")
    context: dict[str, Any] = {
        "client": client,
        "coverage": Coverage.objects.filter(client=client, valid__contains=Now()).select_related("manager"),
        "contacts": ContactPoint.objects.filter(client=client),
        "documents": IdentityDocument.objects.filter(client=client),
        "notes": ContactNote.objects.filter(client=client).select_related("author").order_by("-happened_at")[:5],
        "tasks": Task.objects.filter(client=client, done_at__isnull=True).order_by("due_on"),
        "accounts": Account.objects.filter(client=client).select_related("institution"),
        "deposits": Deposit.objects.filter(client=client, closed_on__isnull=True).order_by("matures_on")[:50],
        "holdings": holdings.distinct("reference").select_related("instrument")[:50],
    }
    return render(request, "rival/detail.html", context)


@login_required
def portfolio(request: HttpRequest, client_id: int) -> HttpResponse:
    """Show a client's open deposits by maturity, positions with their last price, and balances."""
    assert isinstance(request.user, User)
    client = get_object_or_404(mine(request.user), pk=client_id)
    prices = Price.objects.filter(instrument=OuterRef("instrument"), superseded_at__isnull=True)
    moved = Transaction.objects.filter(account=OuterRef("pk"), superseded_at__isnull=True)
    holdings = Holding.objects.filter(client=client, superseded_at__isnull=True).order_by("reference", "-value_date")
    deposits = Deposit.objects.filter(client=client, closed_on__isnull=True).select_related("institution")
    accounts = Account.objects.filter(client=client, kind=Account.Kind.CASH).select_related("institution")
    context: dict[str, Any] = {
        "client": client,
        "deposits": deposits.order_by("matures_on", "id"),
        "holdings": holdings.distinct("reference")
        .select_related("instrument", "account__institution")
        .annotate(price=Subquery(prices.order_by("-value_date").values("price")[:1])),
        "accounts": accounts.annotate(
            balance=Subquery(moved.order_by().values("account").annotate(sum=Sum("amount")).values("sum"))
        ),
    }
    return render(request, "rival/portfolio.html", context)


@login_required
def trail(request: HttpRequest) -> HttpResponse:
    """Show the last fifty events, of one person, one verb or one client where one is given: who, whose, what."""
    rows = AuditEvent.objects.select_related("actor").order_by("-id")
    given = {"actor": "actor__username", "verb": "verb", "client": "client_id"}
    rows = rows.filter(**{field: request.GET[name] for name, field in given.items() if name in request.GET})
    if "verb" in request.GET:  # as the index of verbs has it
        rows = rows.exclude(verb__startswith="row:")
    events = list(rows[:SIZE])
    clients = Client.objects.only("name").in_bulk({event.client_id for event in events})
    personal = AuditValue.objects.in_bulk([event.pk for event in events])
    shown = [
        {"event": event, "client": clients.get(event.client_id), "values": values_of(event, personal.get(event.pk))}
        for event in events
    ]
    return render(request, "rival/trail.html", {"rows": shown})


def values_of(event: AuditEvent, personal: AuditValue | None) -> dict[str, Any]:
    """Return what an event says, with the personal values that are kept apart."""
    secrets = personal.secrets if personal else {}
    return {**(event.body.get("data") or {}), **{path: value for path, (_salt, value) in secrets.items()}}
