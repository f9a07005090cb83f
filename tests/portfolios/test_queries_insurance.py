"""What a client's money is insured for: shares, limits of the date, the household, and a constant number of queries."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from core.models import Parameter, User
from core.walls import acting, service
from portfolios import queries
from portfolios.models import Account, AccountParty, Institution
from portfolios.queries import Insurance, Proposal
from portfolios.rules.insurance import Placement
from tests import factories
from tests.factories import NOW, TODAY
from tests.people import People
from tests.reference.answers import LIMITS

LIMIT, NOTHING = Decimal(500_000), Decimal(0)


def read(people: People, *, user: User | None = None, as_of: dt.date = TODAY, client_id: int = 0) -> Insurance:
    """Read the near client's cover as the manager, or as somebody else."""
    user = user or people.manager
    with acting(user):
        return queries.insurance(user=user, client_id=client_id or people.client_id, as_of=as_of, known_at=NOW)


def place(people: People, placement: Placement) -> Proposal:
    """Think of an amount for the near client."""
    with acting(people.manager):
        return queries.place(
            user=people.manager, client_id=people.client_id, placement=placement, as_of=TODAY, known_at=NOW
        )


def share(account: Account, person: Client, capacity: str = "joint") -> None:
    """Give an account another owner."""
    factories.save(AccountParty(account=account, client=person, capacity=capacity))


@pytest.fixture
def client(people: People) -> Client:
    """Return the client that the manager covers."""
    return factories.owned_by(people.client_id)


def test_deposits_and_accounts_of_one_licence_count_together(people: People, client: Client) -> None:
    bank = factories.institution(licence="ONE")
    brand = factories.institution(licence="ONE", name="Another brand")
    factories.deposit(client, account=factories.account(client, institution=bank), principal=Decimal(300_000))
    factories.transaction(factories.account(client, institution=brand), amount=Decimal(250_000))
    found = read(people)
    (cover,) = found.banks
    assert (cover.bank.licence, cover.bank.limit, cover.state) == ("ONE", LIMIT, "over")
    assert cover.balance == Decimal(550_000) + Decimal("5833.33")
    assert (found.insured, found.uninsured) == (cover.insured, cover.uninsured) == (LIMIT, cover.balance - LIMIT)
    assert (found.hidden, found.missing) == (0, [])


def test_the_limit_is_that_of_the_date_in_the_scheme_s_currency(people: People, client: Client) -> None:
    bank = factories.institution(country="HK")
    factories.fx_rate("HKD", "CNY", rate=Decimal("0.9"))
    factories.fx_rate("HKD", "CNY", rate=Decimal("0.9"), value_date=dt.date(2024, 9, 30))
    account = factories.account(client, institution=bank, currency="HKD", opened_on=dt.date(2020, 1, 1))
    factories.transaction(account, amount=Decimal(700_000), value_date=dt.date(2024, 1, 1), currency="HKD")
    later, before = read(people), read(people, as_of=dt.date(2024, 9, 30))
    assert [(one.bank.limit, one.uninsured) for found in (later, before) for one in found.banks] == [
        (Decimal(800_000), NOTHING),
        (LIMIT, Decimal(200_000)),
    ]
    assert (before.currency, before.uninsured) == ("CNY", Decimal(180_000))


def test_interest_to_maturity_may_outgrow_the_limit(people: People, client: Client) -> None:
    factories.deposit(client, principal=Decimal(480_000), rate=Decimal("0.05"))
    (cover,) = read(people, as_of=dt.date(2025, 5, 1)).banks
    assert (cover.state, cover.uninsured, cover.headroom) == ("grows", NOTHING, NOTHING)
    assert cover.later == Decimal("4333.33")


def test_a_joint_account_is_shared_even_with_an_owner_whom_the_reader_does_not_see(
    people: People, client: Client
) -> None:
    account = factories.account(client)
    factories.transaction(account, amount=Decimal(900_000))
    share(account, factories.owned_by(people.foreign_id))
    share(account, factories.client(name="A disponent"), capacity="disponent")
    share(account, client, capacity="owner")
    (cover,) = read(people).banks
    assert [(line.amount, line.owners) for line in cover.lines] == [(Decimal(450_000), 2)]


def test_a_share_in_an_account_of_somebody_else_counts_where_the_reader_sees_it(people: People, client: Client) -> None:
    spouse = factories.client(name="Spouse")
    factories.coverage(spouse, people.manager)
    for owner, amount in ((spouse, 100_000), (factories.owned_by(people.foreign_id), 300_000)):
        account = factories.account(owner)
        factories.transaction(account, amount=Decimal(amount))
        share(account, client)
    found = read(people)
    assert [one.balance for one in found.banks] == [50_000]
    assert found.hidden == 1
    assert read(people, user=people.compliance).hidden == 0


