"""Who may do what, in words: the one table by which every door decides, and whose clients a permission reaches."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from clients.access import GRANTS, Permission, Scope
from core.models import Role

P = Permission
ROLES = [role for role in Role if role is not Role.SYSTEM]
WORDS = {
    P.HOME: _("Open the start page"),
    P.PROFILE: _("Change the own profile, password and tokens"),
    P.CLIENT_LIST: _("List and find clients by name"),
    P.CLIENT_READ: _("Read a client"),
    P.CLIENT_HANDOVER: _("Ask for a handover"),
    P.PERSON_FIND: _("Find a colleague by name"),
    P.CLIENT_CLOSE: _("Ask for the end of a relationship"),
    P.CLIENT_ERASE: _("Ask that a client is erased"),
    P.CLIENT_OPEN: _("Open a client in an emergency"),
    P.PURPOSE_STATE: _("State a purpose for a look"),
    P.CONTACT_READ: _("Read contacts and promises"),
    P.CONTACT_LOG: _("Log a contact"),
    P.TASK_DO: _("Do what is owed to clients"),
    P.ACCOUNT_READ: _("Read account numbers"),
    P.PORTFOLIO_READ: _("Read wealth and maturities"),
    P.RATE_READ: _("Read what banks list for deposits"),
    P.PRODUCT_READ: _("Read products and their prices"),
    P.PRICE_SAY: _("Value a product by hand"),
    P.RATE_ASK: _("Ask for a rate above the board"),
    P.REVIEW_READ: _("Read reviews"),
    P.REVIEW_DECIDE: _("Decide reviews"),
    P.TODAY: _("Open Today"),
    P.HOLD_STATUS: _("See that a hold stands"),
    P.HOLD_READ: _("Read why a hold stands"),
    P.HOLD_PLACE: _("Place and lift holds"),
    P.STATEMENT_READ: _("Read statements"),
    P.STATEMENT_SEND: _("Send a statement again"),
    P.FEED_READ: _("Read bank files and runs"),
    P.FEED_APPLY: _("Load bank files"),
    P.BREAK_READ: _("Read breaks"),
    P.BREAK_RESOLVE: _("Settle breaks"),
    P.LIST_EXPORT: _("Export lists"),
    P.TRAIL_READ: _("Read the trail"),
    P.TRAIL_OWN: _("Read the own acts"),
    P.HISTORY_READ: _("Read the history of any record"),
    P.GRANT_READ: _("Read this page"),
    P.APPROVAL_READ: _("Read approvals"),
    P.APPROVAL_DECIDE: _("Decide approvals, never the own"),
    P.APPROVAL_DELEGATE: _("Name a deputy"),
    P.LEDGER_READ: _("Read the ledger and take proofs"),
    P.LEDGER_CHECK: _("Check the ledger"),
    P.STAFF_READ: _("Read the staff"),
    P.STAFF_MANAGE: _("Let people in, ask for roles"),
    P.SETTINGS_MANAGE: _("Manage webhooks"),
    P.PARAMETER_READ: _("Read parameters"),
    P.PARAMETER_CHANGE: _("Ask that a parameter changes"),
    P.CALENDAR_READ: _("Read business-day calendars"),
    P.CALENDAR_KEEP: _("Keep business-day calendars"),
    P.AUDIT_READ: _("Read audits"),
    P.AUDIT_DRAW: _("Draw and end audits"),
    P.SAMPLE_READ: _("Read the own sample"),
}
REACH = {
    Scope.NONE: _("yes"),
    Scope.OWN: _("own clients"),
    Scope.TEAM: _("the team's clients"),
    Scope.SAMPLE: _("the sample"),
    Scope.ALL: _("every client"),
}


@dataclass(frozen=True)
class Grant:
    """A permission: its name, in words, and for each role whose clients it reaches, or nothing."""

    permission: Permission
    words: str
    reach: Sequence[tuple[Role, str]]


def grants() -> list[Grant]:
    """Return every permission that a person may hold."""
    rows = []
    for permission in Permission:
        scopes = [(role, GRANTS[role].get(permission)) for role in ROLES]
        reach = [(role, str(REACH[scope]) if scope else "") for role, scope in scopes]
        rows.append(Grant(permission, str(WORDS[permission]), reach))
    return rows
