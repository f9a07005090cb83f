"""Writes of the reports room: statements issued, rendered once, delivered once."""

from reports.operations.deliver import deliver, sweep
from reports.operations.issue import issue, issue_due, month_end, send
from reports.operations.printing import render

__all__ = ["deliver", "issue", "issue_due", "month_end", "render", "send", "sweep"]
