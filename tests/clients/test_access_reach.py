"""The wall asks once: one policy for each kind of statement, and the sets it compares with are the right ones."""

from django.db import connection

from clients.models import Client, Household
from core.models import User
from core.walls import acting, service
from tests import factories
from tests.people import People

WALLED = ("clients_client", "clients_coverage", "portfolios_holding", "reviews_review", "reports_statement")
ARRAYS = "SELECT steward_covered(), steward_visible(), steward_households()"


def sets(user: User) -> list[set[int]]:
    """Return what the database thinks of a person: clients covered, clients visible, households."""
    with acting(user), connection.cursor() as cursor:
        cursor.execute(ARRAYS)
        return [set(found) for found in cursor.fetchone()]


def test_a_table_has_one_policy_for_reading(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, count(*) FROM pg_policies WHERE cmd = 'SELECT' AND roles = '{steward_app}'"
            " AND tablename = ANY (%s) GROUP BY tablename",
            [list(WALLED)],
        )
        assert dict(cursor.fetchall()) == dict.fromkeys(WALLED, 1)


def test_a_person_reaches_whom_coverage_and_team_say(committed: People) -> None:
    near, far = committed.client_id, committed.foreign_id
    assert sets(committed.manager) == [{near}, {near}, set()]
    assert sets(committed.backup) == [{near}, {near}, set()]
    assert sets(committed.colleague) == [set(), set(), set()]
    assert sets(committed.stranger) == [{far}, {far}, set()]
    assert sets(committed.lead) == [set(), {near}, set()]
    assert sets(committed.other_lead) == [set(), {far}, set()]
    assert sets(committed.compliance) == [set(), set(), set()]
    assert sets(committed.leaver) == [set(), set(), set()]


def test_a_household_is_seen_by_those_who_see_a_member(committed: People) -> None:
    with acting(service()):
        family = Household.objects.create(reference="H-NEAR", name="Li family")
        Household.objects.create(reference="H-FAR", name="Canary family")
        Client.objects.filter(pk=committed.client_id).update(household=family)
    expected = {
        "manager": ["Li family"],
        "lead": ["Li family"],
        "colleague": [],
        "stranger": [],
        "auditor": [],
        "administrator": [],
        "compliance": ["Canary family", "Li family"],
        "operations": ["Canary family", "Li family"],
    }
    people = committed.everybody()
    for name, families in expected.items():
        with acting(people[name]):
            assert list(Household.objects.order_by("name").values_list("name", flat=True)) == families, name


def test_coverage_that_ended_or_has_not_begun_reaches_nobody(committed: People) -> None:
    with acting(service()):
        other = factories.client(name="Wang Fang")
    factories.coverage(other, committed.colleague, since=-30, until=-1)
    assert sets(committed.colleague) == [set(), set(), set()]
