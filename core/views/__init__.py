"""Doors of nobody's room: health, home, the profile, tokens, staff, figures, webhooks, the API's documentation."""

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import approvals, audit, clock, lists
from core.approvals import deputies
from core.approvals import parameters as figures
from core.approvals import staff as roles
from core.errors import Conflict, Refused
from core.lists.approvals import APPROVALS
from core.lists.own import STAFF
from core.lists.parameters import PARAMETERS
from core.models import TOKEN_DAYS, Role, Team, User
from core.programs import tokens, webhooks
from core.programs.forms import TokenForm, WebhookForm
from core.web import StaffRequest, door, known_only, page, public, seen
from core.web.again import ask_again, password_is_fresh

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


@door("profile:edit", methods=("GET", "POST"))
def own_tokens(request: StaffRequest) -> HttpResponseBase:
    """Show the own tokens; make one, once the password was given again. Its text is shown this once."""
    fresh = password_is_fresh(request)
    if request.method == "POST" and not fresh:
        return ask_again(reverse("tokens"))
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


@door("approval:read", methods=("GET", "POST"))
def approval_list(request: StaffRequest) -> HttpResponseBase:
    """List what was asked for and what waits for a decision."""
    return lists.answer(request, APPROVALS, now=clock.now())


class DecideForm(forms.Form):
    """A decision on what was shown."""

    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    digest = forms.RegexField("^[0-9a-f]{64}$", widget=forms.HiddenInput())


@door("approval:read", sensitive=True, methods=("GET", "POST"))
def approval(request: StaffRequest, approval_id: int) -> HttpResponseBase:
    """Show what was asked for. Who may decides it, with the password given a moment ago; who asked withdraws it."""
    row = approvals.approvals(user=request.user).get(pk=approval_id)
    now, kind, status = clock.now(), approvals.KINDS[row.kind], 200
    about = kind.clients(row.content)
    seen(request, client_id=about[0] if len(about) == 1 else None, what="approval", rows=len(about))
    digest = bytes(row.digest).hex()
    form = DecideForm(request.POST or None, initial={"digest": digest})
    if request.method == "POST":
        known_only(request.POST, {"act", "note", "digest", "csrfmiddlewaretoken"})
        if request.POST.get("act") in {"approve", "decline"} and not password_is_fresh(request):
            return ask_again(request.path)
        try:
            if _acted(request, form, row.pk, now):
                return redirect("approval", row.pk)
            status = 422
        except Conflict as conflict:
            form.add_error(None, conflict.message)
            status = 409
        except Refused as refusal:
            form.add_error(None, refusal.message)
            status = 422
    context = {
        "row": row,
        "kind": kind,
        "lines": kind.told(user=request.user, content=row.content),
        "form": form,
        "digest": digest,
        "fresh": password_is_fresh(request),
        "stands": approvals.stands(row, now=now),
        "decides": approvals.may_decide(request.user, row, now=now),
    }
    return render(request, "core/approval.html", context, status=status)


def _acted(request: StaffRequest, form: DecideForm, approval_id: int, now: dt.datetime) -> bool:
    """Do what was chosen, and say so; False where the form has to be sent again."""
    act = request.POST.get("act")
    if act == "withdraw":
        approvals.withdraw(user=request.user, approval_id=approval_id)
        messages.success(request, _("Withdrawn."))
        return True
    if act not in {"approve", "decline"}:
        raise BadRequest("act")
    if not form.is_valid():
        return False
    approvals.decide(user=request.user, approval_id=approval_id, approve=act == "approve", now=now, **form.cleaned_data)
    messages.success(request, _("Approved and carried out.") if act == "approve" else _("Declined."))
    return True


class DeputyForm(forms.Form):
    """Who decides for a lead, from when to when, and why."""

    deputy = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Deputy"))
    begins = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=gettext_lazy("Until, with that day"), widget=forms.DateInput({"type": "date"}))
    reason = forms.CharField(
        label=gettext_lazy("Reason"), min_length=10, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any, user: User) -> None:
        super().__init__(data)
        self.fields["deputy"].queryset = deputies.deputies(user=user)  # type: ignore[attr-defined]  # of its kind


