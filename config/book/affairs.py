"""What happened to the clients of a book into rows: accounts, deposits, holdings, movements, notes, promises, reviews.

Each row of money is known since its month was over, so that a question about what was known then has its answer.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from clients.models import ContactNote, Task
from config.book.contacts import Note, PastReview
from config.book.desk import Life
from config.book.known import Frame, Ids
from config.book.loading import Loader
from config.book.people import Profile
from portfolios.feeds.rows import DepositRow
from portfolios.models import Account, AccountParty, Deposit, Holding, Lot, Maturity, Transaction
from reviews.models import Review
from reviews.rules import cycle

Row = tuple[Any, ...]
Names = tuple[str, ...]
TERMS = ("kind", "currency", "principal", "rate", "day_count", "value_date", "term_months", "notice_days", "matures_on")


class Affairs:
    """Writes the affairs of some clients, in the order in which rows need each other."""

    def __init__(self, lives: Sequence[Life], *, frame: Frame, ids: Ids, loader: Loader) -> None:
        self.lives = lives
        self.frame = frame
        self.ids = ids
        self.loader = loader
        self.deposits: dict[str, int] = {}

    def write(self) -> None:
        """Write everything."""
        self._accounts()
        self._deposits()
        self._holdings()
        self._lots()
        self._transactions()
        self._notes()
        self._reviews()

    # --- money ---

    def _accounts(self) -> None:
        clients, banks = self.ids.clients, self.ids.banks
        found = [row for life in self.lives for row in life.history.accounts]
        own = dict(zip((row.reference for row in found), self.loader.ids(Account, len(found)), strict=True))
        self.ids.accounts.update(own)
        names: Names = ("id", "client_id", "reference", "number", "kind", "institution_id", "currency", "opened_on")
        rows = [
            (
                own[r.reference],
                clients[r.client],
                r.reference,
                r.number,
                r.kind,
                banks[r.institution],
                r.currency,
                r.opened_on,
            )
            for r in found
        ]
        self.loader.load(Account, names, rows)
        parties = [row for life in self.lives for row in self._parties(life.profile)]
        self.loader.load(AccountParty, ("account_id", "client_id", "capacity"), parties)

    def _parties(self, profile: Profile) -> Iterator[Row]:
        """Yield who may operate another's account: spouses jointly, founders that of their company."""
        accounts, clients = self.ids.accounts, self.ids.clients
        if profile.partner and profile.row.kind == "person":
            yield accounts[f"A{profile.partner[1:]}-CNY"], clients[profile.reference], "joint"
        elif profile.partner:
            yield accounts[f"A{profile.reference[1:]}-CNY"], clients[profile.partner], "disponent"

    def _deposits(self) -> None:
        found = [row for life in self.lives for row in life.history.deposits.values()]
        self.deposits = dict(zip((row.reference for row in found), self.loader.ids(Deposit, len(found)), strict=True))
        names: Names = ("id", "client_id", "account_id", "institution_id", "reference", "known_at", *TERMS)
        names += ("instruction", "closed_on")
        rows = [
            self._deposit(row, client) for client, life in self._by_client() for row in life.history.deposits.values()
        ]
        self.loader.load(Deposit, names, rows)

    def _deposit(self, row: DepositRow, client: int) -> Row:
        return (
            self.deposits[row.reference],
            client,
            self.ids.accounts[row.account],
            self.ids.banks[row.institution],
            row.reference,
            self.frame.over(row.value_date),
            *(getattr(row, name) for name in TERMS),
            row.instruction or Deposit.Instruction.NONE.value,
            row.closed_on,
        )

    def _holdings(self) -> None:
        accounts, instruments, over = self.ids.accounts, self.ids.instruments, self.frame.over
        names = ("client_id", "account_id", "instrument_id", "reference", "quantity", "cost", "value_date", "known_at")
        rows = [
            (
                *(client, accounts[row.account], instruments[row.instrument], row.reference),
                *(row.quantity, row.cost, row.value_date, over(row.value_date)),
            )
            for client, life in self._by_client()
            for row in life.history.holdings
        ]
        self.loader.load(Holding, names, rows)

    def _lots(self) -> None:
        accounts, instruments, over = self.ids.accounts, self.ids.instruments, self.frame.over
        names: Names = ("client_id", "account_id", "instrument_id", "reference", "acquired_on", "quantity", "cost")
        names += ("value_date", "known_at")
        rows = [
            (
                *(client, accounts[row.account], instruments[row.instrument], row.reference, row.acquired_on),
                *(row.quantity, row.cost, row.value_date, over(row.value_date)),
            )
            for client, life in self._by_client()
            for row in life.history.lots.values()
        ]
        self.loader.load(Lot, names, rows)

    def _transactions(self) -> None:
        over = self.frame.over
        names: Names = ("client_id", "account_id", "reference", "value_date", "known_at", "kind", "amount", "currency")
        names += ("balance", "counterparty", "text", "instrument_id")
        instruments = self.ids.instruments
        rows = [
            (
                *(client, account, row.reference, row.value_date, over(row.value_date), row.kind, row.amount),
                *(row.currency, row.balance, row.counterparty, row.text),
                instruments[row.instrument] if row.instrument else None,
            )
            for client, life in self._by_client()
            for ledger in life.history.ledgers.values()
            for account in (self.ids.accounts[ledger.account],)
            for row in ledger.rows
        ]
        self.loader.load(Transaction, names, rows)

    def _by_client(self) -> Iterator[tuple[int, Life]]:
        return ((self.ids.clients[life.profile.reference], life) for life in self.lives)

    # --- contacts ---

    def _notes(self) -> None:
        notes = [note for life in self.lives for note in life.notes]
        written = list(zip(self.loader.ids(ContactNote, len(notes)), notes, strict=True))
        said = ("channel", "people", "confidential", "text", "about")
        names: Names = ("id", "client_id", *said, "author_id", "happened_at")
        self.loader.load(ContactNote, names, [self._note(*one) for one in written])
        names = ("client_id", "text", "due_on", "owner_id", "note_id", "done_at", "done_by_id", "created_at")
        self.loader.load(Task, names, [row for one in written for row in self._task(*one)])

    def _note(self, number: int, note: Note) -> Row:
        client, author = self.ids.clients[note.client], self.ids.users[note.author]
        said = (note.channel, note.people, note.confidential, note.text, note.about)
        return (number, client, *said, author, note.happened_at)

    def _task(self, number: int, note: Note) -> Iterator[Row]:
        if promise := note.promise:
            client, owner = self.ids.clients[note.client], self.ids.users[note.author]
            done = (promise.done_at, owner if promise.done_at else None)
            yield (client, promise.text, promise.due_on, owner, number, *done, self.frame.now)

    # --- reviews ---

    def _reviews(self) -> None:
        """Write the reviews of the past and those that are open today; of maturities with the maturity."""
        past = [(review.deposit, review.due_on) for life in self.lives for review in life.reviews if review.deposit]
        ahead = [row for life in self.lives for row in life.history.deposits.values() if self._falls_due(row)]
        due = [*past, *((row.reference, row.matures_on) for row in ahead)]
        owner = {row.reference: client for client, life in self._by_client() for row in life.history.deposits.values()}
        noted = dict(zip((name for name, _ in due), self.loader.ids(Maturity, len(due)), strict=True))
        rows = [(noted[name], owner[name], self.deposits[name], day) for name, day in due]
        self.loader.load(Maturity, ("id", "client_id", "deposit_id", "due_on"), rows)
        names: Names = ("client_id", "kind", "maturity_id", "period", "due_on", "opened_at")
        names += ("decision", "note", "decided_by_id", "decided_at", "version")
        told = (self._review(review, noted) for life in self.lives for review in life.reviews)
        of_deposits = (
            self._open(owner[row.reference], Review.Kind.MATURITY, noted[row.reference], "", row.matures_on)
            for row in ahead
        )
        self.loader.load(Review, names, [*told, *of_deposits, *chain(*map(self._periodic, self.lives))])

    def _falls_due(self, row: DepositRow) -> bool:
        as_of = self.frame.as_of
        return (
            row.closed_on is None
            and row.matures_on is not None
            and as_of <= row.matures_on <= as_of + self.frame.window
        )

    def _review(self, review: PastReview, noted: dict[str, int]) -> Row:
        decided = (self.ids.users[review.by], review.decided_at, 2) if review.decision else (None, None, 1)
        kind = Review.Kind.MATURITY if review.deposit else Review.Kind.PERIODIC
        return (
            *(self.ids.clients[review.client], kind.value, noted.get(review.deposit), review.period),
            *(review.due_on, review.opened_at, review.decision, review.note, *decided),
        )

    def _periodic(self, life: Life) -> Iterator[Row]:
        """Yield this cycle's review of a client who has none yet."""
        period, end = cycle(self.frame.as_of, months=self.frame.cycles[life.profile.row.tier])
        if all(review.period != period for review in life.reviews):
            yield self._open(self.ids.clients[life.profile.reference], Review.Kind.PERIODIC, None, period, end)

    def _open(self, client: int, kind: Review.Kind, maturity: int | None, period: str, due_on: Any) -> Row:
        return (client, kind.value, maturity, period, due_on, self.frame.opening, "", "", None, None, 1)
