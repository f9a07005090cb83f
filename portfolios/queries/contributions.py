"""What each position of a client added to a span's gain: the book at both ends, and what moved between them."""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TypeVar

from django.db.models import Q, QuerySet

from clients.access import Permission, scoped
from core.models import User
from portfolios.models import Deposit, Holding, Price, Transaction
from portfolios.models.accounts import in_language
from portfolios.queries.actions import actions_of
from portfolios.queries.book import beginnings, books, contracts_of
from portfolios.queries.deposits import earned, listed_demand_rate, waits_overdue
from portfolios.queries.performance import Performance
from portfolios.queries.rates import Rates, known, rates_of
from portfolios.rules import contributions as rules
from portfolios.rules.book import Book, CashLine, DepositLine, HoldingLine
from portfolios.rules.contributions import Contribution, Line, Move
from portfolios.rules.holdings import bought, got, paid, quoted
from portfolios.rules.periods import Measured

OWN_INCOME = (Transaction.Kind.INTEREST, Transaction.Kind.DIVIDEND, Transaction.Kind.FEE)
"""Movements by which an account earns and costs; every other moves money into it or out of it. So does interest
that is posted where and when a deposit closes, as the deposit has earned it, and what an instrument has earned."""
Part = TypeVar("Part", DepositLine, HoldingLine, CashLine)


def contributions(*, user: User, found: Performance, span: Measured, known_at: dt.datetime) -> list[Contribution]:
    """Return what each position added to a span, the largest gain first; deposits by bank, cash by account.

    The last line, where there is one, is what no position explains: trades at other prices than the day's, and what
    was paid for something that is not in the book. A position whose price or rate is not known is not among them.
    """
    reader = _Reader(user, found, span, known_at)
    worked = rules.capital(rules.bounds(found.points, span.start, span.end))
    parts = [rules.contribution(line, worked) for line in reader.lines()]
    grouped: dict[tuple[str, str, str], list[Contribution]] = defaultdict(list)
    for part in parts:
        grouped[part.kind, part.label, part.currency].append(part)
    rows = [
        rules.merged(some, kind=kind, label=label, currency=currency)
        for (kind, label, currency), some in grouped.items()
    ]
    rows = [row for row in rows if row.begin or row.end or row.moved or row.income]
    rows.sort(key=lambda row: (-row.gain, row.label))
    rest = span.gain - sum((row.gain for row in rows), Decimal(0))
    if abs(rest) >= 1:
        share = float(rest / worked) if worked > 0 else None
        rows.append(Contribution("rest", "", "", Decimal(0), -rest, Decimal(0), rest, Decimal(0), share))
    return rows


