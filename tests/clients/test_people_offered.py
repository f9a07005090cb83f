"""A person of the bank is named by typing: the door offers a handful, the field finds one or says why not."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.urls import reverse

from clients.forms import PersonField
from core.models import Role
from core.walls import acting
from tests.conftest import SignIn
from tests.people import People, user


def offered(browser: Browser, **asked: str) -> str:
    answer = browser.get(reverse("clients:people"), asked, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_handful_at_the_desk_is_offered(people: People, sign_in: SignIn) -> None:
    for number in range(12):
        user(f"wang{number}", name=f"Wang {number}")
    user("wangoffice", Role.OPERATIONS, name="Wang Office")
    browser = sign_in(people.manager)
    assert offered(browser, person="WANG").count("<option") == 8
    assert "Wang Office" not in offered(browser, person="wang o")
    assert 'value="Wang 7 · wang7"' in offered(browser, person="wang7")
    assert offered(browser, person="") == offered(browser) == "\n"
    assert browser.get(reverse("clients:people"), {"q": "wang"}).status_code == 400


def test_an_employee_who_left_is_not_offered(people: People, sign_in: SignIn) -> None:
    assert "<option" not in offered(sign_in(people.lead), person="lou")


@pytest.mark.parametrize(
    "words", ["twin1", "Wang Fang · twin1", " Wang Fang · twin1 ", "solo", "wang solo", "Wang Solo"]
)
def test_the_field_finds_one(people: People, words: str) -> None:
    found = {name: user(name, name="Wang Fang") for name in ("twin1", "twin2")} | {
        "solo": user("solo", name="Wang Solo")
    }
    with acting(people.manager):
        assert PersonField().clean(words) == found["solo" if "solo" in words.lower() else "twin1"].pk


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Wang Fang", "person-many"),
        ("wang", "person-none"),
        ("Wang Fang · nobody", "person-none"),
        ("lou", "person-none"),
        ("operations", "person-none"),
        ("", "required"),
        ("x\0y", "null_characters_not_allowed"),
    ],
)
def test_the_field_says_why_not(people: People, words: str, code: str) -> None:
    for name in ("twin1", "twin2"):
        user(name, name="Wang Fang")
    with acting(people.manager), pytest.raises(ValidationError) as refused:
        PersonField().clean(words)
    assert [one.code for one in refused.value.error_list] == [code]
