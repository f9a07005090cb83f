"""A real browser meets the pages of nobody's room without a complaint."""

import pytest

from tests.browser import NARROW, WIDE, OpenTab
from tests.people import People


def test_the_sign_in_page_is_accessible_to_everybody(tab: OpenTab) -> None:
    page = tab()
    page.open("/accounts/login/")
    assert page.axe() == []


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_profile_page_is_accessible(tab: OpenTab, committed: People, size: tuple[int, int]) -> None:
    page = tab(committed.manager, size=size)
    page.open("/profile/")
    assert page.axe() == []
