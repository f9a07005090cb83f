"""Books for the tests: pure ones in memory, and the digest of one that is in the database."""

import datetime as dt
import functools
import hashlib
from zoneinfo import ZoneInfo

from django.db.models import Model, QuerySet

from clients.models import Client, ContactNote, ContactPoint, Coverage, IdentityDocument, SearchKey, Task
from compliance.models import Hold, HoldReason
from config.book import desk
from config.book.desk import Desk
from core.models import User
from core.walls import acting, service
from portfolios.models import (
    Account,
    AccountParty,
    CorporateAction,
    Deposit,
    FxRate,
    Holding,
    Instrument,
    Lot,
    Maturity,
    Price,
    Transaction,
)
from reviews.models import Review

AS_OF = dt.date(2026, 11, 24)
CYCLES = {"hnw": 12, "private": 6, "ultra": 3}
ZONE = ZoneInfo("Asia/Shanghai")
MONEY = ("client__reference", "reference", "value_date", "known_at", "superseded_at")
SAID: tuple[tuple[QuerySet[Model], tuple[str, ...]], ...] = (
    (User.objects.all(), ("username", "name", "role", "team__name", "language")),
    (
        Client.objects.all(),
        ("reference", "kind", "name", "sort_name", "alias", "tier", "born_on", "consented_on", "avoid"),
    ),
    (SearchKey.objects.all(), ("client__reference", "kind", "value")),
    (Coverage.objects.all(), ("client__reference", "manager__username", "kind", "valid")),
    (ContactPoint.objects.all(), ("client__reference", "kind", "index", "hint", "preferred")),
    (IdentityDocument.objects.all(), ("client__reference", "kind", "index", "expires_on")),
    (ContactNote.objects.all(), ("client__reference", "author__username", "happened_at", "text", "about")),
    (Task.objects.all(), ("client__reference", "owner__username", "text", "due_on", "done_at")),
    (Account.objects.all(), ("client__reference", "reference", "number", "institution__reference", "opened_on")),
    (AccountParty.objects.all(), ("account__reference", "client__reference", "capacity")),
    (Deposit.objects.all(), (*MONEY, "kind", "principal", "rate", "matures_on", "instruction", "closed_on")),
    (Instrument.objects.all(), ("reference", "name", "risk_level", "issuer__reference", "multiplier", "coupon")),
    (Holding.objects.all(), (*MONEY, "quantity", "cost")),
    (Transaction.objects.all(), (*MONEY, "account__reference", "kind", "amount", "balance", "text", "counterparty")),
    (Lot.objects.all(), (*MONEY, "acquired_on", "quantity", "cost")),
    (CorporateAction.objects.all(), ("instrument__reference", "kind", "value_date", "factor")),
    (Price.objects.all(), ("instrument__reference", "value_date", "known_at", "price")),
    (FxRate.objects.all(), ("base", "quote", "value_date", "known_at", "rate")),
    (Maturity.objects.all(), ("deposit__reference", "due_on")),
    (Review.objects.all(), ("client__reference", "kind", "period", "due_on", "opened_at", "decision", "decided_at")),
    (Hold.objects.all(), ("client__reference", "placed_by__username", "placed_at")),
    (HoldReason.objects.all(), ("client__reference", "text")),
)
"""Every table the book fills, by what it says without ids, salts and ciphertext."""


@functools.cache
def book(seed: int = 7, count: int = 40, as_of: dt.date = AS_OF) -> Desk:
    """Draw a book in memory, once."""
    return desk.make(seed=seed, as_of=as_of, count=count, cycles=CYCLES, zone=ZONE)


def digest() -> dict[str, str]:
    """Return a digest of each table's rows."""
    with acting(service()):
        return {
            rows.model.__name__: hashlib.sha256(repr(sorted(map(repr, rows.values_list(*names)))).encode()).hexdigest()
            for rows, names in SAID
        }
