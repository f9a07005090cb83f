"""The whole walk of one maturing deposit, from the bank's files to mail and trail, by real hands and a real worker."""

import functools
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from playwright.sync_api import FilePayload, Locator, Page, expect
from pypdf.errors import WrongPasswordError

from clients import queries as clients
from clients.models import Client
from config.mailsink import MailSink, attachments
from core import jobs
from core.models import Job, User
from core.templatetags.steward import amount
from core.walls import acting, service
from reports.models import Statement
from reviews.models import Review
from tests.browser import OpenTab, Tab
from tests.journeys import bank
from tests.journeys.book import speak
from tests.people import PASSWORD, People
from tests.reports import paper
from tests.worker import Worker, idle, until

CONSOLE_SECONDS = 5
PROMISE = "Send the offer of the new term"
READ_ROWS = """body => [...body.rows].map(row => [
    row.cells[1].innerText, row.cells[2].querySelector('.sub').innerText.trim().replace(/ \\d+$/, '')])"""
STEPS = {
    "row:insert · clients_client",
    "row:insert · portfolios_deposit",
    "row:insert · portfolios_transaction",
    "row:insert · portfolios_maturity",
    "row:insert · reviews_review",
    "client:read",
    "contact:log · clients_contactnote",
    "hold:place · compliance_hold",
    "hold:lift · compliance_hold",
    "review:decide · reviews_review",
    "statement:freeze · reports_statement",
    "statement:render · reports_statement",
    "statement:mail · reports_delivery",
    "statement:delivery · reports_delivery",
}


@pytest.fixture
def relay(tmp_path: Path) -> Generator[MailSink]:
    """Listen where the worker sends to."""
    with MailSink(tmp_path / "mail") as sink:
        yield sink


@pytest.fixture
def worker(committed: People, relay: MailSink, tmp_path: Path) -> Generator[Worker]:
    """Run a worker on the database and the queue of this test."""
    with Worker(tmp_path / "worker.log", {"SMTP_URL": relay.url}) as started:
        yield started


@pytest.mark.parametrize("language", ["en", pytest.param("zh-hans", marks=pytest.mark.full)])
def test_one_deposit_walks_from_the_banks_file_to_the_trail(
    language: str, committed: People, tab: OpenTab, relay: MailSink, worker: Worker
) -> None:
    speak(committed, language)
    with translation.override(language):
        walk = Walk(committed, tab, language)
        walk.operations_send_the_banks_files()
        walk.beat("portfolios.mature", "reviews.open_due")
        walk.the_manager_signs_in_and_finds_the_client()
        walk.the_manager_logs_a_contact_with_a_promise()
        walk.compliance_places_a_hold()
        walk.the_decision_is_refused_with_words()
        walk.compliance_lifts_the_hold()
        walk.the_decision_passes()
        walk.a_stranger_sees_what_a_missing_page_shows()
        walk.beat("reports.issue_due")
        walk.the_statement_arrives_and_opens_with_the_secret(relay)
        walk.compliance_finds_every_step_in_the_trail()


