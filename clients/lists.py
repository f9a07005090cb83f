"""The lists of the clients room: clients, and what is owed to them."""

import datetime as dt
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clients import operations, queries
from clients.access import Permission, scoped
from clients.forms import ClientFilter, HandoverForm, MoveForm, OweForm, SameContactForm, TaskFilter
from clients.models import Client, Task
from core.lists import (
    Act,
    Asked,
    Column,
    Empty,
    Field,
    Fits,
    Kind,
    Listing,
    PageOf,
    Viewer,
    Words,
    each,
    filters_of,
    in_words,
    register,
)
from core.models import User

WEEK = dt.timedelta(days=7)
NOT_LISTED = ("preferences", "avoid", "seal_id", "statement_secret", "invented", "created_at")
"""What no column of the page shows: not read for fifty rows."""


def _client_filters(data: Mapping[str, Any], viewer: Viewer) -> ClientFilter:
    return ClientFilter(data, logs=viewer.user.has_perm(Permission.CONTACT_LOG))


def _clients(asked: Asked) -> models.QuerySet[Client]:
    rows = queries.clients(user=asked.user)
    chosen = asked.chosen
    if chosen["q"]:
        found = asked.viewer.known.get("found")
        rows = rows.filter(pk__in=queries.search(chosen["q"]) if found is None else found)
    rows = rows.filter(**{name: chosen[name] for name in ("tier", "kind", "status") if chosen[name]})
    if chosen.get("quiet"):
        since = asked.viewer.now - dt.timedelta(days=int(chosen["quiet"]))
        rows = rows.filter(Q(last_contact_at__lt=since) | Q(last_contact_at__isnull=True))
    return queries.with_people(rows) if asked.viewer.file else rows.defer(*NOT_LISTED)


def _found(asked: Asked) -> dict[str, str]:
    words = asked.form.cleaned_data.get("q") if asked.form.is_bound and asked.form.is_valid() else ""
    if not words:
        return {}
    hint = gettext("Try the pinyin, the last four digits of a phone or account, or the household.")
    return {"title": gettext("Clients found for “%(q)s”") % {"q": words}, "hint": hint}


def _mine(rows: models.QuerySet[Client], user: User) -> models.QuerySet[Client]:
    return scoped(rows, user, Permission.CONTACT_LOG, path="pk")


def _log(*, user: User, rows: list[Client], values: dict[str, Any], now: dt.datetime) -> str:
    each(rows, lambda row: operations.log_contact(user=user, client_id=row.pk, now=now, **values))
    return gettext("Contact logged. Clients: %(n)s.") % {"n": len(rows)}


def _theirs(rows: models.QuerySet[Client], user: User) -> models.QuerySet[Client]:
    return scoped(rows, user, Permission.CLIENT_HANDOVER, path="pk")


def _hand_over(*, user: User, rows: list[Client], values: dict[str, Any], now: dt.datetime) -> str:
    operations.ask_handover(user=user, client_ids=[row.pk for row in rows], now=now, **values)
    return gettext("Asked for. Another person decides; clients: %(n)s.") % {"n": len(rows)}


def task_act(
    label: Words,
    done: Words,
    fits: Fits,
    *,
    client: Callable[[Any], int] = attrgetter("client_id"),
    about: Callable[[Any], str] = lambda _row: "",
) -> Act:
    """Declare an act that creates the same task for the client of each row.

    ``done`` says how it went, with the number of rows as ``%(n)s``; ``about`` adds to the text what the row is.
    """

    def run(*, user: User, rows: list[Any], values: dict[str, Any], now: dt.datetime) -> str:
        def owe(row: Any) -> None:
            text = f"{values['text']} {about(row)}".rstrip()
            operations.owe(user=user, client_id=client(row), text=text, due_on=values["due_on"], now=now)

        each(rows, owe)
        return str(done) % {"n": len(rows)}

    return Act("owe", label, Permission.CONTACT_LOG, run, fits, OweForm)


