"""Clients from a bank's file: sealed, searchable, covered, and never handed over by a file."""

import datetime as dt
from dataclasses import replace

import pytest

from clients import queries
from clients.models import Client, ContactPoint, Coverage, Household, IdentityDocument, SearchKey
from clients.operations.intake import account_tails, upsert_clients
from clients.rules.intake import ClientRow, Counts, LinesRefused
from core import crypto
from core.models import AuditEvent
from core.walls import acting, service
from tests import factories
from tests.people import People

NOW = factories.NOW
LATER = NOW + dt.timedelta(days=1)
ROW = ClientRow(
    reference="C1",
    kind="person",
    name="单雪",
    alias="Snow Shan",
    household="H1",
    household_name="Shan family",
    language="zh-hans",
    email="Snow@Example.com",
    phone="+86 138 0000 1234",
    address="1 Harbour Road",
    id_kind="resident_id",
    id_country="CN",
    id_number="11010519491231002X",
    id_expires_on=dt.date(2030, 1, 1),
    consented_on=dt.date(2026, 1, 1),
    manager="mei",
    backup="bao",
    avoid="Her brother",
    line=2,
)


def take(*rows: ClientRow, now: dt.datetime = NOW) -> Counts:
    """Upsert as a job does."""
    with acting(service()):
        return upsert_clients(rows=rows, now=now)


def refused(*rows: ClientRow) -> list[tuple[int, str, str]]:
    """Upsert what must be refused; return where and why."""
    with pytest.raises(LinesRefused) as refusal:
        take(*rows)
    return [(error.line, error.field, error.code) for error in refusal.value.errors]


@pytest.fixture
def known(people: People) -> People:
    """Know the client already."""
    assert take(ROW) == (1, 0, 0)
    return people


def test_a_new_client_has_all_that_the_row_says(known: People) -> None:
    with acting(service()):
        client = Client.objects.get(reference="C1")
        assert (client.sort_name, client.tier, client.household) == (
            "shan xue",
            "hnw",
            Household.objects.get(reference="H1"),
        )
        covering = {
            (row.kind, row.manager.username, row.valid.lower, row.valid.upper)
            for row in Coverage.objects.filter(client=client)
        }
        assert covering == {("primary", "mei", NOW, None), ("backup", "bao", NOW, None)}
        recipient = queries.statement_recipient(client.pk)
        assert recipient is not None
        assert (recipient.email, recipient.consented, len(recipient.secret)) == ("Snow@Example.com", True, 19)


def test_personal_values_are_sealed_and_masked(known: People) -> None:
    with acting(service()):
        points = {point.kind: point for point in ContactPoint.objects.filter(client__reference="C1")}
        assert {kind: point.hint for kind, point in points.items()} == {
            "email": "S***@Example.com",
            "phone": "•••• 1234",
            "address": "1 ha…",
        }
        email = points["email"]
        assert email.index == crypto.blind("email", "snow@example.com")
        assert crypto.unseal(email.sealed, column=queries.CONTACT_COLUMN, row=email.seal_id) == "Snow@Example.com"
        document = IdentityDocument.objects.get(client__reference="C1")
        assert document.hint == "•••• 002X"
        assert (
            crypto.unseal(document.sealed, column=queries.DOCUMENT_COLUMN, row=document.seal_id) == "11010519491231002X"
        )
        trail = "".join(str(body) for body in AuditEvent.objects.values_list("body", flat=True))
        assert "0000 1234" not in trail
        assert "11010519491231002X" not in trail


@pytest.mark.parametrize("words", ["单雪", "shan xue", "shanxue", "sx", "snow", "c1", "shan fam", "1234"])
def test_the_manager_finds_the_client_by_any_of_its_words(known: People, words: str) -> None:
    with acting(known.manager):
        assert queries.search(words) == [factories_client().pk]


def factories_client() -> Client:
    """Return the client of the row."""
    return Client.objects.get(reference="C1")


@pytest.mark.parametrize("words", ["单雪", "1234"])
def test_a_stranger_does_not(known: People, words: str) -> None:
    with acting(known.stranger):
        assert queries.search(words) == []


def test_the_same_row_again_changes_nothing(known: People) -> None:
    with acting(service()):
        before = AuditEvent.objects.count()
    assert take(replace(ROW, line=9), now=LATER) == (0, 0, 1)
    with acting(service()):
        assert AuditEvent.objects.count() == before


