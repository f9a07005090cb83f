"""The maturity ladder of a client or a household, across every bank (期限阶梯)."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from clients import queries as clients
from clients.access import Permission, scoped
from clients.models import Client
from core.models import User
from portfolios.models import Deposit
from portfolios.queries.deposits import Days, at_maturity
from portfolios.queries.rates import Rates
from portfolios.rules import ladder as rules
from portfolios.rules.ladder import Averages, Month, Peak, Row, Rung


@dataclass(frozen=True)
class Ladder:
    """What falls due of some clients from ``as_of`` on; sums are of principal and interest, in ``currency``.

    ``overdue`` has matured and is neither paid nor renewed yet, and is in no sum. ``loose`` counts the open deposits
    that never mature by themselves. ``missing`` names rates of exchange that were not there: what needs them is in no
    sum.
    """

    client: Client
    people: list[Client]
    as_of: dt.date
    currency: str
    rungs: list[Rung]
    overdue: list[Rung]
    loose: int
    banks: list[Row]
    currencies: dict[str, Averages]
    peak: Peak | None
    months: list[Month]
    missing: list[str]

    @property
    def total(self) -> Decimal:
        """Return everything that falls due."""
        return sum((row.total for row in self.banks), Decimal(0))

    @property
    def spans(self) -> list[Decimal]:
        """Return the sum of each span."""
        return [sum((row.amounts[place] for row in self.banks), Decimal(0)) for place in range(len(rules.SPANS))]


def maturity_ladder(
    *, user: User, client_id: int, as_of: dt.date, known_at: dt.datetime, household: bool = False
) -> Ladder:
    """Return what falls due of a client, or of the household as far as the reader may see it, at every bank.

    Raises:
        Client.DoesNotExist: missing or somebody else's.
    """
    client = clients.client(user=user, client_id=client_id, permission=Permission.PORTFOLIO_READ)
    people = [client, *(clients.family(user=user, found=client) if household else [])]
    rows = scoped(Deposit.objects.filter(client__in=people), user, Permission.PORTFOLIO_READ)
    rows = rows.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=as_of), value_date__lte=as_of)
    found = list(rows.select_related("institution", "client").order_by("matures_on", "id"))
    convert = Rates(as_of, known_at).converter(client.base_currency)
    days = Days({row.institution.country for row in found}, as_of=as_of)
    rungs = []
    for row in found:
        due, whole = days.of(row), at_maturity(row)
        if due is None or whole is None:
            continue
        rungs.append(
            Rung(
                deposit_id=row.pk,
                client_id=row.client_id,
                client=row.client.name,
                reference=row.reference,
                kind=row.get_kind_display(),
                bank=str(row.institution),
                currency=row.currency,
                principal=row.principal,
                rate=row.rate,
                due=due,
                whole=whole,
                worth=convert(whole, row.currency),
                instruction=row.get_instruction_display(),
            )
        )
    ahead = [one for one in rungs if one.matures_on >= as_of]
    return Ladder(
        client=client,
        people=people,
        as_of=as_of,
        currency=client.base_currency,
        rungs=ahead,
        overdue=[one for one in rungs if one.matures_on < as_of],
        loose=len(found) - len(rungs),
        banks=rules.by_bank(ahead, as_of),
        currencies=rules.by_currency(ahead, as_of),
        peak=rules.peak(ahead),
        months=rules.calendar(ahead, as_of),
        missing=sorted(convert.missing),
    )
