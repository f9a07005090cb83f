"""Writes of the reports room: statements issued, rendered once, delivered once."""

from reports.operations.deliver import deliver, sweep
from reports.operations.freezing import Difference, Replay, replay
from reports.operations.issue import issue, issue_due, month_end, send
from reports.operations.printing import render

__all__ = [
    "Difference",
    "Replay",
    "deliver",
    "issue",
    "issue_due",
    "month_end",
    "render",
    "replay",
    "send",
    "sweep",
]
