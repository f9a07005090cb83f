"""Pages of the clients room: the list, the client page as a frame of panels, the contact drawer."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _

from clients import operations, queries
from clients.access import Permission
from clients.forms import ContactForm, HandoverForm, local_now
from clients.lists import CLIENTS, TASKS
from clients.models import Client
from core import clock, lists
from core.errors import Refused
from core.web import StaffRequest, door, known_only, page, seen
from core.web.pages import Page

WORDS_MOST = 100


@door("client:list", sensitive=True, methods=("GET", "POST"))
def client_list(request: StaffRequest) -> HttpResponseBase:
    """List or find clients. One hit of a search opens the client."""
    known = {}
    if set(request.GET) == {"q"} and len(words := request.GET["q"]) <= WORDS_MOST and "\0" not in words:
        found = known["found"] = queries.search(words)
        if len(found) == 1 and request.user.has_perm(Permission.CLIENT_READ):
            seen(request, client_id=found[0], what="search")
            return redirect("clients:page", found[0])
    return lists.answer(request, CLIENTS, now=clock.now(), known=known)


@door("contact:read", sensitive=True, methods=("GET", "POST"))
def task_list(request: StaffRequest) -> HttpResponseBase:
    """List what is owed to the person's clients."""
    return lists.answer(request, TASKS, now=clock.now())


