"""What a bank's file says of a client: the typed row, and how personal values are compared and masked."""

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from core.errors import Refused

HINT_MOST = 40
TAIL = 4


@dataclass(frozen=True, slots=True)
class LineError:
    """Why one line of a file cannot be taken.

    ``code`` names the reason, ``values`` fill its sentence, never with personal data.
    """

    line: int
    field: str
    code: str
    values: tuple[tuple[str, str], ...] = ()


class LinesRefused(Refused):
    """Nothing of a file was taken, because of these lines."""

    def __init__(self, errors: list[LineError]) -> None:
        super().__init__("lines-refused", f"{len(errors)} lines were refused.")
        self.errors = errors


class Counts(NamedTuple):
    """How many rows an upsert added, corrected and found as they were."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Return the sum of two counts."""
        return Counts(self.created + other.created, self.changed + other.changed, self.unchanged + other.unchanged)


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client as a bank's file tells it.

    Empty says nothing: a new client gets the default, a known one keeps what it has. ``invented`` names the fields that
    the source did not have.
    """

    reference: str
    kind: str
    name: str
    alias: str = ""
    household: str = ""
    household_name: str = ""
    tier: str = ""
    status: str = ""
    language: str = ""
    base_currency: str = ""
    born_on: dt.date | None = None
    domicile: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    id_kind: str = ""
    id_country: str = ""
    id_number: str = ""
    id_expires_on: dt.date | None = None
    consented_on: dt.date | None = None
    manager: str = ""
    backup: str = ""
    preferences: str = ""
    avoid: str = ""
    invented: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)


def normal_email(value: str) -> str:
    """Return the form in which two spellings of one address are equal: lower case, the domain in its ASCII form."""
    local, _, domain = value.strip().rpartition("@")
    return f"{local.lower()}@{domain.lower().encode('idna').decode()}"


def normal_phone(value: str) -> str:
    """Return a phone's digits alone."""
    return re.sub(r"\D", "", value)


def normal_text(value: str) -> str:
    """Return a text in one case with single blanks."""
    return " ".join(value.casefold().split())


def normal_number(value: str) -> str:
    """Return a document's number in upper case without blanks and dashes."""
    return re.sub(r"[\s-]", "", value).upper()


def email_hint(value: str) -> str:
    """Mask an address: ``a***@example.com``."""
    local, _, domain = value.partition("@")
    return f"{local[:1]}***@{domain}"[:HINT_MOST]


def tail_hint(value: str) -> str:
    """Mask a number down to its last four characters: ``•••• 1234``."""
    return f"•••• {value[-TAIL:]}" if len(value) > TAIL else "••••"


def address_hint(value: str) -> str:
    """Mask an address down to its first characters."""
    return f"{normal_text(value)[:TAIL]}…"
