"""The end of a relationship and, years later, of what is known of the client: both by four eyes."""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients import queries as clients
from clients.access import Permission, scoped
from clients.models import Client
from compliance import queries
from compliance.models import Hold
from core import approvals, audit
from core.approvals import Kind, Line
from core.errors import Refused
from core.lists import exports
from core.models import Approval, Role, User
from core.templatetags.steward import day

Content = Mapping[str, Any]
Words = Callable[[Client], list[Line]]


# --- the end of a relationship ----------------------------------------------------------------------------------------


@transaction.atomic
def ask_closing(*, user: User, client_id: int, reason: str, now: dt.datetime) -> Approval:
    """Ask that the relationship with a client ends.

    Raises:
        Client.DoesNotExist: missing, or not the user's to close.
        Refused: it has ended, or something stands open.
    """
    client = clients.client(user=user, client_id=client_id, permission=Permission.CLIENT_CLOSE)
    _may_end(client)
    return _ask(CLOSING, client, user=user, reason=reason, now=now)


def carry_out_closing(*, approval: Approval, now: dt.datetime) -> None:
    """End the relationship on the business day of ``now``.

    Raises:
        Refused: it has ended, or something stands open by now.
    """
    client = _client(approval.content)
    _may_end(client)
    client.status, client.closed_on = Client.Status.CLOSED, localdate(now)
    client.version += 1
    client.save(update_fields=["status", "closed_on", "version"])
    audit.record("client:close", client_id=client.pk, row=("clients_client", client.pk))


def _may_end(client: Client) -> None:
    if client.status != Client.Status.ACTIVE:
        raise Refused("closed-already", _("The relationship has ended already."))
    if ends := queries.open_ends(client.pk):
        raise Refused("closing-open", _("Still open: %(what)s.") % {"what": ends})


def _closing_lines(client: Client) -> list[Line]:
    return [Line(_("Still open"), queries.open_ends(client.pk) or _("Nothing"))]


# --- erasure ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_erasure(*, user: User, client_id: int, reason: str, now: dt.datetime) -> Approval:
    """Ask that everything known of a client is erased, once it need not be kept any more.

    Raises:
        Client.DoesNotExist: missing, or not the user's to erase.
        Refused: the relationship lives, what is known must still be kept, or a hold stands.
    """
    client = clients.client(user=user, client_id=client_id, permission=Permission.CLIENT_ERASE)
    if kept := kept_because(client, now):
        raise kept
    return _ask(ERASURE, client, user=user, reason=reason, now=now)


def carry_out_erasure(*, approval: Approval, now: dt.datetime) -> None:
    """Erase everything of the client: rows, files, and the values behind the trail's commitments.

    The sealed events stay, so the ledger verifies as before; they say what happened to a number, and no more.

    Raises:
        Refused: what is known must still be kept, or a hold stands by now.
    """
    client = _client(approval.content)
    if kept := kept_because(client, now):
        raise kept
    with connection.cursor() as cursor:
        cursor.execute("SELECT steward_erase(%s, %s)", [client.pk, localdate(now)])
        (files,) = cursor.fetchone()
    for name in files:
        transaction.on_commit(partial(default_storage.delete, name), robust=True)
    exports.tidy(now=now)
    audit.record("client:erase", client_id=client.pk, row=("clients_client", client.pk), data={"files": len(files)})


def kept_because(client: Client, now: dt.datetime) -> Refused | None:
    """Return why a client is not erased: the relationship lives, a law says how long, or a hold stands."""
    kept = queries.kept_until(client, localdate(now))
    if kept is None:
        return Refused("erasing-active", _("The relationship lives. It ends first."))
    if kept > localdate(now):
        words = _("What is known of this client must be kept until %(day)s.")
        return Refused("erasing-kept", words % {"day": day(kept)})
    if Hold.objects.filter(client=client, lifted_at__isnull=True).exists():
        return Refused("erasing-held", _("A hold stands. It is lifted first."))
    return None


def _erasure_lines(client: Client) -> list[Line]:
    return [
        Line(_("Relationship ended"), day(client.closed_on)),
        Line(_("Kept until"), day(queries.kept_until(client, localdate()))),
        Line(_("What goes"), _("Profile, contacts, documents, accounts, movements, reviews, statements and files.")),
        Line(_("What stays"), _("The sealed trail without its values, and that two persons decided this.")),
    ]


# --- both -------------------------------------------------------------------------------------------------------------


def _ask(kind: Kind, client: Client, *, user: User, reason: str, now: dt.datetime) -> Approval:
    content = {"clients": [client.pk], "reference": client.reference}
    return approvals.ask(user=user, kind=kind, content=content, reason=reason, now=now)


def _client(content: Content) -> Client:
    """Return the client, locked; refuse when somebody erased it since."""
    client = Client.objects.select_for_update().filter(pk=content["clients"][0]).first()
    if client is None:
        raise Refused("erased", _("This client was erased."))
    return client


def _told(words: Words) -> Callable[..., list[Line]]:
    """Return what says in lines what would be done: whom, and ``words`` while the client is there to be seen."""

    def told(*, user: User, content: Content) -> list[Line]:
        rows = scoped(Client.objects.filter(pk__in=content["clients"]), user, Permission.CLIENT_READ, path="pk")
        client = rows.first()
        if client is None:
            return [Line(_("Client"), content["reference"])]
        page = (f"{client.name} · {client.reference}", reverse("clients:page", args=[client.pk]))
        return [Line(_("Client"), "", (page,)), *words(client)]

    return told


CLOSING = approvals.register(
    Kind(
        name="client:close",
        title=gettext_lazy("End of a relationship"),
        asks=(Role.MANAGER, Role.LEAD),
        decides=(Role.LEAD, Role.COMPLIANCE),
        told=_told(_closing_lines),
        carry_out=carry_out_closing,
        clients=lambda content: list(content["clients"]),
    )
)
ERASURE = approvals.register(
    Kind(
        name="client:erase",
        title=gettext_lazy("Erasure of a client"),
        asks=(Role.COMPLIANCE,),
        decides=(Role.COMPLIANCE,),
        told=_told(_erasure_lines),
        carry_out=carry_out_erasure,
        clients=lambda content: list(content["clients"]),
    )
)
