"""Who can see a client and why, beside who looked."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max
from django.utils.translation import gettext_lazy as _

from clients import queries as clients
from clients.models import Coverage, Opening
from compliance.queries.trail import looks, trail
from core.models import User

WHY = {
    **dict(Coverage.Kind.choices),
    "team": _("Leads the manager's team"),
    **dict(Opening.Kind.choices),
    "role": _("By the role, every client"),
}
GONE = _("Can no longer see the client")


@dataclass(frozen=True)
class Sight:
    """A person: why the client may be seen, since when, how often it was looked at and when last."""

    user: User
    why: str
    since: dt.datetime | None
    now: bool
    whole: bool
    looks: int
    last: dt.datetime | None


def sights(*, client_id: int) -> list[Sight]:
    """Return who may see a client now, then who looked and no longer may; looks as far as the reader's trail goes."""
    told = looks(trail(client_id=client_id)).order_by().values_list("actor").annotate(Count("pk"), Max("at"))
    counted = {actor: (count, last) for actor, count, last in told if actor is not None}
    seers = clients.who_sees(client_id)
    found = [
        Sight(one.user, str(WHY[one.why]), one.since, True, one.whole, *counted.get(one.user.pk, (0, None)))
        for one in seers
    ]
    gone = User.objects.filter(pk__in=counted.keys() - {one.user.pk for one in seers}).exclude(role="system")
    return found + [Sight(one, str(GONE), None, False, False, *counted[one.pk]) for one in gone.order_by("name", "pk")]
