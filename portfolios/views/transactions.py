"""The movements of a client's accounts."""

from django.http.response import HttpResponseBase
from django.shortcuts import render

from clients import queries as clients
from clients.access import Permission
from core import clock
from core.web import StaffRequest, door, known_only, page, seen
from portfolios import queries
from portfolios.forms import MovementFilter

FILTERS = ("account", "since", "until")


@door("portfolio:read", sensitive=True)
def transactions(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """List movements, newest first, with the balance after each."""
    known_only(request.GET, {*FILTERS, "after"})
    client = clients.client(user=request.user, client_id=client_id, permission=Permission.PORTFOLIO_READ)
    accounts = list(queries.accounts(user=request.user, client_id=client.pk))
    form = MovementFilter(request.GET, accounts=[(str(one.pk), one.reference) for one in accounts])
    if not form.is_valid():
        return render(request, "portfolios/transactions.html", {"form": form, "client": client}, status=422)
    chosen = form.cleaned_data
    rows = queries.transactions(
        user=request.user,
        client_id=client.pk,
        account_id=int(chosen["account"]) if chosen["account"] else None,
        since=chosen["since"],
        until=chosen["until"],
    )
    cut = page(rows, order=("-value_date", "-id"), after=request.GET.get("after", ""))
    seen(request, client_id=client.pk, what="transactions", rows=len(cut.rows))
    kept = request.GET.copy()
    kept.pop("after", None)
    context = {"form": form, "client": client, "page": cut, "kept": kept.urlencode(), "today": clock.today()}
    return render(request, "portfolios/transactions.html", context)
