"""``manage.py build_book``: fill an empty installation with an invented desk, the same for the same seed and day."""

import datetime as dt
import os
import secrets
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError

from clients.models import Client
from config.book import desk as desks
from config.book.dates import first_day
from config.book.desk import Desk
from config.book.people import LEAST
from config.book.staff import LEAVING, STAFF
from config.book.writing import write
from core import clock
from core.models import Parameter, User
from core.walls import acting, service

CYCLES = "review.cycle_months."


class Command(BaseCommand):
    """Everything is written in one transaction: an interrupted run leaves nothing."""

    help = "Fill an empty installation with an invented private-banking desk and three years of its history."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many clients, which book and of which day."""
        parser.add_argument("--clients", type=int, default=300, help=f"at least {LEAST}")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--as-of", type=dt.date.fromisoformat, help="the day the book is of, today when not given")
        parser.add_argument("--password", help="of everybody, drawn when not given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw the book, write it, tell who may sign in."""
        if options["clients"] < LEAST:
            raise CommandError(f"A book has at least {LEAST} clients.")
        self._refuse_second()
        self.started = time.monotonic()
        as_of: dt.date = options["as_of"] or clock.today()
        password: str = options["password"] or secrets.token_urlsafe(9)
        book = desks.make(
            seed=options["seed"],
            as_of=as_of,
            count=options["clients"],
            cycles=self._cycles(as_of),
            zone=ZoneInfo(settings.TIME_ZONE),
        )
        write(book, hashed=make_password(password), seed=options["seed"], tell=self._tell)
        logins = write_logins(settings.ENV.var / "run" / "logins.txt", password)
        self._summary(book, logins)

    def _refuse_second(self) -> None:
        names = [person.username for person in STAFF]
        with acting(service()):
            if Client.objects.exists() or User.objects.filter(username__in=names).exists():
                raise CommandError("There are clients already. `make clean` first.")

    def _cycles(self, as_of: dt.date) -> dict[str, int]:
        """Return the months between periodic reviews that the house's parameters say."""
        with acting(service()):
            return {tier: Parameter.objects.value(f"{CYCLES}{tier}", on=as_of) for tier in Client.Tier.values}

    def _tell(self, what: str, count: int) -> None:
        line = f"  {time.monotonic() - self.started:5.1f} s  {what}: {count:,}"
        if self.stdout.isatty():
            self.stdout.write(f"\r{line:<78}", ending="")
            self.stdout.flush()
        else:
            self.stdout.write(line)

    def _summary(self, book: Desk, logins: Path) -> None:
        """Say what is in the book, and who is there on purpose."""
        largest = [one for one in book.profiles if one.row.manager == LEAVING.username]
        self.stdout.write("")
        self.stdout.write(
            f"{len(book.profiles)} clients from {first_day(book.as_of)} to {book.as_of}, written in"
            f" {time.monotonic() - self.started:.0f} s"
        )
        for purpose, meaning in PURPOSES.items():
            one = book.purpose(purpose)
            self.stdout.write(f"  {one.reference} {one.row.name}: {meaning}")
        self.stdout.write(
            f"  {LEAVING.name} ({LEAVING.username}) leaves soon; his book of {len(largest)} is the largest"
        )
        self.stdout.write(f"Logins: {logins}")


PURPOSES = {
    "concentrated": "most of the wealth in one high-risk share; a promise is overdue, the identity card has expired",
    "need": "school fees abroad twice a year while the money lies idle",
    "maturities": "several deposits fall due this week, a promise is due today",
    "hold": "held by compliance, a deposit falls due this week",
    "overdue": "the periodic review is overdue, the identity card expires soon",
}


def write_logins(path: Path, password: str) -> Path:
    """Write one login per role, ``role name password`` a line, readable by the owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{person.role} {person.username} {password}\n" for person in STAFF if person.printed)
    return path
