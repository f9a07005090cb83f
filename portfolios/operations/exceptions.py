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
    offer, transfer = _offer(found, months, localdate(now))
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
        "transfer": str(transfer.normalize()),
        "principal": str(found.deposit.principal),
    }
    return approvals.ask(user=user, kind=RATE, content=content, reason=reason, now=now)


def _offer(found: Maturity, months: int, today: dt.date) -> tuple[Offer, Decimal]:
    """Return what the bank lists for the principal of what falls due, and what its treasury pays for it.

    Raises:
        Refused: it is due no more, the bank takes no word any more or lists no such term, or the margin is not known,
            as at a bank that is not the desk's own.
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
    if offer.transfer_rate is None:
        words = _("The margin is not known: the bank's board names no transfer rate for this term.")
        raise Refused("rate-margin", words, field="months")
    return offer, offer.transfer_rate


def told(*, user: User, content: Mapping[str, Any]) -> list[Line]:
    """Say in lines what is asked for and what it leaves to the desk. Who may not see the client reads no name."""
    rows = Maturity.objects.select_related("deposit__institution", "client")
    found = scoped(rows, user, Permission.PORTFOLIO_READ).filter(pk=content["maturity"]).first()
    if found is None:
        return [Line(_("Client"), _("not yours to see"))]
    deposit = found.deposit
    rate, listed, transfer = (Decimal(content[name]) for name in ("rate", "listed", "transfer"))
    principal, months = Decimal(content["principal"]), content["months"]
    span = Span(principal, deposit.currency, deposit.day_count, found.due_on, months)
    extra = span.at(rate - listed)
    who = (f"{found.client.name} · {deposit.reference}", reverse("portfolios:deposit", args=[deposit.pk]))
    currency, left = deposit.currency, span.at(transfer - rate)
    return [
        Line(_("Deposit"), str(deposit.institution), (who,)),
        Line(_("Falls due"), day(found.due_on)),
        Line(_("Principal"), f"{currency} {amount(principal, currency)}"),
        Line(_("Term in months"), str(months)),
        Line(_("Listed rate"), percent(listed)),
        Line(_("Rate asked for"), percent(rate)),
        Line(_("Costs more over the term"), f"{currency} {amount(extra, currency)}"),
        Line(_("Transfer rate"), percent(transfer)),
        Line(_("Margin"), f"{percent(transfer - listed)} → {percent(transfer - rate)}"),
        Line(_("Loss over the term") if left < 0 else _("Left over the term"), f"{currency} {amount(left, currency)}"),
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
    (offer, transfer), deposit = _offer(found, months, localdate(now)), found.deposit
    shown = tuple(Decimal(content[name]) for name in ("listed", "transfer", "principal"))
    if (offer.listed, transfer, deposit.principal) != shown:
        raise Refused("rate-stale", _("The board or the principal changed since. Ask again."))
    row = RateException.objects.create(
        client_id=found.client_id,
        maturity=found,
        term_months=months,
        rate=rate,
        listed_rate=offer.listed,
        transfer_rate=transfer,
        approval=approval,
        granted_at=now,
    )
    told_of = {name: content[name] for name in ("months", "rate", "listed", "transfer")}
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
