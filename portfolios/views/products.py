"""Products: the list, and one of them with its prices and the value that somebody says by hand."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clients.access import Permission
from core import clock, lists
from core.errors import Refused
from core.web import StaffRequest, door
from portfolios import operations, queries
from portfolios.forms import PriceForm
from portfolios.lists import PRODUCTS


@door("product:read", methods=("GET", "POST"))
def products(request: StaffRequest) -> HttpResponseBase:
    """List products with their last price."""
    return lists.answer(request, PRODUCTS, now=clock.now())


@door("product:read")
def product(request: StaffRequest, instrument_id: int) -> HttpResponseBase:
    """Show a product's terms, its prices with every version, and what its issuer did."""
    return _page(request, instrument_id, PriceForm(initial={"value_date": clock.today()}))


@door("price:say", methods=("POST",))
def value_product(request: StaffRequest, instrument_id: int) -> HttpResponseBase:
    """Say by hand what a product is worth."""
    form = PriceForm(request.POST)
    if form.is_valid():
        try:
            operations.value_by_hand(
                user=request.user, instrument_id=instrument_id, now=clock.now(), **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Valued. The next night values those who hold it."))
            return redirect("portfolios:product", instrument_id)
    return _page(request, instrument_id, form)


def _page(request: StaffRequest, instrument_id: int, form: PriceForm) -> HttpResponseBase:
    card = queries.product(instrument_id=instrument_id)
    may = request.user.has_perm(Permission.PRICE_SAY)
    context = {"card": card, "row": card.instrument, "form": form, "may": may}
    return render(request, "portfolios/product.html", context, status=422 if form.errors else 200)
