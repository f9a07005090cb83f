"""A client with an address and a secret, a month of affairs, and the work that jobs do, by a clock the test holds."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.module_loading import autodiscover_modules

from clients.models import Client, Task
from config.mailsink import MailSink
from core import jobs
from core.models import Job
from core.walls import acting, service
from reports import operations
from reports.models import Delivery, Statement
from tests import factories

AS_OF = dt.date(2026, 4, 1)
NOW = dt.datetime(2026, 4, 1, 2, tzinfo=dt.UTC)
LATER = dt.timedelta(hours=3)


def ready(client: Client, *, email: str = "li.wen@mail.example") -> Client:
    """Give a client a secret, an address, a deposit and a movement in March 2026."""
    factories.secret(client)
    factories.contact_point(client, email)
    account = factories.account(client)
    factories.deposit(client, account=account)
    known_at = dt.datetime(2026, 3, 10, tzinfo=dt.UTC)
    factories.transaction(
        account, amount=Decimal(2500), value_date=dt.date(2026, 3, 10), known_at=known_at, text="Salary"
    )
    return client


def issue(*, now: dt.datetime = NOW) -> int:
    """Queue the statements of March."""
    with acting(service()):
        return operations.issue_due(as_of=AS_OF, now=now)


def work(*, now: dt.datetime = NOW, until: dt.datetime | None = None) -> None:
    """Do every job that is due, then let the clock run to ``until`` in steps and do what comes due."""
    autodiscover_modules("tasks")
    end = until or now
    while True:
        while due := jobs.due(now=now):
            for job_id in due:
                jobs.run(job_id, now=now)
        if now >= end:
            return
        now += dt.timedelta(seconds=20)


def delivery(**by: Any) -> Delivery:
    """Return the one delivery there is, or the one that ``by`` names."""
    with acting(service()):
        return Delivery.objects.select_related("statement").get(**by)


def statement(**by: Any) -> Statement:
    """Return the one statement there is."""
    with acting(service()):
        return Statement.objects.get(**by)


def tasks(client_id: int) -> list[str]:
    """Return the kinds of what the client's manager was told to settle."""
    with acting(service()):
        return list(Task.objects.filter(client_id=client_id).values_list("kind", flat=True))


def mails(sink: MailSink) -> int:
    """Return how many mails the relay keeps."""
    return len(sink.mailbox.paths())


def work_only(name: str, *, now: dt.datetime = NOW) -> None:
    """Do the due jobs of one name."""
    autodiscover_modules("tasks")
    with acting(service()):
        ids = list(Job.objects.filter(name=name).values_list("pk", flat=True))
    for job_id in ids:
        jobs.run(job_id, now=now)
