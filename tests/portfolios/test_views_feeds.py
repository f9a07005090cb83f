"""The pages of bank files: operations send and watch, everybody else is kept out."""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.models import Job
from core.walls import acting, service
from portfolios import operations
from portfolios.models import FeedRun
from tests import factories
from tests.conftest import SignIn
from tests.people import People
from tests.portfolios.test_feeds_operations import ACCOUNTS, CLIENTS, send

LIST = reverse("portfolios:feeds")
HTMX = {"HX-Request": "true"}


def upload(text: str = CLIENTS, kind: str = "clients", name: str = "clients.csv") -> dict[str, object]:
    """Fill the form."""
    return {"kind": kind, "file": SimpleUploadedFile(name, text.encode(), content_type="text/csv")}


def test_operations_send_a_file_and_come_to_its_run(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.operations)
    answer = browser.post(LIST, upload())
    with acting(service()):
        run = FeedRun.objects.get()
        assert Job.objects.get(name="portfolios.apply_feed").arguments == {"run_id": run.pk}
    assert answer["Location"] == reverse("portfolios:feed", args=[run.pk])


def test_the_same_file_twice_says_so(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.operations)
    browser.post(LIST, upload())
    page = browser.post(LIST, upload(name="again.csv"), follow=True).content.decode()
    assert "received before" in page
    with acting(service()):
        assert FeedRun.objects.count() == 1


@pytest.mark.parametrize("data", [{}, {"kind": "clients"}, {"kind": "loans", "file": "x"}])
def test_a_form_without_a_file_comes_back(people: People, sign_in: SignIn, data: dict[str, str]) -> None:
    answer = sign_in(people.operations).post(LIST, data)
    assert answer.status_code == 422


def test_an_empty_file_comes_back_with_the_form(people: People, sign_in: SignIn) -> None:
    assert sign_in(people.operations).post(LIST, upload("")).status_code == 422


def test_a_file_above_the_limit_comes_back_with_the_form(
    people: People, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portfolios.forms.LARGEST", 100)
    answer = sign_in(people.operations).post(LIST, upload("x" * 101))
    assert (answer.status_code, b"larger than 256 MB" in answer.content) == (422, True)


def progress(run: FeedRun) -> str:
    """Return where a run's page asks how far it is."""
    return reverse("portfolios:feed_progress", args=[run.pk])


def test_a_waiting_run_asks_again_and_shows_how_far_it_is(people: People, sign_in: SignIn) -> None:
    with acting(people.operations):
        run = operations.receive(
            user=people.operations, kind="clients", file_name="c.csv", content=CLIENTS.encode(), now=factories.NOW
        )
    cache.set(f"job:{run.job_id}", (1, 2, 0.0))
    page = sign_in(people.operations).get(progress(run), headers=HTMX).content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert '<progress max="2" value="1"' in page


def test_an_applied_run_shows_its_counts_and_asks_no_more(people: People, sign_in: SignIn) -> None:
    run = send(people, "clients", CLIENTS)
    page = sign_in(people.operations).get(progress(run), headers=HTMX).content.decode()
    assert "hx-trigger" not in page
    assert "Applied" in page


def test_a_job_that_gave_up_is_not_in_progress_for_ever(people: People, sign_in: SignIn) -> None:
    with acting(people.operations):
        run = operations.receive(
            user=people.operations, kind="clients", file_name="c.csv", content=CLIENTS.encode(), now=factories.NOW
        )
    with acting(service()):
        Job.objects.filter(name="portfolios.apply_feed").update(state="failed")
    page = sign_in(people.operations).get(reverse("portfolios:feed", args=[run.pk])).content.decode()
    assert "hx-trigger" not in page
    assert "could not be applied" in page


def test_a_refused_run_lists_its_lines(people: People, sign_in: SignIn) -> None:
    run = send(people, "accounts", ACCOUNTS)
    page = sign_in(people.operations).get(reverse("portfolios:feed", args=[run.pk])).content.decode()
    assert "No client has this reference." in page


def test_the_errors_come_as_a_sheet_that_runs_nothing(people: People, sign_in: SignIn) -> None:
    run = send(people, "clients", "reference,kind,name,=cmd()\nC1,person,Li,\n")
    answer = sign_in(people.operations).get(reverse("portfolios:feed_errors", args=[run.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="feed-{run.pk}-errors.csv"'
    assert answer.content.decode("utf-8-sig").splitlines() == [
        "line,field,message",
        "1,'=cmd(),This layout has no such column.",
    ]


def test_a_missing_run_is_not_found(people: People, sign_in: SignIn) -> None:
    for name in ("feed", "feed_progress", "feed_errors"):
        address = reverse(f"portfolios:{name}", args=[10**12])
        assert sign_in(people.operations).get(address, headers=HTMX).status_code == 404


@pytest.mark.parametrize("who", ["manager", "lead", "compliance", "administrator", "auditor"])
def test_other_roles_are_kept_out(people: People, sign_in: SignIn, who: str) -> None:
    run = send(people, "clients", CLIENTS)
    browser = sign_in(getattr(people, who))
    for address in (LIST, reverse("portfolios:feed", args=[run.pk]), reverse("portfolios:feed_errors", args=[run.pk])):
        assert browser.get(address).status_code == 403
    assert browser.post(LIST, upload()).status_code == 403


def test_an_empty_list_says_what_to_do(people: People, sign_in: SignIn) -> None:
    assert b"Choose a layout and a file" in sign_in(people.operations).get(LIST).content


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_as_many_questions_for_many_runs(
    people: People, sign_in: SignIn, rows: int, django_assert_num_queries: object
) -> None:
    for number in range(rows):
        factories.feed_run(people.operations, content=f"reference\n{number}".encode())
    browser = sign_in(people.operations)
    browser.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):  # type: ignore[operator]
        browser.get(LIST)


LIST_QUERIES = 10
