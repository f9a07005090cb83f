"""The oldest month of the trail goes after its time, by two officers. Its leaves stay: the ledger proves the rest."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance import queries
from core import approvals
from core.approvals import Kind, Line
from core.errors import Refused
from core.models import Approval, Parameter, Role, User
from core.templatetags.steward import number

RETENTION = "retention.trail_years"
UNSEALED = "55000"


@transaction.atomic
def ask_retirement(*, user: User, reason: str, now: dt.datetime) -> Approval:
    """Ask that the oldest month of the trail is retired.

    Raises:
        Refused: no month has been kept for as long as the rule says.
    """
    month = retirable(now=now)
    if month is None:
        years = Parameter.objects.value(RETENTION, on=localdate(now))
        raise Refused("retire-young", _("Every month of the trail is younger than %(n)s years.") % {"n": years})
    content = {"month": f"{month:%Y-%m}", "events": queries.events_of(month)}
    return approvals.ask(user=user, kind=RETIREMENT, content=content, reason=reason, now=now)


def retirable(*, now: dt.datetime) -> dt.date | None:
    """Return the oldest month there is, where it was kept long enough; its first day."""
    month = queries.oldest_month()
    if month is None:
        return None
    years = Parameter.objects.value(RETENTION, on=localdate(now))
    over = dt.date(month.year + years + month.month // 12, month.month % 12 + 1, 1)
    return month if over <= now.date() else None


def carry_out(*, approval: Approval, now: dt.datetime) -> None:
    """Retire the month. The database says in the trail which places of the ledger are empty from now on.

    Raises:
        Refused: it is not the oldest month any more, or not all of it is sealed.
    """
    month = retirable(now=now)
    if month is None or f"{month:%Y-%m}" != approval.content["month"]:
        raise Refused("retire-stale", _("This is not the oldest month any more. Ask again."))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT steward_retire(%s)", [month])
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") != UNSEALED:
            raise
        raise Refused("retire-unsealed", _("Not every event of this month is sealed.")) from error


def told(*, user: User, content: Mapping[str, Any]) -> list[Line]:
    """Say in lines what would go and what stays."""
    return [
        Line(_("Month"), content["month"]),
        Line(_("Events"), number(str(content["events"]))),
        Line(_("What goes"), _("The events of this month and the values behind them, for good.")),
        Line(_("What stays"), _("Their leaves in the ledger: whatever else is in it is proved as before.")),
    ]


RETIREMENT = approvals.register(
    Kind(
        name="trail:retire",
        title=gettext_lazy("Retirement of a month of the trail"),
        asks=(Role.COMPLIANCE,),
        decides=(Role.COMPLIANCE,),
        told=told,
        carry_out=carry_out,
        clients=lambda _content: [],
    )
)
