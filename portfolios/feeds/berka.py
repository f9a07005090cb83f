"""The public Berka extract (PKDD'99 Discovery Challenge), an anonymised Czech bank, as typed rows.

It has no names, contacts or consent; what is made up here is named in ``ClientRow.invented``.
"""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from clients.rules.intake import ClientRow
from portfolios.feeds.rows import AccountRow, InstitutionRow, PartyRow, TransactionRow

BANK = "BERKA"
CURRENCY = "CZK"
WOMAN = 50
CENTURY = 1900
FILES = ("client.asc", "account.asc", "disp.asc", "trans.asc")
INVENTED = ("name", "tier", "language", "manager", "email", "consented_on")
"""``email`` and ``consented_on`` are left empty: a mail address cannot be made up."""

SYMBOLS = {
    "UROK": ("interest", "Interest credited"),
    "SANKC. UROK": ("interest", "Penalty interest"),
    "SLUZBY": ("fee", "Statement fee"),
    "SIPO": ("transfer", "Household payment"),
    "POJISTNE": ("transfer", "Insurance payment"),
    "DUCHOD": ("transfer", "Pension"),
    "UVER": ("transfer", "Loan payment"),
}
OPERATIONS = {
    "VKLAD": ("cash", "Cash paid in"),
    "VYBER": ("cash", "Cash withdrawn"),
    "PREVOD Z UCTU": ("transfer", "From another bank"),
    "PREVOD NA UCET": ("transfer", "To another bank"),
    "VYBER KARTOU": ("card", "Card withdrawal"),
}


def lines(folder: Path, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each line of a file of the extract with its number: semicolons, Windows-1250."""
    with (folder / name).open(encoding="cp1250", newline="") as file:
        for line, row in enumerate(csv.DictReader(file, delimiter=";", strict=True), start=2):
            yield line, {key: value.strip() for key, value in row.items()}


def day(value: str) -> dt.date:
    """Read ``YYMMDD`` of the twentieth century."""
    return dt.date(CENTURY + int(value[:2]), int(value[2:4]), int(value[4:6]))


def born(number: str) -> dt.date:
    """Read a Czech birth number; a woman's month has 50 added."""
    month = int(number[2:4])
    return dt.date(CENTURY + int(number[:2]), month - WOMAN if month > WOMAN else month, int(number[4:6]))


def client_rows(folder: Path, managers: Iterable[str]) -> list[ClientRow]:
    """Return the clients, the managers given to them in turn by their number."""
    names = list(managers)
    return [
        ClientRow(
            reference=f"berka-{row['client_id']}",
            kind="person",
            name=f"Berka client {row['client_id']}",
            tier="hnw",
            language="en",
            base_currency=CURRENCY,
            born_on=born(row["birth_number"]),
            domicile="CZ",
            manager=names[int(row["client_id"]) % len(names)],
            invented=INVENTED,
            line=line,
        )
        for line, row in lines(folder, "client.asc")
    ]


def account_rows(folder: Path) -> tuple[InstitutionRow, list[AccountRow], list[PartyRow]]:
    """Return the bank, its accounts with their owners, and who else may operate them."""
    bank = InstitutionRow(reference=BANK, name="Berka bank", licence=BANK, country="CZ")
    owners: dict[str, str] = {}
    parties: list[PartyRow] = []
    for line, row in lines(folder, "disp.asc"):
        client, account = f"berka-{row['client_id']}", f"berka-{row['account_id']}"
        if row["type"] == "OWNER":
            owners[account] = client
        else:
            parties.append(PartyRow(reference=account, client=client, capacity="disponent", line=line))
    accounts = [_account(line, row, owners) for line, row in lines(folder, "account.asc")]
    return bank, accounts, parties


def _account(line: int, row: dict[str, str], owners: dict[str, str]) -> AccountRow:
    reference = f"berka-{row['account_id']}"
    return AccountRow(
        reference=reference,
        client=owners[reference],
        number=row["account_id"].zfill(8),
        institution=BANK,
        currency=CURRENCY,
        opened_on=day(row["date"]),
        kind="cash",
        line=line,
    )


def transaction_rows(folder: Path) -> list[TransactionRow]:
    """Return the movements, credits positive, each with the balance after it."""
    return [_transaction(line, row) for line, row in lines(folder, "trans.asc")]


def _transaction(line: int, row: dict[str, str]) -> TransactionRow:
    amount = Decimal(row["amount"])
    kind, text = SYMBOLS.get(row["k_symbol"]) or OPERATIONS[row["operation"]]
    counterparty = " ".join(part for part in (row["bank"], row["account"]) if part and part != "0")
    return TransactionRow(
        reference=f"berka-{row['trans_id']}",
        account=f"berka-{row['account_id']}",
        value_date=day(row["date"]),
        kind=kind,
        amount=amount if row["type"] == "PRIJEM" else -amount,
        currency=CURRENCY,
        balance=Decimal(row["balance"]),
        counterparty=counterparty,
        text=text,
        line=line,
    )
