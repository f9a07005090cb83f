"""Tables every room stands on: people, teams, the trail, jobs and parameters, and the row that belongs to a client."""

from core.models.approvals import Approval, Delegation
from core.models.calendars import Holiday
from core.models.lists import Export, SavedView
from core.models.parameters import Parameter, Parameters
from core.models.people import Language, Role, Team, User, Users
from core.models.programs import TOKEN_DAYS, Answer, Token, Webhook, WebhookCall
from core.models.rows import ClientOwned, Versioned
from core.models.trail import AuditEvent, AuditValue
from core.models.work import Job

__all__ = [
    "TOKEN_DAYS",
    "Answer",
    "Approval",
    "AuditEvent",
    "AuditValue",
    "ClientOwned",
    "Delegation",
    "Export",
    "Holiday",
    "Job",
    "Language",
    "Parameter",
    "Parameters",
    "Role",
    "SavedView",
    "Team",
    "Token",
    "User",
    "Users",
    "Versioned",
    "Webhook",
    "WebhookCall",
]
