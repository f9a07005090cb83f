"""Webhooks: addresses that are called when something happens.

What happened is written with the act itself (``core.audit``); ``core.programs.calls`` carries it.
"""

import datetime as dt
import secrets
import uuid
from collections.abc import Collection, Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from core import audit
from core.crypto import seal, unseal
from core.errors import Refused
from core.jobs import enqueue
from core.models import User, Webhook, WebhookCall
from core.programs import outbound

COLUMN = "core_webhook.secret"
TABLE = "core_webhook"
TEST = "webhook:test"
JOB = "programs.call"
State = Webhook.State


def webhooks() -> QuerySet[Webhook]:
    """Return the webhooks that are not removed, by name, with their calls counted by state."""
    rows = Webhook.objects.exclude(state=State.REMOVED).order_by("name", "id")
    return rows.annotate(
        waiting=Count("calls", filter=Q(calls__state="waiting")),
        failed=Count("calls", filter=Q(calls__state="failed")),
        last_at=Max("calls__tried_at"),
    )


def webhook(webhook_id: int) -> Webhook:
    """Return one webhook.

    Raises:
        Webhook.DoesNotExist: missing or removed.
    """
    return webhooks().get(pk=webhook_id)


def calls(hook: Webhook) -> QuerySet[WebhookCall]:
    """Return what was and will be told to a webhook."""
    return WebhookCall.objects.filter(webhook=hook)


def secret_of(hook: Webhook) -> str:
    """Return the secret in clear: for signing alone."""
    return unseal(hook.secret, column=COLUMN, row=hook.seal_id)


@transaction.atomic
def add(
    *, user: User, name: str, url: str, events: Collection[str], known: Collection[str], now: dt.datetime
) -> tuple[Webhook, str]:
    """Add a webhook; return it and its secret, which is shown this once.

    Raises:
        Refused: the address may not be called, or an event is not one of ``known``.
    """
    _check(url, events, known)
    hook = Webhook(name=name, url=url, events=sorted(set(events)), created_by=user, created_at=now)
    text = _new_secret(hook)
    hook.save(force_insert=True)
    audit.record("webhook:add", row=(TABLE, hook.pk), data={"events": hook.events})
    return hook, text


@transaction.atomic
def renew_secret(*, webhook_id: int) -> tuple[Webhook, str]:
    """Give a webhook another secret; the one before signs nothing from now on.

    Raises:
        Webhook.DoesNotExist: missing or removed.
    """
    hook = _locked(webhook_id)
    text = _new_secret(hook)
    hook.save(update_fields=["secret", "seal_id"])
    audit.record("webhook:secret", row=(TABLE, hook.pk))
    return hook, text


@transaction.atomic
def pause(*, webhook_id: int) -> Webhook:
    """Stop calling; what happens meanwhile is kept for a day.

    Raises:
        Webhook.DoesNotExist: missing or removed.
    """
    hook = _locked(webhook_id)
    if hook.state == State.ACTIVE:
        _become(hook, State.PAUSED, "webhook:pause")
    return hook


@transaction.atomic
def resume(*, user: User, webhook_id: int, now: dt.datetime) -> Webhook:
    """Call again, and tell what waited.

    Raises:
        Webhook.DoesNotExist: missing or removed.
    """
    hook = _locked(webhook_id)
    if hook.state == State.PAUSED:
        _become(hook, State.ACTIVE, "webhook:resume")
        wake(calls(hook).filter(state=WebhookCall.State.WAITING), user=user, now=now)
    return hook


@transaction.atomic
def remove(*, webhook_id: int) -> None:
    """Call no more. The row stays: the trail and the log name it.

    Raises:
        Webhook.DoesNotExist: missing or removed.
    """
    _become(_locked(webhook_id), State.REMOVED, "webhook:remove")


@transaction.atomic
def test(*, user: User, webhook_id: int, now: dt.datetime) -> WebhookCall:
    """Send an event that means nothing, along the way of all others.

    Raises:
        Webhook.DoesNotExist: missing or removed.
        Refused: it is paused.
    """
    hook = _locked(webhook_id)
    if hook.state != State.ACTIVE:
        raise Refused("webhook-paused", _("Resume it first."))
    call = WebhookCall.objects.create(webhook=hook, verb=TEST, at=now, due_at=now)
    audit.record(TEST, row=(TABLE, hook.pk))
    wake([call], user=user, now=now)
    return call


def wake(waiting: Iterable[WebhookCall], *, user: User | None, now: dt.datetime) -> None:
    """Enqueue calls that wait; each goes out once, however often it is woken."""
    for call in waiting:
        key = f"call:{call.pk}:{call.attempts}:{now:%Y%m%d%H%M%S%f}"
        enqueue(JOB, now=now, key=key, requested_by=user, call_id=call.pk)


def _check(url: str, events: Collection[str], known: Collection[str]) -> None:
    try:
        outbound.checked(url, listed=settings.WEBHOOK_HOSTS)
    except outbound.Failed as error:
        private = _("This address is not on the public internet.")
        plain = _("Give an address that begins with https:// and has no user name in it.")
        raise Refused("webhook-url", private if error.code == "address" else plain, field="url") from error
    if not events or not set(events) <= set(known):
        raise Refused("webhook-events", _("Choose at least one of the events."), field="events")


def _new_secret(hook: Webhook) -> str:
    text = f"steward-hook-{secrets.token_urlsafe(32)}"
    hook.seal_id = uuid.uuid4()
    hook.secret = seal(text, column=COLUMN, row=hook.seal_id)
    return text


def _locked(webhook_id: int) -> Webhook:
    return Webhook.objects.exclude(state=State.REMOVED).select_for_update().get(pk=webhook_id)


def _become(hook: Webhook, state: str, verb: str) -> None:
    hook.state = state
    hook.save(update_fields=["state"])
    audit.record(verb, row=(TABLE, hook.pk))
