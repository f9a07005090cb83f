"""What issuers did to the number of units that are held."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from portfolios.models import CorporateAction
from portfolios.queries.rates import known
from portfolios.rules.holdings import Action


def actions_of(
    instruments: Iterable[int] | None, after: dt.date, until: dt.date, known_at: dt.datetime | None
) -> dict[int, list[Action]]:
    """Return the actions of some instruments, or of all, after a day and up to another, in order, by instrument."""
    rows = known(CorporateAction.objects.filter(value_date__gt=after, value_date__lte=until), known_at)
    rows = rows if instruments is None else rows.filter(instrument_id__in=list(instruments))
    found: dict[int, list[Action]] = defaultdict(list)
    for row in rows.order_by("value_date"):
        found[row.instrument_id].append(Action(row.value_date, row.factor))
    return found
