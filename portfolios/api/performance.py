"""What programs may ask of a client's returns, and of the valued days that they are linked from."""

from collections.abc import Mapping

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients import queries as clients
from clients.access import Permission
from clients.api import Day, Moment
from core import clock
from core.api import Amount, Door, Figure, Strict
from core.web import Rule
from portfolios import queries
from portfolios.api.books import OnDay
from portfolios.models import Valuation
from portfolios.rules.contributions import KINDS, Contribution
from portfolios.rules.periods import ALL, SPANS, Fall, Measured, chosen_span


class FallOut(serializers.Serializer[Fall]):
    """The deepest fall from a peak."""

    depth = serializers.FloatField()
    peak = serializers.DateField()
    trough = serializers.DateField()


class SpanOut(serializers.Serializer[Measured]):
    """A span of a client's money; amounts in the client's currency, returns and risk as fractions."""

    key = serializers.CharField()
    start = serializers.DateField()
    end = serializers.DateField()
    begin = Amount()
    value = Amount()
    flow = Amount(help_text="What the client brought, less what was taken away.")
    fees = Amount()
    gain = Amount()
    net = serializers.FloatField(help_text="Time-weighted, after fees.")
    gross = serializers.FloatField(help_text="Time-weighted, before fees.")
    annualised = serializers.FloatField(allow_null=True, help_text="Null for less than a year.")
    money_weighted = serializers.FloatField(allow_null=True, help_text="A year's where the span is a year or longer.")
    volatility = serializers.FloatField(allow_null=True, help_text="Null for less than twelve months.")
    sharpe = serializers.FloatField(allow_null=True)
    sortino = serializers.FloatField(allow_null=True)
    fall = FallOut()
    months = serializers.IntegerField()


class PerformanceOut(serializers.Serializer[queries.Performance]):
    """How a client's money did."""

    client = serializers.IntegerField(source="client.pk")
    currency = serializers.CharField()
    valued_at = serializers.DateTimeField(allow_null=True, help_text="When the newest valuation was computed.")
    missing = serializers.IntegerField(help_text="Lines of the last day without a price or rate.")
    stale = serializers.IntegerField(help_text="Lines of the last day with a price older than the house allows.")
    risk_free = Figure(help_text="The rate of a year that ratios are over.")
    spans = SpanOut(many=True)


class ClientPerformance(Door):
    """Returns and risk."""

    rules = {"retrieve": Rule(Permission.PORTFOLIO_READ, sensitive=True)}
    filters = {"retrieve": OnDay}
    answers = {"retrieve": PerformanceOut}

    def retrieve(self, request: Request, client_id: int) -> Response:
        """Show returns and risk over the spans that the history allows, the shortest first."""
        found = queries.performance(
            user=self.user,
            client_id=client_id,
            as_of=self.chosen.get("as_of") or clock.today(),
            known_at=self.chosen.get("known_at") or clock.now(),
        )
        self.seen(client_id=client_id, what="performance")
        return self.answer(found)


class SpanWish(Strict):
    """Which span is asked about."""

    span = serializers.ChoiceField(
        choices=[*SPANS, ALL], required=False, help_text="The year when not given, or all where there is less."
    )


class ContributionOut(serializers.Serializer[Contribution]):
    """What one position added to a span's gain; amounts in the client's currency."""

    kind = serializers.ChoiceField(choices=KINDS, help_text="rest is what no position explains.")
    position = serializers.CharField(source="label")
    currency = serializers.CharField(help_text="The position's own; empty for the rest.")
    begin = Amount()
    moved = Amount(help_text="What went into it, less what was taken out.")
    income = Amount(help_text="What it paid into cash: interest, dividends, less fees.")
    end = Amount()
    gain = Amount(help_text="The end and the income, less the beginning and what was moved in.")
    by_currency = Amount(help_text="The part of the gain that came of the rate of exchange.")
    share = serializers.FloatField(allow_null=True, help_text="The gain as a fraction of the capital that worked.")


class ContributionsOut(serializers.Serializer[Mapping[str, object]]):
    """What added to the gain of a span."""

    currency = serializers.CharField()
    valued_at = serializers.DateTimeField(allow_null=True, help_text="When the newest valuation was computed.")
    span = SpanOut(allow_null=True, help_text="Null where the history is shorter.")
    positions = ContributionOut(many=True)


class ClientContributions(Door):
    """What each position added to the gain."""

    rules = {"retrieve": Rule(Permission.PORTFOLIO_READ, sensitive=True)}
    filters = {"retrieve": SpanWish}
    answers = {"retrieve": ContributionsOut}

    def retrieve(self, request: Request, client_id: int) -> Response:
        """Show what each position added to the gain of a span, the largest first."""
        now = clock.now()
        found = queries.performance(user=self.user, client_id=client_id, as_of=clock.today(), known_at=now)
        span = chosen_span(found.spans, self.chosen.get("span", ""))
        rows = queries.contributions(user=self.user, found=found, span=span, known_at=now) if span else []
        self.seen(client_id=client_id, what="performance")
        return self.answer({"currency": found.currency, "valued_at": found.valued_at, "span": span, "positions": rows})


class ValuationFilters(Strict):
    """Filters of a client's valued days; dates are inclusive."""

    since = Day(required=False)
    until = Day(required=False)
    known_at = Moment(required=False, help_text="What was learned later is left out. Now when not given.")


class ValuationOut(serializers.ModelSerializer[Valuation]):
    """What a client was worth at the end of a day, in the client's currency."""

    cash = Amount()
    deposits = Amount()
    holdings = Amount()
    flow = Amount(help_text="Since the valued day before.")
    fees = Amount()

    class Meta:
        model = Valuation
        fields = (
            *("id", "value_date", "currency", "cash", "deposits", "holdings", "flow", "fees", "net_index"),
            *("gross_index", "missing", "stale", "known_at", "superseded_at"),
        )
        read_only_fields = fields


class ClientValuations(Door):
    """A client's valued days."""

    rules = {"list": Rule(Permission.PORTFOLIO_READ, sensitive=True)}
    filters = {"list": ValuationFilters}
    answers = {"list": ValuationOut}
    order = ("-value_date", "-id")

    def list(self, request: Request, client_id: int) -> Response:
        """List what a client was worth at the end of each valued day, the newest first."""
        client = clients.client(user=self.user, client_id=client_id, permission=Permission.PORTFOLIO_READ)
        rows = queries.valuations(user=self.user, client_id=client.pk, **self.chosen)
        return self.pages(rows, what="valuations", client_id=client.pk)
