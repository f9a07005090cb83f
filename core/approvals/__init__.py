"""Four eyes: one person asks, another decides, and what was approved is carried out in the same transaction.

A room registers what can be asked (``register``) and names the roles in a migration (``declare``). The database holds
the rule itself: askers and deciders are different persons, a request does not change and is decided once, in time, by
somebody who says the digest of what was shown.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models, transaction
from django.db.migrations import RunSQL
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict, Refused
from core.models import Approval, Delegation, Role, User
from core.walls import acting, service

READ = "approval:read"
DECIDE = "approval:decide"
EVERYBODYS = (Role.COMPLIANCE, Role.SYSTEM)
Words = str | Promise


class Line(NamedTuple):
    """One thing that a decider is shown; ``rows`` name what it is about, each with its page."""

    label: str
    value: str
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Kind:
    """Something that needs four eyes.

    ``told(user=, content=)`` says what would be done in lines; ``carry_out(approval=, now=)`` does it, as the service
    and for the decider, or refuses; ``clients(content)`` names whom it is about.
    """

    name: str
    title: Words
    asks: tuple[str, ...]
    decides: tuple[str, ...]
    told: Callable[..., list[Line]]
    carry_out: Callable[..., None]
    clients: Callable[[Mapping[str, Any]], list[int]]


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known by its name."""
    if KINDS.setdefault(kind.name, kind) is not kind:
        raise RuntimeError(f"two kinds are called {kind.name}")
    return kind


def declare(name: str, *, asks: tuple[str, ...], decides: tuple[str, ...]) -> RunSQL:
    """Tell the database, in a migration, which roles ask for a kind and which decide."""
    roles = [f"'{{{','.join(one)}}}'" for one in (asks, decides)]
    return RunSQL(
        f"INSERT INTO core_approvalkind (kind, asks, decides) VALUES ('{name}', {', '.join(roles)})",  # noqa: S608
        f"DELETE FROM core_approvalkind WHERE kind = '{name}'",  # noqa: S608  (constants of a migration)
    )


def approvals(*, user: User) -> models.QuerySet[Approval]:
    """Return what the person asked for and may look at: a lead also the team's, compliance everybody's.

    A lead who decides for another one sees the requests of that team too, save those of the lead who is away.

    The administrator sees the kinds that are the administrator's to decide.
    """
    rows = Approval.objects.filter(kind__in=KINDS).select_related("asked_by", "decided_by")
    if user.role in EVERYBODYS:
        return rows
    if user.role == Role.LEAD:
        away = delegations().filter(deputy=user)
        team = models.Q(asked_by__team=user.team_id) if user.team_id is not None else models.Q()
        theirs = models.Q(asked_by__team__in=away.values("lead__team"))
        theirs &= ~models.Q(asked_person__in=away.values("lead__person"))
        return rows.filter(models.Q(asked_by=user) | team | theirs)
    if user.role == Role.ADMINISTRATOR:
        return rows.filter(kind__in=[kind.name for kind in KINDS.values() if user.role in kind.decides])
    return rows.filter(asked_by=user)


def delegations() -> models.QuerySet[Delegation]:
    """Return by whom leads let decide now: of those who work here, and who are leads still."""
    rows = Delegation.objects.filter(valid__contains=Now(), lead__is_active=True, lead__role=Role.LEAD)
    return rows.filter(lead__team__isnull=False).order_by()


def waiting(*, user: User, now: dt.datetime) -> models.QuerySet[Approval]:
    """Return what the person could decide now."""
    kinds = [kind.name for kind in KINDS.values() if user.role in kind.decides]
    rows = approvals(user=user).filter(kind__in=kinds, state=Approval.State.OPEN, expires_at__gt=now)
    return rows.exclude(asked_person=user.person)


def stands(approval: Approval, *, now: dt.datetime) -> bool:
    """Say whether it still waits for a decision."""
    return approval.state == Approval.State.OPEN and approval.expires_at > now


def may_decide(user: User, approval: Approval, *, now: dt.datetime) -> bool:
    """Say whether the person may decide it: another person, of a role that decides this kind."""
    kind = KINDS[approval.kind]
    return stands(approval, now=now) and user.person != approval.asked_person and user.role in kind.decides


