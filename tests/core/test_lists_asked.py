"""What is asked of a list is known word by word; views are kept for one person, and are asked no more kindly."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core import audit
from core.lists import REGISTRY
from core.models import SavedView
from core.walls import acting
from core.web import counted
from tests import factories
from tests.access import routes
from tests.conftest import SignIn
from tests.people import People

CLIENTS = "/clients/"
WHO = {
    "exports": "manager",
    "parameters": "operations",
    "calendars": "operations",
    "staff": "administrator",
    "holds": "compliance",
    "openings": "compliance",
    "audits": "compliance",
    "audit-sample": "compliance",
    "sample": "auditor",
    "trail": "compliance",
    "client-trail": "compliance",
    "feeds": "operations",
    "products": "operations",
    "breaks": "operations",
    "webhooks": "administrator",
}
"""Who opens a list that a manager does not."""


NEAR: dict[str, Callable[[People], int]] = {"client_id": lambda people: people.client_id, "audit_id": routes.audit}
"""What fills the address of a list that is within something."""


def address(name: str, people: People) -> str:
    listing = REGISTRY[name]
    return reverse(listing.url, kwargs={name: NEAR[name](people) for name in listing.within})


@pytest.mark.parametrize(
    "query",
    [
        "cleint=1",
        "sort=owner__password",
        "sort=id;DROP TABLE clients_client",
        "sort=--name",
        "sort=-",
        "sort=tier",
        "sort=reference",
        "column=statement_secret",
        "column=name&column=password",
        "tier__startswith=u",
        "order=name",
        "view=x",
        "view=-1",
        "view=²",
        "view=99999999999999999999",
        "after=x",
        "before=x",
        "after=WyJhIiwiMSJd&before=WyJhIiwiMSJd",
        "page_size=1000000",
        "q=" + "x" * 90 + "&name__regex=.*",
    ],
)
def test_what_nobody_declared_is_refused(people: People, sign_in: SignIn, query: str) -> None:
    assert sign_in(people.manager).get(f"{CLIENTS}?{query}").status_code == 400


@pytest.mark.parametrize("query", ["tier=gold", "kind=x", "status=a\0", "quiet=31", "q=" + "x" * 101])
def test_a_value_that_means_nothing_is_said_beside_its_field(people: People, sign_in: SignIn, query: str) -> None:
    answer = sign_in(people.manager).get(CLIENTS + "?" + query)
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text
    assert "Li Wen" not in answer.text


def test_an_order_by_what_the_role_does_not_see_is_refused(people: People, sign_in: SignIn) -> None:
    assert sign_in(people.manager).get(CLIENTS + "?sort=contact").status_code == 200
    for name in ("operations", "compliance"):
        assert sign_in(getattr(people, name)).get(CLIENTS + "?sort=contact").status_code == 400
    assert sign_in(people.operations).get(CLIENTS + "?column=born").status_code == 400
    assert "1970-05-04" in sign_in(people.manager).get(CLIENTS + "?column=born").text
    assert "1970-05-04" not in sign_in(people.operations).get(CLIENTS).text


def test_the_head_says_how_the_list_is_ordered_and_turns_it(people: People, sign_in: SignIn) -> None:
    factories.coverage(factories.client(name="Aaron"), people.manager)
    browser = sign_in(people.manager)
    rising = browser.get(CLIENTS).text
    assert rising.index("Aaron") < rising.index("Li Wen")
    assert 'aria-sort="ascending"' in rising
    assert "?sort=-name" in rising
    falling = browser.get(CLIENTS + "?sort=-name").text
    assert falling.index("Li Wen") < falling.index("Aaron")
    assert 'aria-sort="descending"' in falling


def test_columns_are_chosen_and_the_fixed_one_stays(people: People, sign_in: SignIn) -> None:
    text = sign_in(people.manager).get(CLIENTS + "?column=born").text
    assert [f'data-label="{name}"' in text for name in ("Born or founded", "Tier", "Manager")] == [True, False, False]
    assert "Li Wen" in text


def test_more_than_a_thousand_are_not_counted_on(
    people: People, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(51):
        factories.coverage(factories.client(name=f"Zed {number}"), people.manager)
    monkeypatch.setattr("core.lists.shown.counted", lambda rows: counted(rows, 40))
    assert "More than 40" in sign_in(people.manager).get(CLIENTS).text


def test_filters_stay_while_paging(people: People, sign_in: SignIn) -> None:
    for number in range(120):
        factories.coverage(factories.client(name=f"Zed {number:03}", tier="ultra"), people.manager)
    browser = sign_in(people.manager)
    second = browser.get(browser.get(CLIENTS + "?tier=ultra&sort=-name").context["shown"].next)
    assert "Zed 069" in second.text
    assert "Zed 070" not in second.text
    first = browser.get(second.context["shown"].previous)
    assert "Zed 119" in first.text
    assert "tier=ultra" in first.context["shown"].next
    assert "Li Wen" not in first.text


def save(browser: object, name: str, query: str, **more: str) -> int:
    answer = browser.post(f"{CLIENTS}?{query}", {"do": "save", "name": name, **more})  # type: ignore[attr-defined]
    assert answer.status_code == 302, answer.content
    return int(answer["Location"].rsplit("view=", 1)[1])


def test_a_view_is_saved_opened_renamed_and_forgotten(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    view = save(browser, "  My  ultra ", "tier=ultra&sort=-name&column=born")
    opened = browser.get(f"{CLIENTS}?tier=ultra&sort=-name&column=born&view={view}")
    assert "My ultra" in opened.text
    assert 'aria-current="true"' in opened.text
    browser.post(f"{CLIENTS}?view={view}", {"do": "change", "name": "Largest"})
    assert "Largest" in browser.get(CLIENTS + "?view=0").text
    assert browser.post(f"{CLIENTS}?view={view}", {"do": "delete", "name": "x"}).status_code == 302
    assert "Largest" not in browser.get(CLIENTS).text
    assert browser.get(f"{CLIENTS}?view={view}").status_code == 404


def test_a_view_of_somebody_else_is_not_there(people: People, sign_in: SignIn) -> None:
    view = save(sign_in(people.manager), "Mine alone", "tier=ultra")
    stranger = sign_in(people.backup)
    foreign, missing = stranger.get(f"{CLIENTS}?view={view}"), stranger.get(f"{CLIENTS}?view=999999")
    assert foreign.status_code == missing.status_code == 404
    for act in ("change", "delete"):
        assert stranger.post(f"{CLIENTS}?view={view}", {"do": act, "name": "Theirs"}).status_code == 404
    assert "Mine alone" not in stranger.get(CLIENTS).text
    with acting(people.backup):
        assert SavedView.objects.count() == 0
    with acting(people.manager):
        assert SavedView.objects.get(pk=view).name == "Mine alone"


def test_a_default_view_opens_the_list_and_nothing_else(people: People, sign_in: SignIn) -> None:
    factories.coverage(factories.client(name="Zed Trust", kind="trust"), people.manager)
    browser = sign_in(people.manager)
    view = save(browser, "Trusts", "kind=trust", is_default="on")
    opened = browser.get(CLIENTS)
    assert ("Zed Trust" in opened.text, "Li Wen" in opened.text) == (True, False)
    assert f"kind=trust&view={view}" in opened.context["shown"].beginning
    assert "Li Wen" in browser.get(CLIENTS + "?view=0").text
    assert "Li Wen" in browser.get(CLIENTS + "?tier=hnw").text
    save(browser, "Persons", "kind=person", is_default="on")
    assert "Zed Trust" not in browser.get(CLIENTS).text


def test_a_view_that_fits_no_more_does_not_lock_its_list(people: People, sign_in: SignIn) -> None:
    factories.saved_view(people.manager, query=[["gone", "1"]], is_default=True)
    browser = sign_in(people.manager)
    assert browser.get(CLIENTS).status_code == 200
    assert browser.get(CLIENTS + "?gone=1").status_code == 400


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_view_needs_a_name(people: People, sign_in: SignIn, name: str) -> None:
    browser = sign_in(people.manager)
    browser.post(CLIENTS + "?tier=ultra", {"do": "save", "name": name})
    with acting(people.manager):
        assert not SavedView.objects.exists()


def test_what_is_not_known_of_a_form_is_refused(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    assert browser.post(CLIENTS, {"do": "save", "name": "x", "user": people.backup.pk}).status_code == 400
    assert browser.post(CLIENTS, {"do": "erase"}).status_code == 400
    assert browser.post(CLIENTS + "?sort=secret", {"do": "save", "name": "x"}).status_code == 400


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_list_answers_and_refuses(people: People, sign_in: SignIn, name: str) -> None:
    browser = sign_in(getattr(people, WHO.get(name, "manager")))
    where = address(name, people)
    assert browser.get(where).status_code == 200
    assert browser.get(where + "?unheard=of").status_code == 400
    assert browser.get(where + "?sort=password").status_code == 400
    for column in REGISTRY[name].columns:
        if column.sort and not column.sort_permission:
            for sort in (column.name, f"-{column.name}"):
                assert browser.get(f"{where}?sort={sort}").status_code == 200, sort
        if not column.permission:
            assert browser.get(f"{where}?column={column.name}").status_code == 200, column.name


def fill(people: People, number: int) -> None:
    """Add one row to every list."""
    client, today = factories.owned_by(people.client_id), timezone.localdate()
    for owner in (client, factories.client(name=f"More {number}", household=factories.household())):
        if owner is not client:
            factories.coverage(owner, people.manager)
            factories.coverage(owner, people.backup, kind="backup")
            factories.hold(owner, people.compliance)
        factories.task(owner, people.manager, due_on=today)
        factories.note(owner, people.manager)
        account = factories.account(owner)
        factories.transaction(account, value_date=today - dt.timedelta(days=number))
        factories.break_of(owner, people.operations, account=account)
        deposit = factories.deposit(owner, matures_on=today + dt.timedelta(days=40))
        factories.review(
            owner,
            maturity=factories.maturity(deposit),
            decision="pay_out",
            decided_by=people.manager,
            decided_at=timezone.now(),
        )
        factories.review(owner, maturity=factories.maturity(factories.deposit(owner)))
        factories.delivery(factories.statement(owner, version=factories.next_number()))
    factories.export(people.manager)


@pytest.mark.parametrize("name", sorted(set(REGISTRY) - {"feeds"}))
def test_a_list_costs_the_same_for_few_rows_and_for_more(people: People, sign_in: SignIn, name: str) -> None:
    reader = getattr(people, WHO.get(name, "manager"))
    browser, counts = sign_in(reader), []
    with acting(reader):
        for _each in range(60):  # so that a trail is longer than a page from the beginning
            audit.record("list:read", client_id=people.client_id)
    where = address(name, people) + ("?state=all" if name in {"reviews", "tasks", "breaks"} else "")
    for more in (1, 2):
        for number in range(more):
            fill(people, number)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(where).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
