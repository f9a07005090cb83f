"""The rate board: what a bank lists from which day on, what it lists no more, and what a file may say of it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from core.walls import acting, service
from portfolios import feeds, operations, queries
from portfolios.feeds import ListedRow
from portfolios.models import ListedRate
from tests import factories
from tests.conftest import SignIn
from tests.core.test_lists_exports import file, lines
from tests.people import People

HEAD = "record,institution,kind,currency,term_months,notice_days,amount_from,value_date,rate,transfer_rate,source\n"
MARCH, JUNE = dt.date(2026, 3, 2), dt.date(2026, 6, 1)


def listed(day: dt.date, *, known_at: dt.datetime | None = None) -> list[tuple[int, Decimal, Decimal | None]]:
    """Return term, least sum and rate of what is listed on a day."""
    rows = queries.board(on=day, known_at=known_at).order_by("term_months", "amount_from")
    return [(row.term_months, row.amount_from, row.rate) for row in rows]


def test_a_rate_is_listed_until_the_bank_lists_another_or_none(people: People) -> None:
    bank = factories.institution(reference="B-1")
    said = "".join(
        f"listed,B-1,time,CNY,{line},board\n"
        for line in ("12,,,2026-03-02,0.0150,0.0190", "12,,1000000,2026-03-02,0.0155,", "60,,,2026-03-02,0.02,")
    )
    said += "listed,B-1,time,CNY,12,,,2026-06-01,0.0130,0.0170,board\nlisted,B-1,time,CNY,60,,,2026-06-01,,,board\n"
    found = feeds.read("prices", (HEAD + said).encode())
    assert found.errors == []
    with acting(service()):
        assert operations.apply_rows(rows=found.rows, now=factories.NOW).counts.created == 5
        assert operations.apply_rows(rows=found.rows, now=factories.NOW).counts.unchanged == 5
        assert listed(MARCH - dt.timedelta(days=1)) == []
        first = [(12, Decimal(0), Decimal("0.015")), (12, Decimal(1_000_000), Decimal("0.0155"))]
        assert listed(JUNE - dt.timedelta(days=1)) == [*first, (60, Decimal(0), Decimal("0.02"))]
        assert listed(JUNE) == [(12, Decimal(0), Decimal("0.013")), first[1]]
        assert {row.institution_id for row in queries.board(on=JUNE)} == {bank.pk}


def test_a_correction_is_told_and_what_was_believed_is_kept(people: People) -> None:
    bank = factories.institution(reference="B-1")
    row = ListedRow("B-1", "time", "CNY", MARCH, "board", term_months=12, rate=Decimal("0.015"))
    later = factories.NOW + dt.timedelta(days=1)
    with acting(service()):
        operations.apply_rows(rows=[row], now=factories.NOW)
        corrected = ListedRow("B-1", "time", "CNY", MARCH, "board", term_months=12, rate=Decimal("0.016"))
        assert operations.apply_rows(rows=[corrected], now=later).counts.changed == 1
        assert listed(MARCH) == [(12, Decimal(0), Decimal("0.016"))]
        assert listed(MARCH, known_at=factories.NOW) == [(12, Decimal(0), Decimal("0.015"))]
        assert ListedRate.objects.filter(institution=bank).count() == 2


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("B-1,time,CNY,,,,2026-03-02,0.01,", "term_months"),
        ("B-1,demand,CNY,12,,,2026-03-02,0.01,", "term_months"),
        ("B-1,notice,CNY,,,,2026-03-02,0.01,", "notice_days"),
        ("B-1,notice,CNY,,3,,2026-03-02,0.01,", "notice_days"),
        ("B-1,time,CNY,12,7,,2026-03-02,0.01,", "notice_days"),
        ("B-1,time,JPY,12,,0.5,2026-03-02,0.01,", "amount_from"),
        ("B-1,time,CNY,12,,-5,2026-03-02,0.01,", "amount_from"),
        ("B-1,time,CNY,12,,,2026-03-02,1.35,", "rate"),
    ],
)
def test_a_line_that_does_not_fit_is_told_beside_its_cell(line: str, field: str) -> None:
    found = feeds.read("prices", f"{HEAD}listed,{line},board\n".encode())
    assert [(error.line, error.field) for error in found.errors] == [(2, field)]


def test_the_board_is_read_by_the_desk_and_loads_again_from_its_own_file(people: People, sign_in: SignIn) -> None:
    bank = factories.institution(reference="B-1")
    today = timezone.localdate()
    factories.listed_rate(institution=bank, value_date=today, transfer_rate=Decimal("0.019"))
    factories.listed_rate(institution=bank, kind="notice", term_months=0, notice_days=7, value_date=today)
    page = sign_in(people.manager).get("/portfolios/rates/?kind=time&currency=CNY")
    assert [row.margin for row in page.context["shown"].rows] == [Decimal("0.004")]
    before = f"/portfolios/rates/?on={today - dt.timedelta(days=1)}"
    assert page.client.get(before).context["shown"].rows == []
    autodiscover_modules("tasks")
    content = file(page.client, "/portfolios/rates/")
    assert len(lines(content)) == 2
    again = feeds.read("prices", content)
    assert again.errors == []
    with acting(service()):
        assert operations.apply_rows(rows=again.rows, now=timezone.now()).counts.unchanged == 2
    assert sign_in(people.auditor).get("/portfolios/rates/").status_code == 403
