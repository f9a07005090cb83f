"""The queue's doors of the core room: calls of webhooks, what programs leave to tidy, and lists written as files."""

import datetime as dt

from core import jobs
from core.calendars import upkeep
from core.lists import exports
from core.programs import answers, calls


@jobs.task("programs.call", atomic=False)
def call(*, claim: jobs.Claim, now: dt.datetime, call_id: int, **_later: object) -> None:
    """Make one attempt of a call."""
    calls.send(call_id=call_id, now=now)


@jobs.task("programs.tidy")
def tidy(*, claim: jobs.Claim, now: dt.datetime, **_later: object) -> None:
    """Purge kept answers, end and take up calls."""
    answers.purge(now=now)
    calls.tidy(now=now)


@jobs.task("lists.export", atomic=False, lease=jobs.LONG)
def export(*, claim: jobs.Claim, now: dt.datetime, export_id: int, **_later: object) -> None:
    """Write the file of an export, as the person who asked for it."""
    exports.write(claim=claim, export_id=export_id, now=now)


@jobs.task("lists.tidy")
def tidy_exports(*, claim: jobs.Claim, now: dt.datetime, **_later: object) -> None:
    """Delete the files of exports whose day is over."""
    exports.tidy(now=now)


@jobs.task("calendars.seed")
def seed_calendars(*, claim: jobs.Claim, now: dt.datetime, as_of: str, **_later: object) -> None:
    """Continue the calendars of markets by the years that nobody wrote yet."""
    upkeep.seed(as_of=dt.date.fromisoformat(as_of))
