"""Looking after the trail and its ledger."""

import datetime as dt
from itertools import islice

from django.db import connection
from django.utils.translation import gettext as _

from compliance import queries
from compliance.ledger import kept
from compliance.ledger.reconciling import reconcile
from compliance.ledger.verifier import check_log
from core import audit, jobs
from core.errors import Refused
from core.models import User

MOST_FINDINGS = 20
MOST_BY_JOB = 1_000_000
"""Events that a worker reads again within its time."""


def keep_partitions(*, as_of: dt.date) -> None:
    """Make the trail's partitions of this month and the next two, so that a month never begins without one."""
    first = as_of.replace(day=1)
    with connection.cursor() as cursor:
        for ahead in range(3):
            month = first.month - 1 + ahead
            cursor.execute(
                "SELECT steward_partition(%s)", [first.replace(year=first.year + month // 12, month=month % 12 + 1)]
            )


def ask_check(*, user: User, now: dt.datetime) -> None:
    """Have the ledger checked by a worker; while one is at it, a second is not begun.

    Raises:
        Refused: no key of a ledger is set, or it is too long for a worker.
    """
    if kept.keys() is None:
        raise Refused("no-ledger", _("No key of a ledger is set: LEDGER_KEY."))
    if kept.size() > MOST_BY_JOB:
        raise Refused("long-ledger", _("The ledger is too long to be checked from a page: run manage.py ledger check."))
    jobs.enqueue(kept.CHECK_JOB, now=now, key=f"{kept.CHECK_JOB}:{now:%Y%m%d%H%M}", requested_by=user)


def watch_ledger(*, now: dt.datetime) -> list[str]:
    """Tell the trail, and whoever listens to it, when sealing or anchoring lags behind, and when it is well again.

    What was told is not told again. Return who lags behind.
    """
    if kept.keys() is None:
        return []
    late = kept.state(now=now).late
    last = queries.trail(verb=kept.ALARM).first()
    told = last.body["data"]["late"] if last else []
    if late != told:
        audit.record(kept.ALARM, data={"late": late})
    return late


def check_ledger(*, now: dt.datetime, progress: jobs.Progress = jobs.silent) -> list[str]:
    """Read the whole ledger again, say what is wrong with it, and record that in the trail.

    With it, every row is compared with what the trail said last, and what guards the trail with what was signed.

    Raises:
        Refused: no key of a ledger is set.
    """
    known = kept.keys()
    if known is None:
        raise Refused("no-ledger", _("No key of a ledger is set: LEDGER_KEY."))
    size, findings = check_log(kept.sealed(progress), *known)
    findings += [*kept.unsigned(), *islice(reconcile(MOST_FINDINGS), MOST_FINDINGS)]
    audit.record(kept.CHECK, data={"at": now, "events": size, "findings": findings[:MOST_FINDINGS]})
    return findings
