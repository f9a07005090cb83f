"""THE authorization file: what each role may do, and whose clients it may do it to.

The tables here are what the guard, the access matrix and the "who may do what" page read. ``visible`` is the wall in
code; the policies in PostgreSQL are the other one, and each must hold without the other.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from clients.models import Client, Coverage, Opening
from core.models import Role, User

M = TypeVar("M", bound=models.Model)


class Scope(StrEnum):
    """Whose: nobody's clients, those covered now, those of the team, those drawn for an audit, everybody's."""

    NONE = "none"
    OWN = "own"
    TEAM = "team"
    SAMPLE = "sample"
    ALL = "all"


class Permission(StrEnum):
    """What can be done, as ``noun:act``."""

    HOME = "home:open"
    PROFILE = "profile:edit"
    CLIENT_LIST = "client:list"
    CLIENT_READ = "client:read"
    CLIENT_HANDOVER = "client:handover"
    PERSON_FIND = "person:find"
    CLIENT_CLOSE = "client:close"
    CLIENT_ERASE = "client:erase"
    CLIENT_OPEN = "client:open"
    PURPOSE_STATE = "purpose:state"
    CONTACT_READ = "contact:read"
    CONTACT_LOG = "contact:log"
    TASK_DO = "task:do"
    ACCOUNT_READ = "account:read"
    PORTFOLIO_READ = "portfolio:read"
    RATE_READ = "rate:read"
    PRODUCT_READ = "product:read"
    PRICE_SAY = "price:say"
    RATE_ASK = "rate:ask"
    REVIEW_READ = "review:read"
    REVIEW_DECIDE = "review:decide"
    TODAY = "today:open"
    HOLD_STATUS = "hold:status"
    HOLD_READ = "hold:read"
    HOLD_PLACE = "hold:place"
    STATEMENT_READ = "statement:read"
    STATEMENT_SEND = "statement:send"
    FEED_READ = "feed:read"
    FEED_APPLY = "feed:apply"
    BREAK_READ = "break:read"
    BREAK_RESOLVE = "break:resolve"
    LIST_EXPORT = "list:export"
    TRAIL_READ = "trail:read"
    TRAIL_OWN = "trail:own"
    HISTORY_READ = "history:read"
    GRANT_READ = "grant:read"
    APPROVAL_READ = "approval:read"
    APPROVAL_DECIDE = "approval:decide"
    APPROVAL_DELEGATE = "approval:delegate"
    LEDGER_READ = "ledger:read"
    LEDGER_CHECK = "ledger:check"
    STAFF_READ = "staff:read"
    STAFF_MANAGE = "staff:manage"
    SETTINGS_MANAGE = "settings:manage"
    PARAMETER_READ = "parameter:read"
    PARAMETER_CHANGE = "parameter:change"
    CALENDAR_READ = "calendar:read"
    CALENDAR_KEEP = "calendar:keep"
    AUDIT_READ = "audit:read"
    AUDIT_DRAW = "audit:draw"
    SAMPLE_READ = "sample:read"


P = Permission
_EVERYONE = {P.HOME: Scope.NONE, P.PROFILE: Scope.NONE, P.TRAIL_OWN: Scope.NONE}
_COVERING = {
    P.CLIENT_LIST: Scope.OWN,
    P.CLIENT_READ: Scope.OWN,
    P.CLIENT_HANDOVER: Scope.OWN,
    P.CLIENT_CLOSE: Scope.OWN,
    P.CONTACT_READ: Scope.OWN,
    P.CONTACT_LOG: Scope.OWN,
    P.TASK_DO: Scope.OWN,
    P.ACCOUNT_READ: Scope.OWN,
    P.PORTFOLIO_READ: Scope.OWN,
    P.BREAK_READ: Scope.OWN,
    P.REVIEW_READ: Scope.OWN,
    P.REVIEW_DECIDE: Scope.OWN,
    P.RATE_ASK: Scope.OWN,
    P.TODAY: Scope.OWN,
    P.HOLD_STATUS: Scope.OWN,
    P.STATEMENT_READ: Scope.OWN,
    P.STATEMENT_SEND: Scope.OWN,
    P.LIST_EXPORT: Scope.OWN,
    P.APPROVAL_READ: Scope.OWN,
}
_FIGURES = {P.PARAMETER_READ: Scope.NONE, P.PARAMETER_CHANGE: Scope.NONE}
_WRITES = {P.CONTACT_LOG, P.TASK_DO, P.REVIEW_DECIDE, P.RATE_ASK, P.STATEMENT_SEND}
_READS = [
    P.CLIENT_LIST,
    P.CLIENT_READ,
    P.CONTACT_READ,
    P.ACCOUNT_READ,
    P.PORTFOLIO_READ,
    P.BREAK_READ,
    P.REVIEW_READ,
    P.HOLD_STATUS,
    P.STATEMENT_READ,
]
"""What is read of a client: open also to whom the client is opened for a while."""

GRANTS: dict[str, dict[Permission, Scope]] = {
    Role.MANAGER: {**_EVERYONE, **_COVERING, P.PERSON_FIND: Scope.NONE, P.RATE_READ: Scope.NONE},
    Role.LEAD: {
        **_EVERYONE,
        P.PERSON_FIND: Scope.NONE,
        P.RATE_READ: Scope.NONE,
        **{permission: Scope.OWN if permission in _WRITES else Scope.TEAM for permission in _COVERING},
        P.TRAIL_READ: Scope.TEAM,
        P.APPROVAL_DECIDE: Scope.TEAM,
        P.APPROVAL_DELEGATE: Scope.NONE,
    },
    Role.COMPLIANCE: {
        **_EVERYONE,
        **_FIGURES,
        **dict.fromkeys(_READS, Scope.ALL),
        P.RATE_READ: Scope.NONE,
        P.PRODUCT_READ: Scope.NONE,
        P.CALENDAR_READ: Scope.NONE,
        P.HOLD_READ: Scope.ALL,
        P.HOLD_PLACE: Scope.ALL,
        P.LIST_EXPORT: Scope.NONE,
        P.TRAIL_READ: Scope.ALL,
        P.APPROVAL_READ: Scope.ALL,
        P.APPROVAL_DECIDE: Scope.ALL,
        P.HISTORY_READ: Scope.ALL,
        P.GRANT_READ: Scope.NONE,
        P.LEDGER_READ: Scope.ALL,
        P.LEDGER_CHECK: Scope.ALL,
        P.PERSON_FIND: Scope.NONE,
        P.CLIENT_ERASE: Scope.ALL,
        P.CLIENT_OPEN: Scope.ALL,
        P.PURPOSE_STATE: Scope.ALL,
        P.AUDIT_READ: Scope.ALL,
        P.AUDIT_DRAW: Scope.ALL,
    },
    Role.OPERATIONS: {
        **_EVERYONE,
        **_FIGURES,
        P.RATE_READ: Scope.NONE,
        P.PRODUCT_READ: Scope.NONE,
        P.PRICE_SAY: Scope.NONE,
        P.CALENDAR_READ: Scope.NONE,
        P.CALENDAR_KEEP: Scope.NONE,
        P.APPROVAL_READ: Scope.NONE,
        P.CLIENT_LIST: Scope.ALL,
        P.ACCOUNT_READ: Scope.ALL,
        P.FEED_READ: Scope.ALL,
        P.FEED_APPLY: Scope.ALL,
        P.BREAK_READ: Scope.ALL,
        P.BREAK_RESOLVE: Scope.ALL,
        P.LIST_EXPORT: Scope.NONE,
    },
    Role.ADMINISTRATOR: {
        **_EVERYONE,
        P.APPROVAL_READ: Scope.NONE,
        P.GRANT_READ: Scope.NONE,
        P.STAFF_READ: Scope.NONE,
        P.STAFF_MANAGE: Scope.NONE,
        P.SETTINGS_MANAGE: Scope.NONE,
        P.TRAIL_READ: Scope.NONE,
        P.LIST_EXPORT: Scope.NONE,
    },
    Role.AUDITOR: {
        **_EVERYONE,
        **dict.fromkeys(_READS, Scope.SAMPLE),
        P.HOLD_READ: Scope.SAMPLE,
        P.TRAIL_READ: Scope.SAMPLE,
        P.SAMPLE_READ: Scope.NONE,
        P.GRANT_READ: Scope.NONE,
    },
    Role.SYSTEM: dict.fromkeys(Permission, Scope.ALL),
}

START = {
    Role.MANAGER: "reviews:today",
    Role.LEAD: "reviews:today",
    Role.COMPLIANCE: "compliance:trail",
    Role.OPERATIONS: "portfolios:feeds",
    Role.ADMINISTRATOR: "staff",
    Role.AUDITOR: "compliance:sample",
}
"""The page a role begins its day on."""


def scope_of(user: User, permission: Permission) -> Scope | None:
    """Return whose clients ``user`` may do ``permission`` to; None where the role may not at all."""
    return GRANTS.get(user.role, {}).get(permission) if user.is_active else None


def covered_now(user: User) -> Q:
    """Return the condition on coverage rows by which ``user`` covers a client at this instant of the database."""
    return Q(manager=user, valid__contains=Now())


def visible(user: User, permission: Permission) -> RawSQL:
    """Return the ids of the clients to whom ``user`` may do ``permission`` now, as a subquery."""
    found = _visible(user.pk, user.team_id, scope_of(user, permission), reads=permission in _READS)
    return RawSQL(*found)  # noqa: S611  (what Django compiled, with its parameters)


@lru_cache(maxsize=4096)
def _visible(user_id: int, team_id: int | None, scope: Scope | None, *, reads: bool) -> tuple[str, tuple[Any, ...]]:
    """Return the subquery as the database reads it; to put it together anew would be felt on every page."""
    if scope in (None, Scope.NONE):
        return "SELECT 0::bigint WHERE false", ()
    sql, params = _reached(User(pk=user_id, team_id=team_id), scope, reads=reads).query.sql_with_params()
    return sql, tuple(params)


def _reached(user: User, scope: Scope, *, reads: bool) -> models.QuerySet[Any]:
    if scope is Scope.ALL:
        return Client.objects.order_by().values("pk")
    if scope is Scope.SAMPLE:
        return opened_now(user, Opening.Kind.SAMPLE)
    rows = Coverage.objects.filter(covered_now(user))
    if scope is Scope.TEAM and user.team_id is not None:  # first who, so that the index on managers finds the coverage
        team = User.objects.filter(Q(pk=user.pk) | Q(team=user.team_id)).order_by().values("pk")
        whose = Q(manager=user) | Q(kind=Coverage.Kind.PRIMARY)
        rows = Coverage.objects.filter(whose, manager__in=team, valid__contains=Now())
    covered = rows.order_by().values("client_id")
    return covered.union(opened_now(user, Opening.Kind.EMERGENCY), all=True) if reads else covered


def opened_now(user: User, kind: str) -> models.QuerySet[Any]:
    """Return the ids of the clients that are opened to ``user`` at this instant of the database."""
    rows = Opening.objects.filter(person=user, kind=kind, valid__contains=Now())
    return rows.order_by().values("client_id")


def scoped(
    rows: models.QuerySet[M], user: User, permission: Permission, *, path: str = "client_id"
) -> models.QuerySet[M]:
    """Keep of ``rows`` those of clients to whom ``user`` may do ``permission``; ``path`` leads to the client's id."""
    if scope_of(user, permission) is Scope.ALL:
        return rows
    return rows.filter(**{f"{path}__in": visible(user, permission)})


class GrantsBackend(BaseBackend):
    """Answers ``user.has_perm`` for rooms below this one from the same table; it signs nobody in."""

    def has_perm(self, user_obj: Any, perm: str, obj: object = None) -> bool:
        """Say whether the role holds the permission for any client at all; no other backend grants more."""
        if isinstance(user_obj, User) and perm in GRANTS.get(user_obj.role, {}):
            return True
        raise PermissionDenied
