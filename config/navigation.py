"""The rooms in the side bar and the panels of the client page. Rooms below need not know who is above them."""

from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Item:
    """A link of the side bar, shown to roles that hold the permission."""

    label: "str | Promise"
    url: str
    icon: str
    permission: str
    key: str = ""

    @cached_property
    def address(self) -> str:
        """Return where it leads, resolved once."""
        return reverse(self.url)


@dataclass(frozen=True)
class Panel:
    """A panel of the client page: a plain page of its own that the frame fetches."""

    label: "str | Promise"
    url: str
    permission: str
    wide: bool = False


NAVIGATION = [
    Item(_("Today"), "reviews:today", "sun", "today:open", key="t"),
    Item(_("Clients"), "clients:list", "users", "client:list", key="c"),
    Item(_("Owed to clients"), "clients:tasks", "checklist", "task:do"),
    Item(_("Maturities"), "portfolios:deposits", "calendar-due", "portfolio:read"),
    Item(_("Rate board"), "portfolios:board", "percentage", "rate:read"),
    Item(_("Reviews"), "reviews:list", "clipboard-check", "review:read"),
    Item(_("Statements"), "reports:deliveries", "mail", "statement:read"),
    Item(_("Feeds"), "portfolios:feeds", "file-import", "feed:read"),
    Item(_("Products"), "portfolios:products", "package", "product:read"),
    Item(_("Breaks"), "portfolios:breaks", "scale", "break:resolve"),
    Item(_("Approvals"), "approvals", "user-check", "approval:read", key="a"),
    Item(_("Holds"), "compliance:holds", "shield-lock", "hold:read"),
    Item(_("Openings"), "compliance:openings", "door", "client:open"),
    Item(_("Audits"), "compliance:audits", "zoom-check", "audit:read"),
    Item(_("Trail"), "compliance:trail", "list-search", "trail:read"),
    Item(_("Ledger"), "compliance:ledger", "certificate", "ledger:read"),
    Item(_("Sample"), "compliance:sample", "zoom-check", "sample:read"),
    Item(_("Who may do what"), "compliance:grants", "lock-access", "grant:read"),
    Item(_("Parameters"), "parameters", "adjustments", "parameter:read"),
    Item(_("Calendars"), "calendars", "calendar-off", "calendar:read"),
    Item(_("Staff"), "staff", "id-badge-2", "staff:read"),
    Item(_("Webhooks"), "webhooks", "webhook", "settings:manage"),
]
LOG = Item(_("Log contact"), "clients:choose_client", "message-plus", "contact:log")
SEARCH = Item(_("Find a client"), "clients:list", "search", "client:list")
CLIENT_PANELS = [
    Panel(_("Wealth"), "portfolios:client_panel", "portfolio:read", wide=True),
    Panel(_("Decisions"), "reviews:client_panel", "review:read"),
    Panel(_("Owed to the client"), "clients:tasks_panel", "contact:read"),
    Panel(_("Compliance"), "compliance:client_panel", "hold:status"),
    Panel(_("Statements"), "reports:client_panel", "statement:read"),
    Panel(_("Client details"), "clients:profile_panel", "client:read"),
]
DEPOSIT_PANELS = [Panel(_("Decision"), "reviews:deposit_panel", "review:read")]
