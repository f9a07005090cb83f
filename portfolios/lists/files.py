"""The lists of bank files: those received, and the days whose movements do not add up."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clients.access import Permission, scoped
from core.lists import Act, Asked, Column, Empty, Field, Kind, Listing, PageOf, Viewer, each, filters_of, register
from core.models import User
from portfolios import operations, queries
from portfolios.forms import BreakFilter, ExplainForm, RunFilter
from portfolios.models import Break, FeedRun
from portfolios.queries import feeds


def _breaks(asked: Asked) -> models.QuerySet[Break]:
    return queries.breaks(user=asked.user, **asked.chosen)


def _live(rows: models.QuerySet[Break], user: User) -> models.QuerySet[Break]:
    return scoped(rows.exclude(state=Break.State.RESOLVED), user, Permission.BREAK_RESOLVE)


def _take(*, user: User, rows: list[Break], values: dict[str, Any], now: dt.datetime) -> str:
    each(rows, lambda row: operations.take_break(user=user, break_id=row.pk, owner_id=row.owner_id))
    return gettext("Taken. Breaks: %(n)s.") % {"n": len(rows)}


def _explain(*, user: User, rows: list[Break], values: dict[str, Any], now: dt.datetime) -> str:
    each(rows, lambda row: operations.explain_break(user=user, break_id=row.pk, note=values["note"]))
    return gettext("Explained. Breaks: %(n)s.") % {"n": len(rows)}


def _where(row: Break) -> str:
    return f"{row.client.name} · {row.account.institution}"


def _break_tone(row: Break) -> str:
    return {"resolved": "good", "explained": "info"}.get(row.state, "act")


BREAKS = register(
    Listing(
        name="breaks",
        title=_("Breaks"),
        kicker=_("Days whose movements do not lead to the balance the bank wrote"),
        url="portfolios:breaks",
        permission=Permission.BREAK_READ,
        rows=_breaks,
        filters=filters_of(BreakFilter),
        sort="-found",
        seen="breaks",
        client="client_id",
        named=lambda row: f"{row.account.reference} — {row.day:%Y-%m-%d}",
        tone=lambda row: "act" if row.state == Break.State.OPEN else "",
        columns=(
            Column(
                "account",
                _("Account"),
                "account.reference",
                sort=("account__reference",),
                sub=_where,
                link=PageOf("portfolios:break"),
                fixed=True,
            ),
            Column("day", _("Day"), "day", Kind.DATE, sort=("day",)),
            Column("expected", _("Expected"), "expected", Kind.MONEY, currency="currency"),
            Column("balance", _("Found"), "found", Kind.MONEY, currency="currency"),
            Column("difference", _("Difference"), "difference", Kind.MONEY, currency="currency"),
            Column("kind", _("Kind"), "get_kind_display"),
            Column("state", _("State"), "get_state_display", Kind.BADGE, tone=_break_tone),
            Column("owner", pgettext_lazy("work", "Owner"), "owner.name", sort=("owner__name",)),
            Column("found", _("Opened"), "opened_at", Kind.DATE, sort=("id",), shown=False),
        ),
        fields=(
            Field("account", _("Account"), "account.reference"),
            Field("client", _("Client"), "client.name"),
            Field("day", _("Day"), "day", Kind.DATE),
            Field("expected", _("Expected"), "expected", Kind.MONEY, "currency"),
            Field("found", _("Found"), "found", Kind.MONEY, "currency"),
            Field("difference", _("Difference"), "difference", Kind.MONEY, "currency"),
            Field("currency", _("Currency"), "currency"),
            Field("kind", _("Kind"), "kind"),
            Field("state", _("State"), "state"),
            Field("owner", pgettext_lazy("work", "Owner"), "owner.username"),
            Field("note", _("Explanation"), "note"),
            Field("opened_at", _("Opened"), "opened_at", Kind.MOMENT),
            Field("closed_at", _("Closed"), "closed_at", Kind.MOMENT),
        ),
        acts=(
            Act("take", _("Make them mine"), Permission.BREAK_RESOLVE, _take, _live),
            Act("explain", _("Explain them alike"), Permission.BREAK_RESOLVE, _explain, _live, ExplainForm),
        ),
        empty=Empty(
            "scale",
            _("Every account adds up"),
            _("After each file with movements, balances are compared day by day; what does not add up appears here."),
        ),
    )
)


def _runs(asked: Asked) -> models.QuerySet[FeedRun]:
    names = {"kind": "kind", "state": "state", "by": "uploaded_by_id"}
    chosen = {names[name]: value for name, value in asked.chosen.items() if value}
    return feeds.feed_runs(user=asked.user).filter(**chosen)


def _run_filters(data: Mapping[str, Any], viewer: Viewer) -> RunFilter:
    return RunFilter(data, senders=feeds.senders(user=viewer.user))


def _run_tone(row: FeedRun) -> str:
    return {"applied": "good", "refused": "act", "previewed": "info", "undone": "warn"}.get(row.state, "plain")


FEEDS = register(
    Listing(
        name="feeds",
        title=_("Feeds"),
        kicker=_("Bank files, applied whole or not at all"),
        url="portfolios:feeds",
        permission=Permission.FEED_READ,
        rows=_runs,
        filters=_run_filters,
        sort="-received",
        columns=(
            Column(
                "file",
                _("File"),
                "file_name",
                sub="get_kind_display",
                link=PageOf("portfolios:feed"),
                fixed=True,
                wide=True,
            ),
            Column("received", _("Received"), "uploaded_at", Kind.MOMENT, sort=("id",), sub="uploaded_by.name"),
            Column("state", _("State"), "get_state_display", Kind.BADGE, tone=_run_tone),
            Column("created", _("New"), "created", Kind.NUMBER, sort=("created",)),
            Column("changed", _("Changed"), "changed", Kind.NUMBER, sort=("changed",)),
            Column("unchanged", _("Unchanged"), "unchanged", Kind.NUMBER, shown=False),
        ),
        fields=(
            Field("run", _("Number"), "pk", Kind.NUMBER),
            Field("file", _("File"), "file_name"),
            Field("kind", _("Layout"), "kind"),
            Field("received_at", _("Received"), "uploaded_at", Kind.MOMENT),
            Field("by", _("By"), "uploaded_by.username"),
            Field("state", _("State"), "state"),
            Field("created", _("New"), "created", Kind.NUMBER),
            Field("changed", _("Changed"), "changed", Kind.NUMBER),
            Field("unchanged", _("Unchanged"), "unchanged", Kind.NUMBER),
        ),
        empty=Empty("file-import", _("No file received yet"), _("Choose a layout and a file to begin.")),
    )
)
