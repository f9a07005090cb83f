"""Every route of the project with what fills its address, for one client or another.

A new name in an address needs an entry in ``OBJECTS`` that makes such an object for a client; a new form needs one in
``FORMS`` with values its owner may send; a function is asked for the value when it is sent.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clients.models import Client, Coverage, Opening
from compliance.models import Audit
from core import checks
from core.models import AuditEvent, Delegation, Holiday, Parameter, Role, User
from core.walls import acting, service
from core.web import Rule, rules_of
from tests import factories
from tests.people import People, user

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
FIRST_ID, MISSING = 7_100_000_000, 7_999_999_999
CANARY = "Canary"
Make = Callable[[Client, People], Any]


@dataclass(frozen=True)
class Route:
    """An address with its rules by method, and the names it is filled with."""

    pattern: str
    callback: Any

    @property
    def names(self) -> list[str]:
        """Return the names in the address."""
        return [next(filter(None, match)) for match in PARAMETER.findall(self.pattern)]

    @property
    def rules(self) -> dict[str, Rule]:
        """Return the rule of each method."""
        return {method: rule for method, rule in rules_of(self.callback).items() if rule}

    @property
    def public(self) -> bool:
        """Say whether anybody may come."""
        return any(rule.permission is None for rule in self.rules.values())

    def path(self, values: dict[str, Any]) -> str:
        """Fill the address."""
        filled = iter(self.names)
        plain = PARAMETER.sub(lambda _: str(values[next(filled)]), self.pattern)
        return "/" + plain.replace("^", "").replace("$", "").replace("\\", "")


ROUTES = [Route(pattern, callback) for pattern, callback in checks.routes()]
WITH_OBJECT = [route for route in ROUTES if route.names]
WITHOUT_OBJECT = [route for route in ROUTES if not route.names]


def deposit(owner: Client, people: People) -> Any:
    """Make a deposit that falls due in three weeks."""
    matures_on = timezone.localdate() + dt.timedelta(days=21)
    return factories.deposit(owner, pk=number(), reference=f"{CANARY}-D{number()}", matures_on=matures_on)


def review(owner: Client, people: People) -> Any:
    """Make an open review of a maturity."""
    return factories.review(owner, pk=number(), maturity=factories.maturity(deposit(owner, people)))


def maturity(owner: Client, people: People) -> int:
    """Return the number of a maturity for whose term the bank lists a rate."""
    row = deposit(owner, people)
    factories.listed_rate(institution=row.institution, value_date=row.value_date, transfer_rate=Decimal("0.02"))
    return factories.maturity(row, pk=number()).pk


def statement(owner: Client, people: People) -> Any:
    """Make a statement that is stored and could be mailed."""
    factories.contact_point(owner, f"client{number()}@mail.example", preferred=False)
    factories.secret(owner)
    name = default_storage.save(f"{CANARY}-{number()}.pdf", ContentFile(b"%PDF-1.7"))
    return factories.statement(owner, pk=number(), version=factories.next_number(), pdf_name=name)


def event(owner: Client) -> int:
    """Return the number of an event about a client: that it came to be is one."""
    with acting(service()):
        return AuditEvent.objects.filter(client_id=owner.pk).latest("id").pk


def opening(owner: Client, people: People) -> int:
    """Return the number of an emergency of another officer, which a client has once."""
    with acting(people.compliance):
        row = Opening.objects.filter(client=owner, kind="emergency").first()
    if row is None:
        reason = f"{CANARY} waits at the counter"
        row = factories.opening(people.deputy, owner, people.colleague, pk=number(), reason=reason)
    return row.pk


def audit(people: People) -> int:
    """Return the number of an audit that still runs; one auditor has one at a time."""
    with acting(people.compliance):
        row = Audit.objects.filter(ends_at__gt=timezone.now()).first()
    return row.pk if row else factories.drawn(people).pk


def covering(owner: Client, people: People) -> User:
    """Return the dedicated manager of a client: a person's own things are near to whom the client is near."""
    with acting(service()):
        row = Coverage.objects.filter(client=owner, kind=Coverage.Kind.PRIMARY).select_related("manager").first()
    return row.manager if row else people.colleague