@door("client:read", sensitive=True)
def client_page(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show everything that matters of one client, each panel fetched from the room that owns it."""
    client = queries.client(user=request.user, client_id=client_id)
    seen(request, client_id=client.pk, what="client")
    manager = queries.primary_manager(client.pk)
    writes = queries.covers(user=request.user, client_id=client.pk)
    hands_over = manager is not None and (manager == request.user or request.user.role == "lead")
    context = {
        "client": client,
        "panels": _panels(request),
        "manager": manager,
        "writes": writes,
        "opened": None if writes else queries.opened_to(user=request.user, client_id=client.pk),
        "hands_over": hands_over and request.user.has_perm(Permission.CLIENT_HANDOVER),
    }
    return render(request, "clients/page.html", context)


@door("client:read", sensitive=True)
def side(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Give the narrow panels in one answer: each is small, and asking for each would cost more than what it shows."""
    if not request.htmx:
        return client_page(request, client_id=client_id)
    addresses = [reverse(panel.url, args=[client_id]) for panel in _panels(request) if not panel.wide]
    with queries.asked_once():
        answers = [resolve(address).func(request, client_id=client_id) for address in addresses]
    return HttpResponse(b"".join(answer.content for answer in answers))


def _panels(request: StaffRequest) -> list[Any]:
    """Return the panels of the client page that the person may open (``config.navigation``)."""
    return [panel for panel in settings.CLIENT_PANELS if request.user.has_perm(panel.permission)]


@door("client:read", sensitive=True)
def profile_panel(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show who the client is: coverage, contacts masked, documents, household."""
    card = queries.card(user=request.user, client_id=client_id)
    seen(request, client_id=client_id, what="profile")
    return _panel(request, "clients/_profile.html", card.client, card=card, today=clock.today())


@door("contact:read", sensitive=True)
def tasks_panel(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show what is owed to the client, and the last contacts."""
    client = queries.client(user=request.user, client_id=client_id, permission=Permission.CONTACT_READ)
    for what in ("tasks", "contacts"):
        seen(request, client_id=client.pk, what=what)
    context = {
        "tasks": queries.open_tasks(user=request.user, client_id=client.pk)[:50],
        "today": clock.today(),
        "writes": queries.covers(user=request.user, client_id=client.pk),
        "page": _contacts(request, client, size=5),
    }
    return _panel(request, "clients/_owed.html", client, **context)


@door("contact:read", sensitive=True)
def contacts(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show the whole contact log."""
    known_only(request.GET, {"after"})
    client = queries.client(user=request.user, client_id=client_id, permission=Permission.CONTACT_READ)
    seen(request, client_id=client.pk, what="contacts")
    return _panel(request, "clients/_contacts.html", client, page=_contacts(request, client, size=30))


def _contacts(request: StaffRequest, client: Client, *, size: int) -> Page:
    notes = queries.notes(user=request.user, client_id=client.pk)
    return page(notes, order=("-happened_at", "-id"), after=request.GET.get("after", ""), size=size)


@door("contact:log", sensitive=True)
def choose_client(request: StaffRequest) -> HttpResponseBase:
    """Ask whom a contact was with, in the drawer over any page; a name leads to the form."""
    known_only(request.GET, {"q"})
    words = request.GET.get("q", "")[:100]
    rows = list(queries.covered(user=request.user).filter(pk__in=queries.search(words))[:8]) if words else []
    seen(request, client_id=None, what="search", rows=len(rows))
    template = "clients/_choose.html" if request.htmx else "clients/choose.html"
    return render(request, template, {"rows": rows, "words": words})


@door("contact:log", methods=("GET", "POST"))
def log_contact(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show the contact drawer and save it; the page below stays where it is."""
    known_only(request.GET, {"about"})
    client = queries.client(user=request.user, client_id=client_id, permission=Permission.CONTACT_LOG)
    now = clock.now()
    data = request.POST if request.method == "POST" else None
    form = ContactForm(
        data, initial={"happened_at": local_now(now), "channel": "call", "about": request.GET.get("about", "")}
    )
    if data is not None and form.is_valid():
        chosen = form.cleaned_data
        try:
            operations.log_contact(
                user=request.user,
                client_id=client.pk,
                now=now,
                promises=form.promised(),
                **{
                    name: chosen[name] for name in ("channel", "happened_at", "people", "text", "confidential", "about")
                },
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return _saved(request, client)
    template = "clients/_log_contact.html" if request.htmx else "clients/log_contact.html"
    return render(request, template, {"client": client, "form": form}, status=422 if form.errors else 200)


@door("task:do", methods=("POST",))
def complete_task(request: StaffRequest, task_id: int) -> HttpResponseBase:
    """Tick off what was owed."""
    task = operations.complete_task(user=request.user, task_id=task_id, now=clock.now())
    if request.htmx:
        return render(request, "clients/_task_done.html", {"task": task})
    messages.success(request, _("Done."))
    return redirect("clients:tasks_panel", task.client_id)


@door("person:find")
def people(request: StaffRequest) -> HttpResponseBase:
    """Offer people of the desk whose name holds what is being typed, for ``clients.forms.PersonField``."""
    known_only(request.GET, {"person"})
    if not request.htmx:
        return redirect("home")
    words = request.GET.get("person", "").replace("\0", "").strip()[:100]
    return render(request, "clients/_people.html", {"rows": queries.offered(words) if words else []})


@door("client:handover", methods=("GET", "POST"))
def hand_over(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Ask that the client gets another dedicated manager."""
    client = queries.client(user=request.user, client_id=client_id, permission=Permission.CLIENT_HANDOVER)
    form = HandoverForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            asked = operations.ask_handover(
                user=request.user, client_ids=[client.pk], now=clock.now(), **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Asked for. Another person decides."))
            return redirect("approval", asked.pk)
    context = {"client": client, "form": form, "manager": queries.primary_manager(client.pk)}
    return render(request, "clients/hand_over.html", context, status=422 if form.errors else 200)


@door("statement:send", methods=("POST",))
def issue_secret(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Make a new statement secret and show it once, as the letter to hand over."""
    secret = operations.issue_secret(user=request.user, client_id=client_id)
    client = queries.client(user=request.user, client_id=client_id)
    return render(request, "clients/secret.html", {"client": client, "secret": secret})


def _panel(request: StaffRequest, template: str, client: Client, **context: object) -> HttpResponse:
    """Answer with the fragment to htmx, with the same fragment on a page to everybody else."""
    context["client"] = client
    if request.htmx:
        return render(request, template, context)
    return render(request, "clients/panel_page.html", {**context, "fragment": template})


def _saved(request: StaffRequest, client: Client) -> HttpResponse:
    """Close the drawer and let the panels of the page fetch themselves again."""
    if not request.htmx:
        messages.success(request, _("Saved."))
        return redirect("clients:page", client.pk)
    return HttpResponse(status=204, headers={"HX-Trigger": "contact-logged"})
