"""Reads of the compliance room."""

from compliance.queries.holds import held, holds, on_hold, reasons
from compliance.queries.sight import Sight, sights
from compliance.queries.trail import Line, acts_of, lines, looks, trail

__all__ = ["Line", "Sight", "acts_of", "held", "holds", "lines", "looks", "on_hold", "reasons", "sights", "trail"]
