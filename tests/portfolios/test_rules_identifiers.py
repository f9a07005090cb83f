"""Numbers with check digits are read as registers write them."""

import pytest

from portfolios.rules import identifiers


def test_a_resident_number_may_carry_a_county_founded_after_the_birth() -> None:
    number = "110111195001010"
    full = next(f"{number}{n:02}{identifiers.resident_check(f'{number}{n:02}')}" for n in range(1, 99))
    assert identifiers.resident(full) is not None


@pytest.mark.parametrize(
    "number", ["", "１１０１０５１９４９１２３１００２X", "11010519490231002X", "1101051949123100２X"]
)
def test_what_is_no_resident_number_says_nothing(number: str) -> None:
    assert identifiers.resident(number) is None


@pytest.mark.parametrize("code", ["91350100m000100y43", "91350100-M000100Y43", " 91350100M000100Y43", ""])
def test_a_company_code_is_taken_as_registered_alone(code: str) -> None:
    assert not identifiers.is_company(code)


@pytest.mark.parametrize("number", ["6222021234567894", "4242424242424242"])
def test_altering_any_digit_of_a_card_number_is_noticed(number: str) -> None:
    good = next(f"{number[:-1]}{n}" for n in range(10) if identifiers.is_card(f"{number[:-1]}{n}"))
    for place, digit in enumerate(good):
        assert not identifiers.is_card(good[:place] + str((int(digit) + 1) % 10) + good[place + 1 :])
