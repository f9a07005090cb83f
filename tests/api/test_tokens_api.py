"""Tokens: who acts by one, where it is taken, and when it ends."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client as Browser

from clients.models import Client, ContactNote
from core import clock
from core.api import tokens as door
from core.errors import Refused
from core.models import AuditEvent, Role, Token, User
from core.programs import tokens
from core.walls import acting, service
from tests import factories
from tests.api.conftest import refused, verbs
from tests.conftest import SignIn
from tests.people import People

CALL: dict[str, Any] = {"channel": "call", "happened_at": "2025-01-02T10:00:00+08:00", "text": "Spoke"}


@pytest.fixture(autouse=True)
def nobody_was_refused_before() -> None:
    """Forget the wrong tokens of other tests."""
    cache.clear()


@dataclass(frozen=True)
class Program:
    """A program with a token and no cookie, against a server that wants CSRF tokens."""

    text: str
    scheme: str = "Bearer"

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Send one request."""
        headers = {"Authorization": f"{self.scheme} {self.text}", **more.pop("headers", {})}
        browser = more.pop("browser", None) or Browser(enforce_csrf_checks=True)
        return browser.generic(method, path, data=body or "", content_type="application/json", headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        """Read."""
        return self.ask("GET", f"/api/{path}", **more)

    def post(self, path: str, body: Any, **more: Any) -> Any:
        """Write."""
        return self.ask("POST", f"/api/{path}", json.dumps(body), **more)


def program(person: User, **given: Any) -> Program:
    """Return a program of a person."""
    return Program(factories.token(person, **given)[1])


def change(person: User, **values: object) -> None:
    """Change an account as the administrator's operation would."""
    with acting(service()):
        User.objects.filter(pk=person.pk).update(**values)


def test_a_program_acts_as_its_person(people: People, near: Client) -> None:
    asks = program(people.manager)
    assert asks.get("me/").json()["username"] == "mei"
    assert [row["id"] for row in asks.get("clients/").json()["results"]] == [near.pk]
    foreign, missing = (asks.get(f"clients/{pk}/") for pk in (people.foreign_id, 7_999_999_999))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


def test_a_write_by_token_needs_no_csrf_token_and_a_session_still_does(
    people: People, near: Client, sign_in: SignIn
) -> None:
    assert program(people.manager).post(f"clients/{near.pk}/contacts/", CALL).status_code == 201
    browser = sign_in(people.manager)
    browser.handler.enforce_csrf_checks = True
    refused(browser.post(f"/api/clients/{near.pk}/contacts/", CALL, content_type="application/json"), 403)


def test_a_token_that_reads_does_not_write(people: People, near: Client) -> None:
    asks = program(people.manager, scope="read")
    assert asks.get("clients/").status_code == 200
    assert refused(asks.post(f"clients/{near.pk}/contacts/", CALL), 403)["title"] == "This token only reads."
    refused(asks.ask("PATCH", "/api/me/", '{"language": "en"}'), 403)
    with acting(service()):
        assert not ContactNote.objects.exists()
    assert "access:denied" in verbs()


@pytest.mark.parametrize("page", ["/", "/profile/", "/profile/tokens/", "/clients/", "/api/docs/", "/staff/"])
def test_a_page_does_not_look_at_tokens(people: People, page: str) -> None:
    for person in (people.manager, people.administrator):
        answer = program(person).ask("GET", page)
        assert answer.status_code in {302, 401}
        assert answer.headers.get("Location", "/accounts/login/").startswith("/accounts/login/")


def test_the_schema_is_read_by_token(people: People) -> None:
    assert program(people.manager).get("schema/").status_code == 200


def test_a_revoked_token_is_refused_at_once(people: People, sign_in: SignIn) -> None:
    token, text = factories.token(people.manager)
    assert Program(text).get("me/").status_code == 200
    assert sign_in(people.manager).post(f"/profile/tokens/{token.pk}/revoke/").status_code == 302
    answer = Program(text).get("me/")
    refused(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_ends_with_its_person_and_returns_with_them(people: People) -> None:
    asks = program(people.manager)
    change(people.manager, is_active=False)
    refused(asks.get("me/"), 401)
    change(people.manager, is_active=True)
    assert asks.get("me/").status_code == 200


def test_a_token_ends_on_its_day(people: People) -> None:
    text = factories.token(people.manager, days=1, now=clock.now() - dt.timedelta(days=1, seconds=1))[1]
    refused(Program(text).get("me/"), 401)
    almost = factories.token(people.manager, days=1, now=clock.now() - dt.timedelta(hours=23))[1]
    assert Program(almost).get("me/").status_code == 200


def test_a_token_has_the_role_of_the_moment(people: People) -> None:
    asks = program(people.manager)
    assert asks.get("clients/").status_code == 200
    factories.given_role(people, people.manager, Role.ADMINISTRATOR)
    refused(asks.get("clients/"), 403)


@pytest.mark.parametrize(
    "shown",
    ["", " ", "x", "steward-" + "0" * 64, "a" * 100_000, "steward-\x7f", "Ünïcode", "two words", "' OR 1=1 --", "%00"],
)
def test_a_wrong_token_is_nobody(people: People, shown: str) -> None:
    refused(Program(shown).get("me/"), 401)


@pytest.mark.parametrize("scheme", ["Basic", "Token", "Digest", "", "Bearer Bearer"])
def test_another_scheme_is_nobody(people: People, scheme: str) -> None:
    refused(Program(factories.token(people.manager)[1], scheme).get("me/"), 401)


def test_a_token_s_beginning_opens_nothing(people: People) -> None:
    text = factories.token(people.manager)[1]
    for part in (text[:15], text[:-1], text + "0", text.upper(), text[8:]):
        refused(Program(part).get("me/"), 401)


def test_a_wrong_token_is_no_way_in_for_a_session(people: People, sign_in: SignIn) -> None:
    refused(Program("wrong").get("me/", browser=sign_in(people.manager)), 401)


def test_a_token_comes_before_a_session(people: People, sign_in: SignIn) -> None:
    answer = program(people.manager).get("me/", browser=sign_in(people.compliance))
    assert answer.json()["username"] == "mei"


def test_many_wrong_tokens_are_slowed_and_a_right_one_is_not(people: People) -> None:
    asks = program(people.manager)
    for number in range(door.WRONG_MOST):
        refused(Program(f"wrong{number}").get("me/", headers={"X-Forwarded-For": f"10.0.0.{number}"}), 401)
    answer = Program("wrong").get("me/", headers={"X-Forwarded-For": "10.9.9.9"})
    refused(answer, 429)
    assert int(answer["Retry-After"]) > 0
    assert verbs().count("token:refuse") == door.WRONG_MOST
    assert asks.get("me/").status_code == 200


def test_the_database_has_the_hash_alone(people: People) -> None:
    text = factories.token(people.manager)[1]
    with acting(service()), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(t)::text FROM core_token t")
        assert text not in (stored := cursor.fetchone()[0])
        assert text[15:] not in stored
        cursor.execute("SELECT string_agg(body::text, '') FROM core_auditevent WHERE table_name = 'core_token'")
        told = cursor.fetchone()[0]
        assert text not in told
        assert Token.objects.get().digest not in told


def test_no_token_outlives_ninety_days(people: People) -> None:
    token = factories.token(people.manager, days=90)[0]
    token.pk, token.digest, token.expiry = None, "0" * 128, token.expiry + dt.timedelta(seconds=1)
    with pytest.raises(IntegrityError), transaction.atomic(), acting(people.manager):
        token.save()
    with pytest.raises(Refused), acting(people.manager):
        tokens.create(user=people.manager, name="x", scope="read", days=91, now=clock.now())


@pytest.mark.parametrize(
    "values",
    [
        {"scope": "write"},
        {"expiry": dt.datetime(2030, 1, 1, tzinfo=dt.UTC)},
        {"digest": "0" * 128},
        {"token_key": "x"},
        {"revoked_at": None},
        {"user_id": 1},
    ],
)
def test_a_token_does_not_change(people: People, values: dict[str, object]) -> None:
    token = factories.token(people.manager, scope="read")[0]
    with acting(people.manager):
        tokens.revoke(user=people.manager, token_id=token.pk, now=clock.now())
    with pytest.raises(ProgrammingError), transaction.atomic(), acting(people.manager):
        Token.objects.filter(pk=token.pk).update(**values)


def test_somebody_else_s_token_is_not_touched(people: People) -> None:
    token = factories.token(people.manager)[0]
    for person in (people.administrator, people.colleague, people.compliance):
        with acting(person):
            assert Token.objects.filter(pk=token.pk).update(revoked_at=clock.now()) == 0
            assert Token.objects.filter(pk=token.pk).delete()[0] == 0


def test_nobody_makes_a_token_for_somebody_else(people: People) -> None:
    for person in (people.administrator, people.colleague):
        with pytest.raises(ProgrammingError), transaction.atomic(), acting(person):
            tokens.create(user=people.manager, name="x", scope="write", days=1, now=clock.now())


def test_the_trail_names_the_token(people: People, near: Client) -> None:
    token, text = factories.token(people.manager)
    Program(text).post(f"clients/{near.pk}/contacts/", CALL)
    Program(text).get(f"clients/{people.foreign_id}/")
    with acting(service()):
        said = {event.verb: event for event in AuditEvent.objects.filter(actor=people.manager)}
    assert said["contact:log"].body["data"]["token"] == token.pk
    assert said["access:denied"].body["data"]["token"] == token.pk
    assert said["token:create"].row_id == token.pk


def test_a_session_s_events_name_no_token(people: People, sign_in: SignIn, near: Client) -> None:
    sign_in(people.manager).get(f"/api/clients/{near.pk}/")
    with acting(service()):
        assert "token" not in AuditEvent.objects.get(verb="client:read").body["data"]


def test_use_is_noted_once_a_minute(people: People) -> None:
    token, text = factories.token(people.manager)
    Program(text).get("me/")
    with acting(service()):
        first = Token.objects.get(pk=token.pk).last_used_at
    Program(text).get("me/")
    with acting(service()):
        assert first == Token.objects.get(pk=token.pk).last_used_at is not None
        assert not AuditEvent.objects.filter(table_name="core_token", verb="row:update").exists()


def test_what_a_program_is_told_is_in_its_person_s_language(people: People) -> None:
    change(people.manager, language="zh-hans")
    assert program(people.manager).get("clients/7999999999/")["Content-Language"] == "zh-hans"


def test_keys_work_with_tokens(people: People, near: Client) -> None:
    asks = program(people.manager)
    first, second = (
        asks.post(f"clients/{near.pk}/contacts/", CALL, headers={"Idempotency-Key": "k"}) for _ in range(2)
    )
    assert first.content == second.content
    reader = program(people.manager, scope="read")
    refused(reader.post(f"clients/{near.pk}/contacts/", CALL, headers={"Idempotency-Key": "k"}), 403)
