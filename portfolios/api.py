"""What programs may ask of the portfolios room: books, deposits, holdings, movements and bank files."""

import datetime as dt
import io
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clients import queries as clients
from clients.access import Permission
from clients.api import Day
from core import clock
from core.api import Amount, Door, Figure, Id, Strict
from core.errors import Refused
from core.web import LARGEST_BYTES, Rule
from portfolios import operations, queries
from portfolios.feeds.sources import ENCODINGS, SEPARATORS
from portfolios.models import Deposit, FeedRun, Instrument, Transaction
from portfolios.rules.book import Book, CashLine, DepositLine, HoldingLine, Slice
from portfolios.rules.insurance import STATES, BankCover


class OnDay(Strict):
    """The date a book is read on."""

    as_of = Day(required=False, help_text="Today when not given.")


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
    stale = serializers.BooleanField(help_text="The price is older than the house allows.")
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
        return queries.book(user=self.user, client_id=client_id, as_of=as_of, known_at=clock.now())


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
        found = queries.insurance(user=self.user, client_id=client_id, as_of=as_of, known_at=clock.now())
        self.seen(client_id=client_id, what="insurance")
        return self.answer(found)


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
    accrued = Amount()
    value_at_maturity = Amount(allow_null=True)
    instruction = serializers.ChoiceField(choices=Deposit.Instruction.choices)
    known_at = serializers.DateTimeField()
    as_of = serializers.DateField()


class Deposits(Door):
    """Single deposits."""

    rules = {"retrieve": Rule(Permission.PORTFOLIO_READ, sensitive=True)}
    filters = {"retrieve": OnDay}
    answers = {"retrieve": DepositWhole}
    lookup_url_kwarg = "deposit_id"

    def retrieve(self, request: Request, deposit_id: int) -> Response:
        """Show one deposit with its interest to a date."""
        as_of: dt.date = self.chosen.get("as_of") or clock.today()
        card = queries.deposit(user=self.user, deposit_id=deposit_id, as_of=as_of)
        self.seen(client_id=card.client_id, what="deposit")
        return self.answer(card)


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


class FeedWishes(Strict):
    """What a bank file is, and how to take it; the parameters beside a file that is sent as it is."""

    kind = serializers.ChoiceField(choices=FeedRun.Kind.choices, required=False)
    file_name = serializers.CharField(max_length=200, required=False)
    mapping = serializers.SlugField(max_length=40, required=False, help_text="The name of a mapping, for kind mapped.")
    strategy = serializers.ChoiceField(choices=FeedRun.Strategy.choices, default="both")
    dry_run = serializers.BooleanField(default=False)
    encoding = serializers.ChoiceField(choices=ENCODINGS, required=False, help_text="Detected where left out.")
    separator = serializers.ChoiceField(choices=SEPARATORS, required=False, help_text="Detected where left out.")


class FeedIn(FeedWishes):
    """A bank file as text, and the layout it is in."""

    kind = serializers.ChoiceField(choices=FeedRun.Kind.choices)
    file_name = serializers.CharField(max_length=200)
    content = serializers.CharField(trim_whitespace=False, help_text="CSV with a header line.")


class FeedLine(serializers.ModelSerializer[FeedRun]):
    """A bank file that was received, and what became of it."""

    uploaded_by = serializers.CharField(source="uploaded_by.username")

    class Meta:
        model = FeedRun
        fields = (
            "id",
            "kind",
            "file_name",
            "sha256",
            "state",
            "created",
            "changed",
            "unchanged",
            "skipped",
            "strategy",
            "dry_run",
            "source",
            "uploaded_by",
            "uploaded_at",
            "applied_at",
        )
        read_only_fields = fields


class FeedError(serializers.Serializer[queries.FeedCard]):
    """A refused line."""

    line = serializers.IntegerField()
    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()


