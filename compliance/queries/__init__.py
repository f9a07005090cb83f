"""Reads of the compliance room."""

from compliance.queries.holds import held, holds, on_hold, reasons
from compliance.queries.trail import Line, lines, trail

__all__ = ["Line", "held", "holds", "lines", "on_hold", "reasons", "trail"]
