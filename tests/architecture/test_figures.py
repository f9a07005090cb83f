"""Every list of figures says of which day they are and who says so, on the page or in its file."""

import pytest
from django.utils.module_loading import autodiscover_modules

from core.lists.declared import REGISTRY, Kind

DATED = {"as_of", "day", "due_on", "matures_on", "value_date", "period_end"}
SAID_BY = {"institution", "known_at", "opened_at", "price_source", "source"}

autodiscover_modules("lists")
FIGURES = sorted(name for name, one in REGISTRY.items() if any(column.kind is Kind.MONEY for column in one.columns))


@pytest.mark.parametrize("name", FIGURES)
def test_a_list_of_figures_says_as_of_when_and_by_whom(name: str) -> None:
    names = {field.name for field in REGISTRY[name].fields}
    assert names & DATED, names
    assert names & SAID_BY, names


def test_there_are_lists_of_figures() -> None:
    assert {"client-holdings", "client-insurance", "deposits", "transactions"} <= set(FIGURES)
