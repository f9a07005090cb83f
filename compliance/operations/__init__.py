"""Writes of the compliance room."""

from compliance.operations.audits import draw_audit, end_audit
from compliance.operations.ending import ask_closing, ask_erasure, kept_because
from compliance.operations.holds import lift_hold, place_hold
from compliance.operations.ledger import ask_check, check_ledger, keep_partitions, watch_ledger
from compliance.operations.letters import mail_day
from compliance.operations.openings import open_client, watch_openings
from compliance.operations.restoring import ask_restore
from compliance.operations.retiring import ask_retirement, retirable

__all__ = [
    "ask_check",
    "ask_closing",
    "ask_erasure",
    "ask_restore",
    "ask_retirement",
    "check_ledger",
    "draw_audit",
    "end_audit",
    "keep_partitions",
    "kept_because",
    "lift_hold",
    "mail_day",
    "open_client",
    "place_hold",
    "retirable",
    "watch_ledger",
    "watch_openings",
]
