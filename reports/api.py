"""What programs may ask of the reports room: statements and their deliveries."""

from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clients import queries as clients
from clients.access import Permission
from clients.api import Day
from core import clock
from core.api import Door, Id, Strict, many
from core.models import Language
from core.web import Rule
from reports import operations, queries
from reports.models import Delivery, Statement


class DeliveryLine(serializers.ModelSerializer[Delivery]):
    """A statement on its way to one address, which is masked."""

    class Meta:
        model = Delivery
        fields = ("id", "client", "statement", "attempt", "hint", "state", "reason", "created_at", "sent_at")
        read_only_fields = fields


class StatementLine(serializers.ModelSerializer[Statement]):
    """A statement frozen for a period."""

    deliveries = DeliveryLine(many=True, help_text="Latest first.")

    class Meta:
        model = Statement
        fields = (
            "id",
            "client",
            "period_start",
            "period_end",
            "version",
            "language",
            "digest",
            "frozen_at",
            "pages",
            "rendered_at",
            "deliveries",
        )
        read_only_fields = fields


class StatementWhole(serializers.Serializer[queries.StatementCard]):
    """A statement with the values it says, as they were frozen."""

    id = serializers.IntegerField(source="statement.pk")
    client = serializers.IntegerField(source="statement.client_id")
    period_start = serializers.DateField(source="statement.period_start")
    period_end = serializers.DateField(source="statement.period_end")
    version = serializers.IntegerField(source="statement.version")
    language = serializers.ChoiceField(source="statement.language", choices=Language.choices)
    digest = serializers.CharField(source="statement.digest", help_text="SHA-256 of the frozen values.")
    frozen_at = serializers.DateTimeField(source="statement.frozen_at")
    pages = serializers.IntegerField(source="statement.pages", allow_null=True)
    rendered_at = serializers.DateTimeField(source="statement.rendered_at", allow_null=True)
    snapshot = serializers.DictField(source="statement.snapshot", child=serializers.JSONField())
    deliveries = DeliveryLine(many=True, help_text="Latest first.")
    may_send = serializers.BooleanField(help_text="The reader covers the client.")


class ClientStatements(Door):
    """A client's statements."""

    rules = {"list": Rule(Permission.STATEMENT_READ, sensitive=True)}
    answers = {"list": StatementLine}
    order = ("-period_end", "-id")

    def list(self, request: Request, client_id: int) -> Response:
        """List a client's statements, latest first."""
        client = clients.client(user=self.user, client_id=client_id, permission=Permission.STATEMENT_READ)
        rows = queries.statements(user=self.user, client_id=client.pk)
        return self.pages(rows, what="statements", client_id=client.pk)


class SendIn(Strict):
    """Whether an address that several clients share was checked for this one."""

    confirmed = serializers.BooleanField(required=False, default=False)


class SendItem(SendIn):
    """One of many statements to send."""

    id = Id()


class SendManyIn(Strict):
    """Many statements to send."""

    items = many(SendItem)


class DeliveriesOut(serializers.Serializer[Any]):
    """The deliveries on their way, in the order given."""

    results = DeliveryLine(many=True)


class Statements(Door):
    """Single statements."""

    rules = {
        "retrieve": Rule(Permission.STATEMENT_READ, sensitive=True),
        "send": Rule(Permission.STATEMENT_SEND, methods=("POST",)),
        "many_sent": Rule(Permission.STATEMENT_SEND, methods=("POST",)),
    }
    takes = {"send": SendIn, "many_sent": SendManyIn}
    answers = {"retrieve": StatementWhole, "send": DeliveryLine, "many_sent": DeliveriesOut}
    statuses = {"send": (201,), "many_sent": (201,)}
    bulks = frozenset({"many_sent"})
    lookup_url_kwarg = "statement_id"

    def retrieve(self, request: Request, statement_id: int) -> Response:
        """Show a statement with the values it says, as they were frozen."""
        card = queries.card(user=self.user, statement_id=statement_id)
        self.seen(client_id=card.statement.client_id, what="statement")
        return self.answer(card)

    @action(detail=True, methods=["post"])
    def send(self, request: Request, statement_id: int) -> Response:
        """Put a statement on its way once more."""
        return self.answer(operations.send(user=self.user, statement_id=statement_id, now=clock.now(), **self.given()))

    @action(detail=False, methods=["post"], url_path="send")
    def many_sent(self, request: Request) -> Response:
        """Put at most 500 statements on their way once more, all or none."""
        now = clock.now()
        return self.many(lambda item: operations.send(user=self.user, statement_id=item.pop("id"), now=now, **item))


class DeliveryFilters(Strict):
    """Filters of the deliveries."""

    state = serializers.ChoiceField(choices=Delivery.State.choices, required=False)
    month = Day(required=False, help_text="Any day of the month that the statement speaks of.")


class Deliveries(Door):
    """What was sent, and what was not."""

    rules = {"list": Rule(Permission.STATEMENT_READ, sensitive=True)}
    filters = {"list": DeliveryFilters}
    answers = {"list": DeliveryLine}
    order = ("-id",)

    def list(self, request: Request) -> Response:
        """List deliveries of statements, latest first."""
        return self.pages(queries.deliveries(user=self.user, **self.chosen), what="deliveries")
