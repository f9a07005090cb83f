"""How much of what a depositor has at each licensed bank a deposit insurance scheme covers, and where there is room."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from clients import queries as clients
from clients.access import Permission, scoped
from clients.models import Client
from core.models import Parameter, User
from core.money import rounded
from portfolios.models import Account, AccountParty, Deposit, Institution
from portfolios.queries.book import account_balances, stood
from portfolios.queries.deposits import at_maturity, earned, listed_demand_rate, principal_on, with_changes
from portfolios.queries.rates import Rates
from portfolios.rules import insurance as rules
from portfolios.rules.book import Converter
from portfolios.rules.insurance import STATES, Bank, BankCover, Kept, Part, Placement, Room

LIMIT = "insurance.limit"
OWNERS = (AccountParty.Capacity.OWNER, AccountParty.Capacity.JOINT)


@dataclass(frozen=True)
class Insurance:
    """What one client has back if every bank failed on ``as_of``; sums are in the client's ``currency``.

    ``hidden`` is how many joint accounts of a first owner whom the reader may not see are left out; ``missing`` names
    rates that were not there, and their lines are in no sum.
    """

    client: Client
    as_of: dt.date
    currency: str
    banks: list[BankCover]
    insured: Decimal
    uninsured: Decimal
    hidden: int
    missing: list[str]


@dataclass(frozen=True)
class Proposal:
    """How a placement may be split over a household and its banks, and what no scheme would cover."""

    placement: Placement
    parts: list[Part]
    left: Decimal


def insurance(*, user: User, client_id: int, as_of: dt.date, known_at: dt.datetime) -> Insurance:
    """Return what the schemes cover of a client's deposits and accounts; what is uninsured first.

    Raises:
        Client.DoesNotExist: missing or somebody else's.
    """
    client = clients.client(user=user, client_id=client_id, permission=Permission.PORTFOLIO_READ)
    return _Desk(user, [client], as_of, known_at).insurance(client)


def place(*, user: User, client_id: int, placement: Placement, as_of: dt.date, known_at: dt.datetime) -> Proposal:
    """Return how an amount would be split over the client's household and every bank, all of it insured to maturity.

    Raises:
        Client.DoesNotExist: missing or somebody else's.
    """
    client = clients.client(user=user, client_id=client_id, permission=Permission.PORTFOLIO_READ)
    people = [client, *clients.family(user=user, found=client)]
    desk = _Desk(user, people, as_of, known_at)
    parts, left = rules.spread(placement.amount, desk.rooms(placement.currency), growth=placement.growth)
    return Proposal(placement, parts, left)


def rooms(*, user: User, client: Client, currency: str, as_of: dt.date, known_at: dt.datetime) -> dict[int, Room]:
    """Return what a client may still place at each bank in a currency and have insured, by the bank's number."""
    licences = dict(Institution.objects.filter(is_bank=True).values_list("pk", "licence"))
    found = {room.bank.licence: room for room in _Desk(user, [client], as_of, known_at).rooms(currency)}
    return {number: found[licence] for number, licence in licences.items() if licence in found}


class _Whole(NamedTuple):
    """An account or deposit before it is shared: with interest to the date and, where it matures, to maturity."""

    reference: str
    kind: str
    currency: str
    now: Decimal
    later: Decimal | None = None


