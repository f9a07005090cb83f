"""Reads about single deposits and what falls due."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from clients.access import Permission, scoped
from core.models import Holiday, Parameter, User
from core.money import rounded
from portfolios.models import Deposit, DepositChange, DepositTerms, Maturity
from portfolios.queries.rates import known
from portfolios.rules import deposits as interest
from portfolios.rules import maturity
from portfolios.rules.deposits import Change
from portfolios.rules.maturity import Due, Following

CNY, CHINA = "CNY", "CN"
CUT_OFF = "maturity.cut_off_days"
LONGEST_HOLIDAY = 14
"""No market's banks are closed for so many days on end."""


@dataclass(frozen=True)
class DepositCard:
    """One deposit with what its page and its decision show. Amounts are in its currency, ``rate`` is a fraction."""

    deposit_id: int
    client_id: int
    reference: str
    kind: str
    kind_label: str
    institution: str
    account: str
    currency: str
    principal: Decimal
    rate: Decimal
    day_count: str
    term_months: int | None
    notice_days: int | None
    value_date: dt.date
    matures_on: dt.date | None
    closed_on: dt.date | None
    accrued: Decimal
    value_at_maturity: Decimal | None
    instruction: str
    instruction_label: str
    renew_amount: Decimal | None
    renew_months: int | None
    renew_rate: Decimal | None
    known_at: dt.datetime
    as_of: dt.date
    due: Due | None
    following: Following | None
    leaves_early: bool
    changes: list[Change]


TERMS = [field.attname for field in DepositTerms._meta.concrete_fields if field.name not in {"id", "deposit"}]  # noqa: SLF001


def contracts(rows: Iterable[DepositTerms]) -> Iterator[Deposit]:
    """Yield each contract as it was before: the deposit itself, unsaved, with its earlier terms."""
    for row in rows:
        found = Deposit(
            pk=row.deposit_id, reference=row.deposit.reference, **{name: getattr(row, name) for name in TERMS}
        )
        found.institution = row.institution
        yield found


def listed_demand_rate(as_of: dt.date) -> Decimal | None:
    """Return the demand rate that banks in China listed on a date, None where no listing is known."""
    try:
        return Decimal(Parameter.objects.value("deposit.demand_rate", on=as_of, jurisdiction=CHINA))
    except Parameter.DoesNotExist:
        return None


def waits_overdue(row: Deposit, as_of: dt.date) -> bool:
    """Say whether a CNY deposit has matured and waits for its owner: from then on it earns the demand rate (逾期)."""
    matured = row.matures_on is not None and row.matures_on < as_of
    return matured and row.currency == CNY and row.instruction == Deposit.Instruction.NONE


def overdue_rate(row: Deposit, as_of: dt.date, demand_rate: Decimal | None) -> Decimal:
    """Return what the days after maturity earn: the demand rate where the money waits, else nothing.

    What a renewal earns, and what other currencies earn, the bank's next file says.
    """
    return demand_rate if demand_rate is not None and waits_overdue(row, as_of) else Decimal(0)


def with_changes(rows: Iterable[Deposit], known_at: dt.datetime | None = None) -> list[Deposit]:
    """Return contracts with the changes of their principal as known at ``known_at`` or now: one query for all."""
    found = list(rows)
    moved: dict[int, list[Change]] = defaultdict(list)
    changes = known(DepositChange.objects.filter(deposit__in={row.pk for row in found}), known_at)
    for deposit, day, amount in changes.order_by("value_date").values_list("deposit_id", "value_date", "amount"):
        moved[deposit].append(Change(day, amount))
    for row in found:
        row.moved = [one for one in moved[row.pk] if one.day > row.value_date]
    return found


def parts(row: Deposit, as_of: dt.date) -> Iterator[tuple[Decimal, dt.date]]:
    """Yield what makes a contract's principal on a date: amounts, and since when each earns interest.

    A part that was taken out of a term deposit has earned nothing there; what moves a demand deposit counts from its
    own day on.
    """
    yield row.principal - sum((amount for _day, amount in row.moved), Decimal(0)), row.value_date
    for day, amount in row.moved:
        if day <= as_of:
            yield amount, day if row.kind == Deposit.Kind.DEMAND else row.value_date


def principal_on(row: Deposit, as_of: dt.date) -> Decimal:
    """Return what a contract lends on a date."""
    return sum((amount for amount, _since in parts(row, as_of)), Decimal(0))


def earned(row: Deposit, as_of: dt.date, demand_rate: Decimal | None) -> Decimal:
    """Return a deposit's interest to a date, each part of it rounded; ``demand_rate`` is what the banks listed then."""
    overdue = overdue_rate(row, as_of, demand_rate)
    each = (
        interest.accrued(
            kind=row.kind,
            principal=amount,
            rate=row.rate,
            day_count=row.day_count,
            currency=row.currency,
            value_date=since,
            matures_on=row.matures_on,
            as_of=as_of,
            overdue_rate=overdue,
        )
        for amount, since in parts(row, as_of)
    )
    return sum(each, rounded(Decimal(0), row.currency))


