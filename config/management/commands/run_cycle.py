"""One turn of the desk for a date: maturities, reviews, statements, and the mail that follows."""

import datetime as dt
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.module_loading import autodiscover_modules

from core import clock, jobs
from core.calendars import upkeep
from core.models import Job
from core.walls import acting, service
from portfolios import operations as portfolios
from reports import operations as reports
from reports.models import Delivery
from reviews import operations as reviews

PAUSE = 0.5
REPORT_SECONDS = 5.0


class Command(BaseCommand):
    """``manage.py run_cycle --as-of 2026-03-31``. Running it again finds everything there and adds nothing."""

    help = "Open what falls due on a date, issue the month's statements, and work until no job is left."
    told = 0.0

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the date, and whether to wait for the work."""
        parser.add_argument("--as-of", type=dt.date.fromisoformat, help="business date, today if left out")
        parser.add_argument("--no-wait", action="store_true", help="leave the work to the workers")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open and issue in one transaction each, then work beside whatever workers run."""
        as_of = options["as_of"] or clock.today()
        with acting(service()):
            self.stdout.write(f"calendars: {upkeep.seed(as_of=as_of)} days new")
        with acting(service()):
            self.stdout.write(f"maturities: {portfolios.mature(as_of=as_of)} new")
        with acting(service()):
            self.stdout.write(f"reviews: {reviews.open_due(as_of=as_of, now=clock.now())} new")
        with acting(service()):
            self.stdout.write(f"left to their contracts: {reviews.lapse(as_of=as_of, now=clock.now())}")
        with acting(service()):
            self.stdout.write(f"clients to value: {portfolios.value_due(until=as_of, now=clock.now())}")
        with acting(service()):
            self.stdout.write(f"statements: {reports.issue_due(as_of=as_of, now=clock.now())} to issue")
        if not options["no_wait"]:
            self._work()
            self._tell(reports.month_end(as_of))

    def _work(self) -> None:
        autodiscover_modules("tasks")
        while jobs.outstanding():
            done = [job_id for job_id in jobs.due(now=clock.now()) if self._run(job_id)]
            reports.sweep(now=clock.now())
            if not done:
                self._left()
                time.sleep(PAUSE)

    def _run(self, job_id: int) -> bool:
        self._left()
        return jobs.run(job_id, now=clock.now())

    def _left(self) -> None:
        """Say how many jobs are left, every few seconds."""
        if time.monotonic() - self.told > REPORT_SECONDS:
            self.stdout.write(f"jobs left: {jobs.outstanding()}")
            self.stdout.flush()
            self.told = time.monotonic()

    def _tell(self, period_end: dt.date) -> None:
        with acting(service()):
            for state in Delivery.State:
                count = Delivery.objects.filter(statement__period_end=period_end, state=state).count()
                self.stdout.write(f"deliveries {state.value}: {count}")
            self.stdout.write(f"jobs failed: {Job.objects.filter(state=Job.State.FAILED).count()}")
