"""A rate above the board for money that is renewed (利率例外): one person asks, another sees the margin and decides."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.access import Permission, scoped
from core import approvals, audit
from core.approvals import Line
from core.errors import Refused
from core.models import Approval, Role, User
from core.templatetags.steward import amount, day, percent
from portfolios.models import Deposit, Maturity, RateException
from portfolios.operations.instructions import instruct
from portfolios.queries.deposits import Days
from portfolios.queries.offers import maturity, own_offers
from portfolios.rules.offers import Offer, Span


@transaction.atomic
def ask_rate(*, user: User, maturity_id: int, months: int, rate: Decimal, reason: str, now: dt.datetime) -> Approval:
    """Ask that a maturity may be renewed for a term at more than the bank lists; ``rate`` is a fraction.

    Raises:
        Maturity.DoesNotExist: missing, or not of a client the user covers.
        Refused: nothing falls due any more, the term is not listed, or the rate is not above what is listed.
    """
    found = maturity(user=user, maturity_id=maturity_id, permission=Permission.RATE_ASK)
    offer = _offer(found, months, localdate(now))
    if not offer.listed < rate < 1:
        raise Refused(
            "rate-listed", _("The bank lists %(rate)s. Ask for more.") % {"rate": percent(offer.listed)}, field="rate"
        )
    if offer.agreed == rate:
        raise Refused("rate-agreed", _("This rate is agreed already."), field="rate")
    content = {
        "clients": [found.client_id],
        "maturity": found.pk,
        "months": months,
        "rate": str(rate.normalize()),
        "listed": str(offer.listed.normalize()),
        "transfer": None if offer.transfer_rate is None else str(offer.transfer_rate.normalize()),
        "principal": str(found.deposit.principal),
    }
    return approvals.ask(user=user, kind=RATE, content=content, reason=reason, now=now)


def _offer(found: Maturity, months: int, today: dt.date) -> Offer:
    """Return what the bank lists for the principal of what falls due.

    Raises:
        Refused: it is due no more, the bank takes no word any more, or it lists no such term.
    """
    deposit = found.deposit
    if deposit.closed_on is not None or deposit.matures_on != found.due_on:
        raise Refused(
            "maturity-gone", _("The bank ended this deposit or moved its maturity. There is nothing to decide.")
        )
    due = Days([deposit.institution.country], as_of=today).of(deposit)
    if due is not None and today > due.instruct_by:
        raise Refused("cut-off", _("The bank took instructions until %(day)s.") % {"day": due.instruct_by.isoformat()})
    offer = next((one for one in own_offers(deposit, on=today) if one.months == months), None)
    if offer is None:
        raise Refused("term-unlisted", _("The bank lists no such term for this amount."), field="months")
    return offer


def told(*, user: User, content: Mapping[str, Any]) -> list[Line]:
    """Say in lines what is asked for and what it leaves to the desk. Who may not see the client reads no name."""
    rows = Maturity.objects.select_related("deposit__institution", "client")
    found = scoped(rows, user, Permission.PORTFOLIO_READ).filter(pk=content["maturity"]).first()
    if found is None:
        return [Line(_("Client"), _("not yours to see"))]
    deposit, rate, listed = found.deposit, Decimal(content["rate"]), Decimal(content["listed"])
    transfer = None if content["transfer"] is None else Decimal(content["transfer"])
    principal, months = Decimal(content["principal"]), content["months"]
    span = Span(principal, deposit.currency, deposit.day_count, found.due_on, months)
    extra = span.at(rate - listed)
    who = (f"{found.client.name} · {deposit.reference}", reverse("portfolios:deposit", args=[deposit.pk]))
    lines = [
        Line(_("Deposit"), str(deposit.institution), (who,)),
        Line(_("Falls due"), day(found.due_on)),
        Line(_("Principal"), f"{deposit.currency} {amount(principal, deposit.currency)}"),
        Line(_("Term in months"), str(months)),
        Line(_("Listed rate"), percent(listed)),
        Line(_("Rate asked for"), percent(rate)),
        Line(_("Costs more over the term"), f"{deposit.currency} {amount(extra, deposit.currency)}"),
    ]
    if transfer is None:
        return [*lines, Line(_("Margin"), _("unknown: no transfer rate is listed"))]
    left = span.at(transfer - rate)
    margin = f"{percent(transfer - listed)} → {percent(transfer - rate)}"
    over = f"{deposit.currency} {amount(left, deposit.currency)}"
    return [
        *lines,
        Line(_("Transfer rate"), percent(transfer)),
        Line(_("Margin"), margin),
        Line(_("Loss over the term") if left < 0 else _("Left over the term"), over),
    ]


def carry_out(*, approval: Approval, now: dt.datetime) -> None:
    """Note the agreed rate; where the maturity is decided for that term already, it goes into the instruction.

    Raises:
        Refused: it is due no more, the bank takes no word any more, or the board or the principal changed since.
    """
    content = approval.content
    months, rate = content["months"], Decimal(content["rate"])
    rows = Maturity.objects.select_related("deposit__institution")
    found = rows.get(pk=content["maturity"])
    offer, deposit = _offer(found, months, localdate(now)), found.deposit
    listed, transfer = Decimal(content["listed"]), content["transfer"]
    known = None if transfer is None else Decimal(transfer)
    if (offer.listed, offer.transfer_rate, deposit.principal) != (listed, known, Decimal(content["principal"])):
        raise Refused("rate-stale", _("The board or the principal changed since. Ask again."))
    row = RateException.objects.create(
        client_id=found.client_id,
        maturity=found,
        term_months=months,
        rate=rate,
        listed_rate=listed,
        transfer_rate=known,
        approval=approval,
        granted_at=now,
    )
    told_of = {"months": months, "rate": content["rate"], "listed": content["listed"], "transfer": transfer}
    audit.record("deposit:rate", client_id=found.client_id, row=("portfolios_rateexception", row.pk), data=told_of)
    if deposit.instruction != Deposit.Instruction.NONE and (deposit.renew_months or deposit.term_months) == months:
        instruct(
            deposit_id=deposit.pk,
            instruction=deposit.instruction,
            part=deposit.renew_amount,
            months=deposit.renew_months,
            now=now,
        )


RATE = approvals.register(
    approvals.Kind(
        name="deposit:rate",
        title=gettext_lazy("Rate above the board"),
        asks=(Role.MANAGER, Role.LEAD),
        decides=(Role.LEAD, Role.COMPLIANCE),
        told=told,
        carry_out=carry_out,
        clients=lambda content: list(content["clients"]),
    )
)
