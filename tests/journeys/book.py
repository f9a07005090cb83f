"""One client with something of everything, so that every page has something to show."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from core.models import AuditEvent, Job
from core.walls import acting, service
from portfolios.models import Instrument
from tests import factories
from tests.people import People


@dataclass(frozen=True)
class Shown:
    """The rows that addresses name."""

    client_id: int
    deposit_id: int
    review_id: int
    maturity_id: int
    statement_id: int
    run_id: int
    name: str
    hold_id: int
    opening_id: int
    audit_id: int
    break_id: int
    approval_id: int
    export_id: int
    token_id: int
    webhook_id: int
    event_id: int
    user_id: int
    parameter_id: int
    holiday_id: int
    instrument_id: int
    table: str
    row_id: int


def fill(people: People) -> Shown:
    """Write the rows as the service account."""
    client, today = factories.owned_by(people.client_id), timezone.localdate()
    factories.contact_point(client)
    factories.document(client, expires_on=today + dt.timedelta(days=20))
    factories.secret(client)
    factories.note(client, people.manager, confidential=True, happened_at=timezone.now())
    factories.task(client, people.manager, due_on=today)
    factories.task(client, people.manager, due_on=today - dt.timedelta(days=3))
    factories.lot(factories.holding(client), quantity=Decimal(1))
    factories.transaction(factories.account(client))
    factories.valued_year(client, until=today)
    due_on = today + dt.timedelta(days=5)
    deposit = factories.deposit(client, value_date=today - dt.timedelta(days=200), matures_on=due_on)
    maturity = factories.maturity(deposit, due_on=due_on)
    review = factories.review(client, maturity=maturity, due_on=due_on)
    factories.listed_rate(institution=deposit.institution, term_months=6, value_date=today - dt.timedelta(days=9))
    factories.listed_rate(institution=deposit.institution, transfer_rate=Decimal("0.019"), value_date=today)
    factories.listed_rate(value_date=today)
    factories.rate_exception(maturity, people.manager)
    factories.review(client, due_on=today - dt.timedelta(days=1), period="2026-P1")
    stored = default_storage.save("statements/shown.pdf", ContentFile(b"%PDF-1.7"))
    statement = factories.statement(client, pdf_name=stored)
    factories.delivery(statement)
    other = factories.client(name="Held Company", kind="company")
    factories.coverage(other, people.manager)
    hold = factories.hold(other, people.compliance)
    opening = factories.opening(people.compliance, client, people.colleague)
    audit = factories.drawn(people)
    run = factories.refused_run(people.operations, job_id=factories.job(state=Job.State.DONE).pk)
    apart = factories.break_of(client, people.operations, run=run)
    approval = factories.approval(people.manager, client, people.colleague)
    export = factories.exported(people.manager)
    token, _text = factories.token(people.manager)
    webhook, _secret = factories.webhook(people.administrator)
    with acting(service()):
        event = AuditEvent.objects.filter(client_id=client.pk).earliest("pk")
    return Shown(
        *(client.pk, deposit.pk, review.pk, maturity.pk, statement.pk, run.pk),
        *(factories.mapping(people.operations).name, hold.pk),
        *(opening.pk, audit.pk),
        *(apart.pk, approval.pk, export.pk, token.pk, webhook.pk, event.pk, people.colleague.pk),
        parameter_id=factories.parameter(people).pk,
        holiday_id=factories.holiday(day=today + dt.timedelta(days=7), provisional=True).pk,
        instrument_id=house(today).pk,
        table="clients_client",
        row_id=client.pk,
    )


def house(today: dt.date) -> Instrument:
    """Make a house that was valued by hand twice."""
    row = factories.instrument(name="House by the lake", asset_class="real_estate")
    now = timezone.now()
    factories.price(row, estimated=True, value_date=today, source="Appraiser", known_at=now, superseded_at=now)
    factories.price(row, estimated=True, value_date=today, source="Appraiser", known_at=now)
    factories.action(row)
    return row


def speak(people: People, language: str) -> None:
    """Let everybody read the screens in a language."""
    with acting(service()):
        for person in people.everybody().values():
            person.language = language
            person.save(update_fields=["language"])
