"""Rows for tests, written as the service account under the walls. Every argument has a believable default."""

import datetime as dt
import hashlib
import io
import itertools
import uuid
from decimal import Decimal
from typing import Any, TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

from clients.models import (
    Client,
    ContactNote,
    ContactPoint,
    Coverage,
    Household,
    IdentityDocument,
    Opening,
    SearchKey,
    Task,
)
from clients.queries import CONTACT_COLUMN, DOCUMENT_COLUMN, SECRET_COLUMN
from compliance import operations
from compliance.models import Audit, Hold, HoldReason
from core import approvals, crypto
from core.approvals import deputies, parameters, staff
from core.lists import exports
from core.lists.sealed import SealedWriter
from core.models import Approval, Delegation, Export, Holiday, Job, Parameter, SavedView, Team, Token, User, Webhook
from core.programs import tokens, webhooks
from core.walls import acting, service
from portfolios.models import (
    Account,
    Break,
    CorporateAction,
    Deposit,
    DepositChange,
    FeedMapping,
    FeedRun,
    FxRate,
    Holding,
    Institution,
    Instrument,
    ListedRate,
    Lot,
    Maturity,
    Price,
    RateException,
    Transaction,
    Valuation,
)
from reports.models import Delivery, Statement
from reviews.models import Review

M = TypeVar("M", bound=models.Model)
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 31)
NOW = dt.datetime(2026, 3, 31, 2, 0, tzinfo=dt.UTC)
_numbers = itertools.count(1)


def save(row: M) -> M:
    """Write one row as the service account."""
    with acting(service()):
        row.save()
    return row


def made(model: type[M], defaults: dict[str, Any], given: dict[str, Any]) -> M:
    """Write a row of ``model`` from the defaults and what the test says."""
    return save(model(**{**defaults, **given}))


def next_number() -> int:
    """Return a number no other row has."""
    return next(_numbers)


def household(**given: Any) -> Household:
    """Create a household."""
    number = next_number()
    return made(Household, {"reference": f"H{number}", "name": f"House {number}"}, given)


def client(**given: Any) -> Client:
    """Create a client nobody covers: a person unless ``kind`` says otherwise. Found by name and reference."""
    number = next_number()
    defaults = {
        "reference": f"C{number:08}",
        "kind": Client.Kind.PERSON,
        "name": f"Client {number}",
        "language": "en",
        "born_on": dt.date(1970, 5, 4),
        "consented_on": dt.date(2025, 1, 1),
    }
    row = Client(**{**defaults, **given})
    row.sort_name = given.get("sort_name", row.name.lower())
    save(row)
    for kind, value in (("name", row.name.lower()), ("reference", row.reference.lower())):
        made(SearchKey, {"client": row, "kind": kind, "value": value}, {})
    return row


def coverage(owner: Client, manager: User, **given: Any) -> Coverage:
    """Let ``manager`` cover the client, as the dedicated one unless ``kind`` says otherwise; days are from now."""
    since, until = given.pop("since", None), given.pop("until", None)
    valid = (LONG_AGO if since is None else _in(since), None if until is None else _in(until))
    return made(Coverage, {"client": owner, "manager": manager, "kind": Coverage.Kind.PRIMARY, "valid": valid}, given)