def number() -> int:
    """Return an id that stands out in a page."""
    return FIRST_ID + factories.next_number()


def delegation(owner: Client, people: People) -> Delegation:
    """Let the lead of a client's manager name a deputy of nobody's team, for a day of its own."""
    team = covering(owner, people).team
    lead = people.lead if team == people.lead.team else people.other_lead
    turn = factories.next_number()
    day = dt.date(2100, 1, 1) + dt.timedelta(days=turn)
    return factories.delegation(
        lead, user(f"deputy{turn}", Role.LEAD), begins=day, until=day, reason=f"{CANARY} is away"
    )


def figure(people: People) -> Parameter:
    """Let another value govern from a day on which none begins yet."""
    turn = factories.next_number()
    begins = dt.date(2100, 1, 1) + dt.timedelta(days=turn)
    return factories.parameter(people, begins=begins, value=Decimal(10 + turn % 300), source=CANARY)


def closed_day() -> Holiday:
    """Close the banks on a day that is not taken yet."""
    return factories.holiday(day=dt.date(2100, 1, 1) + dt.timedelta(days=factories.next_number()), name=CANARY)


OBJECTS: dict[str, Make] = {
    "client_id": lambda owner, _people: owner.pk,
    "task_id": lambda owner, people: factories.task(owner, people.manager, pk=number(), text=f"{CANARY} promise").pk,
    "note_id": lambda owner, people: factories.note(owner, people.manager, pk=number(), text=f"{CANARY} words").pk,
    "deposit_id": lambda owner, people: deposit(owner, people).pk,
    "review_id": lambda owner, people: review(owner, people).pk,
    "maturity_id": maturity,
    "instrument_id": lambda _owner, _people: factories.instrument(pk=number(), name=f"{CANARY} house").pk,
    "event_id": lambda owner, _people: event(owner),
    "hold_id": lambda owner, people: factories.hold(owner, people.compliance, pk=number(), reason=CANARY).pk,
    "opening_id": opening,
    "audit_id": lambda _owner, people: audit(people),
    "statement_id": lambda owner, people: statement(owner, people).pk,
    "delivery_id": lambda owner, people: factories.delivery(statement(owner, people), pk=number(), state="failed").pk,
    "break_id": lambda owner, people: factories.break_of(owner, people.operations, pk=number(), note=CANARY).pk,
    "run_id": lambda _owner, people: (
        factories.refused_run(people.operations, pk=number(), file_name=f"{CANARY}.csv").pk
    ),
    "name": lambda _owner, people: factories.mapping(people.operations, name=f"canary-{number()}").name,
    "token_id": lambda owner, people: factories.token(covering(owner, people), pk=number())[0].pk,
    "approval_id": lambda owner, people: (
        factories.approval(covering(owner, people), owner, people.colleague, pk=number()).pk
    ),
    "export_id": lambda owner, people: factories.exported(covering(owner, people), pk=number()).pk,
    "webhook_id": lambda _owner, people: factories.webhook(people.administrator, pk=number(), name=CANARY)[0].pk,
    "table": lambda _owner, _people: "clients_client",
    "row_id": lambda owner, _people: owner.pk,
    "delegation_id": lambda owner, people: delegation(owner, people).pk,
    "parameter_id": lambda _owner, people: figure(people).pk,
    "holiday_id": lambda _owner, _people: closed_day().pk,
    "user_id": lambda _owner, _people: user(f"canary{number()}", pk=number(), name=f"{CANARY} Person").pk,
}
OWNERS: dict[str, dict[str, Any]] = {
    "compliance/clients/<int:client_id>/erase/": {"status": "closed", "closed_on": dt.date(2012, 2, 29)},
}
"""What a client has to be for an act to be possible."""

