"""What may be done with money that falls due: the terms of its own bank, and of other banks with insurance headroom."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from clients.access import Permission, scoped
from core.models import User
from portfolios.models import Deposit, Maturity, RateException
from portfolios.queries.board import board
from portfolios.queries.deposits import at_maturity
from portfolios.queries.insurance import rooms
from portfolios.rules import offers as rules
from portfolios.rules.offers import Listing, Offer

MOST = 5
"""So many other banks are named."""


@dataclass(frozen=True)
class Elsewhere:
    """What another bank lists for the same term; ``headroom`` is what the client may place there and have insured.

    ``known``: the client has something there already.
    """

    bank: str
    offer: Offer
    headroom: Decimal
    known: bool

    @property
    def insured(self) -> bool:
        """Say whether the whole amount would be insured to its maturity."""
        return self.offer.whole <= self.headroom


@dataclass(frozen=True)
class Offers:
    """What the amount that falls due could earn: at its bank by term, and for ``months`` at others, the best first."""

    amount: Decimal
    currency: str
    months: int | None
    own: list[Offer]
    elsewhere: list[Elsewhere]

    @property
    def own_bank(self) -> bool:
        """Say whether the desk's treasury takes the money: only then is there a margin to give away."""
        return any(one.transfer_rate is not None for one in self.own)


def agreed_rates(deposit: Deposit) -> dict[int, Decimal]:
    """Return the rates above the board that were agreed for a deposit's next maturity, by months; the latest holds."""
    if deposit.matures_on is None:
        return {}
    rows = RateException.objects.filter(maturity__deposit=deposit, maturity__due_on=deposit.matures_on)
    return dict(rows.order_by("id").values_list("term_months", "rate"))


def listings(deposit: Deposit, *, on: dt.date) -> dict[int, list[Listing]]:
    """Return what each bank lists on a day for deposits of the same kind and currency, by the bank's number."""
    found: dict[int, list[Listing]] = defaultdict(list)
    for row in board(on=on).filter(kind=deposit.kind, currency=deposit.currency, term_months__gt=0):
        assert row.rate is not None  # noqa: S101  (what is listed no more is not on the board)
        found[row.institution_id].append(Listing(row.term_months, row.amount_from, row.rate, row.transfer_rate))
    return found


def own_offers(deposit: Deposit, *, on: dt.date, with_interest: bool = False) -> list[Offer]:
    """Return what a deposit's own bank lists on a day for its principal, from its maturity on; nothing without one.

    The interest may lift the sum into another tier: ``with_interest`` asks for that.
    """
    amount = (at_maturity(deposit) if with_interest else None) or deposit.principal
    return _offers(deposit, listings(deposit, on=on).get(deposit.institution_id, []), amount)


def offers(*, user: User, deposit_id: int, as_of: dt.date, known_at: dt.datetime) -> Offers:
    """Return what principal and interest of a deposit could earn from its maturity on, by today's boards.

    Raises:
        Deposit.DoesNotExist: missing or somebody else's.
    """
    rows = scoped(Deposit.objects.select_related("institution", "client"), user, Permission.PORTFOLIO_READ)
    row = rows.get(pk=deposit_id)
    amount = at_maturity(row) or row.principal
    listed = listings(row, on=as_of)
    own = _offers(row, listed.get(row.institution_id, []), amount)
    elsewhere = []
    if row.term_months is not None and row.matures_on is not None and listed:
        places = rooms(user=user, client=row.client, currency=row.currency, as_of=as_of, known_at=known_at)
        for bank, room in places.items():
            found = [
                one for one in _offers(row, listed.get(bank, []), amount, agreed=False) if one.months == row.term_months
            ]
            if found and bank != row.institution_id:
                elsewhere.append(Elsewhere(room.bank.name, found[0], room.headroom, room.known))
    elsewhere.sort(key=lambda one: (not one.insured, -one.offer.rate, one.bank))
    return Offers(amount, row.currency, row.term_months, own, elsewhere[:MOST])


def _offers(row: Deposit, listed: list[Listing], amount: Decimal, *, agreed: bool = True) -> list[Offer]:
    if row.matures_on is None:
        return []
    return rules.offers(
        listed,
        amount=amount,
        currency=row.currency,
        day_count=row.day_count,
        begins=row.matures_on,
        agreed=agreed_rates(row) if agreed else {},
    )


def maturity(*, user: User, maturity_id: int, permission: Permission) -> Maturity:
    """Return a maturity with its deposit.

    Raises:
        Maturity.DoesNotExist: missing or somebody else's.
    """
    rows = Maturity.objects.select_related("deposit__institution", "client")
    return scoped(rows, user, permission).get(pk=maturity_id)


def exceptions(*, user: User, maturity_id: int) -> list[RateException]:
    """Return the rates that were agreed above the board for a maturity, the latest first."""
    rows = RateException.objects.filter(maturity_id=maturity_id).select_related(
        "approval__asked_by", "approval__decided_by"
    )
    return list(scoped(rows, user, Permission.PORTFOLIO_READ).order_by("-id"))