def test_what_is_closed_or_not_begun_is_not_there(people: People, client: Client) -> None:
    factories.deposit(client, closed_on=TODAY)
    factories.deposit(client, value_date=TODAY + dt.timedelta(days=1), matures_on=TODAY + dt.timedelta(days=99))
    account = factories.account(client, closed_on=TODAY)
    factories.transaction(account)
    found = read(people)
    assert sum(one.balance for one in found.banks) == 0


def test_a_missing_rate_is_named_and_its_line_in_no_sum(people: People, client: Client) -> None:
    factories.transaction(factories.account(client, currency="USD"), amount=Decimal(10), currency="USD")
    found = read(people)
    assert (found.missing, found.insured) == (["USD/CNY"], NOTHING)


def test_an_amount_is_split_over_the_household_s_banks(people: People, client: Client) -> None:
    house = factories.household()
    with acting(service()):
        Client.objects.filter(pk=client.pk).update(household=house)
    spouse = factories.client(name="Spouse", household=house)
    factories.coverage(spouse, people.manager)
    factories.client(name="Unseen", household=house)
    first, second = factories.institution(name="First"), factories.institution(name="Second")
    factories.institution(name="An issuer", is_bank=False)
    factories.institution(name="Singapore", country="SG")
    factories.transaction(factories.account(client, institution=first), amount=Decimal(450_000))
    found = place(people, Placement(Decimal(1_800_000), "CNY", months=12, rate=Decimal("0.02")))
    assert [(part.room.person, part.room.bank.name, part.amount) for part in found.parts] == [
        (client.name, "First", Decimal(49_019)),
        (client.name, "Second", Decimal(490_196)),
        ("Spouse", "First", Decimal(490_196)),
        ("Spouse", "Second", Decimal(490_196)),
    ]
    assert found.left == 1_800_000 - 49_019 - 3 * 490_196
    assert all(part.ripe <= 500_000 for part in found.parts)
    assert second.pk


def test_a_room_is_told_in_the_currency_that_is_placed(people: People, client: Client) -> None:
    factories.institution(name="First")
    factories.fx_rate("USD", "CNY", rate=Decimal(7))
    with acting(service()):
        Institution.objects.exclude(name="First").update(is_bank=False)
    found = place(people, Placement(Decimal(100_000), "USD"))
    assert ([part.amount for part in found.parts], found.left) == ([Decimal(71_428)], Decimal(28_572))
    assert place(people, Placement(Decimal(5), "XAU")).left == 5


@pytest.mark.parametrize("who", ["stranger", "colleague", "operations", "administrator"])
def test_those_who_do_not_cover_the_client_find_nobody(people: People, who: str) -> None:
    for client_id in (people.client_id, 7_999_999):
        with pytest.raises(Client.DoesNotExist):
            read(people, user=getattr(people, who), client_id=client_id)


def test_the_number_of_owners_is_told_of_visible_accounts_alone(people: People, client: Client) -> None:
    mine, foreign = factories.account(client), factories.account(factories.owned_by(people.foreign_id))
    with acting(people.manager), connection.cursor() as cursor:
        cursor.execute("SELECT account, owners FROM steward_owners(%s)", [[mine.pk, foreign.pk]])
        assert cursor.fetchall() == [(mine.pk, 1)]


def test_the_queries_do_not_grow_with_rows(people: People, client: Client) -> None:
    counts = []
    factories.fx_rate("HKD", "CNY", rate=Decimal("0.9"))
    for number in range(3):
        bank = factories.institution(country="CN" if number else "HK")
        account = factories.account(client, institution=bank)
        factories.transaction(account)
        factories.deposit(client, account=account)
        with CaptureQueriesContext(connection) as captured:
            read(people)
        counts.append(len(captured))
    assert counts[0] == counts[2]


@pytest.mark.django_db
def test_the_limits_are_those_that_were_told_from_outside() -> None:
    told = [name.partition("_before_") for name in LIMITS]
    changed = {place: dt.date.fromisoformat(day) for place, _before, day in told if day}
    for (place, before, _day), limit in zip(told, LIMITS.values(), strict=True):
        on = changed.get(place, TODAY) - dt.timedelta(days=1 if before else 0)
        with acting(service()):
            found = Parameter.objects.by_place("insurance.limit", on=on)
        assert found[place.replace("UK", "GB")] == limit
