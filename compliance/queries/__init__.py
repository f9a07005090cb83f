"""Reads of the compliance room."""

from compliance.queries.audits import auditors, audits, drawn_again, looks_by, opened, population, told_of
from compliance.queries.ending import kept_until, open_ends
from compliance.queries.grants import ROLES, grants
from compliance.queries.history import History, history
from compliance.queries.holds import held, holds, on_hold, reasons, standing
from compliance.queries.ledger import events_of, newest_checkpoint, oldest_month
from compliance.queries.sight import Sight, sights
from compliance.queries.trail import Line, acts_of, lines, looks, trail

__all__ = [
    "ROLES",
    "History",
    "Line",
    "Sight",
    "acts_of",
    "auditors",
    "audits",
    "drawn_again",
    "events_of",
    "grants",
    "held",
    "history",
    "holds",
    "kept_until",
    "lines",
    "looks",
    "looks_by",
    "newest_checkpoint",
    "oldest_month",
    "on_hold",
    "open_ends",
    "opened",
    "population",
    "reasons",
    "sights",
    "standing",
    "told_of",
    "trail",
]
