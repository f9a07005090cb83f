"""Handing clients over: one manager's access ends and another's begins at the same instant, by four eyes."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients import queries
from clients.access import Permission, scoped
from clients.models import Client, Coverage, Task
from core import approvals, audit, jobs
from core.approvals import Line
from core.errors import Refused
from core.models import Approval, Role, User
from core.templatetags.steward import moment

LATEST = dt.timedelta(days=90)
HAND_TASKS = "clients.hand_tasks"


@transaction.atomic
def ask_handover(
    *, user: User, client_ids: list[int], person: int, reason: str, now: dt.datetime, at: dt.datetime | None = None
) -> Approval:
    """Ask that clients of one dedicated manager get another, from ``at`` on, or as soon as it is approved.

    Raises:
        Client.DoesNotExist: one of them is missing, or not the user's to hand over.
        Refused: they have different managers or none, the new one may not have them, or ``at`` lies behind or too far.
    """
    ids = sorted(set(client_ids))
    found = scoped(Client.objects.filter(pk__in=ids), user, Permission.CLIENT_HANDOVER, path="pk")
    if not ids or found.count() != len(ids):
        raise Client.DoesNotExist
    managers = queries.primary_managers(ids)
    giving = set(managers.values())
    if len(managers) != len(ids) or len(giving) != 1:
        raise Refused("handover-mixed", _("Hand over clients of one dedicated manager at a time."))
    (giver,) = giving
    if user.role == Role.MANAGER and giver != user.pk:
        raise Refused("handover-others", _("You hand over clients whose dedicated manager you are."))
    if not queries.managers().exclude(pk=giver).filter(pk=person).exists():
        raise Refused("handover-to", _("Choose another manager who is at the desk."), field="person")
    if at is not None and not now < at <= now + LATEST:
        raise Refused("handover-when", _("Choose a minute ahead, within 90 days."), field="at")
    content = {"clients": ids, "from": giver, "to": person, "at": at.isoformat() if at else None}
    return approvals.ask(user=user, kind=HANDOVER, content=content, reason=reason, now=now)


def told(*, user: User, content: Mapping[str, Any]) -> list[Line]:
    """Say in lines what a handover would do. Clients whom the reader may not see are counted, not named."""
    names = queries.names_of([content["from"], content["to"]])
    at = dt.datetime.fromisoformat(content["at"]) if content["at"] else None
    when = moment(at) if at else _("As soon as it is approved")
    rows = scoped(Client.objects.filter(pk__in=content["clients"]), user, Permission.CLIENT_READ, path="pk")
    seen = list(rows.order_by("sort_name", "pk"))
    total, hidden = len(content["clients"]), len(content["clients"]) - len(seen)
    count = _("%(n)s, of whom you may not see %(hidden)s") % {"n": total, "hidden": hidden} if hidden else str(total)
    listed = tuple((f"{one.name} · {one.reference}", reverse("clients:page", args=[one.pk])) for one in seen)
    return [
        Line(_("Old manager"), names[content["from"]]),
        Line(_("New manager"), names[content["to"]]),
        Line(_("When"), when),
        Line(_("Clients"), count, listed),
    ]


def carry_out(*, approval: Approval, now: dt.datetime) -> None:
    """End the coverage of the one and begin that of the other, and give the open tasks to the new manager.

    Raises:
        Refused: a client is not with the old manager any more, or the new one is not at the desk.
    """
    content = approval.content
    ids, giver, taker = content["clients"], content["from"], content["to"]
    asked = dt.datetime.fromisoformat(content["at"]) if content["at"] else now
    begin = max(asked, now)
    if taker not in {one.pk for one in queries.managers()}:
        raise Refused("handover-to", _("The new manager is not at the desk any more."))
    parts = Coverage.objects.select_for_update().filter(client__in=ids, valid__endswith__isnull=True)
    held = [row for row in parts if row.kind == Coverage.Kind.PRIMARY and row.manager_id == giver]
    if len(held) != len(ids) or any(row.valid.lower >= begin for row in held):
        raise Refused("handover-stale", _("Not all of these clients are with that manager any more. Ask again."))
    ended = [*held, *(row for row in parts if row.kind != Coverage.Kind.PRIMARY and row.manager_id == taker)]
    for row in ended:
        row.valid = DateTimeTZRange(row.valid.lower, begin)
    Coverage.objects.bulk_update(ended, ["valid"])
    span = DateTimeTZRange(begin, None)
    Coverage.objects.bulk_create(
        Coverage(client_id=one, manager_id=taker, kind=Coverage.Kind.PRIMARY, valid=span, approval=approval)
        for one in ids
    )
    if begin > now:
        jobs.enqueue(HAND_TASKS, now=now, delay=begin - now, key=f"{HAND_TASKS}:{approval.pk}", approval_id=approval.pk)
    else:
        hand_tasks(approval_id=approval.pk)
    for one in ids:
        told_of = {"from": giver, "to": taker, "begins": begin.isoformat()}
        audit.record("client:handover", client_id=one, row=("core_approval", approval.pk), data=told_of)


@transaction.atomic
def hand_tasks(*, approval_id: int) -> int:
    """Give what the old manager still owes to the clients of a handover to the new one; return how many tasks."""
    content = Approval.objects.get(pk=approval_id).content
    owed = Task.objects.filter(client__in=content["clients"], owner=content["from"], done_at__isnull=True)
    return owed.update(owner=content["to"], version=F("version") + 1)


HANDOVER = approvals.register(
    approvals.Kind(
        name="client:handover",
        title=gettext_lazy("Handover of clients"),
        asks=(Role.MANAGER, Role.LEAD),
        decides=(Role.LEAD, Role.COMPLIANCE),
        told=told,
        carry_out=carry_out,
        clients=lambda content: list(content["clients"]),
    )
)