class Walk:
    """The steps in their order, each by the person whose step it is, in the words of the screen's language."""

    def __init__(self, people: People, tab: OpenTab, language: str) -> None:
        self.people, self.tab, self.language = people, tab, language
        self.name = bank.NAMES[language]
        self.manager, self.officer = self.sits_down(None), self.sits_down(people.compliance)

    def sits_down(self, person: User | None) -> Tab:
        """Open a browser for a person."""
        return self.tab(person, language={"zh-hans": "zh-CN"}.get(self.language, self.language))

    def beat(self, *names: str) -> None:
        """Let the worker do daily jobs in order, each as the beat's tick asks for it."""
        for name in names:
            key = f"{name}@{timezone.localdate().isoformat()}"
            jobs.tick.delay(name, every="day")
            until(functools.partial(done, key), f"{name} is done")
        until(idle, "all that followed is done")

    def operations_send_the_banks_files(self) -> None:
        """Send each file by the form and watch its run until it is applied."""
        opened = self.sits_down(self.people.operations)
        names = {"manager": self.people.manager.username, "backup": self.people.backup.username}
        for kind, content in bank.files(self.language, **names, today=timezone.localdate()).items():
            page = opened.open(reverse("portfolios:feeds"))
            page.locator("#send_kind").select_option(kind)
            file = FilePayload(name=f"{kind}.csv", mimeType="text/csv", buffer=content)
            page.locator("#send_file").set_input_files(file)
            page.get_by_role("button", name=gettext("Send"), exact=True).click()
            page.get_by_role("button", name=gettext("Apply for real")).click(timeout=30_000)
            expect(page.locator("#feed-run .figures")).to_be_visible(timeout=30_000)
            expect(page.locator("#feed-run")).to_contain_text(gettext("Applied"))
        with acting(service()):
            self.client = Client.objects.get(reference=bank.REFERENCE)

    def the_manager_signs_in_and_finds_the_client(self) -> None:
        """Sign in with name and password, then search by a piece of the name."""
        page = self.manager.open(reverse("account_login"))
        page.locator("[name=login]").fill(self.people.manager.username)
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name=gettext("Sign in")).click()
        page.wait_for_url(f"**{reverse('reviews:today')}")
        expect(page.get_by_role("link", name=self.name, exact=True).first).to_be_visible()
        page.get_by_role("searchbox").fill(self.name[:4])
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{self.address}")
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("heading", level=1)).to_contain_text(self.name)
        expect(page.locator("main")).to_contain_text(bank.DEPOSIT)

    def the_manager_logs_a_contact_with_a_promise(self) -> None:
        """Open the drawer with one click, save with another; the page below shows both at once."""
        page, drawer = self.manager.page, self.manager.page.locator("#drawer")
        page.locator("#content").get_by_role("link", name=gettext("Log contact")).click()
        expect(drawer.get_by_label(gettext("What was said"))).to_be_focused()
        page.keyboard.type("Wants to renew if the rate holds")
        drawer.get_by_label(gettext("I promised")).first.fill(PROMISE)
        drawer.get_by_label(gettext("by"), exact=True).first.fill(timezone.localdate().isoformat())
        drawer.get_by_role("button", name=gettext("Save and stay")).click()
        expect(drawer).to_be_hidden()
        expect(panel(page, gettext("Owed to the client"))).to_contain_text(PROMISE)
        expect(panel(page, gettext("Contacts"))).to_contain_text("Wants to renew")

    def compliance_places_a_hold(self) -> None:
        """Place it from the client's page: one form with a reason."""
        page = self.officer.open(self.address)
        page.get_by_label(gettext("Purpose")).select_option("alert")
        page.get_by_role("button", name=gettext("Go on")).click()
        page.get_by_role("link", name=gettext("Place a hold")).click()
        page.get_by_label(gettext("Reason")).fill("The source of the funds is unexplained")
        page.get_by_role("button", name=gettext("Place a hold")).click()
        page.wait_for_url(f"**{self.address}")
        expect(panel(page, gettext("Compliance"))).to_contain_text(gettext("On hold"))

    def the_decision_is_refused_with_words(self) -> None:
        """Open the decision while the hold stands: no form, the words why, and never compliance's reason."""
        page = self.manager.open(self.address)
        panel(page, gettext("Decisions")).locator("[data-key=m]").click()
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("button", name=gettext("Decide"), exact=True)).to_have_count(0)
        held = gettext("Compliance holds this client; the decision waits.")
        expect(page.locator("main")).to_contain_text(held)
        expect(page.locator("body")).not_to_contain_text("source of the funds")
        assert self.review().decision == ""

    def compliance_lifts_the_hold(self) -> None:
        """Lift it from the list of holds, again with a reason."""
        page = self.officer.open(reverse("compliance:holds"))
        page.get_by_role("link", name=gettext("Lift the hold")).click()
        page.get_by_label(gettext("Reason")).fill("Explained by the sale of a house")
        page.get_by_role("button", name=gettext("Lift the hold")).click()
        page.wait_for_url(f"**{reverse('compliance:holds')}")
        expect(page.locator("main table")).to_contain_text(gettext("Lifted"))

    def the_decision_passes(self) -> None:
        """Decide again; the client's page confirms it."""
        page = self.decides()
        page.wait_for_load_state("networkidle")
        expect(panel(page, gettext("Decisions"))).to_contain_text(str(Review.Decision.RENEW_ALL.label))
        review = self.review()
        assert (review.decision, review.decided_by) == ("renew_all", self.people.manager)

    def decides(self) -> Page:
        """Choose renewal on the decision page, by the link on the client's page."""
        page = self.manager.open(self.address)
        panel(page, gettext("Decisions")).locator("[data-key=m]").click()
        page.get_by_label(str(Review.Decision.RENEW_ALL.label), exact=True).check()
        with page.expect_response(
            lambda answer: answer.status != 302 and answer.request.is_navigation_request()
        ) as got:
            page.get_by_role("button", name=gettext("Decide"), exact=True).click()
        assert got.value.status == 200
        return page

    def a_stranger_sees_what_a_missing_page_shows(self) -> None:
        """Another manager gets the same words for the client as for nobody."""
        opened = self.sits_down(self.people.stranger)
        seen = []
        for client_id in (self.client.pk, 999_999):
            page = opened.open(reverse("clients:page", args=[client_id]))
            seen.append(page.locator("main h1, main .empty-subtitle").all_inner_texts())
            assert self.name not in page.content()
            forgive(opened, 404)
        assert seen[0] == seen[1]
        assert gettext("The address may be mistyped, or it is not one of your clients.") in seen[0]

    def the_statement_arrives_and_opens_with_the_secret(self, relay: MailSink) -> None:
        """One mail, to the client; the document is locked by the client's secret and says the frozen total."""
        with acting(service()):
            recipient = clients.statement_recipient(self.client.pk)
            statement = Statement.objects.get(client=self.client)
        assert recipient is not None
        assert statement.period_end == bank.month_end(timezone.localdate())
        (message,) = relay.mailbox.messages()
        assert (message["To"], recipient.email) == (bank.EMAIL, bank.EMAIL)
        ((_name, content),) = attachments(message)
        said = paper.words(content, secret=recipient.secret)
        assert amount(statement.snapshot["totals"]["total"], "CNY") in said
        assert statement.digest in said
        for wrong in ("", paper.SECRET):
            with pytest.raises(WrongPasswordError):
                paper.words(content, secret=wrong)

    def compliance_finds_every_step_in_the_trail(self) -> None:
        """Walk the client's trail to its end: each step stands there, and the people who did it."""
        page = self.officer.open(self.address)
        page.get_by_role("link", name=gettext("History and who looked")).click()
        page.wait_for_url(f"**{reverse('compliance:client_trail', args=[self.client.pk])}")
        rows = to_the_end(page)
        people = " ".join(who for who, _act in rows)
        assert STEPS - {act for _who, act in rows} == set()
        for person in (self.people.manager, self.people.compliance, self.people.operations):
            assert person.name in people

    @property
    def address(self) -> str:
        """Where the client's page is."""
        return reverse("clients:page", args=[self.client.pk])

    def review(self) -> Review:
        """Return the review of the deposit's maturity."""
        with acting(service()):
            return Review.objects.select_related("decided_by").get(client=self.client, kind="maturity")


