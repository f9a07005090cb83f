"""The people of the tests are who they say they are."""

from tests.conftest import SignIn
from tests.people import People


def test_everybody_reaches_a_page(people: People, sign_in: SignIn) -> None:
    for name, person in people.everybody().items():
        assert sign_in(person).get("/profile/").status_code == 200, name


def test_somebody_deactivated_is_asked_to_sign_in(people: People, sign_in: SignIn) -> None:
    assert sign_in(people.leaver).get("/profile/").status_code == 302
