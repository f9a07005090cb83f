"""Writes of the clients room."""

from clients.operations.contacts import Promised, add_task, complete_task, log_contact, move_task, owe
from clients.operations.handover import ask_handover, hand_tasks
from clients.operations.secrets import issue_secret, set_consent

__all__ = [
    "Promised",
    "add_task",
    "ask_handover",
    "complete_task",
    "hand_tasks",
    "issue_secret",
    "log_contact",
    "move_task",
    "owe",
    "set_consent",
]
