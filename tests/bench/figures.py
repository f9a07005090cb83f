"""What is measured inside one process: the trail against none, a statement against its limit."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from clients.models import Client, ContactNote, Coverage
from config import environment
from core.models import User
from core.walls import acting, service
from reports import operations as reports
from reports import render
from reports.models import Statement
from tests.bench.rows import Row

Paired = Callable[..., tuple[float, float]]
PDF_SECONDS = 20.0


def all_of_them(paired: Paired) -> Iterator[Row]:
    """Yield the figures."""
    with acting(service()):
        now = Coverage.objects.filter(kind="primary", valid__contains=timezone.now())
        covered = now.select_related("manager", "client").first()
    assert covered is not None
    yield single_save(paired, covered.manager, covered.client)
    yield statement(paired)


def single_save(paired: Paired, manager: User, client: Client) -> Row:
    """Measure saving one contact note with the capture trigger and without, each in its own transaction."""
    owner: dict[str, Any] = {
        **connections["default"].settings_dict,
        **environment.database(settings.ENV.database_owner_url),
    }
    connections.settings["owner"] = owner

    def trigger(state: str) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"ALTER TABLE clients_contactnote {state} TRIGGER steward_capture_insert")

    def save() -> None:
        with acting(manager):
            ContactNote.objects.create(
                client=client, channel="call", text="Measured", author=manager, happened_at=timezone.now()
            )

    def with_trail() -> None:
        trigger("ENABLE ALWAYS")
        save()

    def without() -> None:
        trigger("DISABLE")
        save()

    try:
        medians = paired(with_trail, without)
        return Row("single save of a note, with trail", *medians, "the same save with the trigger off", 1.5)
    finally:
        trigger("ENABLE ALWAYS")
        connections["owner"].close()


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