class _Reader:
    """The positions of a span."""

    def __init__(self, user: User, found: Performance, span: Measured, known_at: dt.datetime) -> None:
        self.user, self.client_id, self.known_at = user, found.client.pk, known_at
        self.start, self.end, self.base = span.start, span.end, found.currency
        self.first, self.last = books(
            user=user, client_id=self.client_id, days=[self.start, self.end], known_at=known_at
        )
        self.holdings = list(self._told(Q(value_date__gt=self.start)))
        moved = {row.instrument_id for row in self.holdings}
        self.actions = actions_of(moved, dt.date.min, self.end, known_at)
        self.told: list[Holding] = []
        if self.actions.grants:  # what others brought goes by what became of their own units
            self.actions = actions_of(moved | self.actions.instruments, dt.date.min, self.end, known_at)
            self.told = list(self._told(Q(instrument__in=self.actions.instruments)))
        self.contracts = contracts_of(user, self.client_id, known_at)
        self.movements = list(self._movements())
        self.income: dict[int, list[Transaction]] = defaultdict(list)
        self.posted: dict[tuple[int, dt.date], Decimal] = defaultdict(Decimal)
        for row in self.movements:
            if row.instrument_id is not None and row.kind in OWN_INCOME:
                self.income[row.instrument_id].append(row)
            elif row.kind == Transaction.Kind.INTEREST:
                self.posted[row.account_id, row.value_date] += row.amount
        self.begun = self._begun()
        self.rates = rates_of(sorted(self._days()), known_at)

    def lines(self) -> Iterator[Line]:
        """Yield every position whose prices and rates are known."""
        yield from self._held()
        yield from self._lent()
        yield from self._cash()

    def _days(self) -> set[dt.date]:
        moved = {row.value_date for row in self.holdings} | {row.value_date for row in self.movements}
        dated = ((row.value_date, row.closed_on, *(day for day, _amount in row.moved)) for row in self.contracts)
        lent = {day for days in dated for day in days if day and self._within(day)}
        return {self.start, self.end} | moved | lent | {day for day, _amount in self.begun.values()}

    def _within(self, day: dt.date) -> bool:
        return self.start < day <= self.end

    def _rate(self, currency: str, day: dt.date) -> Decimal | None:
        rates: Rates = self.rates[day]
        return Decimal(1) if currency == self.base else rates.converter(self.base).rates.get(currency)

    def _line(
        self,
        kind: str,
        label: str,
        currency: str,
        ends: tuple[Decimal, Decimal],
        moved: Sequence[tuple[dt.date, Decimal]],
        *,
        income: Sequence[Transaction] = (),
    ) -> Iterator[Line]:
        """Yield a position unless a rate of it is missing."""
        begun = self.start if ends[0] else self.end  # what was not there yet needs no rate of the beginning
        wanted = [(currency, day) for day in (begun, self.end, *(day for day, _amount in moved))]
        wanted += [(row.currency, row.value_date) for row in income]
        rates = [self._rate(*one) for one in wanted]
        known_rates = [rate for rate in rates if rate is not None]
        if len(known_rates) == len(rates):
            begin_rate, end_rate, *others = known_rates
            amounts = [amount for _day, amount in moved] + [row.amount for row in income]
            moves = [Move(amount, rate) for amount, rate in zip(amounts, others, strict=True)]
            yield Line(kind, label, currency, *ends, begin_rate, end_rate, moves[: len(moved)], moves[len(moved) :])

    # --- positions ----------------------------------------------------------------------------------------------------

    def _told(self, which: Q) -> QuerySet[Holding]:
        rows = scoped(Holding.objects.filter(client_id=self.client_id), self.user, Permission.PORTFOLIO_READ)
        rows = known(rows.filter(which, value_date__lte=self.end), self.known_at)
        return rows.select_related("instrument").order_by("reference", "value_date")

    def _held(self) -> Iterator[Line]:
        first, last = _by_reference(self.first.holdings), _by_reference(self.last.holdings)
        changed: dict[str, list[Holding]] = defaultdict(list)
        for row in self.holdings:
            changed[row.reference].append(row)
        prices = self._prices({row.instrument_id for row in self.holdings})
        gave, earning = self._gave(prices), dict(self.income)
        for reference in sorted({*first, *last, *changed, *gave}):
            moved = [*self._bought(changed[reference], first.get(reference), prices), *gave.get(reference, [])]
            line = first.get(reference) or last.get(reference)
            instrument = changed[reference][0].instrument if changed[reference] else None
            label = in_language(line.name, line.name_zh) if line else str(instrument)
            currency = line.currency if line else instrument.currency if instrument else self.base
            values = [one.value if one else Decimal(0) for one in (first.get(reference), last.get(reference))]
            known_moves = [(day, amount) for day, amount in moved if amount is not None]
            earned_by = line.instrument_id if line else instrument.pk if instrument else 0
            if values[0] is not None and values[1] is not None and len(known_moves) == len(moved):
                income = earning.pop(earned_by, [])
                yield from self._line("holding", label, currency, (values[0], values[1]), known_moves, income=income)
        for rows in earning.values():  # paid after all was sold
            instrument = rows[0].instrument
            if instrument is not None:
                yield from self._line(
                    "holding", str(instrument), instrument.currency, (Decimal(0), Decimal(0)), [], income=rows
                )

    def _bought(
        self, rows: list[Holding], before: HoldingLine | None, prices: dict[int, list[tuple[dt.date, Decimal]]]
    ) -> Iterator[tuple[dt.date, Decimal | None]]:
        last = (self.start, before.quantity) if before else None
        entered = before.cost if before else Decimal(0)
        for row in rows:
            now, unit = (row.value_date, row.quantity), self._unit(row, prices)
            yield (
                row.value_date,
                None
                if unit is None
                else paid(
                    row.instrument.terms,
                    grew=bought(last, now, self.actions.units.get(row.instrument_id, [])),
                    unit=unit,
                    cost=row.cost - entered,
                    closing=last is not None and abs(row.quantity) <= abs(last[1]),
                ),
            )
            last, entered = now, row.cost

    def _gave(
        self, prices: dict[int, list[tuple[dt.date, Decimal]]]
    ) -> dict[str, list[tuple[dt.date, Decimal | None]]]:
        """Return what positions gave to those that a spin-off or merger made of them, as negative, by reference."""
        found: dict[str, list[tuple[dt.date, Decimal | None]]] = defaultdict(list)
        currencies = {row.reference: row.instrument.currency for row in self.told}
        held = [row.position for row in self.told]
        for row in self.holdings:
            grants = self.actions.grants.get(row.instrument_id, [])
            for reference, units in got(row.position, held, grants, self.actions.units).items():
                own = self._rate(currencies[reference], row.value_date)
                rate, unit = self._rate(row.instrument.currency, row.value_date), self._unit(row, prices)
                worth = None
                if own is not None and rate is not None and unit is not None:
                    worth = -units * unit * rate / own
                found[reference].append((row.value_date, worth))
        return found

    def _unit(self, row: Holding, prices: dict[int, list[tuple[dt.date, Decimal]]]) -> Decimal | None:
        """Return what one unit of a position was worth on its day, None without a price."""
        dated = prices.get(row.instrument_id, [])
        place = bisect_right(dated, row.value_date, key=lambda one: one[0])
        if not place:
            return None
        priced_on, price = dated[place - 1]
        splits = self.actions.units.get(row.instrument_id, [])
        return row.instrument.terms.unit(quoted(price, splits, priced_on, row.value_date), row.value_date)

    def _prices(self, instruments: set[int]) -> dict[int, list[tuple[dt.date, Decimal]]]:
        rows = known(Price.objects.filter(instrument_id__in=instruments, value_date__lte=self.end), self.known_at)
        found: dict[int, list[tuple[dt.date, Decimal]]] = defaultdict(list)
        for instrument, day, price in rows.order_by("value_date").values_list("instrument_id", "value_date", "price"):
            found[instrument].append((day, price))
        return found

    # --- deposits and cash --------------------------------------------------------------------------------------------

    def _lent(self) -> Iterator[Line]:
        first, last = _by_reference(self.first.deposits), _by_reference(self.last.deposits)
        for row in self.contracts:
            began = row.principal - sum((amount for _day, amount in row.moved), Decimal(0))
            moved = [(row.value_date, began)] if self._within(row.value_date) else []
            moved += [
                (day, amount - self._paid_beside(row, day, amount)) for day, amount in row.moved if self._within(day)
            ]
            if row.closed_on and self._within(row.closed_on):
                moved.append((row.closed_on, -row.principal - self._repaid(row, row.closed_on)))
            begin, end = first.get(row.reference), last.get(row.reference)
            if begin or end or moved:
                ends = (begin.value if begin else Decimal(0), end.value if end else Decimal(0))
                yield from self._line("deposit", str(row.institution), row.currency, ends, moved)

    def _repaid(self, row: Deposit, day: dt.date) -> Decimal:
        """Return the interest of a contract that closed: its part of what was posted there, or what it had earned."""
        closed = [one for one in self.contracts if (one.account_id, one.closed_on) == (row.account_id, day)]
        rates = [earned(one, day, listed_demand_rate(day) if waits_overdue(one, day) else None) for one in closed]
        own = rates[closed.index(row)]
        if (row.account_id, day) not in self.posted:
            return own
        posted, whole = self.posted[row.account_id, day], sum(rates, Decimal(0))
        return posted * own / whole if whole else posted / len(closed)

    def _paid_beside(self, row: Deposit, day: dt.date, amount: Decimal) -> Decimal:
        """Return the interest that was paid with a part that was taken out; what else closed there has its own."""
        closed = any((one.account_id, one.closed_on) == (row.account_id, day) for one in self.contracts)
        return self.posted.get((row.account_id, day), Decimal(0)) if amount < 0 and not closed else Decimal(0)

    def _movements(self) -> Iterator[Transaction]:
        rows = scoped(Transaction.objects.filter(client_id=self.client_id), self.user, Permission.PORTFOLIO_READ)
        rows = rows.filter(value_date__gt=self.start, value_date__lte=self.end)
        repaid = Q(pk__in=[])
        ends = {(row.account_id, row.closed_on) for row in self.contracts if row.closed_on}
        taken = {(row.account_id, day) for row in self.contracts for day, amount in row.moved if amount < 0}
        for account, day in ends | taken:
            repaid |= Q(kind=Transaction.Kind.INTEREST, account=account, value_date=day, instrument=None)
        moved = ~Q(kind__in=OWN_INCOME) | repaid | Q(instrument__isnull=False)
        yield from known(rows.filter(moved), self.known_at).select_related("instrument").order_by("value_date", "pk")

    def _cash(self) -> Iterator[Line]:
        moved: dict[int, list[tuple[dt.date, Decimal]]] = defaultdict(list)
        for row in self.movements:
            moved[row.account_id].append((row.value_date, row.amount))
        for account, (day, begun) in self.begun.items():
            moved[account].append((day, begun))
        first = {line.account_id: line for line in self.first.cash}
        for line in _cash_lines(self.first, self.last):
            begin = first[line.account_id].balance if line.account_id in first else Decimal(0)
            end = next((one.balance for one in self.last.cash if one.account_id == line.account_id), Decimal(0))
            label = f"{line.institution} {line.number_hint}"
            yield from self._line("cash", label, line.currency, (begin, end), moved[line.account_id])

    def _begun(self) -> dict[int, tuple[dt.date, Decimal]]:
        """Return the balances with which accounts began that were opened within the span."""
        own = scoped(Transaction.objects.filter(client_id=self.client_id), self.user, Permission.PORTFOLIO_READ)
        opened = own.filter(account__opened_on__gt=self.start, account__opened_on__lte=self.end)
        found = beginnings(known(opened, self.known_at))
        days = dict(opened.order_by().values_list("account", "account__opened_on").distinct())
        return {account: (days[account], amount) for account, amount in found.items() if amount}


def _by_reference(lines: Sequence[Part]) -> dict[str, Part]:
    return {line.reference: line for line in lines}


def _cash_lines(*found: Book) -> list[CashLine]:
    return list({line.account_id: line for book in found for line in book.cash}.values())
