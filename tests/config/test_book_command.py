"""``manage.py build_book`` fills an empty installation once, through the walls, and tells who may sign in."""

import datetime as dt
import io
from collections.abc import Generator

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from clients.models import Client, Coverage, Task
from compliance.models import Hold
from config.book.staff import PRINTED, STAFF
from core.models import User
from core.walls import acting, service
from portfolios import queries as portfolios
from portfolios.models import Maturity, Transaction
from reviews import queries as reviews
from reviews.models import Review
from tests.config.books import AS_OF
from tests.database import reset_database

NOW = dt.datetime.combine(AS_OF, dt.time(2), dt.UTC)
PASSWORD = "a-demo-password-of-a-test"


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Generator[str]:
    """Build a book of twelve clients and keep it for the tests of this module; the value is what was said."""
    with django_db_blocker.unblock():
        said = io.StringIO()
        call_command("build_book", clients=12, seed=7, as_of=AS_OF, password=PASSWORD, stdout=said)
        yield said.getvalue()
        reset_database()


def _printed() -> User:
    with acting(service()):
        return User.objects.get(username=PRINTED.username)


def test_it_writes_the_clients_and_says_who_is_there_on_purpose(built: str) -> None:
    with acting(service()):
        assert Client.objects.count() == 12
    assert "12 clients from 2023-11-01 to 2026-11-24" in built
    assert "leaves soon" in built


def test_a_second_run_is_refused(built: str) -> None:
    with pytest.raises(CommandError, match="make clean"):
        call_command("build_book", clients=12, as_of=AS_OF)


def test_the_logins_are_for_the_owner_alone_and_one_a_role(built: str) -> None:
    path = settings.ENV.var / "run" / "logins.txt"
    assert path.stat().st_mode & 0o777 == 0o600
    lines = [line.rsplit(" ", 2) for line in path.read_text().splitlines()]
    assert [role for role, _, _ in lines] == ["manager", "lead", "compliance", "operations", "administrator", "auditor"]
    assert {password for _, _, password in lines} == {PASSWORD}


def test_a_printed_login_signs_in(built: str) -> None:
    asked = {"login": PRINTED.username, "password": PASSWORD}
    answer = Browser().post(reverse("account_login"), asked, follow=True)
    assert answer.redirect_chain[-1] == (reverse("reviews:today"), 302)


def test_everybody_shares_one_hash(built: str) -> None:
    with acting(service()):
        hashes = User.objects.filter(username__in=[person.username for person in STAFF]).values_list(
            "password", flat=True
        )
        assert len(set(hashes)) == 1


def test_each_client_has_a_manager_and_a_back_up_from_the_past(built: str) -> None:
    with acting(service()):
        for client in Client.objects.all():
            rows = Coverage.objects.filter(client=client, valid__endswith__isnull=True)
            assert sorted(row.kind for row in rows) == ["backup", "primary"]
            assert all(row.valid.lower.date() < AS_OF for row in rows)


def test_the_printed_manager_has_a_full_morning(built: str) -> None:
    user = _printed()
    with acting(user):
        today = reviews.today(user=user, as_of=AS_OF)
    assert len(today.late) == 1
    assert len(today.due) >= 2
    assert len([one for one in today.maturities if one.review.due_on <= AS_OF + dt.timedelta(days=6)]) >= 5
    assert any(one.due_on < AS_OF for one in today.periodic)
    assert {document.expires_on < AS_OF for document in today.documents if document.expires_on} == {True, False}
    assert len(today.held) == 1


def test_every_book_is_whole_at_each_month_end_and_today(built: str) -> None:
    user = _printed()
    with acting(user):
        for client in Client.objects.all():
            for day in (dt.date(2024, 2, 29), dt.date(2025, 12, 31), dt.date(2026, 10, 31), AS_OF):
                found = portfolios.book(user=user, client_id=client.pk, as_of=day, known_at=NOW)
                assert found.missing == []
                assert found.total > 0


def test_a_month_end_was_known_when_the_month_was_over(built: str) -> None:
    user, month_end = _printed(), dt.date(2026, 8, 31)
    known = dt.datetime.combine(month_end + dt.timedelta(days=1), dt.time(), dt.UTC)
    with acting(user):
        for client in Client.objects.all():
            then = portfolios.book(user=user, client_id=client.pk, as_of=month_end, known_at=known)
            now = portfolios.book(user=user, client_id=client.pk, as_of=month_end, known_at=NOW)
            assert then.total == now.total


def test_cash_is_the_balance_after_the_last_movement(built: str) -> None:
    user = _printed()
    with acting(user):
        for client in Client.objects.all():
            for line in portfolios.book(user=user, client_id=client.pk, as_of=AS_OF, known_at=NOW).cash:
                last = Transaction.objects.filter(account=line.account_id).order_by("value_date", "id").last()
                assert last is not None
                assert line.balance == last.balance


def test_reviews_are_open_for_the_maturities_ahead(built: str) -> None:
    with acting(service()):
        ahead = Maturity.objects.filter(due_on__gte=AS_OF)
        assert ahead.count() >= 5
        assert not ahead.filter(review__isnull=True).exists()
        assert not Review.objects.filter(maturity__due_on__lt=AS_OF, decision="").exists()


def test_compliance_holds_one_client(built: str) -> None:
    with acting(service()):
        assert Hold.objects.get().placed_by.role == "compliance"


def test_promises_of_the_past_are_kept_but_one(built: str) -> None:
    with acting(service()):
        assert Task.objects.filter(due_on__lt=AS_OF, done_at__isnull=True).count() == 1


def test_fewer_clients_than_those_on_purpose_are_refused() -> None:
    with pytest.raises(CommandError, match="at least 12"):
        call_command("build_book", clients=11)
