"""A sealed value opens in its own place alone."""

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crypto import ALPHABET, Tampered, blind, new_secret, seal, unseal

ROW, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


@given(st.text())
def test_what_was_sealed_opens_in_its_place(value: str) -> None:
    assert unseal(seal(value, column="t.c", row=ROW), column="t.c", row=ROW) == value


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert seal("x", column="t.c", row=ROW) != seal("x", column="t.c", row=ROW)


@pytest.mark.parametrize(("column", "row"), [("t.d", ROW), ("t.c", OTHER), ("t.d", OTHER)])
def test_a_value_moved_elsewhere_does_not_open(column: str, row: uuid.UUID) -> None:
    with pytest.raises(Tampered):
        unseal(seal("x", column="t.c", row=ROW), column=column, row=row)


def test_a_value_sealed_with_another_key_does_not_open(settings: Any) -> None:
    sealed = seal("x", column="t.c", row=ROW)
    settings.FIELD_KEY = b"\0" * 32
    with pytest.raises(Tampered):
        unseal(sealed, column="t.c", row=ROW)


def test_a_value_with_any_byte_changed_does_not_open() -> None:
    sealed = seal("13800138000", column="t.c", row=ROW)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(Tampered):
            unseal(changed, column="t.c", row=ROW)


def test_a_value_cut_short_does_not_open() -> None:
    sealed = seal("13800138000", column="t.c", row=ROW)
    for length in range(len(sealed)):
        with pytest.raises(Tampered):
            unseal(sealed[:length], column="t.c", row=ROW)


def test_the_index_of_a_value_depends_on_kind_and_key(settings: Any) -> None:
    index = blind("phone4", "8000")
    assert index == blind("phone4", "8000") != blind("email", "8000")
    settings.INDEX_KEY = b"\1" * 32
    assert index != blind("phone4", "8000")


def test_a_secret_has_eighty_bits_in_letters_that_do_not_look_alike() -> None:
    secrets = {new_secret() for _ in range(200)}
    assert len(secrets) == 200
    assert {len(secret.replace("-", "")) for secret in secrets} == {16}
    assert set("".join(secrets)) <= set(ALPHABET) | {"-"}
    assert len(ALPHABET) == 32
    assert not set("01OI") & set(ALPHABET)
