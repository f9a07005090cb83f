"""Typed rows into tables, set by set: what is new is added, what differs is corrected, what is equal is left alone.

Deposits, accounts and instruments are corrected in place. Holdings, movements, prices and rates keep their history: the
old version ends at ``now`` and a new one begins. Empty words of a row change nothing.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from clients.operations.intake import account_tails, batches
from clients.queries import references
from clients.rules.intake import Counts
from core.jobs import Progress, silent
from portfolios.feeds.rows import (
    AccountRow,
    ActionRow,
    DepositRow,
    FxRow,
    HoldingRow,
    InstitutionRow,
    InstrumentRow,
    PartyRow,
    PriceRow,
)
from portfolios.models import (
    Account,
    AccountParty,
    CorporateAction,
    Deposit,
    DepositChange,
    FxRate,
    Holding,
    Institution,
    Instrument,
    Price,
)
from portfolios.operations.plans import (
    Errors,
    Plan,
    by_reference,
    in_place,
    known_rows,
    said_by,
    versioned,
    write,
)

# --- institutions, accounts and who may operate them ------------------------------------------------------------------


@transaction.atomic
def upsert_institutions(*, rows: Sequence[InstitutionRow], now: dt.datetime) -> Counts:
    """Add institutions and correct known ones by reference.

    Raises:
        LinesRefused: a new one comes without its name, licence or country.
    """
    known, plan, errors = by_reference(Institution, (row.reference for row in rows)), Plan[Institution](), Errors()
    for row in rows:
        said = said_by({name: getattr(row, name) for name in ("name", "name_zh", "licence", "country")})
        said |= {"is_bank": row.is_bank == "yes"} if row.is_bank else {}
        if row.reference not in known:
            for name in {"name", "licence", "country"} - said.keys():
                errors.add(row.line, name, "new-needs")
        in_place(plan, Institution, known.get(row.reference), said, reference=row.reference)
    errors.stop()
    return write(plan, Institution, ["name", "name_zh", "licence", "country", "is_bank"], now)


@transaction.atomic
def upsert_accounts(*, rows: Sequence[AccountRow | PartyRow], now: dt.datetime, progress: Progress = silent) -> Counts:
    """Add accounts and their further parties, and correct known ones by reference.

    Raises:
        LinesRefused: a client or institution is unknown, or an account's owner or currency would change.
    """
    clients = references({row.client for row in rows})
    counts = _accounts([row for row in rows if isinstance(row, AccountRow)], clients, now, progress)
    return counts.plus(_parties([row for row in rows if isinstance(row, PartyRow)], clients, now))


def _accounts(rows: Sequence[AccountRow], clients: dict[str, int], now: dt.datetime, progress: Progress) -> Counts:
    known = by_reference(Account, (row.reference for row in rows))
    banks = by_reference(Institution, (row.institution for row in rows))
    plan, errors = Plan[Account](), Errors()
    for row in rows:
        account, client, bank = known.get(row.reference), clients.get(row.client), banks.get(row.institution)
        if client is None:
            errors.add(row.line, "client", "no-client")
        elif account and account.client_id != client:
            errors.add(row.line, "client", "owner-differs")
        if bank is None:
            errors.add(row.line, "institution", "no-institution")
        if account and account.currency != row.currency:
            errors.add(row.line, "currency", "currency-differs", known=account.currency)
        if client is None or bank is None:
            continue
        said = said_by({name: getattr(row, name) for name in ("number", "kind", "opened_on", "closed_on")})
        said |= {"client_id": client, "institution_id": bank.pk, "currency": row.currency}
        in_place(plan, Account, account, said, reference=row.reference)
    errors.stop()
    counts = write(plan, Account, ["number", "kind", "opened_on", "closed_on", "institution"], now, progress)
    tell_tails({account.client_id for account in [*plan.new, *plan.changed]})
    return counts


def tell_tails(clients: set[int]) -> None:
    """Let clients be found by the numbers of all their accounts."""
    numbers: dict[int, set[str]] = {client: set() for client in clients}
    for part in batches(clients):
        for client, number in Account.objects.filter(client__in=part).values_list("client_id", "number"):
            numbers[client].add(number)
    account_tails(numbers=numbers)


def _parties(rows: Sequence[PartyRow], clients: dict[str, int], now: dt.datetime) -> Counts:
    accounts = by_reference(Account, (row.reference for row in rows))
    ids = [account.pk for account in accounts.values()]
    parties = known_rows(AccountParty.objects.all(), "account", ids, lambda party: (party.account_id, party.client_id))
    plan, errors = Plan[AccountParty](), Errors()
    for row in rows:
        account, client = accounts.get(row.reference), clients.get(row.client)
        if account is None:
            errors.add(row.line, "reference", "no-account")
        if client is None:
            errors.add(row.line, "client", "no-client")
        if account is None or client is None:
            continue
        if account.client_id == client:
            errors.add(row.line, "client", "party-owner")
        known = parties.get((account.pk, client))
        in_place(plan, AccountParty, known, {"capacity": row.capacity}, account_id=account.pk, client_id=client)
    errors.stop()
    return write(plan, AccountParty, ["capacity"], now)


# --- deposits and holdings --------------------------------------------------------------------------------------------

DEPOSIT_WORDS = (
    "kind",
    "currency",
    "principal",
    "rate",
    "day_count",
    "value_date",
    "term_months",
    "notice_days",
    "matures_on",
    "instruction",
    "renew_amount",
    "renew_months",
    "renew_rate",
    "closed_on",
)


@transaction.atomic
def upsert_holdings(
    *, rows: Sequence[DepositRow | HoldingRow], now: dt.datetime, progress: Progress = silent
) -> Counts:
    """Add deposits and holdings and correct known ones: a deposit by its reference, a holding by reference and date.

    Raises:
        LinesRefused: an account, instrument or institution is unknown, a currency differs, or the owner would change.
    """
    accounts = by_reference(Account, (row.account for row in rows))
    counts = _deposits([row for row in rows if isinstance(row, DepositRow)], accounts, now, progress)
    return counts.plus(_holdings([row for row in rows if isinstance(row, HoldingRow)], accounts, now, progress))


def _deposits(rows: Sequence[DepositRow], accounts: dict[str, Account], now: dt.datetime, progress: Progress) -> Counts:
    known = by_reference(Deposit, (row.reference for row in rows))
    banks = by_reference(Institution, (row.institution for row in rows))
    plan, errors, changes = Plan[Deposit](), Errors(), dict[tuple[int, dt.date], Decimal]()
    for row in rows:
        deposit, account = known.get(row.reference), accounts.get(row.account)
        if account is None:
            errors.add(row.line, "account", "no-account")
            continue
        if account.currency != row.currency:
            errors.add(row.line, "currency", "currency-differs", known=account.currency)
        if deposit and deposit.client_id != account.client_id:
            errors.add(row.line, "account", "owner-differs")
        if row.institution and row.institution not in banks:
            errors.add(row.line, "institution", "no-institution")
            continue
        said = said_by({name: getattr(row, name) for name in DEPOSIT_WORDS})
        said |= _renewal(row, deposit)
        if deposit is None or row.institution:
            said["institution_id"] = banks[row.institution].pk if row.institution else account.institution_id
        said |= {"account_id": account.pk, "client_id": account.client_id}
        if deposit and row.changed_on and row.principal != deposit.principal:
            changes[deposit.pk, row.changed_on] = row.principal - deposit.principal
        in_place(plan, Deposit, deposit, said, reference=row.reference, known_at=now)
    errors.stop()
    counts = write(plan, Deposit, [*DEPOSIT_WORDS, "account", "institution", "known_at"], now, progress)
    _changes(changes, now)
    return counts


def _changes(found: dict[tuple[int, dt.date], Decimal], now: dt.datetime) -> None:
    """Keep by how much contracts changed and from which day on."""
    plan, ids = Plan[DepositChange](), {deposit for deposit, _day in found}
    believed = DepositChange.objects.filter(superseded_at__isnull=True)
    known = known_rows(believed, "deposit", ids, lambda row: (row.deposit_id, row.value_date))
    owners = dict(Deposit.objects.filter(pk__in=ids).values_list("pk", "client_id"))
    for (deposit, day), amount in found.items():
        before = known.get((deposit, day))
        said = {"deposit_id": deposit, "client_id": owners[deposit], "value_date": day}
        said["amount"] = amount + (before.amount if before else 0)
        versioned(plan, DepositChange, before, said, now)
    write(plan, DepositChange, [], now)


def _renewal(row: DepositRow, deposit: Deposit | None) -> dict[str, Any]:
    """Return what a line makes of the terms of a renewal: they end with their instruction, or with their maturity."""
    said: dict[str, Any] = {}
    if row.instruction:
        said["renew_amount"] = row.renew_amount
    elif deposit and deposit.renew_amount is not None and deposit.renew_amount > row.principal:
        said = {"instruction": Deposit.Instruction.PRINCIPAL, "renew_amount": None}  # the part is all there is
    if deposit:
        now = (row.instruction or deposit.instruction, row.matures_on or deposit.matures_on)
        if now != (deposit.instruction, deposit.matures_on):
            said |= {"renew_months": row.renew_months, "renew_rate": row.renew_rate}
    return said


def _holdings(rows: Sequence[HoldingRow], accounts: dict[str, Account], now: dt.datetime, progress: Progress) -> Counts:
    instruments = by_reference(Instrument, (row.instrument for row in rows))
    believed = Holding.objects.filter(superseded_at__isnull=True)
    names = (row.reference for row in rows)
    known = known_rows(believed, "reference", names, lambda holding: (holding.reference, holding.value_date))
    owners = {holding.reference: holding.client_id for holding in known.values()}
    held: dict[str, dict[dt.date, int]] = {}
    for (reference, day), holding in known.items():
        held.setdefault(reference, {})[day] = holding.instrument_id
    plan, errors = Plan[Holding](), Errors()
    for row in rows:
        account, instrument = accounts.get(row.account), instruments.get(row.instrument)
        if account is None:
            errors.add(row.line, "account", "no-account")
        elif owners.get(row.reference, account.client_id) != account.client_id:
            errors.add(row.line, "account", "owner-differs")
        if instrument is None:
            errors.add(row.line, "instrument", "no-instrument")
        elif row.currency and row.currency != instrument.currency:
            errors.add(row.line, "currency", "currency-differs", known=instrument.currency)
        elif instrument.asset_class == Instrument.AssetClass.INDEX:
            errors.add(row.line, "instrument", "index-held")
        elif {one for day, one in held.get(row.reference, {}).items() if day != row.value_date} - {instrument.pk}:
            errors.add(row.line, "instrument", "instrument-differs")
        if account is None or instrument is None:
            continue
        held.setdefault(row.reference, {})[row.value_date] = instrument.pk
        said = {name: getattr(row, name) for name in ("reference", "quantity", "cost", "value_date")}
        said |= {"account_id": account.pk, "client_id": account.client_id, "instrument_id": instrument.pk}
        versioned(plan, Holding, known.get((row.reference, row.value_date)), said, now)
    errors.stop()
    return write(plan, Holding, [], now, progress)


# --- instruments, prices and rates ------------------------------------------------------------------------------------

INSTRUMENT_TERMS = ("multiplier", "coupon", "coupon_frequency", "matures_on")
INSTRUMENT_WORDS = (
    *("name", "name_zh", "isin", "asset_class", "currency", "country", "sector", "risk_level"),
    *INSTRUMENT_TERMS,
)
SIGNED = {Instrument.AssetClass.FUTURE, Instrument.AssetClass.SWAP}


@transaction.atomic
def upsert_instruments(*, rows: Sequence[InstrumentRow], now: dt.datetime) -> Counts:
    """Add instruments and correct known ones by reference.

    Raises:
        LinesRefused: an issuer is unknown, or the currency of a known instrument would change, or the contract size or
            coupon of one that has prices: what was said of its worth must come out again.
    """
    known = by_reference(Instrument, (row.reference for row in rows))
    priced = set(Price.objects.filter(instrument__in=known.values()).order_by().values_list("instrument", flat=True))
    issuers = by_reference(Institution, (row.issuer for row in rows))
    plan, errors = Plan[Instrument](), Errors()
    for row in rows:
        instrument = known.get(row.reference)
        if instrument and instrument.currency != row.currency:
            errors.add(row.line, "currency", "currency-differs", known=instrument.currency)
        if row.issuer and row.issuer not in issuers:
            errors.add(row.line, "issuer", "no-institution")
            continue
        said = said_by({name: getattr(row, name) for name in INSTRUMENT_WORDS})
        if instrument and instrument.pk in priced and _other_terms(instrument, said):
            errors.add(row.line, "reference", "terms-stand")
        said |= {"issuer_id": issuers[row.issuer].pk} if row.issuer else {}
        in_place(plan, Instrument, instrument, said, reference=row.reference)
    errors.stop()
    return write(plan, Instrument, [*INSTRUMENT_WORDS, "issuer"], now)


def _other_terms(instrument: Instrument, said: dict[str, Any]) -> bool:
    """Say whether prices that are there would mean another worth."""
    future = Instrument.AssetClass.FUTURE
    return any(said.get(name, getattr(instrument, name)) != getattr(instrument, name) for name in INSTRUMENT_TERMS) or (
        (said.get("asset_class", instrument.asset_class) == future) != (instrument.asset_class == future)
    )


@transaction.atomic
def upsert_prices(
    *, rows: Sequence[PriceRow | ActionRow | FxRow], now: dt.datetime, progress: Progress = silent
) -> Counts:
    """Add prices, corporate actions and rates of a date and correct known ones, keeping what was believed before.

    Raises:
        LinesRefused: an instrument is unknown or has another currency, or its price cannot be below zero.
    """
    counts = _prices([row for row in rows if isinstance(row, PriceRow)], now, progress)
    counts = counts.plus(_actions([row for row in rows if isinstance(row, ActionRow)], now, progress))
    return counts.plus(_rates([row for row in rows if isinstance(row, FxRow)], now, progress))


def _prices(rows: Sequence[PriceRow], now: dt.datetime, progress: Progress) -> Counts:
    instruments = by_reference(Instrument, (row.reference for row in rows))
    days = {row.value_date for row in rows}
    believed = Price.objects.filter(superseded_at__isnull=True, instrument__in=[one.pk for one in instruments.values()])
    known = known_rows(believed, "value_date", days, lambda price: (price.instrument_id, price.value_date))
    plan, errors = Plan[Price](), Errors()
    for row in rows:
        instrument = instruments.get(row.reference)
        if instrument is None:
            errors.add(row.line, "reference", "no-instrument")
            continue
        if row.currency and row.currency != instrument.currency:
            errors.add(row.line, "currency", "currency-differs", known=instrument.currency)
        if row.price < 0 and instrument.asset_class not in SIGNED:
            errors.add(row.line, "price", "price-negative")
        said = {"instrument_id": instrument.pk, "value_date": row.value_date, "price": row.price, "source": row.source}
        said["estimated"] = row.estimated == "yes"
        versioned(plan, Price, known.get((instrument.pk, row.value_date)), said, now)
    errors.stop()
    return write(plan, Price, [], now, progress)


def _actions(rows: Sequence[ActionRow], now: dt.datetime, progress: Progress) -> Counts:
    instruments = by_reference(Instrument, (name for row in rows for name in (row.reference, row.into) if name))
    ids = [one.pk for one in instruments.values()]
    believed = CorporateAction.objects.filter(superseded_at__isnull=True)
    known = known_rows(believed, "instrument", ids, lambda action: (action.instrument_id, action.value_date))
    plan, errors = Plan[CorporateAction](), Errors()
    for row in rows:
        instrument = instruments.get(row.reference)
        if instrument is None:
            errors.add(row.line, "reference", "no-instrument")
            continue
        other = instruments.get(row.into)
        if row.into and other is None:
            errors.add(row.line, "into", "no-instrument")
            continue
        said = {name: getattr(row, name) for name in ("kind", "value_date", "factor", "source")}
        said |= {"instrument_id": instrument.pk, "into_id": other and other.pk}
        versioned(plan, CorporateAction, known.get((instrument.pk, row.value_date)), said, now)
    errors.stop()
    return write(plan, CorporateAction, [], now, progress)


def _rates(rows: Sequence[FxRow], now: dt.datetime, progress: Progress) -> Counts:
    believed = FxRate.objects.filter(superseded_at__isnull=True)
    days = {row.value_date for row in rows}
    known = known_rows(believed, "value_date", days, lambda rate: (rate.base, rate.quote, rate.value_date))
    plan = Plan[FxRate]()
    for row in rows:
        said = {name: getattr(row, name) for name in ("base", "quote", "value_date", "rate", "source")}
        versioned(plan, FxRate, known.get((row.base, row.quote, row.value_date)), said, now)
    return write(plan, FxRate, [], now, progress)