def test_another_spelling_of_the_address_is_no_second_one(known: People) -> None:
    assert take(replace(ROW, email="snow@EXAMPLE.com", phone="+8613800001234")) == (0, 0, 1)


def test_a_new_address_is_preferred_and_the_old_one_kept(known: People) -> None:
    assert take(replace(ROW, email="new@example.com"), now=LATER) == (0, 1, 0)
    with acting(service()):
        points = ContactPoint.objects.filter(client__reference="C1", kind="email").order_by("pk")
        assert [(point.hint, point.preferred) for point in points] == [
            ("S***@Example.com", False),
            ("n***@example.com", True),
        ]


def test_empty_cells_keep_what_is_known(known: People) -> None:
    assert take(ClientRow(reference="C1", kind="person", name="单雪")) == (0, 0, 1)


def test_consent_and_notes_of_the_desk_are_not_undone_by_a_nightly_file(known: People) -> None:
    with acting(service()):
        Client.objects.filter(reference="C1").update(consented_on=None, avoid="Politics")
    assert take(ROW) == (0, 0, 1)
    with acting(service()):
        assert (factories_client().consented_on, factories_client().avoid) == (None, "Politics")


def test_a_new_name_is_found_and_the_old_one_is_not(known: People) -> None:
    assert take(replace(ROW, name="仇雪"), now=LATER) == (0, 1, 0)
    with acting(known.manager):
        assert (queries.search("qiu xue"), queries.search("单雪")) == ([factories_client().pk], [])
        assert factories_client().version == 2


def test_a_renamed_household_is_found_for_every_member(known: People) -> None:
    other = ClientRow(reference="C2", kind="person", name="Wang Fang", household="H1", manager="mei")
    take(other)
    take(replace(ROW, household_name="House of Snow"))
    with acting(known.manager):
        assert len(queries.search("house of snow")) == 2


def test_a_renewed_document_is_the_same_document(known: People) -> None:
    assert take(replace(ROW, id_expires_on=dt.date(2040, 1, 1))) == (0, 1, 0)
    with acting(service()):
        assert IdentityDocument.objects.get(client__reference="C1").expires_on == dt.date(2040, 1, 1)


@pytest.mark.parametrize(("field", "name"), [("manager", "stranger"), ("manager", "bao"), ("backup", "colleague")])
def test_another_manager_is_a_handover_and_refused(known: People, field: str, name: str) -> None:
    assert (2, field, "handover") in refused(replace(ROW, **{"backup": "", field: name}))  # type: ignore[arg-type]


def test_a_client_whom_nobody_covers_any_more_is_not_given_away_by_a_file(known: People) -> None:
    with acting(service()):
        Coverage.objects.filter(client__reference="C1").update(valid=(NOW, NOW + dt.timedelta(hours=1)))
        with pytest.raises(LinesRefused):
            upsert_clients(rows=[ROW], now=LATER)


@pytest.mark.parametrize("name", ["nobody", "compliance", "lou"])
def test_only_active_managers_look_after_clients(people: People, name: str) -> None:
    assert refused(replace(ROW, manager=name)) == [(2, "manager", "no-manager")]


def test_a_new_client_needs_a_manager(people: People) -> None:
    assert refused(replace(ROW, manager="", backup="")) == [(2, "manager", "needs-manager")]


def test_one_refused_line_keeps_all_out(people: People) -> None:
    refused(ROW, replace(ROW, reference="C2", manager="nobody", line=3))
    with acting(service()):
        assert not Client.objects.filter(reference__in=["C1", "C2"]).exists()


def test_clients_are_found_by_the_tail_of_an_account(known: People) -> None:
    with acting(service()):
        client = factories_client()
        account_tails(numbers={client.pk: {"6222 0011 2233 4455", "12"}})
        account_tails(numbers={client.pk: {"6222 0011 2233 9999"}})
        keys = SearchKey.objects.filter(kind="account").values_list("value", flat=True)
        assert list(keys) == ["22339999"]


def test_many_rows_take_as_many_questions_as_few(people: People, django_assert_max_num_queries: object) -> None:
    rows = [
        replace(ROW, reference=f"C{n}", email=f"c{n}@example.com", id_number=f"E{n:08}", id_kind="passport")
        for n in range(300)
    ]
    with acting(service()), django_assert_max_num_queries(40):  # type: ignore[operator]
        assert upsert_clients(rows=rows, now=NOW) == (300, 0, 0)