OF_THE_HOUSE = {"audit_id", "holiday_id", "instrument_id", "name", "parameter_id", "run_id", "user_id", "webhook_id"}
"""Objects that belong to no client: whoever holds the permission may open them all."""

OF_A_PERSON = {"approval_id", "delegation_id", "export_id", "token_id"}
"""Objects that belong to whoever made them: a client that comes to the desk brings none."""

REASON = {"reason": "Source of wealth unexplained"}
CALL = {"channel": "call", "happened_at": "2025-01-02T10:00", "text": "Spoke"}
AS_A_FILE = {"do": "export", "form": "csv"}
FORMS: dict[str, dict[str, Any]] = {
    "portfolios/clients/<int:client_id>/transactions/": AS_A_FILE,
    **{f"portfolios/clients/<int:client_id>/{one}/": AS_A_FILE for one in ("deposits", "holdings", "lots", "cash")},
    "portfolios/clients/<int:client_id>/valuations/": AS_A_FILE,
    "portfolios/clients/<int:client_id>/performance/positions/": AS_A_FILE,
    "portfolios/clients/<int:client_id>/insurance/banks/": AS_A_FILE,
    "portfolios/clients/<int:client_id>/ladder/": AS_A_FILE,
    "compliance/clients/<int:client_id>/trail/": AS_A_FILE,
    "api/clients/<int:client_id>/contacts/": CALL,
    "api/clients/<int:client_id>/holds/": REASON,
    "api/holds/<int:hold_id>/lift/": REASON,
    "portfolios/feeds/<int:run_id>/correct/": {
        "file": SimpleUploadedFile("x.csv", b"line,error,reference,kind,name,manager\n2,,C1,person,Li,mei\n")
    },
    "api/tasks/<int:task_id>/move/": {"due_on": "2199-01-01", "version": 1},
    "settings/webhooks/<int:webhook_id>/": {"act": "pause"},
    "api/reviews/<int:review_id>/decide/": {"decision": "pay_out", "version": 1},
    "clients/<int:client_id>/contacts/log/": CALL,
    "approvals/<int:approval_id>/": {"act": "withdraw"},
    "clients/<int:client_id>/handover/": {
        "person": "colleague",
        "reason": "Moves to another desk",
    },
    "staff/<int:user_id>/role/": {"role": "auditor", "team": "", "reason": "Moves to the audit department"},
    "parameters/<int:parameter_id>/": {
        "value": "9",
        "begins": "2198-01-01",
        "source": "Minute 9",
        "reason": "Prices come late",
    },
    "calendars/<int:holiday_id>/": {"act": "remove"},
    "portfolios/products/<int:instrument_id>/value/": {"price": "9", "value_date": "2026-01-05", "source": CANARY},
    "portfolios/maturities/<int:maturity_id>/rate/": {
        "months": "12",
        "rate": "1.9",
        "reason": f"{CANARY} asks for more",
    },
    "portfolios/breaks/<int:break_id>/settle/": {"state": "explained", "note": "A fee was booked late"},
    "compliance/clients/<int:client_id>/hold/": {**REASON, "kind": "stop"},
    "compliance/clients/<int:client_id>/close/": REASON,
    "compliance/clients/<int:client_id>/erase/": REASON,
    "compliance/holds/<int:hold_id>/lift/": REASON,
    "compliance/clients/<int:client_id>/purpose/": {"purpose": "file"},
    "api/clients/<int:client_id>/purposes/": {"purpose": "file"},
    "compliance/openings/<int:opening_id>/review/": {"finding": "All was well"},
    "compliance/audits/<int:audit_id>/": AS_A_FILE,
    "reviews/<int:review_id>/": {"decision": "pay_out", "note": "As agreed", "version": "1"},
}


def build(route: Route, owner: Client, people: People) -> dict[str, Any]:
    """Make what fills a route's address, all of one client."""
    return {name: OBJECTS[name](owner, people) for name in route.names}


def missing(route: Route) -> dict[str, Any]:
    """Return ids that nothing has, as long as those that something has."""
    return dict.fromkeys(route.names, MISSING)
