"""What the client wants done with a deposit at maturity."""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from core import audit
from portfolios.models import Deposit
from portfolios.queries.offers import agreed_rates

COLUMNS = ["instruction", "renew_amount", "renew_months", "renew_rate", "known_at"]


@transaction.atomic
def instruct(
    *, deposit_id: int, instruction: str, now: dt.datetime, part: Decimal | None = None, months: int | None = None
) -> None:
    """Write the instruction of a decided maturity into the contract (转存); ``part`` goes with ``part`` alone.

    ``months`` is the term to renew for where it is another than the contract's. A rate that two people agreed on for
    that term goes with it. The caller has checked that the acting person covers the client; the wall checks it again.

    Raises:
        Deposit.DoesNotExist: no such open contract for the acting person.
    """
    deposit = Deposit.objects.select_for_update(of=("self",)).get(pk=deposit_id, closed_on__isnull=True)
    renews = instruction != Deposit.Instruction.NONE
    deposit.instruction, deposit.renew_amount, deposit.known_at = instruction, part, now
    deposit.renew_months = months if renews and months != deposit.term_months else None
    deposit.renew_rate = agreed_rates(deposit).get(months or deposit.term_months or 0) if renews else None
    deposit.save(update_fields=COLUMNS)
    audit.record(
        "deposit:instruct",
        client_id=deposit.client_id,
        row=("portfolios_deposit", deposit.pk),
        data={"instruction": instruction, "part": part, "months": months, "rate": deposit.renew_rate},
    )
