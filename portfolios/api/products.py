"""What programs may ask of products and their prices, and of a client's purchases of them."""

import datetime as dt
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients import queries as clients
from clients.access import Permission
from clients.api import Day
from core import clock
from core.api import Amount, Door, Figure, Strict
from core.web import Rule
from portfolios import queries
from portfolios.models import CorporateAction, Instrument, Lot, Price


class ProductFilters(Strict):
    """Filters of products."""

    on = Day(required=False, help_text="The day whose last price is asked for; today when not given.")
    asset_class = serializers.ChoiceField(choices=Instrument.AssetClass.choices, required=False)
    currency = serializers.RegexField("^[A-Z]{3}$", required=False)
    state = serializers.ChoiceField(choices=["none", "stale", "estimated", "priced"], required=False)


class ProductOut(serializers.ModelSerializer[Instrument]):
    """A product with its last price."""

    issuer = serializers.CharField(source="issuer.reference", default=None, allow_null=True)
    price = Figure(allow_null=True)
    price_date = serializers.DateField(allow_null=True)
    price_source = serializers.CharField(allow_null=True)
    estimated = serializers.BooleanField(allow_null=True, help_text="Somebody valued it by hand.")
    state = serializers.CharField(help_text="none, stale, estimated or priced.")
    multiplier = Figure(help_text="How many units a price is for.")
    coupon = Figure(allow_null=True, help_text="A year's, a fraction of one; the price is then clean.")

    class Meta:
        model = Instrument
        fields = (
            *("id", "reference", "name", "name_zh", "isin", "asset_class", "currency", "issuer", "country", "sector"),
            *("risk_level", "multiplier", "coupon", "coupon_frequency", "matures_on", "price", "price_date"),
            *("price_source", "estimated", "state"),
        )
        read_only_fields = fields


class PriceOut(serializers.ModelSerializer[Price]):
    """One version of the price of a day."""

    price = Figure()

    class Meta:
        model = Price
        fields = ("value_date", "price", "source", "estimated", "known_at", "superseded_at")
        read_only_fields = fields


class ActionOut(serializers.ModelSerializer[CorporateAction]):
    """What an issuer did to the number of units."""

    factor = Figure(help_text="Units for each one of before.")
    into = serializers.CharField(
        source="into.reference", default=None, allow_null=True, help_text="The product whose units are got, if another."
    )

    class Meta:
        model = CorporateAction
        fields = ("kind", "value_date", "factor", "into", "source", "known_at")
        read_only_fields = fields


class ProductWhole(serializers.Serializer[queries.ProductCard]):
    """One product with its latest prices, every version of them, and what its issuer did."""

    id = serializers.IntegerField(source="instrument.pk")
    reference = serializers.CharField(source="instrument.reference")
    prices = PriceOut(many=True)
    actions = ActionOut(many=True)


class Products(Door):
    """Products and their prices."""

    rules = dict.fromkeys(("list", "retrieve"), Rule(Permission.PRODUCT_READ))
    filters = {"list": ProductFilters}
    answers = {"list": ProductOut, "retrieve": ProductWhole}
    lookup_url_kwarg = "instrument_id"

    def list(self, request: Request) -> Response:
        """List the products with the last price of each up to a day."""
        chosen = dict(self.chosen)
        rows = queries.products(on=chosen.pop("on", None) or clock.today())
        return self.pages(rows.filter(**chosen), what="products")

    def retrieve(self, request: Request, instrument_id: int) -> Response:
        """Show the latest prices of a product and what its issuer did."""
        return self.answer(queries.product(instrument_id=instrument_id))


class LotFilters(Strict):
    """The date that is asked about."""

    as_of = Day(required=False, help_text="Today when not given.")


class LotOut(serializers.Serializer[Lot]):
    """What is left of one purchase on a date, in the product's currency."""

    reference = serializers.CharField()
    account = serializers.CharField(source="account.reference")
    instrument = serializers.CharField(source="instrument.reference")
    currency = serializers.CharField(source="instrument.currency")
    acquired_on = serializers.DateField()
    days = serializers.IntegerField(source="bought.days")
    quantity = Figure(source="bought.quantity")
    cost = Amount()
    value = Amount(source="bought.value", allow_null=True)
    gain = Amount(source="bought.gain", allow_null=True)
    apart = Figure(
        source="bought.apart", help_text="By how much all purchases differ from the position that the bank tells."
    )
    known_at = serializers.DateTimeField()


class ClientLots(Door):
    """A client's purchases."""

    rules = {"list": Rule(Permission.PORTFOLIO_READ, sensitive=True)}
    filters = {"list": LotFilters}
    answers = {"list": LotOut}

    def list(self, request: Request, client_id: int) -> Response:
        """List what was left of a client's purchases on a date."""
        on: dt.date = self.chosen.get("as_of") or clock.today()
        client = clients.client(user=self.user, client_id=client_id, permission=Permission.PORTFOLIO_READ)
        rows: list[Any] = list(queries.lots(user=self.user, client_id=client.pk, on=on))
        found = queries.bought(user=self.user, client_id=client.pk, on=on, rows=rows)
        for row in rows:
            row.bought = found[row.pk]
        return self.pages(rows, what="lots", client_id=client.pk)
