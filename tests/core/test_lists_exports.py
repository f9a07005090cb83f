"""A list as a file holds what its reader may list, no more; it lies sealed, and ends with the right to it."""

import csv
import datetime as dt
import io
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from clients.models import Client, Coverage
from clients.rules.names import sort_name
from core import crypto, jobs
from core.lists import REGISTRY, exports
from core.lists.files import FORMULA
from core.models import AuditEvent, Export, Job, Role, User
from core.walls import acting, service
from portfolios import operations as portfolios
from portfolios.models import FeedRun
from tests import factories
from tests.access.answers import body
from tests.access.routes import audit
from tests.conftest import SignIn
from tests.people import People

CLIENTS = "/clients/"
CORPUS = [
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\tx",
    "'quoted",
    '=HYPERLINK("http://evil.example","x")',
    "=cmd|' /C calc'!A0",
]
HOSTILE = [
    "<script>window.__xss=1</script>",
    '"><img src=x onerror=window.__xss=1>',
    "{{7*7}} {% debug %} ${7*7}",
    "O'Brien-Łukasz",
    "司马 相如",
    "Nguyễn Thị Ánh",
    "陈𠮷",
    'a,b;c\t"d"',
    "1234567890123456789",
]


@pytest.fixture(autouse=True)
def tasks() -> None:
    autodiscover_modules("tasks")


def work() -> None:
    """Do what waits, as a worker does."""
    for job_id in jobs.due(now=timezone.now()):
        jobs.run(job_id, now=timezone.now())


def asked(browser: Browser, where: str = CLIENTS, form: str = "csv") -> int:
    """Ask for a list as a file; return the export's number."""
    answer = browser.post(where, {"do": "export", "form": form})
    assert answer.status_code == 302, answer.content
    return int(answer["Location"].strip("/").split("/")[-1])


def file(browser: Browser, where: str = CLIENTS, form: str = "csv") -> bytes:
    """Ask for a list as a file and download it."""
    number = asked(browser, where, form)
    work()
    answer = browser.get(f"/exports/{number}/file/")
    assert answer.status_code == 200, export(number).reason
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert answer["Cache-Control"] == "no-store"
    return body(answer)


def lines(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content)).active


def export(number: int) -> Export:
    with acting(service()):
        return Export.objects.get(pk=number)


def events(verb: str) -> list[AuditEvent]:
    with acting(service()):
        return list(AuditEvent.objects.filter(verb=verb).order_by("id"))


@pytest.fixture
def book(people: People) -> People:
    """Give both desks clients of every kind."""
    for number in range(6):
        mine = factories.client(name=f"East {number}", tier=["hnw", "private", "ultra"][number % 3])
        factories.coverage(mine, people.manager if number < 3 else people.colleague)
        factories.deposit(mine, principal=Decimal(number + 1) * 1000)
    theirs = factories.client(name="Canary West")
    factories.coverage(theirs, people.stranger)
    factories.deposit(theirs, principal=Decimal(77_777))
    return people


ROLES = {
    "manager": {"Li Wen", "East 0", "East 1", "East 2"},
    "backup": {"Li Wen"},
    "colleague": {"East 3", "East 4", "East 5"},
    "stranger": {"Canary West", "Canary Foreign Holdings"},
    "lead": {"Li Wen", *(f"East {n}" for n in range(6))},
}


def everybody() -> set[str]:
    with acting(service()):
        return set(Client.objects.values_list("name", flat=True))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("name", [*ROLES, "compliance", "operations"])
def test_a_file_holds_what_the_role_lists(book: People, sign_in: SignIn, name: str, form: str) -> None:
    content = file(sign_in(getattr(book, name)), form=form)
    if form == "csv":
        found = [line["name"] for line in lines(content)]
    else:
        rows = list(sheet(content).iter_rows(values_only=True))
        found = [row[rows[0].index("Name")] for row in rows[1:]]
        assert set(rows[0]) >= {"Reference", "Kind", "Name"}
    assert sorted(found) == sorted(ROLES.get(name, everybody()))
    if name in {"manager", "backup", "colleague", "lead"}:
        assert b"Canary" not in everything(content)