def at_maturity(row: Deposit) -> Decimal | None:
    """Return a deposit with all its interest on the day it matures, None without one."""
    return interest.at_maturity(
        principal=row.principal,
        rate=row.rate,
        day_count=row.day_count,
        currency=row.currency,
        value_date=row.value_date,
        matures_on=row.matures_on,
    )


def horizon(as_of: dt.date) -> dt.timedelta:
    """Return how far ahead maturities are opened: the house's window, or more where the cut-off would lie before it."""
    window: int = Parameter.objects.value("maturity.window_days", on=as_of)
    cut_off: int = Parameter.objects.value(CUT_OFF, on=as_of)
    return dt.timedelta(days=max(window, 2 * cut_off + LONGEST_HOLIDAY))


class Days:
    """The days of maturities at banks of some markets: two queries for any number of them."""

    def __init__(self, markets: Iterable[str], *, as_of: dt.date) -> None:
        self.cut_off_days: int = Parameter.objects.value(CUT_OFF, on=as_of)
        self.calendars = Holiday.objects.calendars(markets)

    def of(self, row: Deposit, due_on: dt.date | None = None) -> Due | None:
        """Return the days of a deposit's maturity, None without one; ``due_on`` is another day than the contract's."""
        day = due_on or row.matures_on
        if day is None:
            return None
        return maturity.due(day, self.calendars[row.institution.country], cut_off_days=self.cut_off_days)


def _following(row: Deposit, days: Due | None, whole: Decimal | None, demand_rate: Decimal | None) -> Following | None:
    """Return what an open contract's own instruction makes of its maturity."""
    if days is None or whole is None or row.closed_on is not None:
        return None
    return maturity.following(
        row.instruction,
        principal=row.principal,
        interest=whole - row.principal,
        value_date=row.value_date,
        term_months=row.term_months,
        days=days,
        currency=row.currency,
        demand_rate=demand_rate if demand_rate is not None and row.currency == CNY else Decimal(0),
        part=row.renew_amount,
        renew_months=row.renew_months,
    )


def leaves_early(row: Deposit, as_of: dt.date) -> bool:
    """Say whether money may be taken out of a deposit before its time by rules that are known: those of China."""
    kinds = {Deposit.Kind.TIME, Deposit.Kind.LARGE_CD, Deposit.Kind.NOTICE}
    over = row.closed_on is not None or (row.matures_on is not None and row.matures_on <= as_of)
    return row.kind in kinds and row.currency == CNY and row.institution.country == CHINA and not over


def deposit(*, user: User, deposit_id: int, as_of: dt.date) -> DepositCard:
    """Return one deposit with its interest to ``as_of``.

    Raises:
        Deposit.DoesNotExist: missing or somebody else's.
    """
    rows = scoped(Deposit.objects.select_related("institution", "account"), user, Permission.PORTFOLIO_READ)
    (row,) = with_changes([rows.get(pk=deposit_id)])
    whole, due = at_maturity(row), Days([row.institution.country], as_of=as_of).of(row)
    demand_rate = listed_demand_rate(as_of)
    return DepositCard(
        deposit_id=row.pk,
        client_id=row.client_id,
        reference=row.reference,
        kind=row.kind,
        kind_label=row.get_kind_display(),
        institution=str(row.institution),
        account=row.account.reference,
        term_months=row.term_months,
        notice_days=row.notice_days,
        closed_on=row.closed_on,
        principal=principal_on(row, as_of),
        rate=row.rate,
        day_count=row.day_count,
        currency=row.currency,
        value_date=row.value_date,
        matures_on=row.matures_on,
        changes=list(row.moved),
        accrued=earned(row, as_of, demand_rate),
        value_at_maturity=whole,
        instruction=row.instruction,
        instruction_label=row.get_instruction_display(),
        renew_amount=row.renew_amount,
        renew_months=row.renew_months,
        renew_rate=row.renew_rate,
        known_at=row.known_at,
        as_of=as_of,
        due=due,
        following=_following(row, due, whole, demand_rate),
        leaves_early=leaves_early(row, as_of),
    )


def maturities_until(*, end: dt.date) -> QuerySet[Maturity]:
    """Return the maturities due up to and with ``end``, past ones too, for the service account."""
    return Maturity.objects.filter(due_on__lte=end).order_by("due_on", "id")


def maturities(*, user: User, deposit_id: int) -> QuerySet[Maturity]:
    """Return the days on which a deposit falls or fell due."""
    rows = scoped(Maturity.objects.filter(deposit_id=deposit_id), user, Permission.PORTFOLIO_READ)
    return rows.order_by("due_on", "id")


def deposits(
    *, user: User, closed: bool = False, since: dt.date | None = None, until: dt.date | None = None
) -> QuerySet[Deposit]:
    """Return the deposits of everybody the user looks after, open or ``closed``, that mature in a span of days."""
    rows = scoped(Deposit.objects.filter(closed_on__isnull=not closed), user, Permission.PORTFOLIO_READ)
    if since is not None:
        rows = rows.filter(matures_on__gte=since)
    if until is not None:
        rows = rows.filter(matures_on__lte=until)
    return rows.select_related("client", "institution", "account")
