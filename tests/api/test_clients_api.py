"""Clients through the API: whom a person may see, found and shown as on the pages."""

import pytest

from clients.models import Client
from tests import factories
from tests.api.conftest import MISSING, Calls, refused, verbs
from tests.people import People


def test_a_manager_lists_the_clients_covered_and_nobody_else(people: People, calls: Calls) -> None:
    answer = calls(people.manager).get("clients/")
    assert answer.status_code == 200
    assert [(row["name"], row["manager"]) for row in answer.json()["results"]] == [("Li Wen", "Mei")]
    assert answer.json()["next"] is None
    assert verbs()[-1] == "list:read"


def test_a_client_is_found_by_words_and_kept_by_filters(people: People, calls: Calls, near: Client) -> None:
    company = factories.client(name="Li Trading", kind="company", tier="ultra")
    factories.coverage(company, people.manager)
    call = calls(people.manager)
    assert {row["name"] for row in call.get("clients/", q="li").json()["results"]} == {"Li Wen", "Li Trading"}
    assert [row["id"] for row in call.get("clients/", q="li", kind="company").json()["results"]] == [company.pk]
    assert [row["id"] for row in call.get("clients/", tier="hnw").json()["results"]] == [near.pk]


def test_the_list_goes_on_from_page_to_page(people: People, calls: Calls) -> None:
    for name in ("Ada", "Bea", "Cai"):
        factories.coverage(factories.client(name=name), people.manager)
    call, seen, after = calls(people.manager), [], ""
    while True:
        page = call.get("clients/", page_size=2, **({"after": after} if after else {})).json()
        seen += [row["name"] for row in page["results"]]
        if not (after := page["next"]):
            break
    assert seen == ["Ada", "Bea", "Cai", "Li Wen"]


def test_operations_lists_names_and_learns_nothing_of_contacts(people: People, calls: Calls, near: Client) -> None:
    factories.note(near, people.manager)
    call = calls(people.operations)
    assert {row["last_contact_at"] for row in call.get("clients/").json()["results"]} == {None}
    refused(call.get(f"clients/{near.pk}/"), 403)


def test_a_client_is_shown_whole_with_numbers_masked(people: People, calls: Calls, near: Client) -> None:
    factories.contact_point(near)
    factories.document(near)
    answer = calls(people.manager).get(f"clients/{near.pk}/")
    shown = answer.json()
    assert (shown["id"], shown["name"], shown["household"], shown["version"]) == (near.pk, "Li Wen", None, 1)
    parts = {part["kind"]: part["manager"] for part in shown["coverage"]}
    assert parts == {"primary": "mei", "backup": "bao", "absence": "lou"}
    assert b"li.wen@mail.example" not in answer.content
    assert b"E12345678" not in answer.content
    assert verbs()[-1] == "client:read"


def test_the_household_names_only_those_whom_the_reader_may_see(people: People, calls: Calls) -> None:
    house = factories.household()
    one, two = factories.client(household=house, name="One"), factories.client(household=house, name="Two")
    factories.client(household=house, name="Three")
    for client in (one, two):
        factories.coverage(client, people.manager)
    shown = calls(people.manager).get(f"clients/{one.pk}/").json()
    assert shown["family"] == [{"id": two.pk, "name": "Two"}]


@pytest.mark.parametrize(
    "path", ["", "contacts/", "deposits/", "holdings/", "transactions/", "statements/", "book/", "insurance/"]
)
def test_a_stranger_s_client_answers_as_a_missing_one(people: People, calls: Calls, path: str) -> None:
    call = calls(people.stranger)
    foreign, missing = call.get(f"clients/{people.client_id}/{path}"), call.get(f"clients/{MISSING}/{path}")
    refused(foreign, 404)
    assert foreign.content == missing.content