def panel(page: Page, title: str) -> Locator:
    """Return the panel of a page by its title."""
    return page.locator("section.panel").filter(has=page.get_by_role("heading", name=title))


def to_the_end(page: Page) -> list[tuple[str, str]]:
    """Read the trail over all its pages: who did it, and the act with the table it is about."""
    rows: list[tuple[str, str]] = []
    while True:
        rows += [(who, act) for who, act in page.locator("main tbody").evaluate(READ_ROWS)]
        following = page.locator("nav.pages [rel=next]")
        if not following.count():
            return rows
        with page.expect_navigation():
            following.click()


def done(key: str) -> bool:
    """Say whether the job with a key was done; fail where it was given up."""
    with acting(service()):
        found = Job.objects.filter(key=key).first()
    assert found is None or found.state != Job.State.FAILED, found.error
    return found is not None and found.state == Job.State.DONE


def forgive(opened: Tab, status: int) -> None:
    """Take the console's one line on an answer that was expected off the complaints, when it has come."""
    line = f"the server responded with a status of {status} "
    end = time.monotonic() + CONSOLE_SECONDS
    while not any(line in text for text in opened.complaints) and time.monotonic() < end:
        opened.page.wait_for_timeout(20)
    opened.complaints.remove(next(text for text in opened.complaints if line in text))