def _in(days: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


def contact_point(owner: Client, value: str = "li.wen@mail.example", **given: Any) -> ContactPoint:
    """Create a sealed e-mail address, or a phone when ``kind`` says so."""
    kind = given.get("kind", ContactPoint.Kind.EMAIL)
    index = crypto.blind(str(kind), value)
    row = ContactPoint(
        **{"client": owner, "kind": kind, "index": index, "hint": f"…{value[-4:]}", "preferred": True, **given}
    )
    row.sealed = crypto.seal(value, column=CONTACT_COLUMN, row=row.seal_id)
    return save(row)


def document(owner: Client, number: str = "E12345678", **given: Any) -> IdentityDocument:
    """Create a passport that lives until 2030."""
    defaults = {"client": owner, "kind": IdentityDocument.Kind.PASSPORT, "country": "CN", "hint": f"…{number[-4:]}"}
    row = IdentityDocument(
        **{**defaults, "index": crypto.blind("document", number), "expires_on": dt.date(2030, 1, 1), **given}
    )
    row.sealed = crypto.seal(number, column=DOCUMENT_COLUMN, row=row.seal_id)
    return save(row)


def secret(owner: Client, value: str = "ABCD-EFGH-JKLM-NPQR") -> str:
    """Give the client a statement secret and return it."""
    owner.statement_secret = crypto.seal(value, column=SECRET_COLUMN, row=owner.seal_id)
    save(owner)
    return value


def note(owner: Client, author: User, **given: Any) -> ContactNote:
    """Log a call."""
    defaults = {
        "client": owner,
        "author": author,
        "channel": "call",
        "text": "Spoke of the maturity",
        "happened_at": NOW,
    }
    return made(ContactNote, defaults, given)


def task(owner: Client, person: User, **given: Any) -> Task:
    """Owe the client something."""
    return made(Task, {"client": owner, "owner": person, "text": "Send the offer", "due_on": TODAY}, given)


def institution(**given: Any) -> Institution:
    """Create a bank."""
    number = next_number()
    defaults = {"reference": f"B{number}", "name": f"Bank {number}", "licence": f"L{number}", "country": "CN"}
    return made(Institution, defaults, given)


def account(owner: Client, **given: Any) -> Account:
    """Create a cash account in CNY."""
    number = next_number()
    defaults = {
        "client": owner,
        "reference": f"A{number}",
        "number": f"6222{number:012}",
        "institution": given.get("institution") or institution(),
        "currency": "CNY",
        "opened_on": dt.date(2023, 1, 1),
    }
    return made(Account, defaults, given)


def deposit(owner: Client, **given: Any) -> Deposit:
    """Create a time deposit of a million CNY at 2 %, one year from 2025-04-15."""
    at = given.get("account") or account(owner)
    defaults = {
        "client": owner,
        "account": at,
        "institution": at.institution,
        "reference": f"D{next_number()}",
        "kind": Deposit.Kind.TIME,
        "currency": at.currency,
        "principal": Decimal(1_000_000),
        "rate": Decimal("0.02"),
        "term_months": 12,
        "value_date": dt.date(2025, 4, 15),
        "matures_on": dt.date(2026, 4, 15),
        "known_at": dt.datetime(2025, 4, 15, tzinfo=dt.UTC),
    }
    return made(Deposit, defaults, given)


def instructed(of: Deposit, instruction: str = "all", **given: Any) -> Deposit:
    """Write another instruction into a contract, which keeps its terms of before."""
    of.instruction, of.known_at = instruction, given.pop("known_at", NOW)
    for name, value in given.items():
        setattr(of, name, value)
    return save(of)


def valuation(owner: Client, **given: Any) -> Valuation:
    """Value a client at a million in cash."""
    defaults = {
        "client": owner,
        "value_date": TODAY,
        "known_at": NOW,
        "currency": "CNY",
        "cash": Decimal(1_000_000),
        **dict.fromkeys(("deposits", "holdings", "flow", "fees"), Decimal(0)),
        **dict.fromkeys(("net_index", "gross_index"), 1.0),
        **dict.fromkeys(("missing", "stale"), 0),
        "balances": {},
    }
    return made(Valuation, defaults, given)


def valued_year(owner: Client, *, until: dt.date) -> None:
    """Value a client at the end of each of the last fourteen months, a hundredth more each time but one."""
    day = until.replace(day=1)
    ends = [day := day.replace(day=1) - dt.timedelta(days=1) for _ in range(14)]
    for number, end in enumerate(reversed(ends)):
        level = 1 + number / 100 - (0.05 if number == 7 else 0)
        cash = Decimal(round(1_000_000 * level))
        valuation(owner, value_date=end, cash=cash, net_index=level, gross_index=level * 1.001, flow=Decimal(0))


def change(of: Deposit, amount: Decimal, **given: Any) -> DepositChange:
    """Let money come to a contract, or leave it as negative, today; the contract says the principal after it."""
    defaults = {"client_id": of.client_id, "deposit": of, "amount": amount, "value_date": TODAY, "known_at": NOW}
    return made(DepositChange, defaults, given)


def maturity(of: Deposit, **given: Any) -> Maturity:
    """Record the day a deposit falls due."""
    return made(Maturity, {"client_id": of.client_id, "deposit": of, "due_on": of.matures_on}, given)


def rate_exception(of: Maturity, asker: User, **given: Any) -> RateException:
    """Agree on 1.6 % for a year where 1.5 % is listed."""
    owner = owned_by(of.client_id)
    given.setdefault("approval", approval(asker, owner, asker))
    rates = {"rate": Decimal("0.016"), "listed_rate": Decimal("0.015"), "transfer_rate": Decimal("0.019")}
    defaults = {"maturity": of, "client_id": of.client_id, "term_months": 12, "granted_at": NOW}
    return made(RateException, {**defaults, **rates}, given)


def instrument(**given: Any) -> Instrument:
    """Create a fund in CNY."""
    number = next_number()
    defaults = {"reference": f"I{number}", "name": f"Fund {number}", "asset_class": "fund", "currency": "CNY"}
    return made(Instrument, defaults, given)


def holding(owner: Client, **given: Any) -> Holding:
    """Hold 1,000 units since 2025-01-01."""
    defaults = {
        "client": owner,
        "account": given.get("account") or account(owner, kind="custody"),
        "instrument": given.get("instrument") or instrument(),
        "reference": f"P{next_number()}",
        "quantity": Decimal(1000),
        "cost": Decimal(10_000),
        "value_date": dt.date(2025, 1, 1),
        "known_at": dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
    }
    return made(Holding, defaults, given)


def lot(of: Holding, **given: Any) -> Lot:
    """Let a position have been bought at once, a year ago, for what it cost."""
    named = ("client_id", "account_id", "instrument_id", "quantity", "cost", "value_date", "known_at")
    defaults: dict[str, Any] = {name: getattr(of, name) for name in named}
    defaults |= {"reference": f"L{next_number()}", "acquired_on": of.value_date - dt.timedelta(days=365)}
    return made(Lot, defaults, given)


def action(of: Instrument, **given: Any) -> CorporateAction:
    """Make two units of each one, today."""
    defaults = {"instrument": of, "kind": "split", "factor": Decimal(2), "source": "test", "value_date": TODAY}
    return made(CorporateAction, {**defaults, "known_at": NOW}, given)


def price(of: Instrument, **given: Any) -> Price:
    """Price an instrument at 12 today."""
    defaults = {"instrument": of, "price": Decimal(12), "source": "test", "value_date": TODAY, "known_at": NOW}
    return made(Price, defaults, given)


def fx_rate(base: str = "USD", quote: str = "CNY", **given: Any) -> FxRate:
    """Say what a currency is worth today: 7.1 unless ``rate`` says otherwise."""
    defaults = {"base": base, "quote": quote, "rate": Decimal("7.1"), "source": "test", "value_date": TODAY}
    return made(FxRate, {**defaults, "known_at": NOW}, given)


def listed_rate(**given: Any) -> ListedRate:
    """List 1.5 % for a year's time deposit in yuan at a new bank, since today."""
    defaults = {
        "kind": "time",
        "currency": "CNY",
        "term_months": 12,
        "rate": Decimal("0.015"),
        "source": "test",
        "value_date": TODAY,
        "known_at": NOW,
    }
    bank = given.pop("institution", None) or institution()
    return made(ListedRate, {**defaults, "institution": bank}, given)


def transaction(of: Account, **given: Any) -> Transaction:
    """Move 1,000 into an account."""
    defaults = {
        "client_id": of.client_id,
        "account": of,
        "reference": f"T{next_number()}",
        "kind": Transaction.Kind.TRANSFER,
        "amount": Decimal(1000),
        "currency": of.currency,
        "value_date": TODAY,
        "known_at": NOW,
        "text": "Salary",
    }
    return made(Transaction, defaults, given)


def review(owner: Client, **given: Any) -> Review:
    """Open a review: of a maturity when ``maturity`` is given, else periodic."""
    of = given.get("maturity")
    kind = (
        {"kind": "maturity", "due_on": of.due_on} if of else {"kind": "periodic", "period": "2026-Q1", "due_on": TODAY}
    )
    return made(Review, {"client": owner, "opened_at": NOW, **kind}, given)


def statement(owner: Client, **given: Any) -> Statement:
    """Freeze an empty statement of February 2026."""
    defaults = {
        "client": owner,
        "period_start": dt.date(2026, 2, 1),
        "period_end": dt.date(2026, 2, 28),
        "language": "en",
        "snapshot": {},
        "digest": hashlib.sha256(b"{}").hexdigest(),
        "frozen_at": NOW,
    }
    return made(Statement, defaults, given)


def delivery(of: Statement, **given: Any) -> Delivery:
    """Put a statement on its way."""
    return made(
        Delivery, {"client_id": of.client_id, "statement": of, "hint": "l…@mail.example", "created_at": NOW}, given
    )


def feed_run(by: User, content: bytes = b"reference\n", **given: Any) -> FeedRun:
    """Record a file that waits."""
    digest = hashlib.sha256(content).hexdigest()
    defaults = {
        "kind": "clients",
        "file_name": "clients.csv",
        "sha256": digest,
        "size": len(content),
        "uploaded_by": by,
    }
    return made(FeedRun, {**defaults, "uploaded_at": NOW}, given)


def refused_run(by: User, **given: Any) -> FeedRun:
    """Return a run that was refused for its second line, which is kept to be corrected."""
    seal, content = uuid.uuid4(), b"reference,kind,name,manager\nC1,robot,Li,mei\n"
    error = {"line": 2, "field": "kind", "code": "choice", "values": {"known": "person"}, "message": "One of: person."}
    told = {"state": "refused", "errors": [error], "seal_id": seal, "stored": sealed(seal, content)}
    return feed_run(by, content + str(next_number()).encode(), **{**told, **given})


def sealed(seal: uuid.UUID, content: bytes, *, column: str = "portfolios_feedrun.file") -> str:
    """Store bytes sealed, and return the name of their file."""
    file = io.BytesIO()
    out = SealedWriter(file, column=column, row=seal)
    out.write(content)
    out.finish()
    return default_storage.save(f"tests/{seal}.sealed", ContentFile(file.getvalue()))


def mapping(by: User, **given: Any) -> FeedMapping:
    """Save a mapping of movements with other column names."""
    text = (
        '[[part]]\nlayout = "transactions"\n[part.columns]\nreference = {from = "id"}\naccount = {from = "acc"}\n'
        'value_date = {from = "day", dates = "DD.MM.YYYY"}\nkind = "other"\namount = {from = "sum"}\ncurrency = "CNY"\n'
    )
    defaults = {"name": f"bank-{next_number()}", "version": 1, "text": text, "saved_by": by, "saved_at": NOW}
    return made(FeedMapping, defaults, given)


def break_of(of: Client, by: User, **given: Any) -> Break:
    """Open a break on an account of a client: a hundred less than was due."""
    held = given.pop("account", None) or account(of)
    run = given.pop("run", None) or feed_run(by, content=f"break {next_number()}".encode(), kind="transactions")
    figures = {"expected": Decimal(1000), "found": Decimal(900), "currency": "CNY", "kind": "unexplained"}
    defaults = {"client": of, "account": held, "day": TODAY, "run": run, "opened_at": NOW, **figures}
    return made(Break, defaults, given)


def hold(owner: Client, by: User, reason: str = "Source of wealth unexplained", **given: Any) -> Hold:
    """Place a hold as a compliance officer, with its reason."""
    with acting(by):
        row = Hold.objects.create(**{"client": owner, "placed_by": by, "placed_at": NOW, **given})
        HoldReason.objects.create(client=owner, hold=row, text=reason)
    return row


def job(**given: Any) -> Job:
    """Write a job that is due, without announcing it."""
    moment = timezone.now()
    return made(Job, {"name": "test.nothing", "due_at": moment, "created_at": moment}, given)


def owned_by(client_id: int) -> Client:
    """Return a client by id, read as the service account."""
    with acting(service()):
        return Client.objects.get(pk=client_id)


def token(person: User, *, pk: int | None = None, now: dt.datetime | None = None, **given: Any) -> tuple[Token, str]:
    """Make a token of a person; return it and its text."""
    with acting(person):
        made, text = tokens.create(
            user=person, now=now or timezone.now(), **{"name": "Reports", "scope": "write", "days": 30, **given}
        )
        if pk is not None:  # as it would have been, with an id that stands out
            Token.objects.filter(pk=made.pk).delete()
            made.pk = pk
            made.save(force_insert=True)
    return made, text


def webhook(administrator: User, *, pk: int | None = None, **given: Any) -> tuple[Webhook, str]:
    """Add a webhook; return it and its secret."""
    told = {"name": "Ledger", "url": "https://ledger.example/hook", "events": ["review:decide"], **given}
    with acting(administrator):
        hook, text = webhooks.add(user=administrator, known=told["events"], now=timezone.now(), **told)
        if pk is not None:
            Webhook.objects.filter(pk=hook.pk).delete()
            hook.pk = pk
            hook.save(force_insert=True)
    return hook, text


def saved_view(person: User, **given: Any) -> SavedView:
    """Save a view of the list of clients."""
    defaults = {"user": person, "listing": "clients", "name": f"View {next_number()}", "query": [["tier", "ultra"]]}
    return made(SavedView, {**defaults, "created_at": NOW}, given)


def approval(asker: User, owner: Client, to: User, **given: Any) -> Approval:
    """Ask, as somebody of a role that may, that a client is handed over to ``to``."""
    content = {"clients": [owner.pk], "from": asker.pk, "to": to.pk, "at": None}
    told = {"kind": "client:handover", "content": content, "reason": f"Canary reason {owner.pk}", "asked_by": asker}
    now = timezone.now()
    with acting(asker):
        row = Approval(**{**told, "asked_at": now, "expires_at": now, "digest": b"", **given})
        row.save(force_insert=True)
        row.refresh_from_db()
    return row


def purpose(officer: User, owner: Client | int, **given: Any) -> Opening:
    """Let an officer of compliance have said why they look at a client."""
    return opening(officer, owner, officer, **{"kind": "purpose", "purpose": "file", **given})


def opening(officer: User, owner: Client | int, person: User, *, minutes: float = 30, **given: Any) -> Opening:
    """Open a client to somebody, in an emergency unless ``kind`` says otherwise, from now on."""
    client_id = owner if isinstance(owner, int) else owner.pk
    now = timezone.now()
    told = {"kind": "emergency", "reason": "The client waits at the counter", "opened_by": officer, "person": person}
    with acting(officer):
        row = Opening(client_id=client_id, **{**told, "valid": (now, now + dt.timedelta(minutes=minutes)), **given})
        row.save(force_insert=True)
        row.refresh_from_db()
    return row


def drawn(people: Any, *, size: int = 1, seconds: float = 3600, **given: Any) -> Audit:
    """Draw an audit for the auditor out of all clients there are."""
    now = timezone.now()
    told = {
        "title": "Audit of the files",
        "seed": "a-seed",
        "size": size,
        "ends_at": now + dt.timedelta(seconds=seconds),
    }
    with acting(people.compliance):
        return operations.draw_audit(user=people.compliance, auditor_id=people.auditor.pk, now=now, **{**told, **given})


def given_role(people: Any, member: User, role: str, team: Team | None = None) -> None:
    """Give somebody another role, as the administrator asks and compliance approves."""
    now = timezone.now()
    with acting(people.administrator):
        asked = staff.ask_role(
            user=people.administrator,
            user_id=member.pk,
            role=role,
            team_id=team.pk if team else None,
            reason="A test",
            now=now,
        )
    approved(asked, people.compliance)
    member.refresh_from_db()


def holiday(**given: Any) -> Holiday:
    """Close the banks of China on a day, by default Labour Day of the factories' year."""
    defaults = {"market": "CN", "day": dt.date(2026, 5, 1), "name": "Labor Day", "name_zh": "劳动节", "source": "State"}
    return made(Holiday, defaults, given)


def parameter(people: Any, **given: Any) -> Parameter:
    """Let another value of a figure govern from a day on, as operations ask and compliance approves."""
    asked = asked_parameter(people.operations, **given)
    approved(asked, people.compliance)
    with acting(people.compliance):
        return Parameter.objects.get(key=asked.content["key"], valid_from=asked.content["from"])


def asked_parameter(person: User, key: str = "price.stale_days", **given: Any) -> Approval:
    """Ask that a figure changes; of its rows the newest is the one that is looked at."""
    now = timezone.now()
    told = {"value": Decimal(7), "begins": timezone.localdate(now), "source": "Minute 12", "reason": "Prices are slow"}
    with acting(person):
        row = Parameter.objects.filter(key=key).latest("valid_from")
        return parameters.ask_parameter(user=person, parameter_id=row.pk, now=now, **{**told, **given})


def delegation(lead: User, deputy: User, **given: Any) -> Delegation:
    """Let a lead name a deputy for a day, today by default, as the lead does."""
    begins = given.get("begins", timezone.localdate())
    told = {"begins": begins, "until": begins, "reason": "Away on leave", **given}
    with acting(lead):
        return deputies.delegate(user=lead, deputy_id=deputy.pk, now=timezone.now(), **told)


def approved(row: Approval, decider: User) -> None:
    """Approve what was asked for, as somebody who saw it."""
    with acting(decider):
        digest = bytes(row.digest).hex()
        approvals.decide(user=decider, approval_id=row.pk, approve=True, digest=digest, note="", now=timezone.now())


def export(person: User, **given: Any) -> Export:
    """Ask for the list of clients as a CSV file."""
    defaults = {"user": person, "listing": "clients", "form": "csv", "asked_at": timezone.now()}
    return made(Export, defaults, given)


def exported(person: User, **given: Any) -> Export:
    """Return an export that is done, with a file of one line."""
    seal, content, now = uuid.uuid4(), b"reference\r\n", timezone.now()
    stored, digest = sealed(seal, content, column=exports.COLUMN), hashlib.sha256(content).hexdigest()
    done = {"state": "done", "stored": stored, "size": len(content), "sha256": digest, "finished_at": now}
    return export(person, **{"seal_id": seal, "expires_at": now + exports.KEPT, **done, **given})
