"""Doors of nobody's room: health, home, the profile, tokens, staff, webhooks, the API's documentation."""

import datetime as dt
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, clock, lists
from core.errors import Refused
from core.lists.own import STAFF
from core.models import TOKEN_DAYS, Role, User
from core.programs import tokens, webhooks
from core.programs.forms import TokenForm, WebhookForm
from core.web import StaffRequest, door, known_only, page, public

REASONS = {
    "url": gettext_lazy("The address cannot be called"),
    "address": gettext_lazy("Refused: not on the public internet"),
    "name": gettext_lazy("The name is not known"),
    "timeout": gettext_lazy("No answer in 10 seconds"),
    "connection": gettext_lazy("The connection failed"),
    "tls": gettext_lazy("The certificate does not fit"),
    "status": gettext_lazy("Answered, and not with success:"),
    "paused": gettext_lazy("Paused for more than a day"),
    "removed": gettext_lazy("The webhook was removed"),
    "active": gettext_lazy("Not sent within a day"),
}


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@door("home:open")
def home(request: StaffRequest) -> HttpResponseBase:
    """Send everybody to the start page of their role."""
    start: dict[str, str] = import_string("clients.access.START")
    return redirect(start[request.user.role])


class ProfileForm(forms.ModelForm[User]):
    """What a person may change of the own account."""

    class Meta:
        model = User
        fields = ("language",)


@door("profile:edit", methods=("GET", "POST"))
def profile(request: StaffRequest) -> HttpResponseBase:
    """Show and change the own profile."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("profile")
    return render(request, "core/profile.html", {"form": form}, status=422 if form.errors else 200)


@reauthentication_required  # type: ignore[untyped-decorator]
def _was_asked_again(request: HttpRequest) -> bool:
    return True


def password_is_fresh(request: HttpRequest) -> bool:
    """Say whether the person gave the password again a moment ago, as allauth counts it."""
    try:
        return bool(_was_asked_again(request))
    except ReauthenticationRequired:
        return False


@door("profile:edit", methods=("GET", "POST"))
def own_tokens(request: StaffRequest) -> HttpResponseBase:
    """Show the own tokens; make one, once the password was given again. Its text is shown this once."""
    fresh = password_is_fresh(request)
    if request.method == "POST" and not fresh:
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': reverse('tokens')})}")
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token, text = tokens.create(user=request.user, now=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            shown = {"title": _("Token"), "name": token.name, "text": text, "back": reverse("tokens"), "token": token}
            return render(request, "core/shown_once.html", shown)
    page = {"form": form, "fresh": fresh, "tokens": tokens.of(request.user), "now": clock.now(), "most": TOKEN_DAYS}
    return render(request, "core/tokens.html", page, status=422 if form.errors else 200)


@door("profile:edit", methods=("POST",))
def revoke_token(request: StaffRequest, token_id: int) -> HttpResponseBase:
    """End an own token at once."""
    tokens.revoke(user=request.user, token_id=token_id, now=clock.now())
    messages.success(request, _("Revoked. Programs that use it are refused from now on."))
    return redirect("tokens")


def known_events() -> dict[str, Any]:
    """Return the acts of the business that webhooks may be told of, with their words."""
    acts: dict[str, Any] = import_string("compliance.queries.acts.ACTS")
    return {verb: words for verb, words in acts.items() if audit.is_told(verb)}


@door("settings:manage", methods=("GET", "POST"))
def webhook_list(request: StaffRequest) -> HttpResponseBase:
    """List the webhooks and add one. Its secret is shown this once."""
    known = known_events()
    form = WebhookForm(request.POST or None, known=known)
    if request.method == "POST" and form.is_valid():
        try:
            hook, text = webhooks.add(user=request.user, known=known, now=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            return _secret(request, hook.pk, hook.name, text)
    page = {"form": form, "webhooks": webhooks.webhooks()}
    return render(request, "core/webhooks.html", page, status=422 if form.errors else 200)


@door("settings:manage", methods=("GET", "POST"))
def webhook(request: StaffRequest, webhook_id: int) -> HttpResponseBase:
    """Show a webhook and what it was told; test, pause, resume or remove it, or give it another secret."""
    hook, now = webhooks.webhook(webhook_id), clock.now()
    if request.method != "POST":
        known_only(request.GET, {"after"})
        log = page(webhooks.calls(hook), order=("-id",), after=request.GET.get("after", ""))
        words = {verb: str(text) for verb, text in import_string("compliance.queries.acts.ACTS").items()}
        events = [(verb, words.get(verb, verb)) for verb in hook.events]
        shown = {"webhook": hook, "page": log, "words": words, "events": events, "reasons": REASONS}
        return render(request, "core/webhook.html", shown)
    act = request.POST.get("act", "")
    if act == "secret":
        changed, text = webhooks.renew_secret(webhook_id=hook.pk)
        return _secret(request, changed.pk, changed.name, text)
    if act == "remove":
        webhooks.remove(webhook_id=hook.pk)
        messages.success(request, _("Removed."))
        return redirect("webhooks")
    try:
        _do(act, request.user, hook.pk, now)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("webhook", hook.pk)


def _do(act: str, user: User, webhook_id: int, now: dt.datetime) -> None:
    if act == "test":
        webhooks.test(user=user, webhook_id=webhook_id, now=now)
    elif act == "pause":
        webhooks.pause(webhook_id=webhook_id)
    elif act == "resume":
        webhooks.resume(user=user, webhook_id=webhook_id, now=now)
    else:
        raise BadRequest("act")


def _secret(request: StaffRequest, webhook_id: int, name: str, text: str) -> HttpResponseBase:
    back = reverse("webhook", args=[webhook_id])
    shown = {"title": _("Webhook secret"), "name": name, "text": text, "back": back}
    return render(request, "core/shown_once.html", shown)


@door("staff:read", methods=("GET", "POST"))
def staff(request: StaffRequest) -> HttpResponseBase:
    """List the people of the bank who use Steward."""
    return lists.answer(request, STAFF, now=clock.now())


@door("staff:manage", methods=("POST",))
def staff_member(request: StaffRequest, user_id: int) -> HttpResponseBase:
    """Let a person in or shut them out. Roles change by four eyes, not here."""
    member = get_object_or_404(User.objects.exclude(role=Role.SYSTEM).exclude(pk=request.user.pk), pk=user_id)
    member.is_active = not member.is_active
    member.save(update_fields=["is_active"])
    audit.record("staff:activate" if member.is_active else "staff:deactivate", row=("core_user", member.pk))
    return redirect("staff")


@door("home:open")
def api_documentation(request: StaffRequest) -> HttpResponseBase:
    """Show the API's operations, read from its schema."""
    shown = {"operations": import_string("core.api.operations")(), "base": settings.PUBLIC_URL}
    return render(request, "core/api.html", shown)
