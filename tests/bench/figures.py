"""What is measured inside one process: a statement against its limit."""

from collections.abc import Callable, Iterator

from django.db import connection
from django.utils import timezone

from clients.models import Client
from core.walls import acting, service
from reports import operations as reports
from reports import render
from reports.models import Statement
from tests.bench.rows import Row

Paired = Callable[..., tuple[float, float]]
PDF_SECONDS = 20.0


def all_of_them(paired: Paired) -> Iterator[Row]:
    """Yield the figures."""
    yield statement(paired)


def statement(paired: Paired) -> Row:
    """Measure printing and locking one statement beside the limit a document has."""
    now = timezone.now()
    with acting(service()):
        one = Client.objects.filter(status="active").order_by("pk")[0].pk
        reports.issue(client_ids=[one], period_end=reports.month_end(timezone.localdate()), now=now)
        found = Statement.objects.get()

    def ours() -> None:
        render.pdf(found.snapshot, digest=found.digest, language=found.language, secret="AAAA-BBBB")

    median, _nothing = paired(ours, connection.ensure_connection, 5)
    return Row("statement printed", median, PDF_SECONDS, "the limit of 20 s a document", 1.0)