class _Desk:
    """Everything that some clients have at banks on a date: the number of queries depends on neither."""

    def __init__(self, user: User, people: list[Client], as_of: dt.date, known_at: dt.datetime) -> None:
        self.people, self.as_of = people, as_of
        self.rates, self.limits = Rates(as_of, known_at), Parameter.objects.by_place(LIMIT, on=as_of)
        self.demand_rate = listed_demand_rate(as_of)
        self.converters: dict[str, Converter] = {}
        ids = {one.pk for one in people}
        parties = AccountParty.objects.filter(client_id__in=ids, capacity__in=OWNERS)
        joint = list(scoped(parties, user, Permission.PORTFOLIO_READ).values_list("client", "account"))
        rows = Account.objects.filter(Q(client_id__in=ids) | Q(pk__in=[account for _client, account in joint]))
        rows = scoped(rows, user, Permission.PORTFOLIO_READ).select_related("institution").order_by("reference")
        accounts = {row.pk: row for row in rows}
        self.hidden = [client for client, account in joint if account not in accounts]
        self.owned = [(row.client_id, row) for row in accounts.values() if row.client_id in ids]
        shared = [(client, accounts[account]) for client, account in joint if account in accounts]
        self.owned += [(client, account) for client, account in shared if account.client_id != client]
        self.owners = _owners(accounts)
        cash = [row for row in accounts.values() if row.kind == Account.Kind.CASH and stood(row, as_of)]
        balances = account_balances(cash, as_of=as_of, known_at=known_at)
        self.cash = {row.pk: balances.get(row.pk, Decimal(0)) for row in cash}
        self.deposits: dict[int, list[Deposit]] = defaultdict(list)
        held = Deposit.objects.filter(account_id__in=accounts, value_date__lte=as_of)
        held = held.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=as_of)).select_related("institution")
        found = scoped(held, user, Permission.PORTFOLIO_READ).order_by("matures_on", "id")
        for row in with_changes(found, known_at):
            self.deposits[row.account_id].append(row)

    def insurance(self, client: Client) -> Insurance:
        """Return what is covered of one client's."""
        banks = sorted(
            self.banks(client.pk).values(), key=lambda one: (STATES.index(one.state), -one.used, one.bank.name)
        )
        known = [(one, one.bank.scheme.currency) for one in banks if one.bank.scheme]
        into = self.into(client.base_currency)
        return Insurance(
            client=client,
            as_of=self.as_of,
            currency=client.base_currency,
            banks=banks,
            insured=sum((into(one.insured, currency) or Decimal(0) for one, currency in known), Decimal(0)),
            uninsured=sum((into(one.uninsured, currency) or Decimal(0) for one, currency in known), Decimal(0)),
            hidden=self.hidden.count(client.pk),
            missing=sorted(set().union(*(converter.missing for converter in self.converters.values()))),
        )

    def into(self, currency: str) -> Converter:
        """Return what turns amounts into a currency; it remembers the rates that were missing."""
        if currency not in self.converters:
            self.converters[currency] = self.rates.converter(currency)
        return self.converters[currency]

    def banks(self, client_id: int) -> dict[str, BankCover]:
        """Return what one client has at each licence."""
        lines: dict[str, list[Kept]] = defaultdict(list)
        found: dict[str, Bank] = {}
        for account in (account for owner, account in self.owned if owner == client_id):
            wholes = [(row.institution, self.deposit(row)) for row in self.deposits[account.pk]]
            if account.pk in self.cash:
                whole = _Whole(account.reference, "cash", account.currency, self.cash[account.pk])
                wholes.insert(0, (account.institution, whole))
            for institution, whole in wholes:
                bank = found.setdefault(institution.licence, self.bank(institution))
                lines[bank.licence].append(self.share(bank, whole, self.owners.get(account.pk, 1)))
        return {licence: rules.at_bank(bank, lines[licence]) for licence, bank in found.items()}

    def bank(self, institution: Institution) -> Bank:
        """Return a bank with its scheme and the limit of the date."""
        place = rules.scheme_of(institution.country)
        limit = Decimal(self.limits[place]) if place in self.limits else None
        return Bank(institution.licence, str(institution), place, limit)

    def deposit(self, row: Deposit) -> _Whole:
        """Return a deposit with its interest."""
        ripens = row.matures_on is not None and row.matures_on > self.as_of
        now = principal_on(row, self.as_of) + earned(row, self.as_of, self.demand_rate)
        return _Whole(row.reference, row.kind, row.currency, now, at_maturity(row) if ripens else None)

    def share(self, bank: Bank, whole: _Whole, owners: int) -> Kept:
        """Return what one of several owners has of a whole, in its currency and in that of the scheme."""
        now = rounded(whole.now / owners, whole.currency)
        ripe = now if whole.later is None else rounded(whole.later / owners, whole.currency)
        return Kept(
            reference=whole.reference,
            kind=whole.kind,
            currency=whole.currency,
            amount=now,
            owners=owners,
            worth=self.worth(bank, now, whole.currency),
            ripe=self.worth(bank, ripe, whole.currency),
        )

    def worth(self, bank: Bank, amount: Decimal, currency: str) -> Decimal | None:
        """Return an amount in the currency of the bank's scheme, None where there is none or no rate."""
        return self.into(bank.scheme.currency)(amount, currency) if bank.scheme else None

    def rooms(self, currency: str) -> Iterable[Room]:
        """Yield what each person may still place at each bank in a currency."""
        banks = {one.licence: one for one in map(self.bank, Institution.objects.filter(is_bank=True).order_by("pk"))}
        for person in self.people:
            covers = self.banks(person.pk)
            for licence, bank in banks.items():
                scheme, limit = bank.scheme, bank.limit
                if scheme is None or limit is None or not scheme.covers("time", currency):
                    continue
                there = covers.get(licence)
                if there is not None and any(line.worth is None for line in there.lines):
                    continue  # what is there is not known
                room = self.into(currency)(there.headroom if there else limit, scheme.currency)
                if room is not None:
                    yield Room(person.pk, person.name, bank, room, known=there is not None)


def _owners(accounts: Iterable[int]) -> dict[int, int]:
    """Return how many people own each account, also those whom the reader may not see."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT account, owners FROM steward_owners(%s)", [list(accounts)])
        return dict(cursor.fetchall())
