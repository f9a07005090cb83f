"""What programs may ask of the rate board."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients.access import Permission
from clients.api import Day
from core import clock
from core.api import Amount, Door, Figure, Strict
from core.web import Rule
from portfolios import queries
from portfolios.models import ListedRate


class BoardFilters(Strict):
    """Filters of the rate board."""

    on = Day(required=False, help_text="The day whose board is asked for; today when not given.")
    kind = serializers.ChoiceField(choices=ListedRate.Kind.choices, required=False)
    currency = serializers.RegexField("^[A-Z]{3}$", required=False)


class ListedRateOut(serializers.ModelSerializer[ListedRate]):
    """What a bank lists for a kind of deposit from a day on."""

    institution = serializers.CharField(source="institution.reference")
    amount_from = Amount(help_text="The least sum that earns it.")
    rate = Figure(help_text="A fraction: 0.02 is two per cent a year.")
    transfer_rate = Figure(allow_null=True, help_text="What the treasury pays the desk for such money.")

    class Meta:
        model = ListedRate
        fields = (
            *("id", "institution", "kind", "currency", "term_months", "notice_days", "amount_from", "rate"),
            *("transfer_rate", "value_date", "source", "known_at"),
        )
        read_only_fields = fields


class Board(Door):
    """What banks list for deposits."""

    rules = {"list": Rule(Permission.RATE_READ)}
    filters = {"list": BoardFilters}
    answers = {"list": ListedRateOut}

    def list(self, request: Request) -> Response:
        """List what banks list for deposits on a day."""
        chosen = dict(self.chosen)
        rows = queries.board(on=chosen.pop("on", None) or clock.today())
        return self.pages(rows.filter(**chosen), what="board")
