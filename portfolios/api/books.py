"""What programs may ask of a client's book: positions, what is insured, movements."""

import datetime as dt

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients import queries as clients
from clients.access import Permission
from clients.api import Day, Moment
from core import clock
from core.api import Amount, Door, Figure, Id, Strict
from core.web import Rule
from portfolios import queries
from portfolios.models import Deposit, Instrument, Transaction
from portfolios.rules.book import Book, CashLine, DepositLine, HoldingLine, Slice
from portfolios.rules.insurance import STATES, BankCover


class OnDay(Strict):
    """The date that is asked about, and the instant whose knowledge the answer is of."""

    as_of = Day(required=False, help_text="Today when not given.")
    known_at = Moment(required=False, help_text="What was learned later is left out. Now when not given.")


class DepositOut(serializers.Serializer[DepositLine]):
    """A deposit with its interest and worth on a date."""

    id = serializers.IntegerField(source="deposit_id")
    reference = serializers.CharField()
    kind = serializers.ChoiceField(choices=Deposit.Kind.choices)
    institution = serializers.CharField()
    currency = serializers.CharField()
    principal = Amount()
    rate = Figure(help_text="A fraction: 0.02 is two per cent a year.")
    day_count = serializers.ChoiceField(choices=Deposit.DayCount.choices)
    value_date = serializers.DateField()
    matures_on = serializers.DateField(allow_null=True)
    accrued = Amount()
    value = Amount(help_text="Principal and accrued interest.")
    base_value = Amount(allow_null=True, help_text="In the client's currency; null where the rate is missing.")
    instruction = serializers.ChoiceField(choices=Deposit.Instruction.choices)


class HoldingOut(serializers.Serializer[HoldingLine]):
    """A holding with its worth on a date."""

    reference = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField(allow_blank=True)
    asset_class = serializers.ChoiceField(choices=Instrument.AssetClass.choices)
    currency = serializers.CharField()
    quantity = Figure()
    cost = Amount()
    price = Figure(allow_null=True)
    price_date = serializers.DateField(allow_null=True)
    price_source = serializers.CharField(source="source", help_text="Where the price is from; empty without one.")
    estimated = serializers.BooleanField(help_text="Somebody valued it by hand.")
    stale = serializers.BooleanField(help_text="The price is older than the house allows.")
    multiplier = Figure(help_text="How many units a price is for.")
    accrued = Amount(help_text="The part of the value that is interest since the last coupon.")
    value = Amount(allow_null=True)
    base_value = Amount(allow_null=True, help_text="In the client's currency; null where the rate is missing.")
    gain = Amount(allow_null=True, help_text="Unrealised.")
    risk_level = serializers.IntegerField(min_value=1, max_value=5)
    institution = serializers.CharField()


class CashOut(serializers.Serializer[CashLine]):
    """The balance of a cash account on a date."""

    account = serializers.IntegerField(source="account_id")
    reference = serializers.CharField()
    number_hint = serializers.CharField()
    institution = serializers.CharField()
    currency = serializers.CharField()
    balance = Amount()
    base_value = Amount(allow_null=True, help_text="In the client's currency; null where the rate is missing.")


class SliceOut(serializers.Serializer[Slice]):
    """A part of the whole; amounts in the client's currency, weights from 0 to 1."""

    key = serializers.CharField()
    amount = Amount()
    weight = Figure()


class BookOut(serializers.Serializer[Book]):
    """Everything a client held on a date; sums in the client's currency."""

    client = serializers.IntegerField(source="client_id")
    as_of = serializers.DateField()
    known_at = serializers.DateTimeField()
    currency = serializers.CharField()
    total = Amount()
    deposits = DepositOut(many=True)
    holdings = HoldingOut(many=True)
    cash = CashOut(many=True)
    by_class = SliceOut(many=True)
    by_currency = SliceOut(many=True)
    by_institution = SliceOut(many=True)
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Rates and prices that were not there; what they concern is in no sum."
    )


class Held(Door):
    """What a client holds on a date."""

    def book(self, client_id: int) -> Book:
        """Return the client's book on the date that was asked for.

        Raises:
            Client.DoesNotExist: missing or somebody else's.
        """
        as_of: dt.date = self.chosen.get("as_of") or clock.today()
        known_at: dt.datetime = self.chosen.get("known_at") or clock.now()
        return queries.book(user=self.user, client_id=client_id, as_of=as_of, known_at=known_at)


class Books(Held):
    """The whole of what a client holds."""

    rules = {"retrieve": Rule(Permission.PORTFOLIO_READ, sensitive=True)}
    filters = {"retrieve": OnDay}
    answers = {"retrieve": BookOut}

    def retrieve(self, request: Request, client_id: int) -> Response:
        """Show everything a client held on a date, with its allocation."""
        book = self.book(client_id)
        self.seen(client_id=client_id, what="book")
        return self.answer(book)


