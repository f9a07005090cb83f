"""The lists of the compliance room: holds, openings, audits, the trail."""

from compliance.lists.audits import AUDIT_SAMPLE, AUDITS, SAMPLE
from compliance.lists.holds import HOLDS
from compliance.lists.openings import OPENINGS
from compliance.lists.trail import CLIENT_TRAIL, OWN_TRAIL, TRAIL

__all__ = ["AUDITS", "AUDIT_SAMPLE", "CLIENT_TRAIL", "HOLDS", "OPENINGS", "OWN_TRAIL", "SAMPLE", "TRAIL"]
