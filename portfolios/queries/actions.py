"""What issuers did to the number of units that are held."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from portfolios.models import CorporateAction
from portfolios.queries.rates import known
from portfolios.rules.holdings import Action, Grant

GONE = Decimal(0)


@dataclass(frozen=True)
class Actions:
    """By instrument and in order: what became of its own units, and what the units of others brought of it."""

    units: Mapping[int, list[Action]]
    grants: Mapping[int, list[Grant]]

    @property
    def instruments(self) -> set[int]:
        """Return every instrument that has a part in one."""
        return {*self.units, *self.grants, *(one.source for grants in self.grants.values() for one in grants)}


def actions_of(
    instruments: Iterable[int] | None, after: dt.date, until: dt.date, known_at: dt.datetime | None
) -> Actions:
    """Return the actions that concern some instruments, or all, after a day and up to another."""
    rows = known(CorporateAction.objects.filter(value_date__gt=after, value_date__lte=until), known_at)
    if instruments is not None:
        ids = list(instruments)
        rows = rows.filter(Q(instrument_id__in=ids) | Q(into_id__in=ids))
    units: dict[int, list[Action]] = defaultdict(list)
    grants: dict[int, list[Grant]] = defaultdict(list)
    for row in rows.order_by("value_date", "pk"):
        if row.into_id is not None:
            grants[row.into_id].append(Grant(row.value_date, row.instrument_id, row.factor))
        if row.kind != CorporateAction.Kind.SPIN_OFF:
            factor = row.factor if row.into_id is None else GONE
            units[row.instrument_id].append(Action(row.value_date, factor))
    return Actions(units, grants)
