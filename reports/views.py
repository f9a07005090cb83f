"""Pages of the reports room: the delivery ledger, one statement, its document, sending again, the client's panel."""

import structlog
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clients import queries as clients
from clients.access import Permission
from core import clock, lists
from core.errors import Refused
from core.web import StaffRequest, door, known_only, page, seen
from reports import operations, queries
from reports import render as printed
from reports.forms import SendForm
from reports.lists import DELIVERIES, REASONS, TONES

PANEL_ROWS = 6
log = structlog.get_logger()


@door("statement:read", sensitive=True, methods=("GET", "POST"))
def deliveries(request: StaffRequest) -> HttpResponseBase:
    """List deliveries, latest first, by state and month."""
    return lists.answer(request, DELIVERIES, now=clock.now())


@door("statement:read", sensitive=True)
def statement(request: StaffRequest, statement_id: int) -> HttpResponseBase:
    """Show what a statement says and how far it came; ``again`` makes it once more from the books and compares."""
    known_only(request.GET, {"again"})
    card = queries.card(user=request.user, statement_id=statement_id)
    seen(request, client_id=card.statement.client_id, what="statement", statement=card.statement.pk)
    again = None
    if request.GET.get("again"):
        again = operations.replay(user=request.user, statement_id=statement_id, known_at=clock.now())
    return _statement(request, card, SendForm(), again)


@door("statement:send", methods=("POST",))
def send(request: StaffRequest, statement_id: int) -> HttpResponseBase:
    """Send a statement once more."""
    form = SendForm(request.POST)
    form.full_clean()
    try:
        operations.send(
            user=request.user, statement_id=statement_id, now=clock.now(), confirmed=form.cleaned_data["confirmed"]
        )
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _statement(request, queries.card(user=request.user, statement_id=statement_id), form)
    messages.success(request, _("The statement is on its way."))
    return redirect("reports:statement", statement_id)


@door("statement:read", sensitive=True)
def pdf(request: StaffRequest, statement_id: int) -> HttpResponseBase:
    """Hand out the stored document, locked as the client got it."""
    found = queries.card(user=request.user, statement_id=statement_id).statement
    if not found.pdf_name:
        raise Http404
    try:
        content = queries.document(found)
    except FileNotFoundError as error:
        log.exception("statement.not_stored", statement=found.pk)
        raise Http404 from error
    seen(request, client_id=found.client_id, what="document", statement=found.pk, sha256=found.pdf_sha256)
    response = HttpResponse(content, content_type="application/pdf")
    name = f"statement-{found.period_end:%Y-%m}-{found.pk}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@door("statement:read", sensitive=True)
def client_panel(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show a client's latest statements; as a page of its own, all of them."""
    known_only(request.GET, {"after"})
    client = clients.client(user=request.user, client_id=client_id, permission=Permission.STATEMENT_READ)
    rows = queries.statements(user=request.user, client_id=client.pk)
    size = PANEL_ROWS if request.htmx else 50
    cut = page(rows, order=("-period_end", "-id"), after=request.GET.get("after", ""), size=size)
    seen(request, client_id=client.pk, what="statements", rows=len(cut.rows))
    context = {"client": client, "page": cut, "tones": TONES, "fragment": "reports/_client.html"}
    template = "reports/_client.html" if request.htmx else "clients/panel_page.html"
    return render(request, template, context)


def _statement(
    request: StaffRequest, card: queries.StatementCard, form: SendForm, again: operations.Replay | None = None
) -> HttpResponseBase:
    found = card.statement
    context = {"card": card, "s": found.snapshot, "form": form, "tones": TONES, "reasons": REASONS, "again": again}
    context |= {"lines": printed.lines(found.snapshot, language=found.language), "tag": printed.TAGS[found.language]}
    return render(request, "reports/statement.html", context, status=422 if form.errors else 200)
