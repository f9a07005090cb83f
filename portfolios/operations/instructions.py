"""What the client wants done with a deposit at maturity."""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from core import audit
from portfolios.models import Deposit


@transaction.atomic
def instruct(*, deposit_id: int, instruction: str, now: dt.datetime, part: Decimal | None = None) -> None:
    """Write the instruction of a decided maturity into the contract (转存); ``part`` goes with ``part`` alone.

    The caller has checked that the acting person covers the client; the wall checks it again.

    Raises:
        Deposit.DoesNotExist: no such open contract for the acting person.
    """
    deposit = Deposit.objects.select_for_update(of=("self",)).get(pk=deposit_id, closed_on__isnull=True)
    deposit.instruction, deposit.renew_amount, deposit.known_at = instruction, part, now
    deposit.save(update_fields=["instruction", "renew_amount", "known_at"])
    audit.record(
        "deposit:instruct",
        client_id=deposit.client_id,
        row=("portfolios_deposit", deposit.pk),
        data={"instruction": instruction, "part": part},
    )
