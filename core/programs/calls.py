"""Events on their way to webhooks. The row is the truth: written with the act, sent by a job, retried for a day.

A worker that dies between sending and writing down sends again: the receiver knows the event by its id.
"""

import datetime as dt
import hashlib
import hmac
import json
import time
from dataclasses import dataclass

from django.conf import settings

from core import audit
from core.jobs import enqueue
from core.models import Webhook, WebhookCall
from core.programs import outbound, webhooks
from core.walls import acting, service

SPAN = dt.timedelta(days=1)
"""How long an event is tried, a pause included."""
LEASE = dt.timedelta(seconds=45)
"""Longer than one request takes, shorter than the lease of its job."""
FIRST, LONGEST, FACTOR = dt.timedelta(seconds=10), dt.timedelta(hours=6), 4
KEPT = dt.timedelta(days=30)
FORGOTTEN = dt.timedelta(minutes=5)
GOOD = range(200, 300)
State = WebhookCall.State


@dataclass(frozen=True)
class Held:
    """The right to make one attempt."""

    call: WebhookCall
    attempt: int
    url: str
    secret: str
    now: dt.datetime
    started: float

    @property
    def clock(self) -> dt.datetime:
        """The instant of the door plus what has passed since."""
        return self.now + dt.timedelta(seconds=time.monotonic() - self.started)


def body_of(call: WebhookCall) -> bytes:
    """Return what is told: the same bytes at every attempt, ids and no names."""
    said = {
        "id": str(call.event),
        "verb": call.verb,
        "at": call.at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
        "client": call.client_id,
        "table": call.table_name,
        "row": call.row_id,
    }
    return json.dumps(said, separators=(",", ":")).encode()


def signature(secret: str, *, at: int, body: bytes) -> str:
    """Return the header: ``t=…,v1=HMAC-SHA256(secret, t.body)`` in hex."""
    made = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={made}"


def delay(attempts: int) -> dt.timedelta:
    """Return how long to wait after ``attempts``: 10 seconds, four times as long each time, at most 6 hours."""
    factor: int = FACTOR ** min(attempts - 1, 10)
    return min(FIRST * factor, LONGEST)


def send(*, call_id: int, now: dt.datetime) -> None:
    """Make the next attempt of a call that is due. Opens its own transactions; safe to run twice."""
    held = _begin(call_id, now)
    if held is None:
        return
    body, at = body_of(held.call), int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Steward",
        "Steward-Event": str(held.call.event),
        "Steward-Signature": signature(held.secret, at=at, body=body),
    }
    try:
        reply = outbound.post(held.url, body=body, headers=headers, listed=settings.WEBHOOK_HOSTS)
    except outbound.Failed as failure:
        _finish(held, None, failure.code)
    else:
        _finish(held, reply, "" if reply.status in GOOD else "status")


def _begin(call_id: int, now: dt.datetime) -> Held | None:
    """Take a call that waits and is due, for one attempt."""
    with acting(service()):
        call = WebhookCall.objects.select_for_update(of=("self",)).select_related("webhook").get(pk=call_id)
        if call.state != State.WAITING or call.due_at > now or call.webhook.state == Webhook.State.PAUSED:
            return None
        if call.webhook.state == Webhook.State.REMOVED:
            _fail(call, "removed")
            return None
        call.attempts += 1
        call.tried_at, call.due_at = now, now + LEASE
        call.save(update_fields=["attempts", "tried_at", "due_at"])
        secret = webhooks.secret_of(call.webhook)
    return Held(call, call.attempts, call.webhook.url, secret, now, time.monotonic())


def _finish(held: Held, reply: outbound.Reply | None, reason: str) -> None:
    """Write down how the attempt went, while it is the latest, and plan the next where it failed."""
    with acting(service()):
        mine = WebhookCall.objects.select_for_update().filter(
            pk=held.call.pk, state=State.WAITING, attempts=held.attempt
        )
        call = mine.first()
        if call is None:
            return
        call.status, call.reason = (reply.status if reply else None), reason
        call.answer = "".join(sign if sign.isprintable() else " " for sign in reply.text[:200]) if reply else ""
        call.due_at = held.clock + delay(held.attempt)
        call.state = State.WAITING if reason else State.SENT
        call.save(update_fields=["status", "reason", "answer", "due_at", "state"])
        if not reason:
            return
        if call.due_at > call.at + SPAN:
            _fail(call, reason)
            return
        wait = call.due_at - held.now
        key = f"call:{call.pk}:{call.attempts}"
        enqueue(webhooks.JOB, now=held.now, key=key, delay=wait, call_id=call.pk)


def _fail(call: WebhookCall, reason: str) -> None:
    call.state, call.reason = State.FAILED, reason
    call.save(update_fields=["state", "reason"])
    row = (webhooks.TABLE, call.webhook_id)
    audit.record("webhook:fail", row=row, data={"event": str(call.event), "reason": reason, "tries": call.attempts})


def tidy(*, now: dt.datetime) -> None:
    """End what waited for a day, take up what was forgotten, and clear the log of what is old."""
    waiting = WebhookCall.objects.filter(state=State.WAITING).select_related("webhook").order_by("pk")
    for call in waiting.filter(at__lt=now - SPAN)[:1000]:
        _fail(call, call.reason or call.webhook.state)
    forgotten = waiting.filter(due_at__lt=now - FORGOTTEN, webhook__state=Webhook.State.ACTIVE)
    webhooks.wake(forgotten[:1000], user=None, now=now)
    WebhookCall.objects.exclude(state=State.WAITING).filter(at__lt=now - KEPT).delete()
