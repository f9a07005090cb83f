"""What programs may ask of the reviews room: what waits for a decision, and deciding it."""

import datetime as dt
from decimal import Decimal
from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clients.access import Permission
from compliance import queries as compliance
from core import clock
from core.api import Amount, Door, Id, Strict, Versioned, many
from core.web import Rule
from reviews import operations, queries, rules
from reviews.models import Review

STATES = ("waiting", "decided", "all")
NOTE_MOST = 5000


class ReviewFilters(Strict):
    """Filters of the list of reviews."""

    state = serializers.ChoiceField(choices=STATES, required=False, default="waiting")
    kind = serializers.ChoiceField(choices=Review.Kind.choices, required=False)


class ReviewLine(serializers.ModelSerializer[Review]):
    """Something a manager must decide for a client by a date, or has decided."""

    client_name = serializers.CharField(source="client.name")
    deposit = serializers.IntegerField(
        source="maturity.deposit_id", allow_null=True, help_text="The deposit that falls due."
    )
    decision = serializers.ChoiceField(
        choices=Review.Decision.choices, allow_blank=True, help_text="Empty while it waits."
    )
    renew_amount = Amount(allow_null=True, help_text="The part that a split renews.")
    decided_by = serializers.CharField(source="decided_by.username", allow_null=True)

    class Meta:
        model = Review
        fields: tuple[str, ...] = (
            "id",
            "client",
            "client_name",
            "kind",
            "period",
            "deposit",
            "due_on",
            "opened_at",
            "decision",
            "note",
            "renew_amount",
            "renew_months",
            "decided_by",
            "decided_at",
            "silent",
            "version",
        )
        read_only_fields = fields


class ReviewWhole(ReviewLine):
    """One review with what deciding it needs to know."""

    decisions = serializers.SerializerMethodField(help_text="What may be decided.")
    on_hold = serializers.SerializerMethodField(help_text="Compliance holds the client: no decision is taken.")
    evidence = serializers.SerializerMethodField(
        help_text="The contact in which the client said so; null where it is not the reader's."
    )
    instruct_by = serializers.SerializerMethodField(help_text="The bank's cut-off; null where nothing falls due.")

    class Meta(ReviewLine.Meta):
        fields = (*ReviewLine.Meta.fields, "decisions", "on_hold", "instruct_by", "evidence")
        read_only_fields = fields

    def get_decisions(self, review: Review) -> list[str]:
        """Return what may be decided, nothing once it was."""
        return [] if review.decision else list(rules.allowed(review.kind))

    def get_evidence(self, review: Review) -> int | None:
        """Return the contact's number, if the reader may see it."""
        found = queries.evidence(user=self.context["user"], review=review)
        return found.pk if found else None

    def get_instruct_by(self, review: Review) -> dt.date | None:
        """Return the last day on which the bank takes the client's word."""
        found = queries.days(reviews=[review], as_of=clock.today()).get(review.pk)
        return found.instruct_by if found else None

    def get_on_hold(self, review: Review) -> bool:
        """Say whether compliance holds the client."""
        return compliance.on_hold(review.client_id)


class Part(serializers.DecimalField):
    """An amount of which a decision speaks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=16, decimal_places=2, min_value=Decimal("0.01"), **kwargs)


class Months(serializers.IntegerField):
    """A term that a decision names."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=600, required=False, allow_null=True, **kwargs)


class DecisionIn(Versioned):
    """A decision, and the version of the review that was read before it was taken."""

    decision = serializers.ChoiceField(choices=Review.Decision.choices)
    note = serializers.CharField(max_length=NOTE_MOST, required=False, allow_blank=True, default="")
    evidence = Id(required=False, allow_null=True, help_text="The contact in which the client said so.")
    renew_amount = Part(required=False, allow_null=True, help_text="The part that a split renews.")
    renew_months = Months(help_text="The term to renew for where it is another.")


class DecisionItem(Strict):
    """One of many decisions."""

    id = Id()
    decision = serializers.ChoiceField(choices=Review.Decision.choices)
    note = serializers.CharField(max_length=NOTE_MOST, required=False, allow_blank=True, default="")
    evidence = Id(required=False, allow_null=True)
    renew_amount = Part(required=False, allow_null=True)
    renew_months = Months()
    version = serializers.IntegerField(min_value=1)


class DecisionsIn(Strict):
    """Many decisions."""

    items = many(DecisionItem)


class ReviewsOut(serializers.Serializer[Any]):
    """The reviews as they are now, in the order given."""

    results = ReviewLine(many=True)


class Reviews(Door):
    """Reviews of the clients whom the reader may see."""

    rules = {
        "list": Rule(Permission.REVIEW_READ, sensitive=True),
        "retrieve": Rule(Permission.REVIEW_READ, sensitive=True),
        "decide": Rule(Permission.REVIEW_DECIDE, methods=("POST",)),
        "many_decided": Rule(Permission.REVIEW_DECIDE, methods=("POST",)),
    }
    filters = {"list": ReviewFilters}
    takes = {"decide": DecisionIn, "many_decided": DecisionsIn}
    answers = {"list": ReviewLine, "retrieve": ReviewWhole, "decide": ReviewWhole, "many_decided": ReviewsOut}
    conflicts = frozenset({"decide", "many_decided"})
    versioned = frozenset({"retrieve", "decide"})
    bulks = frozenset({"many_decided"})
    order = ("due_on", "id")
    lookup_url_kwarg = "review_id"

    def list(self, request: Request) -> Response:
        """List reviews, soonest due first; those that wait unless another state is asked for."""
        state, rows = self.chosen["state"], queries.reviews(user=self.user)
        if state != "all":
            rows = rows.exclude(decision="") if state == "decided" else rows.filter(decision="")
        if "kind" in self.chosen:
            rows = rows.filter(kind=self.chosen["kind"])
        return self.pages(rows, what="reviews")

    def retrieve(self, request: Request, review_id: int) -> Response:
        """Show one review with what deciding it needs to know."""
        review = queries.review(user=self.user, review_id=review_id)
        self.seen(client_id=review.client_id, what="review")
        return self.answer(review)

    @action(detail=True, methods=["post"])
    def decide(self, request: Request, review_id: int) -> Response:
        """Decide a review; refused with 409 where somebody was faster than the version that was read."""
        queries.review(user=self.user, review_id=review_id)
        return self.answer(operations.decide(user=self.user, review_id=review_id, now=clock.now(), **self.given()))

    @action(detail=False, methods=["post"], url_path="decide")
    def many_decided(self, request: Request) -> Response:
        """Decide at most 500 reviews, all or none, each under the rules of a single decision."""
        now = clock.now()
        return self.many(lambda item: operations.decide(user=self.user, review_id=item.pop("id"), now=now, **item))
