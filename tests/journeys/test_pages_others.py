"""The other half of the pages in a real browser, so that two workers share them."""

from tests.browser import OpenTab
from tests.conftest import SignIn
from tests.journeys.test_pages import sealed, visit_all
from tests.people import People

__all__ = ["sealed"]


def test_no_other_page_complains(sealed: People, tab: OpenTab, sign_in: SignIn) -> None:
    assert visit_all(sealed, tab, sign_in, busy=False) == []
