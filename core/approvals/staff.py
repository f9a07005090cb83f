"""What a person is at the bank changes by four eyes: role and team."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import approvals, audit
from core.approvals import Kind, Line
from core.errors import Refused
from core.models import Approval, Role, Team, User

IN_A_TEAM = (Role.MANAGER, Role.LEAD)


@transaction.atomic
def ask_role(*, user: User, user_id: int, role: str, team_id: int | None, reason: str, now: dt.datetime) -> Approval:
    """Ask that a person gets another role or team.

    Raises:
        User.DoesNotExist: there is no such person, or it is the asker.
        Refused: nothing would change, or the role wants a team and none is given, or the other way round.
    """
    member = User.objects.exclude(role=Role.SYSTEM).exclude(person=user.person).get(pk=user_id)
    if role == Role.SYSTEM or role not in Role.values:
        raise Refused("role-unknown", _("Nobody is given this role."), field="role")
    if (role in IN_A_TEAM) != (team_id is not None):
        raise Refused("role-team", _("A manager and a lead belong to a team, nobody else does."), field="team")
    if (role, team_id) == (member.role, member.team_id):
        raise Refused("role-same", _("This is the person's role and team already."), field="role")
    was = {"role": member.role, "team": member.team_id}
    content = {"user": member.pk, "role": role, "team": team_id, "was": was}
    return approvals.ask(user=user, kind=ROLE, content=content, reason=reason, now=now)


def told(*, user: User, content: Mapping[str, Any]) -> list[Line]:
    """Say in lines what would change."""
    member, was = User.objects.get(pk=content["user"]), content["was"]
    teams = dict(
        Team.objects.filter(pk__in=[one for one in (content["team"], was["team"]) if one]).values_list("pk", "name")
    )
    words = dict(Role.choices)
    return [
        Line(_("Person"), f"{member.name} · {member.username}"),
        Line(_("Old role"), " · ".join(filter(None, [str(words[was["role"]]), teams.get(was["team"])]))),
        Line(_("New role"), " · ".join(filter(None, [str(words[content["role"]]), teams.get(content["team"])]))),
    ]


def carry_out(*, approval: Approval, now: dt.datetime) -> None:
    """Give the role and the team.

    Raises:
        Refused: the decider is the person, or the person is something else by now than when it was asked.
    """
    content = approval.content
    member = User.objects.select_for_update().get(pk=content["user"])
    if member.person == approval.decided_person:
        raise Refused("own-role", _("Nobody decides about the own role: another person has to."))
    if (member.role, member.team_id) != (content["was"]["role"], content["was"]["team"]):
        raise Refused("role-stale", _("The person's role or team has changed since. Ask again."))
    member.role, member.team_id = content["role"], content["team"]
    member.save(update_fields=["role", "team"])
    told_of = {"from": content["was"]["role"], "to": content["role"]}
    audit.record("staff:role", row=("core_user", member.pk), data=told_of)


ROLE = approvals.register(
    Kind(
        name="user:role",
        title=gettext_lazy("Change of role"),
        asks=(Role.ADMINISTRATOR,),
        decides=(Role.ADMINISTRATOR, Role.COMPLIANCE),
        told=told,
        carry_out=carry_out,
        clients=lambda _content: [],
    )
)
