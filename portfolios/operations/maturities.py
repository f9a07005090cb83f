"""Deposits that fall due."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from portfolios import queries
from portfolios.models import Deposit, Maturity

BATCH = 2000


@transaction.atomic
def mature(*, as_of: dt.date) -> int:
    """Note every open deposit that falls due as far ahead as decisions are opened, once per deposit and date.

    What fell due before and was not noted, because no run came or the bank told late, is noted too. Returns how many
    were new; a second call of the same day makes none.
    """
    until = as_of + queries.horizon(as_of)
    noted = Maturity.objects.filter(deposit=OuterRef("pk"), due_on=OuterRef("matures_on"))
    due = Deposit.objects.filter(closed_on__isnull=True, matures_on__lte=until)
    found = due.exclude(Exists(noted)).annotate(due_on=F("matures_on")).order_by("matures_on", "pk")
    new = [Maturity(deposit_id=row.pk, client_id=row.client_id, due_on=row.due_on) for row in found]
    Maturity.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    return len(new)