class ClientDeposits(Held):
    """A client's deposits."""

    rules = {"list": Rule(Permission.PORTFOLIO_READ, sensitive=True)}
    filters = {"list": OnDay}
    answers = {"list": DepositOut}

    def list(self, request: Request, client_id: int) -> Response:
        """List the deposits a client had on a date, by contract."""
        return self.pages(self.book(client_id).deposits, what="deposits", client_id=client_id)


class ClientHoldings(Held):
    """A client's holdings."""

    rules = {"list": Rule(Permission.PORTFOLIO_READ, sensitive=True)}
    filters = {"list": OnDay}
    answers = {"list": HoldingOut}

    def list(self, request: Request, client_id: int) -> Response:
        """List the holdings a client had on a date, by reference."""
        return self.pages(self.book(client_id).holdings, what="holdings", client_id=client_id)


class CoverOut(serializers.Serializer[BankCover]):
    """What one client has at a licensed bank, in the currency of the place's deposit insurance scheme."""

    licence = serializers.CharField(source="bank.licence")
    institution = serializers.CharField(source="bank.name")
    place = serializers.CharField(source="bank.place", help_text="Empty where no scheme is known; sums are zero then.")
    currency = serializers.CharField(source="bank.scheme.currency", default="")
    limit = Amount(source="bank.limit", allow_null=True)
    balance = Amount(help_text="Principal and interest, the client's share.")
    insured = Amount()
    uninsured = Amount()
    headroom = Amount(help_text="What may still be placed and is insured until everything has matured.")
    later = Amount(help_text="What will be uninsured when everything has earned its interest.")
    state = serializers.ChoiceField(choices=[(state, state) for state in STATES])


class InsuranceOut(serializers.Serializer[queries.Insurance]):
    """What deposit insurance covers of a client's money on a date; sums in the client's currency."""

    client = serializers.IntegerField(source="client.pk")
    as_of = serializers.DateField()
    currency = serializers.CharField()
    insured = Amount()
    uninsured = Amount()
    banks = CoverOut(many=True)
    hidden = serializers.IntegerField(help_text="Joint accounts of other clients whom you may not see, left out.")
    missing = serializers.ListField(child=serializers.CharField(), help_text="Rates that were not there.")


class ClientInsurance(Held):
    """Deposit insurance."""

    rules = {"retrieve": Rule(Permission.PORTFOLIO_READ, sensitive=True)}
    filters = {"retrieve": OnDay}
    answers = {"retrieve": InsuranceOut}

    def retrieve(self, request: Request, client_id: int) -> Response:
        """Show what is insured and uninsured at each bank on a date."""
        as_of: dt.date = self.chosen.get("as_of") or clock.today()
        known_at: dt.datetime = self.chosen.get("known_at") or clock.now()
        found = queries.insurance(user=self.user, client_id=client_id, as_of=as_of, known_at=known_at)
        self.seen(client_id=client_id, what="insurance")
        return self.answer(found)


class TransactionFilters(Strict):
    """Filters of a client's movements; dates are inclusive."""

    account = Id(required=False)
    since = Day(required=False)
    until = Day(required=False)


class TransactionOut(serializers.ModelSerializer[Transaction]):
    """A movement on an account; credits are positive."""

    account_reference = serializers.CharField(source="account.reference")
    amount = Amount()
    balance = Amount(allow_null=True, help_text="After the movement, where the bank told it.")
    instrument = serializers.CharField(
        source="instrument.reference",
        default=None,
        allow_null=True,
        help_text="Whose interest, dividend, fee or trade it is, where the bank told it.",
    )

    class Meta:
        model = Transaction
        fields = (
            "id",
            "account",
            "account_reference",
            "reference",
            "kind",
            "value_date",
            "amount",
            "currency",
            "balance",
            "counterparty",
            "text",
            "instrument",
            "known_at",
        )
        read_only_fields = fields


class ClientTransactions(Door):
    """A client's movements."""

    rules = {"list": Rule(Permission.PORTFOLIO_READ, sensitive=True)}
    filters = {"list": TransactionFilters}
    answers = {"list": TransactionOut}
    order = ("-value_date", "-id")

    def list(self, request: Request, client_id: int) -> Response:
        """List what moved a client's accounts, newest first."""
        client = clients.client(user=self.user, client_id=client_id, permission=Permission.PORTFOLIO_READ)
        chosen = dict(self.chosen)
        rows = queries.transactions(
            user=self.user, client_id=client.pk, account_id=chosen.pop("account", None), **chosen
        )
        return self.pages(rows, what="transactions", client_id=client.pk)
