"""Days that do not add up: found after a file, owned by somebody, explained in words, closed."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from clients.access import Permission, scoped
from core import audit, jobs
from core.errors import Conflict, Refused
from core.models import User
from core.walls import service
from portfolios import queries
from portfolios.models import Account, Break
from portfolios.rules import reconcile

TABLE = "portfolios_break"
ACCOUNTS_AT_ONCE = 500


def look_for_breaks(*, run_id: int, account_ids: Iterable[int], now: dt.datetime, by: User) -> int:
    """Enqueue the check of accounts that a run touched, in parts; return how many parts there are."""
    touched = sorted(set(account_ids))
    parts = [touched[start : start + ACCOUNTS_AT_ONCE] for start in range(0, len(touched), ACCOUNTS_AT_ONCE)]
    for part in parts:
        jobs.enqueue("portfolios.find_breaks", now=now, requested_by=by, run_id=run_id, account_ids=part)
    return len(parts)


@transaction.atomic
def find_breaks(*, run_id: int, account_ids: list[int], now: dt.datetime) -> tuple[int, int]:
    """Compare the movements of some accounts with their balances; return how many breaks opened and closed.

    A day that a later file healed closes by itself, a day that says something new is open again. Safe to run twice.
    """
    list(Account.objects.select_for_update().filter(pk__in=account_ids).order_by("pk").values_list("pk"))
    live = Break.objects.exclude(state=Break.State.RESOLVED).filter(account_id__in=account_ids)
    known = {(row.account_id, row.day): row for row in live.select_for_update(of=("self",))}
    opened = 0
    for account, days in queries.days_apart(account_ids):
        for found in days:
            row = known.pop((account.pk, found.day), None)
            opened += _note(row, found) if row else _open(account, found, run_id=run_id, now=now)
    _heal(known.values(), now=now)
    if opened or known:
        told = {"opened": opened, "closed": len(known)}
        audit.record("break:find", row=("portfolios_feedrun", run_id), data=told)
    return opened, len(known)


def _open(account: Account, found: reconcile.Break, *, run_id: int, now: dt.datetime) -> int:
    Break.objects.create(
        client_id=account.client_id,
        account=account,
        day=found.day,
        expected=found.expected,
        found=found.found,
        currency=account.currency,
        kind=str(found.reason),
        run_id=run_id,
        opened_at=now,
    )
    return 1


def _note(row: Break, found: reconcile.Break) -> int:
    """Open a known break again where its day says something new; return whether it does."""
    if (row.expected, row.found, row.kind) == (found.expected, found.found, str(found.reason)):
        return 0
    row.expected, row.found, row.kind, row.state = found.expected, found.found, str(found.reason), Break.State.OPEN
    row.save(update_fields=["expected", "found", "kind", "state"])
    return 1


def _heal(rows: Iterable[Break], *, now: dt.datetime) -> None:
    """Close what adds up now, in the name of the service account."""
    ids = [row.pk for row in rows]
    if ids:
        closed = {"state": Break.State.RESOLVED, "closed_at": now, "closed_by": service()}
        Break.objects.filter(pk__in=ids).update(**closed)


@transaction.atomic
def take_break(*, user: User, break_id: int, owner_id: int | None) -> Break:
    """Make ``user`` the owner of a live break; ``owner_id`` is the owner the person saw.

    Raises:
        Conflict: somebody else took it meanwhile.
        Refused: it is resolved.
        Break.DoesNotExist: missing, or not the user's to resolve.
    """
    row = _live(user, break_id)
    if row.owner_id not in {owner_id, user.pk}:
        theirs = {"owner": row.owner.name if row.owner else ""}
        raise Conflict(_("Somebody else took it in the meantime."), theirs=theirs)
    row.owner = user
    row.save(update_fields=["owner"])
    audit.record("break:take", client_id=row.client_id, row=(TABLE, row.pk))
    return row


@transaction.atomic
def explain_break(*, user: User, break_id: int, note: str) -> Break:
    """Say why a day does not add up; it stays known and quiet while it says the same.

    Raises:
        Refused: it is resolved, or the explanation is empty.
        Break.DoesNotExist: missing, or not the user's to resolve.
    """
    row = _live(user, break_id)
    row.note, row.state, row.owner = _words(note), Break.State.EXPLAINED, row.owner or user
    row.save(update_fields=["note", "state", "owner"])
    audit.record("break:explain", client_id=row.client_id, row=(TABLE, row.pk))
    return row


@transaction.atomic
def resolve_break(*, user: User, break_id: int, note: str, now: dt.datetime) -> Break:
    """Close a break because the matter was settled outside; a later file that says the same opens another.

    Raises:
        Refused: it is resolved already, or no words were given.
        Break.DoesNotExist: missing, or not the user's to resolve.
    """
    row = _live(user, break_id)
    row.note, row.state, row.owner = _words(note), Break.State.RESOLVED, row.owner or user
    row.closed_at, row.closed_by = now, user
    row.save(update_fields=["note", "state", "owner", "closed_at", "closed_by"])
    audit.record("break:resolve", client_id=row.client_id, row=(TABLE, row.pk))
    return row


def _live(user: User, break_id: int) -> Break:
    rows = scoped(Break.objects.select_related("owner"), user, Permission.BREAK_RESOLVE)
    row = rows.select_for_update(of=("self",)).get(pk=break_id)
    if row.state == Break.State.RESOLVED:
        raise Refused("break-closed", _("It is resolved already."))
    return row


def _words(note: str) -> str:
    if not note.strip():
        raise Refused("break-words", _("Say in a sentence what was found out."), field="note")
    return note.strip()
