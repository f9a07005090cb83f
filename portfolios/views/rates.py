"""What banks list for deposits, and asking for more than that for what a client renews."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clients.access import Permission
from core import clock, lists
from core.errors import Refused
from core.web import StaffRequest, door, seen
from portfolios import operations, queries
from portfolios.forms import RateForm
from portfolios.lists import BOARD


@door("rate:read", methods=("GET", "POST"))
def board(request: StaffRequest) -> HttpResponseBase:
    """List what banks list for deposits, on today's or an earlier day."""
    return lists.answer(request, BOARD, now=clock.now())


@door("rate:ask", sensitive=True, methods=("GET", "POST"))
def ask_rate(request: StaffRequest, maturity_id: int) -> HttpResponseBase:
    """Ask that a maturity may be renewed at more than the bank lists."""
    found = queries.maturity(user=request.user, maturity_id=maturity_id, permission=Permission.RATE_ASK)
    seen(request, client_id=found.client_id, what="rates")
    offers = [one for one in queries.own_offers(found.deposit, on=clock.today()) if one.transfer_rate is not None]
    first = {"months": found.deposit.term_months}
    form = RateForm(request.POST if request.method == "POST" else None, offers=offers, initial=first)
    if form.is_bound and form.is_valid():
        try:
            asked = operations.ask_rate(user=request.user, maturity_id=found.pk, now=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Asked for. Another person decides."))
            return redirect("approval", asked.pk)
    context = {
        "maturity": found,
        "deposit": found.deposit,
        "client": found.client,
        "offers": offers,
        "exceptions": queries.exceptions(user=request.user, maturity_id=found.pk),
        "form": form,
    }
    return render(request, "portfolios/rate.html", context, status=422 if form.errors else 200)