@door("approval:delegate", methods=("GET", "POST"))
def deputy(request: StaffRequest) -> HttpResponseBase:
    """Show who decides for the lead and for whom the lead decides; name a deputy, once the password was given again."""
    now, fresh = clock.now(), password_is_fresh(request)
    if request.method == "POST" and not fresh:
        return ask_again(reverse("deputy"))
    form = DeputyForm(request.POST or None, request.user)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            deputies.delegate(user=request.user, deputy_id=chosen.pop("deputy").pk, now=now, **chosen)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Named. From the day on the deputy decides for your team."))
            return redirect("deputy")
    shown = {"form": form, "fresh": fresh, "rows": deputies.given(user=request.user)[:50], "now": now}
    return render(request, "core/deputy.html", shown, status=422 if form.errors else 200)


@door("approval:delegate", methods=("POST",))
def end_deputy(request: StaffRequest, delegation_id: int) -> HttpResponseBase:
    """Decide again oneself."""
    try:
        deputies.end(user=request.user, delegation_id=delegation_id, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Ended. You decide for your team again."))
    return redirect("deputy")


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


class RoleForm(forms.Form):
    """What somebody is to become, and why."""

    role = forms.ChoiceField(
        label=gettext_lazy("New role"), choices=[one for one in Role.choices if one[0] != Role.SYSTEM]
    )
    team = forms.ModelChoiceField(Team.objects.all(), label=gettext_lazy("Team"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), min_length=10, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


@door("staff:manage", methods=("GET", "POST"))
def staff_role(request: StaffRequest, user_id: int) -> HttpResponseBase:
    """Ask that a person gets another role or team; somebody else decides."""
    member = get_object_or_404(User.objects.exclude(role=Role.SYSTEM).exclude(person=request.user.person), pk=user_id)
    form = RoleForm(request.POST or None, initial={"role": member.role, "team": member.team})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            asked = roles.ask_role(
                user=request.user,
                user_id=member.pk,
                role=chosen["role"],
                team_id=chosen["team"].pk if chosen["team"] else None,
                reason=chosen["reason"],
                now=clock.now(),
            )
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Asked for. Another person decides."))
            return redirect("approval", asked.pk)
    return render(request, "core/role.html", {"member": member, "form": form}, status=422 if form.errors else 200)


class ParameterForm(forms.Form):
    """Another value of a figure: from which day, by which source, and why."""

    value = forms.DecimalField(label=gettext_lazy("New value"), max_digits=9, decimal_places=4)
    begins = forms.DateField(label=gettext_lazy("Governs from"), widget=forms.DateInput({"type": "date"}))
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=300,
        help_text=gettext_lazy("The law, circular or minute that says so."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), min_length=10, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any, figure: figures.Figure) -> None:
        super().__init__(data)
        self.fields["value"].help_text = f"{figure.least}–{figure.most} {figure.unit}"


@door("parameter:read", methods=("GET", "POST"))
def parameters(request: StaffRequest) -> HttpResponseBase:
    """List the figures of law and house."""
    return lists.answer(request, PARAMETERS, now=clock.now())


@door("parameter:change", methods=("GET", "POST"))
def parameter(request: StaffRequest, parameter_id: int) -> HttpResponseBase:
    """Ask that a figure changes from a day on; another person decides."""
    now = clock.now()
    row = get_object_or_404(figures.parameters(on=timezone.localdate(now)), pk=parameter_id)
    figure = figures.FIGURES[row.key]
    form = ParameterForm(request.POST or None, figure)
    if request.method == "POST" and form.is_valid():
        try:
            asked = figures.ask_parameter(user=request.user, parameter_id=row.pk, now=now, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, _("Asked for. Another person decides."))
            return redirect("approval", asked.pk)
    shown = {"row": row, "form": form, "figure": figure, "value": figures.in_words(row.key, row.value)}
    return render(request, "core/parameter.html", shown, status=422 if form.errors else 200)


@door("home:open")
def api_documentation(request: StaffRequest) -> HttpResponseBase:
    """Show the API's operations, read from its schema."""
    shown = {"operations": import_string("core.api.operations")(), "base": settings.PUBLIC_URL}
    return render(request, "core/api.html", shown)
