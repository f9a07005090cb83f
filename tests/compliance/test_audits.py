"""The auditor's room: the clients a seed drew, nothing else by any door, until the minute it ends."""

import datetime as dt
import hashlib
import time
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Client, Opening
from compliance import operations, queries
from compliance.models import Audit
from core.errors import Refused
from core.models import AuditEvent, Role, User
from core.walls import acting, service
from tests import factories
from tests.access.answers import ask, said
from tests.access.routes import CANARY, WITH_OBJECT, build, missing, number
from tests.conftest import SignIn
from tests.people import BACKEND, People, user


def sample(audit: Audit) -> list[str]:
    """Return the numbers of the clients that are open."""
    with acting(service()):
        rows = Opening.objects.filter(origin=audit.origin).order_by("client__reference")
        return list(rows.values_list("client__reference", flat=True))


def test_anybody_with_the_seed_draws_the_same(people: People) -> None:
    for _one in range(7):
        factories.client()
    audit = factories.drawn(people, size=4, seed="2026-H2")
    with acting(service()):
        everybody = list(Client.objects.values_list("reference", flat=True))
    ranked = sorted(everybody, key=lambda one: hashlib.sha256(f"2026-H2:{one}".encode()).digest())
    assert sample(audit) == sorted(ranked[:4])
    assert audit.population == len(everybody) == 9
    factories.client()
    with acting(people.compliance):
        assert queries.drawn_again(audit)