@transaction.atomic
def ask(*, user: User, kind: Kind, content: Mapping[str, Any], reason: str, now: dt.datetime) -> Approval:
    """Ask for something. The same thing is not asked for twice while the first request stands.

    Raises:
        Refused: it is asked for already.
    """
    open_now = Approval.objects.filter(kind=kind.name, state=Approval.State.OPEN, expires_at__gt=now)
    if open_now.filter(content=content).exists():
        raise Refused("asked-already", _("This was asked for already and waits for a decision."))
    asked = Approval(kind=kind.name, content=dict(content), reason=reason, asked_by=user, digest=b"")
    asked.asked_at = asked.expires_at = now  # the database fills in its own
    asked.save()
    asked.refresh_from_db()
    _record("ask", asked)
    return asked


@transaction.atomic
def decide(*, user: User, approval_id: int, approve: bool, digest: str, note: str, now: dt.datetime) -> Approval:
    """Approve, which carries it out at once, or decline. ``digest`` is that of what the person was shown, in hex.

    Raises:
        Approval.DoesNotExist: nobody asked, or not somebody whose requests the person sees.
        Conflict: it was decided since the person looked.
        Refused: not by this person, not in time, not what was shown, or what is asked for cannot be done any more.
    """
    row = _locked(user, approval_id)
    if not may_decide(user, row, now=now):
        if user.person == row.asked_person:
            raise Refused("own-request", _("Nobody decides the own request: another person has to."))
        raise Refused("not-yours", _("This is not yours to decide."))
    if digest != bytes(row.digest).hex():
        raise Refused("shown-otherwise", _("What you were shown is not what is asked for. Look again."))
    if approve and not (row.asked_by.is_active and row.asked_by.role in KINDS[row.kind].asks):
        raise Refused("asker-gone", _("Who asked may not ask for this any more. Decline it."))
    row.state = Approval.State.APPROVED if approve else Approval.State.DECLINED
    row.decided_by, row.decided_digest, row.note = user, row.digest, note
    row.save(update_fields=["state", "decided_by", "decided_digest", "note"])
    row.refresh_from_db(fields=["decided_person", "decided_at"])
    _record("approve" if approve else "decline", row, delegation=_delegation(user, row))
    if approve:
        with acting(service(), behalf=user):
            KINDS[row.kind].carry_out(approval=row, now=now)
    return row


@transaction.atomic
def withdraw(*, user: User, approval_id: int) -> Approval:
    """Take an own request back.

    Raises:
        Approval.DoesNotExist: the person asked for no such thing.
        Conflict: it was decided since the person looked.
    """
    row = _locked(user, approval_id)
    if row.asked_by_id != user.pk:
        raise Refused("not-yours", _("Only who asked can withdraw it."))
    row.state, row.decided_by = Approval.State.WITHDRAWN, user
    row.save(update_fields=["state", "decided_by"])
    _record("withdraw", row)
    return row


def _locked(user: User, approval_id: int) -> Approval:
    row = approvals(user=user).select_for_update(of=("self",)).get(pk=approval_id)
    if row.state != Approval.State.OPEN:
        theirs = {"state": row.get_state_display(), "by": row.decided_by.name if row.decided_by else ""}
        raise Conflict(_("Somebody decided this since you looked."), theirs=theirs)
    return row


def _delegation(user: User, row: Approval) -> int | None:
    """Return by which delegation somebody decides: none where the person is the team's own lead, or no lead."""
    if user.role != Role.LEAD or row.asked_by.team_id == user.team_id:
        return None
    given = delegations().filter(deputy=user, lead__team=row.asked_by.team_id)
    return given.values_list("pk", flat=True).first()


def _record(act: str, row: Approval, *, delegation: int | None = None) -> None:
    """Write one event; in the trail of a client where it is about that client alone."""
    about = KINDS[row.kind].clients(row.content)
    audit.record(
        f"approval:{act}",
        client_id=about[0] if len(about) == 1 else None,
        row=("core_approval", row.pk),
        data={"kind": row.kind, "digest": bytes(row.digest).hex(), "clients": len(about)}
        | ({"delegation": delegation} if delegation else {}),
    )
