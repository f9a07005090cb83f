"""What programs may ask of the compliance room: holds, purposes and the trail."""

from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clients import operations as clients_write
from clients import queries as clients
from clients.access import Permission
from clients.api import Day
from compliance import operations, queries
from compliance.forms import REASON_LEAST
from compliance.models import Hold, HoldReason
from core import clock
from core.api import Door, Id, Strict
from core.web import Rule

REASON_MOST = 2000


class ReasonIn(Strict):
    """Why a hold is placed or lifted; only compliance reads it."""

    reason = serializers.CharField(min_length=REASON_LEAST, max_length=REASON_MOST)


class HoldIn(ReasonIn):
    """What a hold stops, and why it is placed."""

    kind = serializers.ChoiceField(choices=Hold.Kind.choices, required=False, default=Hold.Kind.STOP.value)


class HoldLine(serializers.ModelSerializer[Hold]):
    """A stop on decisions for a client, or a legal hold, with its reasons."""

    client_name = serializers.CharField(source="client.name")
    placed_by = serializers.CharField(source="placed_by.username")
    lifted_by = serializers.CharField(source="lifted_by.username", allow_null=True)
    reasons: serializers.SlugRelatedField[HoldReason] = serializers.SlugRelatedField(
        slug_field="text", many=True, read_only=True
    )

    class Meta:
        model = Hold
        fields = ("id", "client", "client_name", "kind", "placed_by", "placed_at", "lifted_by", "lifted_at", "reasons")
        read_only_fields = fields


class Holds(Door):
    """Holds of every client, for compliance."""

    rules = {
        "list": Rule(Permission.HOLD_READ, sensitive=True),
        "lift": Rule(Permission.HOLD_PLACE, methods=("POST",)),
    }
    takes = {"lift": ReasonIn}
    answers = {"list": HoldLine, "lift": HoldLine}
    order = ("-placed_at", "-id")
    lookup_url_kwarg = "hold_id"

    def list(self, request: Request) -> Response:
        """List holds, newest first."""
        return self.pages(queries.holds(user=self.user), what="holds")

    @action(detail=True, methods=["post"])
    def lift(self, request: Request, hold_id: int) -> Response:
        """Lift a hold."""
        hold = queries.holds(user=self.user).get(pk=hold_id)
        lifted = operations.lift_hold(user=self.user, hold_id=hold.pk, now=clock.now(), **self.given())
        return self.answer(lifted)


class ClientHolds(Door):
    """The holds of one client."""

    rules = {"create": Rule(Permission.HOLD_PLACE, methods=("POST",))}
    takes = {"create": HoldIn}
    answers = {"create": HoldLine}

    def create(self, request: Request, client_id: int) -> Response:
        """Place a hold on a client; decisions wait until it is lifted."""
        client = clients.client(user=self.user, client_id=client_id, permission=Permission.HOLD_PLACE)
        hold = operations.place_hold(user=self.user, client_id=client.pk, now=clock.now(), **self.given())
        return self.answer(hold)


class PurposeIn(Strict):
    """Why compliance looks at a client."""

    purpose = serializers.ChoiceField(choices=clients.PURPOSES)
    reason = serializers.CharField(max_length=REASON_MOST, required=False, allow_blank=True, default="")


class Purpose(serializers.Serializer[Any]):
    """A purpose as it stands: every look by it names it in the trail."""

    id = serializers.IntegerField(source="pk")
    client = serializers.IntegerField(source="client_id")
    purpose = serializers.ChoiceField(choices=clients.PURPOSES)
    reason = serializers.CharField(allow_blank=True)
    since = serializers.DateTimeField(source="valid.lower")
    until = serializers.DateTimeField(source="valid.upper")


class ClientPurposes(Door):
    """For what purpose compliance looks at one client: without one, looks are answered 428."""

    rules = {"create": Rule(Permission.PURPOSE_STATE, methods=("POST",))}
    takes = {"create": PurposeIn}
    answers = {"create": Purpose}

    def create(self, request: Request, client_id: int) -> Response:
        """State a purpose; it stands for eight hours and replaces the one before."""
        client = clients.client(user=self.user, client_id=client_id, permission=Permission.PURPOSE_STATE)
        given = self.given()
        return self.answer(clients_write.state_purpose(user=self.user, client_id=client.pk, now=clock.now(), **given))


class OwnTrailFilters(Strict):
    """Filters of the trail."""

    actor = serializers.CharField(max_length=60, required=False, help_text="A user name.")
    verb = serializers.CharField(max_length=60, required=False, help_text="What the act begins with.")
    since = Day(required=False)
    until = Day(required=False)


class TrailFilters(OwnTrailFilters):
    """Filters of the trail, one client's among them."""

    client = Id(required=False)


class Change(serializers.Serializer[tuple[str, str, str]]):
    """One field of a row before and after, or one member of an event."""

    field = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)

    def to_representation(self, instance: tuple[str, str, str]) -> dict[str, Any]:
        """Name the three."""
        return dict(zip(("field", "before", "after"), instance, strict=True))


class Event(serializers.Serializer[queries.Line]):
    """One event of the trail, in words."""

    id = serializers.IntegerField(source="event.pk")
    at = serializers.DateTimeField(source="event.at")
    verb = serializers.CharField(source="event.verb")
    actor = serializers.CharField(source="event.actor.username", allow_null=True)
    behalf = serializers.CharField(source="event.behalf.username", allow_null=True)
    client = serializers.IntegerField(source="event.client_id", allow_null=True)
    client_name = serializers.CharField(allow_blank=True)
    table = serializers.CharField(source="event.table_name", allow_blank=True)
    row = serializers.IntegerField(source="event.row_id", allow_null=True)
    request = serializers.UUIDField(source="event.request_id", allow_null=True)
    changes = Change(many=True)


class Trail(Door):
    """The trail, as far as the reader's role reaches."""

    rules = {
        "list": Rule(Permission.TRAIL_READ, sensitive=True),
        "own": Rule(Permission.TRAIL_OWN, sensitive=True),
    }
    filters = {"list": TrailFilters, "own": OwnTrailFilters}
    answers = {"list": Event, "own": Event}
    lists = frozenset({"list", "own"})
    order = ("-id",)

    def list(self, request: Request) -> Response:
        """List what happened, newest first, of one client or of all the reader may know."""
        chosen = dict(self.chosen)
        client_id: int | None = chosen.pop("client", None)
        if client_id is not None:
            clients.client(user=self.user, client_id=client_id)
        events = queries.trail(client_id=client_id, **chosen)
        return self.pages(events, what="trail", client_id=client_id, into=queries.lines)

    @action(detail=False)
    def own(self, request: Request) -> Response:
        """List the reader's own acts, newest first."""
        events = queries.trail(**self.chosen).filter(actor=self.user)
        return self.pages(events, what="trail", into=queries.lines)
