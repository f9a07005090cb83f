"""What programs may ask of one deposit, what it costs to leave it, and when everything falls due."""

import datetime as dt
from decimal import Decimal

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clients.access import Permission
from clients.api import Day
from core import clock
from core.api import Amount, Door, Figure, Strict
from core.web import Rule
from portfolios import queries
from portfolios.api.books import OnDay
from portfolios.models import Deposit
from portfolios.rules.deposits import Change
from portfolios.rules.early import Quote
from portfolios.rules.ladder import SPANS, Peak, Row, Rung


class ChangeOut(serializers.Serializer[Change]):
    """What came to a contract or left it before its end."""

    day = serializers.DateField(help_text="From then on.")
    amount = Amount(help_text="Signed: what was taken out is negative.")


class DepositWhole(serializers.Serializer[queries.DepositCard]):
    """One deposit with its terms and its interest to a date."""

    id = serializers.IntegerField(source="deposit_id")
    client = serializers.IntegerField(source="client_id")
    reference = serializers.CharField()
    kind = serializers.ChoiceField(choices=Deposit.Kind.choices)
    institution = serializers.CharField()
    account = serializers.CharField()
    currency = serializers.CharField()
    principal = Amount()
    rate = Figure(help_text="A fraction: 0.02 is two per cent a year.")
    day_count = serializers.ChoiceField(choices=Deposit.DayCount.choices)
    term_months = serializers.IntegerField(allow_null=True)
    notice_days = serializers.IntegerField(allow_null=True)
    value_date = serializers.DateField()
    matures_on = serializers.DateField(allow_null=True)
    pays_on = serializers.DateField(source="due.pays_on", default=None, allow_null=True)
    instruct_by = serializers.DateField(source="due.instruct_by", default=None, allow_null=True)
    closed_on = serializers.DateField(allow_null=True)
    changes = ChangeOut(many=True)
    accrued = Amount()
    value_at_maturity = Amount(allow_null=True)
    instruction = serializers.ChoiceField(choices=Deposit.Instruction.choices)
    renew_amount = Amount(allow_null=True, help_text="How much is renewed by the instruction part.")
    renew_months = serializers.IntegerField(allow_null=True, help_text="The term to renew for where it is another.")
    renew_rate = Figure(allow_null=True, help_text="The rate agreed for the renewal where it is not the listed one.")
    known_at = serializers.DateTimeField()
    as_of = serializers.DateField()


class EarlyWish(Strict):
    """How much is thought of being taken out, and when."""

    amount = serializers.DecimalField(
        max_digits=16,
        decimal_places=2,
        min_value=Decimal("0.01"),
        required=False,
        help_text="All of it by default.",
    )
    on = Day(required=False, help_text="Paid on the first business day from here on; today when not given.")


class EarlyOut(serializers.Serializer[Quote]):
    """What an amount taken out before its time brings, in the deposit's currency."""

    on = serializers.DateField(help_text="The business day on which it is paid.")
    amount = Amount()
    interest = Amount(help_text="Paid with it.")
    paid = Amount(help_text="What comes to the account.")
    earned = Amount(help_text="What the contract's rate would have earned by then.")
    cost = Amount(help_text="The interest lost.")
    kept = Amount(allow_null=True, help_text="Interest on the same amount if it stays to the end.")
    left = Amount(help_text="What stays under the contract.")
    notice_by = serializers.DateField(allow_null=True, help_text="The last day of notice, for call deposits.")
    in_time = serializers.BooleanField(help_text="Notice can still be given; true where none is needed.")


class Deposits(Door):
    """Single deposits."""

    rules = dict.fromkeys(("retrieve", "early"), Rule(Permission.PORTFOLIO_READ, sensitive=True))
    filters = {"retrieve": OnDay, "early": EarlyWish}
    answers = {"retrieve": DepositWhole, "early": EarlyOut}
    lookup_url_kwarg = "deposit_id"

    def retrieve(self, request: Request, deposit_id: int) -> Response:
        """Show one deposit with its interest to a date."""
        as_of: dt.date = self.chosen.get("as_of") or clock.today()
        card = queries.deposit(user=self.user, deposit_id=deposit_id, as_of=as_of)
        self.seen(client_id=card.client_id, what="deposit")
        return self.answer(card)

    @action(detail=True, methods=["get"])
    def early(self, request: Request, deposit_id: int) -> Response:
        """Say what an amount taken out before its time brings and costs."""
        as_of = clock.today()
        card = queries.deposit(user=self.user, deposit_id=deposit_id, as_of=as_of)
        self.seen(client_id=card.client_id, what="deposit")
        wish = {"amount": card.principal, "on": as_of, **self.chosen}
        return self.answer(queries.early_withdrawal(user=self.user, deposit_id=deposit_id, as_of=as_of, **wish))


class LadderFilters(Strict):
    """Whose ladder."""

    household = serializers.BooleanField(required=False, default=False, help_text="With the rest of the household.")


class RungOut(serializers.Serializer[Rung]):
    """A deposit that falls due."""

    deposit = serializers.IntegerField(source="deposit_id")
    client = serializers.IntegerField(source="client_id")
    reference = serializers.CharField()
    bank = serializers.CharField()
    currency = serializers.CharField()
    principal = Amount()
    rate = Figure()
    matures_on = serializers.DateField()
    pays_on = serializers.DateField(source="due.pays_on")
    instruct_by = serializers.DateField(source="due.instruct_by")
    certain = serializers.BooleanField(source="due.certain", help_text="The calendar of these days is final.")
    whole = Amount(help_text="Principal and interest on the day it matures.")
    worth = Amount(allow_null=True, help_text="The same in the client's currency; null where a rate is missing.")


class BankRungs(serializers.Serializer[Row]):
    """What a bank has on each span."""

    bank = serializers.CharField(source="name")
    amounts = serializers.ListField(child=Amount(), help_text=f"By days to maturity: {', '.join(SPANS)}.")
    total = Amount()


class PeakOut(serializers.Serializer[Peak]):
    """The thirty days in which most falls due."""

    begins = serializers.DateField()
    ends = serializers.DateField()
    amount = Amount()
    share = Figure()


class LadderOut(serializers.Serializer[queries.Ladder]):
    """What falls due, soonest first; sums in the client's currency."""

    client = serializers.IntegerField(source="client.pk")
    as_of = serializers.DateField()
    currency = serializers.CharField()
    total = Amount()
    rungs = RungOut(many=True)
    overdue = RungOut(many=True, help_text="Matured, and neither paid nor renewed yet.")
    banks = BankRungs(many=True)
    peak = PeakOut(allow_null=True)
    missing = serializers.ListField(child=serializers.CharField(), help_text="Rates of exchange that were not there.")


class ClientLadder(Door):
    """The maturity ladder."""

    rules = {"retrieve": Rule(Permission.PORTFOLIO_READ, sensitive=True)}
    filters = {"retrieve": LadderFilters}
    answers = {"retrieve": LadderOut}

    def retrieve(self, request: Request, client_id: int) -> Response:
        """Show what falls due of a client at every bank, or of the household as far as the reader sees it."""
        found = queries.maturity_ladder(
            user=self.user, client_id=client_id, as_of=clock.today(), known_at=clock.now(), **self.chosen
        )
        for one in found.people:
            self.seen(client_id=one.pk, what="ladder")
        return self.answer(found)