def everything(content: bytes) -> bytes:
    """Return every byte of a file, unpacked."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return b"".join(package.read(name) for name in package.namelist())


@pytest.mark.parametrize("name", ["manager", "lead", "compliance"])
def test_totals_of_a_file_are_those_of_the_rows_one_sees(book: People, sign_in: SignIn, name: str) -> None:
    browser = sign_in(getattr(book, name))
    total = sum(Decimal(line["principal"]) for line in lines(file(browser, "/portfolios/deposits/")))
    shown = browser.get("/portfolios/deposits/").context["shown"].rows
    assert total == sum(row.principal for row in shown)
    assert total == {"manager": 6_000, "lead": 21_000, "compliance": 98_777}[name]


def test_filters_order_and_columns_go_with_the_file(book: People, sign_in: SignIn) -> None:
    browser = sign_in(book.lead)
    found = lines(file(browser, CLIENTS + "?tier=hnw&sort=-name&column=tier"))
    assert [line["name"] for line in found] == ["Li Wen", "East 3", "East 0"]
    assert set(found[0]) == {"reference", "kind", "name", "alias", "tier", "language", "domicile"}


def test_operations_get_names_and_no_more(book: People, sign_in: SignIn) -> None:
    found = lines(file(sign_in(book.operations)))[0]
    assert not {"born_on", "alias", "language", "domicile", "consented_on", "base_currency"} & set(found)


def test_who_may_not_export_is_neither_offered_it_nor_given_it(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.auditor)
    assert browser.post("/compliance/trail/mine/", {"do": "export", "form": "csv"}).status_code == 403
    assert browser.get("/exports/").status_code == 403
    assert 'do" value="export' not in browser.get("/compliance/trail/mine/").text
    assert sign_in(people.administrator).post(CLIENTS, {"do": "export", "form": "csv"}).status_code == 403
    with acting(service()):
        assert not Export.objects.exists()


@pytest.mark.parametrize("name", sorted(name for name, one in REGISTRY.items() if one.fields))
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_list_becomes_a_file(people: People, sign_in: SignIn, name: str, form: str) -> None:
    client = factories.owned_by(people.client_id)
    factories.transaction(factories.account(client), balance=Decimal(5))
    factories.review(client, maturity=factories.maturity(factories.deposit(client)))
    factories.delivery(factories.statement(client))
    factories.task(client, people.manager)
    factories.valued_year(client, until=factories.TODAY)
    factories.listed_rate()
    factories.lot(factories.holding(client))
    factories.hold(client, people.compliance)
    factories.approval(people.manager, client, people.colleague)
    factories.break_of(client, people.operations)
    who = {"staff": "administrator"} | dict.fromkeys(
        ["breaks", "calendars", "feeds", "parameters", "products"], "operations"
    )
    factories.holiday(day=dt.date(2199, 5, 1))
    who |= dict.fromkeys(["holds", "openings", "audits", "audit-sample", "trail", "client-trail"], "compliance")
    factories.drawn(people)
    listing = REGISTRY[name]
    where = address(listing.url, listing.within, people)
    content = file(sign_in(getattr(people, who.get(name, "manager"))), where, form)
    rows = len(lines(content)) if form == "csv" else sheet(content).max_row - 1
    assert rows >= 1


def address(url: str, within: tuple[str, ...], people: People) -> str:

    near = {"client_id": lambda one: one.client_id, "audit_id": audit}
    return reverse(url, kwargs={name: near[name](people) for name in within})


# --- formulas ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def hostile(people: People) -> list[str]:
    """Give the manager clients whose names a spreadsheet would run."""
    for name in [*CORPUS, *HOSTILE]:
        factories.coverage(factories.client(name=name, alias=name, sort_name=name.lower()), people.manager)
    return [*CORPUS, *HOSTILE]


def test_no_cell_of_a_sheet_is_a_formula(people: People, hostile: list[str], sign_in: SignIn) -> None:
    found = sheet(file(sign_in(people.manager), form="xlsx"))
    cells = [cell for row in found.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    names = {cell.value for cell in cells}
    assert set(hostile) <= names
    assert all(cell.quotePrefix for cell in cells if isinstance(cell.value, str) and cell.value.startswith("="))


def test_no_cell_of_a_csv_file_begins_as_a_formula(people: People, hostile: list[str], sign_in: SignIn) -> None:
    found = lines(file(sign_in(people.manager)))
    cells = [cell for line in found for cell in line.values()]
    assert [cell for cell in cells if cell.startswith(FORMULA[:-1])] == []
    names = {line["name"].removeprefix("'") if line["name"].startswith("'") else line["name"] for line in found}
    assert set(hostile) <= names


def test_cells_of_a_sheet_are_what_they_are(people: People, sign_in: SignIn) -> None:
    client = factories.owned_by(people.client_id)
    account = factories.account(client, currency="JPY")
    factories.transaction(account, amount=Decimal(-1234), balance=Decimal("9999999999999999.25"), text="=1+1")
    where = f"/portfolios/clients/{people.client_id}/transactions/"
    rows = list(sheet(file(sign_in(people.manager), where, "xlsx")).iter_rows())
    cells = {head.value: cell for head, cell in zip(rows[0], rows[1], strict=True)}
    assert cells["Value date"].value == dt.datetime(2026, 3, 31)  # noqa: DTZ001  (a sheet's days have no zone)
    assert cells["Value date"].is_date
    assert (cells["Amount"].value, cells["Amount"].data_type, cells["Currency"].value) == (-1234, "n", "JPY")
    assert cells["Balance"].value == "9999999999999999.25"  # more digits than a sheet's numbers keep
    assert (cells["Text"].value, cells["Text"].data_type) == ("=1+1", "s")


# --- loaded again -----------------------------------------------------------------------------------------------------


def load(people: People, kind: str, content: bytes) -> FeedRun:
    """Send a file to the feeds and apply it, as a page does."""
    now = timezone.now()
    with acting(people.operations):
        run = portfolios.receive(
            user=people.operations, kind=kind, file_name=f"{kind}.csv", content=io.BytesIO(content).read(), now=now
        )
    work()
    with acting(service()):
        return FeedRun.objects.get(pk=run.pk)


def test_clients_load_again_and_nothing_changed(book: People, sign_in: SignIn) -> None:
    for name in [*CORPUS, *HOSTILE]:
        if "\t" not in name:  # a feed refuses control characters
            factories.coverage(factories.client(name=name, alias=name, sort_name=sort_name(name)), book.manager)
    home = factories.household()
    full = factories.client(name="Full", alias="F", household=home, tier="ultra", language="zh-hans")
    factories.coverage(full, book.manager)
    factories.coverage(full, book.backup, kind="backup")
    content = file(sign_in(book.compliance))
    run = load(book, "clients", content)
    assert (run.state, run.errors) == ("applied", [])
    assert (run.created, run.changed) == (0, 0)
    assert run.unchanged == len(lines(content))


def test_transactions_and_deposits_load_again_and_nothing_changed(people: People, sign_in: SignIn) -> None:
    client = factories.owned_by(people.client_id)
    account = factories.account(client)
    for number in range(3):
        factories.transaction(account, amount=Decimal("-10.50") * (number + 1), balance=Decimal(number), text="=1+1")
    factories.transaction(account, counterparty="Zhao, 'Ltd'")
    factories.deposit(client, rate=Decimal("0.0185"), account=account)
    browser = sign_in(people.manager)
    for kind, where in (
        ("transactions", f"/portfolios/clients/{people.client_id}/transactions/"),
        ("holdings", "/portfolios/deposits/"),
    ):
        run = load(people, kind, file(browser, where))
        assert (run.state, run.errors, run.created, run.changed) == ("applied", [], 0, 0), kind
        assert run.unchanged > 0


# --- at rest, and when it ends ----------------------------------------------------------------------------------------


def stored(number: int) -> bytes:
    with default_storage.open(export(number).stored) as found:
        return bytes(found.read())


def test_the_file_lies_sealed_and_opens_whole_or_not_at_all(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    number = asked(browser)
    work()
    sealed = stored(number)
    assert b"Li Wen" not in sealed
    assert b"reference" not in sealed
    path = Path(default_storage.path(export(number).stored))
    for changed in (sealed[:-1], sealed[:-20] + b"\0" * 20, sealed[4:], b""):
        path.write_bytes(changed)
        with pytest.raises(crypto.Tampered):
            body(browser.get(f"/exports/{number}/file/"))


def test_every_step_is_in_the_trail(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    file(browser, CLIENTS + "?q=Li Wen&tier=hnw")
    steps = [events(f"export:{act}") for act in ("ask", "finish", "download")]
    assert [len(step) for step in steps] == [1, 1, 1]
    assert {event.actor_id for step in steps for event in step} == {people.manager.pk}
    said = steps[1][0].body["data"]
    assert (said["list"], said["rows"], said["filter"]) == ("clients", 1, {"q": "•••", "tier": "hnw"})
    assert "Li Wen" not in str([event.body for step in steps for event in step])


def test_a_file_belongs_to_who_asked(people: People, sign_in: SignIn) -> None:
    number = asked(sign_in(people.manager))
    work()
    for name in ("backup", "lead", "compliance", "operations"):
        browser = sign_in(getattr(people, name))
        for path in ("", "progress/", "file/"):
            assert browser.get(f"/exports/{number}/{path}", headers={"HX-Request": "true"}).status_code == 404
        assert browser.post(f"/exports/{number}/").status_code == 404
        assert f"/exports/{number}/" not in browser.get("/exports/").text


def test_a_client_handed_over_takes_the_file_along(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    number = asked(browser)
    work()
    assert browser.get(f"/exports/{number}/file/").status_code == 200
    with acting(service()):
        Coverage.objects.filter(manager=people.manager).update(
            valid=(factories.LONG_AGO, factories.NOW.replace(year=2025))
        )
    assert browser.get(f"/exports/{number}/file/").status_code == 404


def test_the_role_lost_the_link_is_dead(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.operations)
    number = asked(browser)
    work()
    factories.given_role(people, people.operations, Role.ADMINISTRATOR)
    assert browser.get(f"/exports/{number}/file/").status_code == 404


def test_a_job_asks_again_what_the_person_may(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    number = asked(browser)
    team = people.manager.team
    factories.given_role(people, people.manager, Role.AUDITOR)
    work()
    found = export(number)
    assert (found.state, found.reason, found.stored) == ("failed", "export-role", "")
    factories.given_role(people, people.manager, Role.MANAGER, team)
    with acting(service()):
        Coverage.objects.filter(manager=people.manager).update(
            valid=(factories.LONG_AGO, factories.NOW.replace(year=2025))
        )
    assert lines(file(browser)) == []


def test_coverage_that_ends_while_the_job_runs_ends_the_rows(
    book: People, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "CHUNK", 2)
    number, real = asked(sign_in(book.manager)), exports._page

    def ending(*given: Any) -> Any:
        found = real(*given)
        with acting(service()):
            Coverage.objects.filter(manager=book.manager).update(
                valid=(factories.LONG_AGO, factories.NOW.replace(year=2025))
            )
        return found

    monkeypatch.setattr(exports, "_page", ending)
    work()
    assert export(number).rows == 2


def test_a_stopped_export_leaves_nothing(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    number = asked(browser)
    assert "Stop the export" in browser.get(f"/exports/{number}/").text
    assert browser.post(f"/exports/{number}/").status_code == 302
    work()
    found = export(number)
    assert (found.state, found.stored) == ("cancelled", "")
    assert "was stopped" in browser.get(f"/exports/{number}/").text
    assert browser.get(f"/exports/{number}/file/").status_code == 404


def test_a_failed_job_is_shown_and_leaves_nothing(
    people: People, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(people.manager)
    number = asked(browser)
    with acting(service()):
        Job.objects.filter(name="lists.export").update(state="failed")
    assert "The export failed" in browser.get(f"/exports/{number}/").text


def test_done_twice_there_is_one_file(people: People, sign_in: SignIn) -> None:
    number = asked(sign_in(people.manager))
    work()
    before, kept = export(number), len(default_storage.listdir("exports")[1])
    with acting(service()):
        Job.objects.filter(pk=before.job_id or 0).update(state="queued", due_at=timezone.now())
    work()
    assert export(number).sha256 == before.sha256
    assert len(default_storage.listdir("exports")[1]) == kept
    assert len(events("export:finish")) == 1


def test_after_a_day_the_file_is_gone(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    number = asked(browser)
    work()
    name = export(number).stored
    with acting(service()):
        Export.objects.filter(pk=number).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert browser.get(f"/exports/{number}/file/").status_code == 404
    with acting(service()):
        assert exports.tidy(now=timezone.now()) == 1
    assert not default_storage.exists(name)
    assert "The file is gone" in browser.get(f"/exports/{number}/").text


def test_too_many_at_once_are_refused(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    for _each in range(exports.MOST_OPEN):
        asked(browser)
    answer = browser.post(CLIENTS, {"do": "export", "form": "csv"}, follow=True)
    assert "Wait until your other exports are done" in answer.text


@pytest.mark.parametrize("form", ["", "pdf", "../x"])
def test_another_form_is_refused(people: People, sign_in: SignIn, form: str) -> None:
    answer = sign_in(people.manager).post(CLIENTS, {"do": "export", "form": form}, follow=True)
    assert "Choose CSV or XLSX" in answer.text


def test_a_file_is_written_in_the_reader_s_language(people: People, sign_in: SignIn) -> None:
    with acting(service()):
        User.objects.filter(pk=people.manager.pk).update(language="zh-hans")
    browser = sign_in(people.manager)
    assert export(asked(browser, form="xlsx")).language == "zh-hans"
    assert settings.LANGUAGE_CODE == "en"


@pytest.mark.full
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_libreoffice_finds_no_formula(
    people: People, hostile: list[str], sign_in: SignIn, tmp_path: Path, form: str
) -> None:
    (tmp_path / f"clients.{form}").write_bytes(file(sign_in(people.manager), form=form))
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "fods"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / f"clients.{form}")], check=True, timeout=180)
    found = (tmp_path / "clients.fods").read_text()
    assert "table:formula" not in found
    assert "Li Wen" in found
