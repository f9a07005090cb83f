"""What is measured: pages against a minimal view, the trail against none, a statement against its limit."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from clients.models import Client, ContactNote, Coverage
from config import environment
from core.models import User
from core.walls import acting, service
from reports import operations as reports
from reports import render
from reports.models import Statement
from tests.people import ALLAUTH

Figure = tuple[float, float, str, float]
Paired = Callable[..., tuple[float, float]]
PDF_SECONDS = 20.0
BARE = Engine().from_string("{% for row in rows %}<li>{{ row.name }} {{ row.tier }} {{ row.manager }}</li>{% endfor %}")


def all_of_them(paired: Paired) -> Iterator[tuple[str, Figure]]:
    """Yield the figures by name."""
    settings.ALLOWED_HOSTS.append("testserver")
    with acting(service()):
        manager = Coverage.objects.filter(kind="primary").select_related("manager").first().manager  # type: ignore[union-attr]
    yield "client list", client_list(paired, manager)
    yield "single save of a note, with trail", single_save(paired, manager)
    yield "statement printed", statement(paired)


def client_list(paired: Paired, manager: User) -> Figure:
    """Measure the list, walls, rules and recorded read included, beside a view that only shows the same rows."""
    browser = Browser()
    with acting(service()):
        browser.force_login(manager, backend=ALLAUTH)
    request = RequestFactory().get("/")

    def ours() -> None:
        assert browser.get("/clients/").status_code == 200

    def rival() -> None:
        with acting(manager):
            minimal(request, manager)

    return (*paired(ours, rival), "a view that shows the same rows, template of one line, no middleware", 12.0)


def minimal(request: HttpRequest, manager: User) -> HttpResponse:
    """Show fifty clients with nothing around them."""
    names = Coverage.objects.filter(manager=manager).values("client_id")
    rows = Client.objects.filter(pk__in=names).order_by("sort_name", "id")[:50]
    return HttpResponse(BARE.render(Context({"rows": rows})))


def single_save(paired: Paired, manager: User) -> Figure:
    """Measure saving one contact note with the capture trigger and without, each in its own transaction."""
    with acting(service()):
        client = Coverage.objects.filter(manager=manager).first().client  # type: ignore[union-attr]
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
        return (*paired(with_trail, without), "the same save with the trigger off", 1.5)
    finally:
        trigger("ENABLE ALWAYS")
        connections["owner"].close()


def statement(paired: Paired) -> Figure:
    """Measure printing and locking one statement beside the limit a document has."""
    now = timezone.now()
    with acting(service()):
        one = Client.objects.order_by("pk")[0].pk
        reports.issue(client_ids=[one], period_end=reports.month_end(timezone.localdate()), now=now)
        found = Statement.objects.get()

    def ours() -> None:
        render.pdf(found.snapshot, digest=found.digest, language=found.language, secret="AAAA-BBBB")

    median, _nothing = paired(ours, connection.ensure_connection, 5)
    return median, PDF_SECONDS, "the limit of 20 s a document", 1.0
