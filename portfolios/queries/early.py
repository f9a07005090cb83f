"""What a deposit would cost its owner, if money were taken out of it before its time."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from clients.access import Permission, scoped
from clients.models import Client
from core.errors import Refused
from core.models import Holiday, Parameter, User
from portfolios.models import Deposit
from portfolios.queries.deposits import CHINA, leaves_early, listed_demand_rate
from portfolios.rules import early
from portfolios.rules.early import Quote, Terms

LEAST, OPENING = "deposit.notice_least", "deposit.notice_opening"


def early_withdrawal(*, user: User, deposit_id: int, amount: Decimal, on: dt.date, as_of: dt.date) -> Quote:
    """Return what taking ``amount`` out of a deposit brings on the first business day from ``on``.

    Raises:
        Deposit.DoesNotExist: missing or somebody else's.
        Refused: the deposit does not work that way, the day lies outside of it, or there is not so much.
    """
    rows = scoped(Deposit.objects.select_related("institution", "client"), user, Permission.PORTFOLIO_READ)
    row = rows.get(pk=deposit_id)
    _may(row, amount, on, as_of)
    calendar = Holiday.objects.calendars([row.institution.country])[row.institution.country]
    paid_on = calendar.on_or_after(on)
    if row.matures_on is not None and paid_on >= row.matures_on:
        raise Refused("early-ended", _("It ends by itself on %(day)s.") % {"day": row.matures_on}, field="on")
    opening = _figure(OPENING, row, paid_on)
    if 0 < row.principal - amount < opening:
        words = _("Less than %(least)s would stay in it. Take out all of it, or less.")
        raise Refused("early-rest", words % {"least": f"{opening:,}"}, field="amount")
    demand_rate = listed_demand_rate(paid_on)
    if demand_rate is None:
        raise Refused("early-rate", _("No demand rate is known for that day."), field="on")
    terms = Terms(
        principal=row.principal,
        rate=row.rate,
        day_count=row.day_count,
        currency=row.currency,
        value_date=row.value_date,
        matures_on=row.matures_on,
        demand_rate=demand_rate,
        notice_days=row.notice_days if row.kind == Deposit.Kind.NOTICE else None,
        least=_figure(LEAST, row, paid_on),
    )
    return early.quote(terms, amount=amount, on=paid_on, as_of=as_of)


def _may(row: Deposit, amount: Decimal, on: dt.date, as_of: dt.date) -> None:
    """Refuse what cannot be.

    Raises:
        Refused: with the field that says it.
    """
    if not leaves_early(row, as_of):
        words = _("Nothing is taken out of this deposit before its time, or the bank's own terms say how.")
        raise Refused("early-terms", words)
    if on < max(as_of, row.value_date):
        raise Refused("early-past", _("Choose a day from today on."), field="on")
    if amount > row.principal:
        raise Refused("early-amount", _("There is not so much in it."), field="amount")


def _figure(key: str, row: Deposit, on: dt.date) -> Decimal:
    """Return a sum that a call deposit's rules name for its owner, nothing for other deposits."""
    if row.kind != Deposit.Kind.NOTICE:
        return early.NOTHING
    whose = "person" if row.client.kind == Client.Kind.PERSON else "entity"
    return Decimal(Parameter.objects.value(f"{key}.{whose}", on=on, jurisdiction=CHINA))
