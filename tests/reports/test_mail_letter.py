"""The mail is the bank's, in the client's language, and says nothing that a stranger may not read."""

import datetime as dt
from email.message import EmailMessage

import pytest

from core.post import Rejected, address, on_the_wire
from reports.mail import Letter, compose


def letter(**given: object) -> Letter:
    """Return a letter of March."""
    values = {
        "to": "li.wen@mail.example",
        "manager": "Mei Lin",
        "reply_to": "mei@bank.example",
        "language": "en",
        "period_start": dt.date(2026, 3, 1),
        "period_end": dt.date(2026, 3, 31),
        "message_id": address("0e8f"),
        "written_at": dt.datetime(2026, 4, 1, 2, tzinfo=dt.UTC),
        "file_name": "statement-2026-03.pdf",
        "content": b"%PDF-locked",
    }
    return Letter(**{**values, **given})  # type: ignore[arg-type]


def body(message: EmailMessage) -> str:
    """Return what the client reads."""
    part = message.get_body()
    assert part is not None
    return str(part.get_content())


def test_it_comes_from_the_bank_names_the_manager_and_has_one_recipient() -> None:
    message = compose(letter())
    assert "statements@steward.example" in message["From"]
    assert "Mei Lin" in body(message)
    assert message["To"] == "li.wen@mail.example"
    assert message["Cc"] is message["Bcc"] is None


def test_the_subject_names_a_month_and_nobody() -> None:
    assert compose(letter())["Subject"] == "Your statement for 2026-03"


def test_the_same_letter_is_the_same_bytes() -> None:
    assert compose(letter()).as_bytes() == compose(letter()).as_bytes()


@pytest.mark.parametrize(("language", "tag"), [("en", "en"), ("zh-hans", "zh-Hans")])
def test_it_says_which_language_it_speaks(language: str, tag: str) -> None:
    assert compose(letter(language=language))["Content-Language"] == tag


def test_a_name_with_markup_stays_a_name() -> None:
    assert "Mei <b>Lin</b> & Co" in body(compose(letter(manager="Mei <b>Lin</b> & Co")))


@pytest.mark.parametrize("email", ["ann+tag@example.com", "o'neil@example.com"])
def test_an_unusual_address_is_an_address(email: str) -> None:
    assert on_the_wire(email) == email


@pytest.mark.parametrize(
    "email", ["ann", "@x.example", ".ann@x.example", "a\x00b@x.example", '"two words"@x.example', "ann@x..example"]
)
def test_what_is_not_a_plain_address_is_refused(email: str) -> None:
    with pytest.raises(Rejected):
        on_the_wire(email)
