"""``manage.py build_book``: fill an empty installation with an invented desk, the same for the same seed and day."""

import datetime as dt
import os
import secrets
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config.book import people, progress, workers, writing
from config.book.dates import first_day
from config.book.parts import LEAST, MOST, Order, parts
from config.book.staff import LEAVING, STAFF
from core import clock
from core.walls import acting, service

HELP = """Fill an empty installation with an invented private-banking desk and three years of its history.

A client has about 110 movements, 15 deposits and holdings (9 of them open today), 15 contact notes, 12 reviews.
  --clients 300      one desk of six managers: 33,000 movements, some seconds
  --clients 10000    1,000,000 movements, 100,000 deposits and holdings
  --clients 100000   10,000,000 movements, 1,000,000 deposits and holdings; 1,000 managers in 100 teams
The same arguments give the same book. An interrupted build goes on where it was when it is started again."""
QUIET_SECONDS = 5


class Command(BaseCommand):
    """Written part by part; the trail says how far it is."""

    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the lines of the help as they are."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many clients, which book and of which day."""
        parser.add_argument("--clients", type=int, default=300, help=f"{LEAST} to {MOST}")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--as-of", type=dt.date.fromisoformat, help="the day the book is of, today when not given")
        parser.add_argument("--password", help="of everybody, drawn when not given")
        parser.add_argument("--processes", type=int, help="that write at once, one a core when not given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw the book, write it, tell who may sign in."""
        if not LEAST <= options["clients"] <= MOST:
            raise CommandError(f"A book has at least {LEAST} and at most {MOST} clients.")
        self.started = self.said = time.monotonic()
        self.clients = 0
        order = self._order(options)
        password: str = options["password"] or secrets.token_urlsafe(9)
        try:
            writing.begin(order, hashed=make_password(password), tell=self._tell)
        except writing.OtherBookError as error:
            raise CommandError(_refusal(error)) from error
        logins = write_logins(settings.ENV.var / "run" / "logins.txt", password)
        self._write(order, options["processes"])
        writing.finish(order, tell=self._tell)
        self._summary(order, logins)

    def _order(self, options: dict[str, Any]) -> Order:
        """Return which book is asked for; without a day, an interrupted one of another day goes on."""
        with acting(service()):
            begun = progress.begun()
        asked: dt.date | None = options["as_of"]
        as_of = asked or (begun.as_of if begun else clock.today())
        self.total = options["clients"]
        return Order(options["clients"], options["seed"], as_of)

    def _write(self, order: Order, processes: int | None) -> None:
        count = len(parts(seed=order.seed, count=order.clients))
        with acting(service()):
            there = progress.written()
        if there:
            self.stdout.write(f"  an interrupted build goes on: {len(there)} of {count} parts are there")
        processes = min(processes or len(os.sched_getaffinity(0)), count)
        now = clock.now()
        if processes == 1:
            writing.write_parts(order=order, now=now, tell=self._tell, wanted=lambda: None)
            return
        connection.close()
        try:
            workers.write_parts(processes, {"order": order, "now": now}, self._tell)
        except workers.WorkerError as error:
            raise CommandError("A process of the build ended early. The same command goes on.") from error

    def _tell(self, what: str, count: int) -> None:
        now = time.monotonic()
        if what == writing.CLIENTS:
            self.clients += count
            if now - self.said < QUIET_SECONDS and self.clients < self.total:
                return
            self.said, count = now, self.clients
        self.stdout.write(f"  {now - self.started:5.1f} s  {what}: {count:,}")
        self.stdout.flush()

    def _summary(self, order: Order, logins: Path) -> None:
        """Say what is in the book, and who is there on purpose."""
        desk = parts(seed=order.seed, count=order.clients)[0]
        profiles = people.people(desk, seed=order.seed, as_of=order.as_of)
        largest = [one for one in profiles if one.row.manager == LEAVING.username]
        self.stdout.write("")
        self.stdout.write(
            f"{order.clients} clients from {first_day(order.as_of)} to {order.as_of}, written in"
            f" {time.monotonic() - self.started:.0f} s"
        )
        for purpose, meaning in PURPOSES.items():
            one = next(profile for profile in profiles if profile.purpose == purpose)
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


def _refusal(error: writing.OtherBookError) -> str:
    if error.begun is None:
        return "There are clients already. `make clean` first."
    begun = error.begun
    arguments = f"--clients {begun.clients} --seed {begun.seed} --as-of {begun.as_of}"
    return f"Another build was interrupted here. `build_book {arguments}` goes on with it, `make clean` removes it."


def write_logins(path: Path, password: str) -> Path:
    """Write one login per role, ``role name password`` a line, readable by the owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{person.role} {person.username} {password}\n" for person in STAFF if person.printed)
    return path