READ = Permission.CLIENT_READ
CLIENTS = register(
    Listing(
        name="clients",
        title=_("Clients"),
        url="clients:list",
        permission=Permission.CLIENT_LIST,
        rows=_clients,
        filters=_client_filters,
        sort="name",
        seen="list",
        client="pk",
        named="name",
        columns=(
            Column(
                "name",
                _("Client"),
                "name",
                sort=("sort_name",),
                sub=lambda row: f"{row.reference} · {in_words(row, 'kind')}",
                link=PageOf("clients:page", permission=Permission.CLIENT_READ),
                fixed=True,
            ),
            Column("tier", _("Tier"), "get_tier_display", Kind.BADGE),
            Column(
                "status",
                _("Status"),
                "get_status_display",
                Kind.BADGE,
                tone=lambda row: "warn" if row.status == Client.Status.CLOSED else "plain",
                shown=False,
            ),
            Column("manager", _("Manager"), "manager_name"),
            Column("household", _("Household"), "household.name"),
            Column(
                "contact",
                _("Last contact"),
                "last_contact_at",
                Kind.DATE,
                sort=("last_contact_at",),
                permission=READ,
                sort_permission=Permission.CONTACT_LOG,
            ),
            Column("currency", _("Base currency"), "base_currency", shown=False, permission=READ),
            Column("born", _("Born or founded"), "born_on", Kind.DATE, shown=False, permission=READ),
            Column("consent", _("Consent to e-mail"), "consented_on", Kind.DATE, shown=False, permission=READ),
            Column("since", _("Added"), "created_at", Kind.DATE, sort=("id",), shown=False),
        ),
        feed="clients",
        fields=(
            Field("reference", _("Reference"), "reference"),
            Field("kind", _("Kind"), "kind"),
            Field("name", _("Name"), "name"),
            Field("alias", _("Alias"), "alias", permission=READ),
            Field("household", _("Household number"), "household.reference", column="household"),
            Field("household_name", _("Household"), "household.name", column="household"),
            Field("tier", _("Tier"), "tier", column="tier"),
            Field("status", _("Status"), "status", column="status"),
            Field("language", _("Language"), "language", permission=READ),
            Field("base_currency", _("Base currency"), "base_currency", column="currency", permission=READ),
            Field("born_on", _("Born or founded"), "born_on", Kind.DATE, column="born", permission=READ),
            Field("domicile", _("Domicile"), "domicile", permission=READ),
            Field("consented_on", _("Consent to e-mail"), "consented_on", Kind.DATE, column="consent", permission=READ),
            Field("manager", _("Manager"), "manager_username", column="manager"),
            Field("backup", _("Back-up"), "backup_username", column="manager"),
            Field(
                "last_contact_on", _("Last contact"), "last_contact_at", Kind.MOMENT, "", "contact", READ, feed=False
            ),
        ),
        acts=(
            Act(
                "log",
                _("Log the same contact"),
                Permission.CONTACT_LOG,
                _log,
                _mine,
                SameContactForm,
                _("One contact is written into the log of every client below, as if each had been logged by itself."),
            ),
            Act(
                "handover",
                _("Hand over"),
                Permission.CLIENT_HANDOVER,
                _hand_over,
                _theirs,
                HandoverForm,
                _("Another manager becomes the dedicated manager, once a second person has approved it."),
                danger=True,
            ),
            task_act(_("Create the same task"), _("Task created. Clients: %(n)s."), _mine, client=attrgetter("pk")),
        ),
        about=_found,
        empty=Empty("users", _("No clients here"), _("Clients appear once you cover them.")),
    )
)


def _tasks(asked: Asked) -> models.QuerySet[Task]:
    chosen, today = asked.chosen, asked.viewer.today
    until = {"late": today - dt.timedelta(days=1), "today": today, "week": today + WEEK}.get(chosen["due"])
    return queries.tasks(user=asked.user, state=chosen["state"], until=until, mine=chosen["owner"] == "me")


def _late(row: Task, asked: Asked) -> str:
    return "late" if row.done_at is None and row.due_on < asked.viewer.today else ""


def _open(rows: models.QuerySet[Task], user: User) -> models.QuerySet[Task]:
    return scoped(rows.filter(done_at__isnull=True), user, Permission.TASK_DO)


def _done(*, user: User, rows: list[Task], values: dict[str, Any], now: dt.datetime) -> str:
    each(rows, lambda row: operations.complete_task(user=user, task_id=row.pk, now=now))
    return gettext("Done. Tasks: %(n)s.") % {"n": len(rows)}


def _move(*, user: User, rows: list[Task], values: dict[str, Any], now: dt.datetime) -> str:
    each(rows, lambda row: operations.move_task(user=user, task_id=row.pk, now=now, version=row.version, **values))
    return gettext("Moved. Tasks: %(n)s.") % {"n": len(rows)}


TASKS = register(
    Listing(
        name="tasks",
        title=_("Owed to clients"),
        url="clients:tasks",
        permission=Permission.CONTACT_READ,
        rows=_tasks,
        filters=filters_of(TaskFilter),
        sort="due",
        seen="tasks",
        client="client_id",
        named=lambda row: f"{row.client.name} — {row.text}",
        columns=(
            Column(
                "what",
                _("What"),
                "text",
                link=PageOf("clients:page", "client_id"),
                fixed=True,
                wide=True,
            ),
            Column("client", _("Client"), "client.name", sort=("client__sort_name",), sub="client.reference"),
            Column("due", _("Due"), "due_on", Kind.DATE, sort=("due_on",), look=_late),
            Column("kind", _("Kind"), "get_kind_display"),
            Column("owner", pgettext_lazy("work", "Owner"), "owner.name", sort=("owner__name",)),
            Column("done", _("Done"), "done_at", Kind.DATE, shown=False),
        ),
        fields=(
            Field("client", _("Client number"), "client.reference"),
            Field("client_name", _("Client"), "client.name", column="client"),
            Field("text", _("What"), "text"),
            Field("due_on", _("Due"), "due_on", Kind.DATE),
            Field("kind", _("Kind"), "kind", column="kind"),
            Field("owner", pgettext_lazy("work", "Owner"), "owner.username", column="owner"),
            Field("done_at", _("Done"), "done_at", Kind.MOMENT),
        ),
        acts=(
            Act("done", _("Mark as done"), Permission.TASK_DO, _done, _open),
            Act("move", _("Move to another day"), Permission.TASK_DO, _move, _open, MoveForm),
        ),
        empty=Empty("circle-check", _("Nothing is owed"), _("Promises you log with a contact appear here.")),
    )
)
