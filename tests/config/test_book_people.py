"""The people of the book: numbers that pass their checks, names that break software, and clients on purpose."""

import datetime as dt
from collections import Counter
from decimal import Decimal

from stdnum.cn import ric, uscc

from clients.rules.intake import ClientRow
from config.book.instruments import STAR
from config.book.staff import LEAVING, MANAGERS, PRINTED, STAFF
from portfolios.feeds.layouts import CLIENT, faults
from portfolios.feeds.rows import DepositRow
from tests.config.books import AS_OF, book

WEEK = AS_OF + dt.timedelta(days=6)


def _rows() -> list[ClientRow]:
    return [row for profile in book(7, 120).profiles for row in (profile.row, profile.also) if row]


def _deposits(purpose: str) -> list[DepositRow]:
    desk = book()
    return list(desk.histories[desk.profiles.index(desk.purpose(purpose))].deposits.values())


def test_resident_ids_pass_and_carry_the_birthday() -> None:
    found = [row for row in _rows() if row.id_kind == "resident_id"]
    assert len(found) > 50
    for row in found:
        assert ric.validate(row.id_number) == row.id_number
        assert ric.get_birth_date(row.id_number) == row.born_on


def test_social_credit_codes_pass() -> None:
    found = [row.id_number for row in _rows() if row.id_kind == "uscc"]
    assert found
    assert all(uscc.validate(number) == number for number in found)


def test_a_bank_file_could_say_every_client() -> None:
    assert not [fault for row in _rows() for fault in faults(CLIENT, row)]


def test_names_that_break_software_are_in_every_book() -> None:
    names = {profile.row.name for profile in book(3, 12).profiles}
    assert {"陈𠮷", "Seán O'Brien-Łukasz", "Nguyễn Thị Ánh", "单雨桐", "仇文博", "尉迟令仪"} <= names


def test_all_numbers_of_clients_and_documents_differ() -> None:
    rows = _rows()
    assert len({row.id_number for row in rows}) == len(rows)
    assert len({profile.reference for profile in book(7, 120).profiles}) == 120


def test_about_three_quarters_are_persons_and_a_third_lives_in_households() -> None:
    profiles = book(7, 300).profiles
    kinds = Counter(profile.row.kind for profile in profiles)
    assert 0.68 < kinds["person"] / 300 < 0.84
    assert kinds["company"] > kinds["trust"] > 5
    assert 0.25 < sum(bool(profile.row.household) for profile in profiles) / 300 < 0.42
    assert 0.78 < sum(profile.row.consented_on is not None for profile in profiles) / 300 < 0.92


def test_the_staff_has_every_role_and_one_printed_login_each() -> None:
    roles = Counter(person.role for person in STAFF)
    assert roles == {"manager": 6, "lead": 2, "compliance": 2, "operations": 1, "administrator": 1, "auditor": 1}
    assert Counter(person.role for person in STAFF if person.printed) == dict.fromkeys(roles, 1)
    assert PRINTED.language == "en"
    assert any(person.language == "zh-hans" for person in MANAGERS)


def test_the_manager_who_leaves_has_the_largest_book_and_has_told_some() -> None:
    for count in (12, 40, 300):
        desk = book(7, count)
        books = Counter(profile.row.manager for profile in desk.profiles)
        assert books.most_common(1)[0][0] == LEAVING.username
    assert any(note.confidential and note.author == LEAVING.username for note in book().notes)


def test_nobody_is_their_own_back_up() -> None:
    assert all(profile.row.manager != profile.row.backup for profile in book(7, 300).profiles)


def test_one_client_has_most_of_the_wealth_in_one_high_risk_share() -> None:
    for seed in range(1, 8):
        desk = book(seed, 12)
        history = desk.histories[desk.profiles.index(desk.purpose("concentrated"))]
        last = [row for row in history.holdings if row.instrument == STAR][-1]
        worth = last.quantity * desk.market.price(STAR, AS_OF)
        cash = [ledger.balance * desk.market.rate(ledger.currency, AS_OF) for ledger in history.ledgers.values()]
        deposits = [row.principal for row in history.deposits.values() if row.closed_on is None]
        assert worth > sum(cash) + sum(deposits), seed


def test_one_client_pays_school_fees_abroad_while_the_money_lies_idle() -> None:
    desk = book()
    need = desk.profiles.index(desk.purpose("need"))
    fees = [row for row in desk.histories[need].transactions if row.counterparty == "Westmere University"]
    assert len(fees) >= 5
    assert {row.currency for row in fees} == {"USD"}
    idle = sum(row.principal for row in _deposits("need") if row.kind == "demand")
    assert idle + desk.histories[need].ledgers["CNY"].balance > Decimal(desk.profiles[need].wealth) / 2


def test_the_printed_manager_has_maturities_this_week() -> None:
    due = [row for row in _deposits("maturities") if not row.closed_on and row.matures_on and row.matures_on <= WEEK]
    assert len(due) >= 4
    assert {"CNY", "USD"} <= {row.currency for row in due}
    assert book().purpose("maturities").row.manager == PRINTED.username


def test_identity_documents_expire_soon_and_one_has_expired() -> None:
    left = {name: book().purpose(name).row.id_expires_on for name in ("concentrated", "need", "overdue")}
    assert [day < AS_OF for day in left.values() if day] == [True, False, False]
    assert all(day and day <= AS_OF + dt.timedelta(days=30) for day in left.values())


def test_promises_are_due_today_and_one_is_late() -> None:
    open_ = [note for note in book().notes if note.promise and note.promise.done_at is None]
    mine = [note.promise.due_on for note in open_ if note.author == PRINTED.username and note.promise]
    assert mine.count(AS_OF) >= 2
    assert sum(day < AS_OF for day in mine) == 1


def test_one_periodic_review_is_overdue() -> None:
    late = [review for review in book().reviews if not review.decision]
    assert [review.client for review in late] == [book().purpose("overdue").reference]
    assert late[0].due_on < AS_OF
