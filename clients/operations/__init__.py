"""Writes of the clients room."""

from clients.operations.contacts import Promised, add_task, complete_task, log_contact, move_task, owe
from clients.operations.handover import ask_handover, hand_tasks
from clients.operations.openings import (
    close_sample,
    end_opening,
    open_client,
    open_sample,
    review_opening,
    state_purpose,
)
from clients.operations.secrets import issue_secret, set_consent

__all__ = [
    "Promised",
    "add_task",
    "ask_handover",
    "close_sample",
    "complete_task",
    "end_opening",
    "hand_tasks",
    "issue_secret",
    "log_contact",
    "move_task",
    "open_client",
    "open_sample",
    "owe",
    "review_opening",
    "set_consent",
    "state_purpose",
]