def test_a_seed_is_drawn_where_none_was_brought(people: People) -> None:
    seeds = set()
    for _once in range(2):
        audit = factories.drawn(people, seed="")
        with acting(people.compliance):
            operations.end_audit(user=people.compliance, audit_id=audit.pk, now=timezone.now())
        seeds.add(audit.seed)
    assert len(seeds) == 2
    assert {len(seed) for seed in seeds} == {32}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"size": 0}, "audit-size"),
        ({"size": 3}, "audit-size"),
        ({"seconds": -1}, "audit-when"),
        ({"seconds": 400 * 86400}, "audit-when"),
    ],
)
def test_what_cannot_be_drawn_is_refused(people: People, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        factories.drawn(people, **given)
    assert refusal.value.code == code


def test_one_audit_at_a_time_for_an_auditor_and_for_auditors_only(people: People) -> None:
    factories.drawn(people)
    with pytest.raises(Refused, match="still runs"):
        factories.drawn(people)
    with pytest.raises(Refused, match="Choose an auditor"), acting(people.compliance):
        operations.draw_audit(
            user=people.compliance,
            auditor_id=people.manager.pk,
            title="x",
            size=1,
            ends_at=timezone.now() + dt.timedelta(hours=1),
            now=timezone.now(),
        )


@pytest.fixture
def room(committed: People) -> tuple[Client, Client]:
    """Draw one of two clients for the auditor; return the one inside and one outside."""
    for _one in range(3):
        factories.client(pk=number(), name=f"{CANARY} {number()}")
    factories.drawn(committed, size=2)
    with acting(service()):
        inside = Opening.objects.filter(kind="sample").values("client_id")
        return Client.objects.filter(pk__in=inside).latest("pk"), Client.objects.exclude(pk__in=inside).latest("pk")


def test_the_auditor_reads_the_sample_and_what_was_opened_is_on_record(
    committed: People, sign_in: SignIn, room: tuple[Client, Client]
) -> None:
    inside, outside = room
    browser = sign_in(committed.auditor)
    assert inside.name in browser.get(reverse("compliance:sample")).text
    page = browser.get(reverse("clients:page", args=[inside.pk]))
    assert page.status_code == 200
    for name in ("clients:profile_panel", "clients:tasks_panel", "portfolios:client_panel", "compliance:client_panel"):
        assert browser.get(reverse(name, args=[inside.pk])).status_code == 200, name
    assert browser.get(reverse("compliance:client_trail", args=[inside.pk])).status_code == 200
    with acting(committed.compliance):
        (audit,) = queries.audits(user=committed.compliance)
        count, _last = queries.opened(audit, [inside.pk])[inside.pk]
        assert queries.opened(audit, [outside.pk]) == {}
    assert count >= 5


def test_outside_the_sample_nothing_answers_by_any_route(
    committed: People, sign_in: SignIn, room: tuple[Client, Client]
) -> None:
    browser = sign_in(committed.auditor)
    for route in WITH_OBJECT:
        outside = factories.client(pk=number(), name=f"{CANARY} West")
        factories.coverage(outside, committed.stranger)
        values = build(route, outside, committed)
        for method in route.rules:
            answer, nothing = ask(browser, method, route, values), ask(browser, method, route, missing(route))
            assert said(answer) == said(nothing), (route.pattern, method)
            assert answer.status_code in {403, 404}, (route.pattern, method)


def test_lists_search_and_the_trail_hold_the_sample_alone(
    committed: People, sign_in: SignIn, room: tuple[Client, Client]
) -> None:
    inside, outside = room
    factories.note(outside, committed.stranger, text="Canary words")
    factories.hold(outside, committed.compliance, reason="Canary reason")
    browser = sign_in(committed.auditor)
    for address in ("/clients/", "/reviews/", "/compliance/holds/", "/compliance/trail/", "/portfolios/deposits/"):
        text = browser.get(address).text
        assert outside.name not in text, address
    assert outside.reference not in browser.get("/clients/", {"q": outside.name}).text
    assert inside.name in browser.get("/clients/").text
    with acting(committed.auditor):
        assert set(Client.objects.values_list("pk", flat=True)) == {inside.pk} | set(
            Opening.objects.values_list("client_id", flat=True)
        )
        clients = set(AuditEvent.objects.exclude(client_id=None).values_list("client_id", flat=True))
        assert outside.pk not in clients


def test_the_auditor_writes_nothing(committed: People, sign_in: SignIn, room: tuple[Client, Client]) -> None:
    inside, _outside = room
    with acting(committed.auditor), connection.cursor() as cursor:
        for table, change in (("clients_client", "alias = 'x'"), ("clients_opening", "finding = 'x'")):
            cursor.execute(f"UPDATE {table} SET {change}")
            assert cursor.rowcount == 0, table
    browser = sign_in(committed.auditor)
    assert browser.post(reverse("clients:log_contact", args=[inside.pk]), {"text": "x"}).status_code == 403
    assert browser.post("/clients/", {"do": "export", "form": "csv"}).status_code in {400, 403, 404}


def test_the_sign_in_ends_at_the_minute(committed: People) -> None:
    factories.drawn(committed, seconds=2)
    browser = Browser()
    with acting(service()):
        browser.force_login(User.objects.get(pk=committed.auditor.pk), backend=BACKEND)
    assert browser.get(reverse("compliance:sample")).status_code == 200
    time.sleep(2.1)
    late = browser.get(reverse("compliance:sample"))
    assert (late.status_code, late["Location"].split("?")[0]) == (302, "/accounts/login/")
    with acting(committed.auditor):
        assert not Client.objects.exists()
        assert not AuditEvent.objects.exists()
    again = Browser().post("/accounts/login/", {"login": "auditor", "password": "a-long-password-of-a-test"})
    assert (again.status_code, again["Location"]) == (302, "/accounts/login/")
    assert "_auth_user_id" not in again.client.session


def test_ending_it_sooner_closes_everything(committed: People, sign_in: SignIn, room: tuple[Client, Client]) -> None:
    browser = sign_in(committed.auditor)
    with acting(committed.compliance):
        (audit,) = queries.audits(user=committed.compliance)
    answer = sign_in(committed.compliance).post(reverse("compliance:end_audit", args=[audit.pk]))
    assert answer.status_code == 302
    assert browser.get(reverse("compliance:sample")).status_code == 302


@pytest.mark.parametrize(("same", "told"), [(True, "Drawn again, the same clients."), (False, "OTHER clients")])
def test_a_sample_is_drawn_again_and_compared(
    committed: People,
    sign_in: SignIn,
    room: tuple[Client, Client],
    monkeypatch: pytest.MonkeyPatch,
    *,
    same: bool,
    told: str,
) -> None:
    with acting(committed.compliance):
        (audit,) = queries.audits(user=committed.compliance)
    if not same:
        monkeypatch.setattr("clients.queries.ranked", lambda **_given: Client.objects.none())
    browser = sign_in(committed.compliance)
    address = reverse("compliance:redraw_audit", args=[audit.pk])
    assert audit.title not in browser.get(address).text
    assert told in browser.post(address, follow=True).text


STATEMENTS = {
    "given a longer end": "UPDATE compliance_audit SET ends_at = ends_at + interval '1 day'",
    "given another seed": "UPDATE compliance_audit SET seed = 'mine'",
    "made larger": "UPDATE compliance_audit SET size = population",
    "forgotten": "DELETE FROM compliance_audit",
    "given one more client": (
        "INSERT INTO clients_opening"
        " (client_id, person_id, kind, purpose, reason, opened_by_id, valid, origin, finding)"
        " SELECT {outside}, person_id, kind, purpose, reason, opened_by_id, valid, origin, finding FROM clients_opening"
        " WHERE kind = 'sample' LIMIT 1"
    ),
    "let in for longer": "UPDATE core_user SET access_until = now() + interval '9 days' WHERE id = {auditor}",
}


@pytest.mark.parametrize("who", ["compliance", "auditor", "administrator"])
def test_no_statement_changes_an_audit(committed: People, room: tuple[Client, Client], who: str) -> None:
    for way, words in STATEMENTS.items():
        if (way, who) == ("let in for longer", "administrator"):
            continue  # accounts are the administrator's; the clients close at the minute all the same
        statement = words.format(outside=room[1].pk, auditor=committed.auditor.pk)
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            acting(getattr(committed, who)),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
            if cursor.rowcount == 0:
                raise DatabaseError(f"{way}: the wall left nothing to change")


def test_a_second_auditor_sees_nothing_of_it(committed: People, sign_in: SignIn, room: tuple[Client, Client]) -> None:
    other = user("otherauditor", Role.AUDITOR)
    browser = sign_in(other)
    assert room[0].name not in browser.get(reverse("compliance:sample")).text
    assert browser.get(reverse("clients:page", args=[room[0].pk])).status_code == 404
