"""What the API refuses of whatever is sent to it: strange ids, filters, bodies and headers."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client as Browser
from rest_framework.exceptions import ValidationError

from clients.models import Client, ContactNote
from core.api import Amount, Figure, pages
from core.walls import acting, service
from core.web import Page, page
from tests.api.conftest import Caller, Calls, refused, verbs
from tests.conftest import SignIn
from tests.people import People

CALL: dict[str, Any] = {"channel": "call", "happened_at": "2025-01-02T10:00:00+08:00", "text": "Spoke"}


def logged() -> int:
    """Return how many contacts were written down."""
    with acting(service()):
        return ContactNote.objects.count()


@pytest.mark.parametrize("name", ["id", "owner", "is_staff", "created_at", "approved_by", "client", "author"])
def test_a_field_that_is_not_the_caller_s_to_give_is_refused(people: People, calls: Calls, name: str) -> None:
    body = {**CALL, name: people.foreign_id}
    document = refused(calls(people.manager).post(f"clients/{people.client_id}/contacts/", body), 400)
    assert list(document["errors"]) == [name]
    assert logged() == 0


@pytest.mark.parametrize("number", ["0", "-1", str(2**63), "9" * 400, "9" * 5000, "1e3", "../1", "1%00", "one", "１"])
@pytest.mark.parametrize("place", ["clients/{}/", "clients/{}/book/", "reviews/{}/", "statements/{}/", "deposits/{}/"])
def test_an_id_that_cannot_be_answers_as_a_missing_one(people: People, calls: Calls, place: str, number: str) -> None:
    refused(calls(people.manager).get(place.format(number)), 404)


@pytest.mark.parametrize("number", ["0", "-1", str(2**63), "1e3", "1.5", "", "one"])
def test_an_id_that_cannot_be_is_no_filter(people: People, calls: Calls, number: str) -> None:
    assert list(refused(calls(people.manager).get("tasks/", client=number), 400)["errors"]) == ["client"]


@pytest.mark.parametrize(
    "query",
    [
        "ordering=rm__password",
        "ordering=-id,,-",
        "order=owner__password",
        "rm__email__startswith=a",
        "password__regex=.*",
        "filter=%7B%22_connector%22%3A%22OR+1%3D1)+--%22%7D",
        "_connector=OR",
        "page=-1",
        "format=xml",
        "tier=__all__",
        "tier=",
        "q=%00",
        "q=" + "x" * 101,
        "kind=person&kind=company",
        "page_size=0",
        "page_size=-1",
        "page_size=ten",
        "page_size=",
        "after=x",
        "after=WyIxIl0",
        "after=%F0%9F%92%B0",
        "after=W251bGwsbnVsbF0",
    ],
)
@pytest.mark.parametrize("person", ["manager", "compliance"])
def test_a_parameter_nobody_declared_is_refused_by_name(people: People, calls: Calls, query: str, person: str) -> None:
    answer = calls(getattr(people, person)).browser.get(f"/api/clients/?{query}")
    assert list(refused(answer, 400)["errors"]) == [query.partition("=")[0]]


def test_a_parameter_of_a_list_is_none_of_a_row(people: People, calls: Calls) -> None:
    document = refused(calls(people.manager).get(f"clients/{people.client_id}/", page_size=1), 400)
    assert list(document["errors"]) == ["page_size"]


@pytest.mark.parametrize("size", ["1000000", "9" * 5000, "101"])
def test_a_page_is_never_longer_than_a_hundred(people: People, calls: Calls, monkeypatch: Any, size: str) -> None:
    sizes: list[int] = []

    def measured(rows: QuerySet[Client], *, order: tuple[str, ...], after: str, size: int) -> Page:
        sizes.append(size)
        return page(rows, order=order, after=after, size=size)

    monkeypatch.setattr(pages, "page", measured)
    assert calls(people.manager).get("clients/", page_size=size).status_code == 200
    assert sizes == [100]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"text":' + b"9" * 1_000_000 + b"}",
        b'{"text": NaN}',
        b"{",
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"\\ud800": 1}',
        b'{"text": "\\ud800"}',
    ],
    ids=range(12),
)
def test_a_body_that_is_no_contact_is_refused_quickly(people: People, calls: Calls, body: bytes) -> None:
    call, began = calls(people.manager), time.process_time()
    refused(call.post(f"clients/{people.client_id}/contacts/", body), 400)
    assert time.process_time() - began < 1
    assert logged() == 0


def test_a_body_too_large_is_refused_unread(people: People, calls: Calls) -> None:
    call, body, began = calls(people.manager), b" " * 100_000_000, time.process_time()
    refused(call.post(f"clients/{people.client_id}/contacts/", body), 413)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "kind",
    [
        "application/xml",
        "application/x-python-pickle",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ],
)
def test_only_json_is_taken(people: People, calls: Calls, kind: str) -> None:
    for path in (f"clients/{people.client_id}/contacts/", "tasks/1/done/"):
        refused(calls(people.manager).post(path, json.dumps(CALL), content_type=kind), 415)


def test_json_is_answered_whatever_is_accepted(people: People, calls: Calls) -> None:
    for accepted in ("text/html", "application/xml", "", "*/*"):
        answer = calls(people.manager).browser.get("/api/me/", headers={"accept": accepted})
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


def test_a_header_made_to_be_slow_is_not(people: People, calls: Calls) -> None:
    browser = calls(people.manager).browser
    browser.get("/api/me/")
    began = time.process_time()
    for header in ('text/html;a="' + ";" * 100_000 + '"', "," * 100_000, "text/html" + ";a=b" * 100_000):
        assert browser.get("/api/me/", headers={"accept": header}).status_code < 500
    assert time.process_time() - began < 0.6


def test_a_cookie_without_its_token_changes_nothing(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    browser.handler.enforce_csrf_checks = True
    refused(Caller(browser).post(f"clients/{people.client_id}/contacts/", CALL), 403)
    assert logged() == 0


def test_a_cookie_with_its_token_does(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    browser.handler.enforce_csrf_checks = True
    token = browser.get("/profile/").cookies["steward-csrf"].value
    answer = Caller(browser).post(f"clients/{people.client_id}/contacts/", CALL, headers={"X-CSRFToken": token})
    assert answer.status_code == 201


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_method_nobody_declared_is_refused(people: People, calls: Calls, method: str) -> None:
    answer = calls(people.manager).browser.generic(
        method, f"/api/clients/{people.client_id}/", "{}", content_type="application/json"
    )
    refused(answer, 405)


def test_a_foreign_client_is_as_missing_for_every_method(people: People, calls: Calls) -> None:
    browser = calls(people.manager).browser
    for method in ("GET", "HEAD", "PATCH", "DELETE"):
        foreign, missing = (
            browser.generic(method, f"/api/clients/{pk}/", "{}", content_type="application/json")
            for pk in (people.foreign_id, 7_999_999_999)
        )
        assert foreign.status_code == missing.status_code in {404, 405}
        assert foreign.content == missing.content


def test_somebody_not_signed_in_is_asked_to(people: People) -> None:
    for path in ("clients/", f"clients/{people.client_id}/", "me/", "schema/"):
        assert refused(Caller(Browser()).get(path), 401)["title"] == "Please sign in"


@pytest.mark.parametrize(
    "value", [0.1, 1, True, None, [], "1e9", "0x10", "1_000", "NaN", "Infinity", "-Infinity", "sNaN", "１", " 1", ""]
)
def test_an_amount_is_plain_text(value: object) -> None:
    with pytest.raises(ValidationError):
        Amount().run_validation(value)


@pytest.mark.parametrize("value", ["1.23456", "9" * 21, "1" * 10_000])
def test_an_amount_with_more_digits_than_are_kept_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        Amount().run_validation(value)


@pytest.mark.parametrize(
    ("stored", "shown", "figure"),
    [
        ("1000000.0000", "1000000.00", "1000000"),
        ("0.1250", "0.125", "0.125"),
        ("-5", "-5.00", "-5"),
        ("0E-10", "0.00", "0"),
        ("1E+3", "1000.00", "1000"),
    ],
)
def test_an_amount_is_written_to_its_last_digit(stored: str, shown: str, figure: str) -> None:
    assert Amount().to_representation(Decimal(stored)) == shown
    assert Figure().to_representation(Decimal(stored)) == figure


def test_a_refused_write_leaves_one_line_in_the_trail(people: People, calls: Calls, near: Client) -> None:
    calls(people.stranger).post(f"clients/{near.pk}/contacts/", CALL)
    assert verbs()[-1] == "access:denied"