class FeedWhole(serializers.Serializer[queries.FeedCard]):
    """A bank file with its progress and the lines that were refused."""

    id = serializers.IntegerField(source="run.pk")
    kind = serializers.ChoiceField(source="run.kind", choices=FeedRun.Kind.choices)
    file_name = serializers.CharField(source="run.file_name")
    sha256 = serializers.CharField(source="run.sha256")
    state = serializers.ChoiceField(source="run.state", choices=FeedRun.State.choices)
    created = serializers.IntegerField(source="run.created")
    changed = serializers.IntegerField(source="run.changed")
    unchanged = serializers.IntegerField(source="run.unchanged")
    skipped = serializers.IntegerField(source="run.skipped")
    strategy = serializers.ChoiceField(source="run.strategy", choices=FeedRun.Strategy.choices)
    dry_run = serializers.BooleanField(source="run.dry_run")
    source = serializers.ChoiceField(source="run.source", choices=FeedRun.Source.choices)  # type: ignore[assignment]  # a field
    uploaded_by = serializers.CharField(source="run.uploaded_by.username")
    uploaded_at = serializers.DateTimeField(source="run.uploaded_at")
    applied_at = serializers.DateTimeField(source="run.applied_at", allow_null=True)
    errors = FeedError(many=True)  # type: ignore[assignment]  # a field, not what a serializer found
    done = serializers.IntegerField(source="pace.done", help_text="Rows applied so far, while it runs.")
    total = serializers.IntegerField(source="pace.total")
    failed = serializers.BooleanField(help_text="The work was given up; somebody must look.")


class Feeds(Door):
    """Bank files, applied whole or not at all."""

    rules = {
        "list": Rule(Permission.FEED_READ),
        "retrieve": Rule(Permission.FEED_READ),
        "create": Rule(Permission.FEED_APPLY, methods=("POST",), most_bytes=LARGEST_BYTES),
    }
    takes = {"create": FeedIn}
    filters = {"create": FeedWishes}
    files = frozenset({"create"})
    answers = {"list": FeedLine, "retrieve": FeedWhole, "create": FeedLine}
    statuses = {"create": (201, 200)}
    order = ("-id",)
    lookup_url_kwarg = "run_id"

    def list(self, request: Request) -> Response:
        """List the files that were received, newest first."""
        return self.pages(queries.feed_runs(user=self.user), what="feeds")

    def retrieve(self, request: Request, run_id: int) -> Response:
        """Show a file's progress, its counts or its errors."""
        return self.answer(queries.feed(user=self.user, run_id=run_id))

    def create(self, request: Request) -> Response:
        """Send a bank file in JSON, or as it is with what it is in the query; one received before answers 200."""
        now = clock.now()
        given = self.chosen if self.sent_file else self.given()
        if missing := {"kind", "file_name"} - given.keys():
            raise serializers.ValidationError({name: [_("This field is required.")] for name in sorted(missing)})
        sent: BinaryIO = request._request  # type: ignore[assignment]  # noqa: SLF001  (its body, as it is)
        content = sent if self.sent_file else io.BytesIO(given["content"].encode())
        run = operations.receive(
            user=self.user,
            kind=given["kind"],
            file_name=given["file_name"],
            content=content,
            now=now,
            wishes=_wishes(given),
        )
        return self.answer(run, 201 if run.uploaded_at == now else 200)


def _wishes(given: dict[str, Any]) -> operations.Wishes:
    """Return how a program wants its file taken.

    Raises:
        Refused: no mapping has that name.
    """
    ids = {name: key for key, name in queries.mapping_names().items()}
    if given.get("mapping") and given["mapping"] not in ids:
        raise Refused("feed-kind", _("No such layout."), field="mapping")
    return operations.Wishes(
        strategy=given["strategy"],
        dry_run=given["dry_run"],
        encoding=given.get("encoding", ""),
        separator=given.get("separator", ""),
        mapping_id=ids.get(given.get("mapping", "")),
        source=FeedRun.Source.API,
    )
