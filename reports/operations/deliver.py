"""A printed statement on its way to the client, over a relay that may be slow, refuse, or fall silent.

The row is the truth. A sender claims it for a lease with a token, commits, speaks SMTP, and finishes only where the
token is still its own. Nobody can know whether a relay that fell silent took the message. One that keeps a journal is
asked by the Message-ID before any second try, so the client gets one mail; with another a person decides.
"""

import datetime as dt
import hashlib
import time
import uuid
from dataclasses import dataclass

import structlog
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from clients import operations as clients_write
from clients import queries as clients
from clients.models import Client, Task
from clients.queries import Recipient
from core import audit, post
from core.jobs import enqueue
from core.models import Job
from core.walls import acting, service
from reports import mail, queries
from reports.models import Delivery, Statement

LEASE = dt.timedelta(seconds=300)
"""Longer than the relay's time limits together, so that a living sender is not overtaken."""
GRACE = dt.timedelta(seconds=15)
"""How long a relay that hung up may still be writing the message down before it is asked."""
FIRST_DELAY = dt.timedelta(seconds=5)
MOST_TRIES = 8
LARGEST = 20 * 1024 * 1024
FAILED_LATELY = dt.timedelta(days=1)
State = Delivery.State
log = structlog.get_logger()


@dataclass(frozen=True)
class Held:
    """The right to work on one delivery. ``doubtful``: an earlier sender fell silent, the relay may have the mail."""

    delivery: Delivery
    token: uuid.UUID
    doubtful: bool
    now: dt.datetime
    started: float

    @property
    def clock(self) -> dt.datetime:
        """The instant of the door plus what has passed since."""
        return self.now + dt.timedelta(seconds=time.monotonic() - self.started)


def deliver(*, delivery_id: int, now: dt.datetime) -> None:
    """Send one delivery, if it waits or its sender fell silent. Opens its own transactions; safe to run twice."""
    held = _claim(delivery_id, now)
    if held is None or (held.doubtful and not _to_send_again(held)):
        return
    letter = _prepare(held)
    if letter is None:
        return
    try:
        post.send(mail.compose(letter))
    except post.Rejected as refusal:
        _finish(held, State.FAILED, reason=str(refusal))
    except post.PutOff as error:
        _try_later(held, str(error))
    except post.Uncertain as error:
        _wait_and_ask(held, error)
    else:
        _finish(held, State.SENT)


def sweep(*, now: dt.datetime) -> int:
    """Take up deliveries whose sender died, and end those whose job was given up; return how many."""
    with acting(service()):
        silent = list(Delivery.objects.filter(state=State.SENDING, lease_until__lt=now))
        for delivery in silent:
            enqueue("reports.deliver", now=now, key=f"ask:{delivery.pk}:{delivery.tries}", delivery_id=delivery.pk)
        return len(silent) + sum(_end(job, now) for job in _given_up(now))


def _given_up(now: dt.datetime) -> list[Job]:
    names = ("reports.render", "reports.deliver")
    return list(Job.objects.filter(state=Job.State.FAILED, name__in=names, finished_at__gt=now - FAILED_LATELY))


def _end(job: Job, now: dt.datetime) -> int:
    """Fail what a given-up job leaves waiting, and tell the manager."""
    named = ("pk", "delivery_id") if job.name == "reports.deliver" else ("statement_id", "statement_id")
    by = {named[0]: int(job.arguments.get(named[1]) or 0)}
    ended = 0
    for delivery in Delivery.objects.filter(**by, state=State.WAITING):
        ended += _close(delivery, State.FAILED, "internal", now, token=delivery.token)
    return ended


def _claim(delivery_id: int, now: dt.datetime) -> Held | None:
    """Take a delivery that waits, or whose lease ran out; come back after the lease of one that is being sent."""
    token = uuid.uuid4()
    with acting(service()):
        delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
        doubtful = delivery.state == State.SENDING
        if doubtful and delivery.lease_until is not None and delivery.lease_until >= now:
            _come_back(delivery, delivery.lease_until, now)
            return None
        if delivery.state not in (State.WAITING, State.SENDING):
            return None
        delivery.state, delivery.token, delivery.lease_until = State.SENDING, token, now + LEASE
        delivery.tries += 1
        delivery.save(update_fields=["state", "token", "lease_until", "tries"])
    return Held(delivery, token, doubtful, now, time.monotonic())


def _come_back(delivery: Delivery, at: dt.datetime, now: dt.datetime) -> None:
    delay = at - now + dt.timedelta(seconds=1)
    enqueue("reports.deliver", now=now, key=f"ask:{delivery.pk}:{delivery.tries}", delay=delay, delivery_id=delivery.pk)


def _to_send_again(held: Held) -> bool:
    """Ask the relay for the mail of a sender that fell silent; say whether it must go out again."""
    try:
        kept = post.kept(post.address(held.delivery.message_id))
    except post.PutOff as error:
        _ask_later(held, str(error))
        return False
    if kept is None:
        _finish(held, State.UNKNOWN, reason="silent")
    elif kept:
        _finish(held, State.SENT)
    elif held.delivery.tries > MOST_TRIES:
        _finish(held, State.FAILED, reason="silent")
    else:
        return True
    return False


def _prepare(held: Held) -> mail.Letter | None:
    """Check what may be sent, write the trail before a byte leaves, return the letter; None where that was the end."""
    with acting(service()):
        statement = Statement.objects.defer("snapshot").select_related("client").get(pk=held.delivery.statement_id)
        recipient = clients.statement_recipient(statement.client_id)
        manager = clients.primary_manager(statement.client_id)
    reason = _unfit(statement.client, recipient, confirmed=held.delivery.reason == "confirmed")
    if reason or recipient is None:
        _finish(held, State.SKIPPED, reason=reason)
        return None
    content = _stored(statement)
    if isinstance(content, str):
        _finish(held, State.FAILED, reason=content)
        return None
    if not _announced(held, statement, recipient):
        return None
    return mail.Letter(
        to=recipient.email,
        manager=" ".join(manager.name.split()) if manager else "",
        reply_to=manager.email if manager else "",
        language=statement.language,
        period_start=statement.period_start,
        period_end=statement.period_end,
        message_id=post.address(held.delivery.message_id),
        written_at=held.delivery.created_at,
        file_name=f"statement-{statement.period_end:%Y-%m}.pdf",
        content=content,
    )


def _unfit(client: Client, recipient: Recipient | None, *, confirmed: bool) -> str:
    """Return why the client's statement may not be mailed, empty where it may."""
    if client.status == Client.Status.CLOSED:
        return "closed"
    if recipient is None:
        return "no-address"
    if not recipient.consented:
        return "no-consent"
    return "shared" if recipient.shared and not confirmed else ""


def _stored(statement: Statement) -> bytes | str:
    """Return the bytes as they were stored, or why they cannot go out."""
    try:
        content = queries.document(statement)
    except OSError:
        log.exception("statement.not_stored", statement=statement.pk)
        return "missing"
    if hashlib.sha256(content).hexdigest() != statement.pdf_sha256:
        return "changed"
    return content if len(content) <= LARGEST else "too-large"


def _announced(held: Held, statement: Statement, recipient: Recipient) -> bool:
    """Write the mail into the trail and the masked address into the row, while the claim is ours."""
    with acting(service()):
        if not _mine(held).update(hint=recipient.hint):
            return False
        row = ("reports_delivery", held.delivery.pk)
        said = {
            "message_id": held.delivery.message_id,
            "sha256": statement.pdf_sha256,
            "tries": held.delivery.tries,
        }
        audit.record("statement:mail", client_id=statement.client_id, row=row, data=said)
    return True


def _mine(held: Held) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=held.delivery.pk, token=held.token, state=State.SENDING)


def _finish(held: Held, state: str, *, reason: str = "") -> None:
    with acting(service()):
        if not _close(held.delivery, state, reason, held.clock, token=held.token):
            log.warning("delivery.lease_lost", delivery=held.delivery.pk)


def _close(delivery: Delivery, state: str, reason: str, now: dt.datetime, *, token: uuid.UUID | None) -> int:
    """End a delivery where the token still holds; what did not reach the client becomes the manager's task."""
    open_rows = Delivery.objects.filter(pk=delivery.pk, token=token, state__in=[State.WAITING, State.SENDING])
    sent_at = now if state == State.SENT else None
    if not open_rows.update(state=state, reason=reason, lease_until=None, sent_at=sent_at):
        return 0
    row = ("reports_delivery", delivery.pk)
    said = {"state": state, "tries": delivery.tries}
    audit.record("statement:delivery", client_id=delivery.client_id, row=row, data=said)
    if state in (State.FAILED, State.UNKNOWN) or reason == "shared":
        _tell(delivery, state, now)
    return 1


def _tell(delivery: Delivery, state: str, now: dt.datetime) -> None:
    manager = clients.primary_manager(delivery.client_id)
    with translation.override(manager.language if manager else None):
        texts = {
            State.FAILED: _("A statement could not be delivered: see why, correct the address, send it again."),
            State.UNKNOWN: _("A statement may or may not have arrived: ask the client before it is sent again."),
            State.SKIPPED: _("A statement waits: check the address with the client, confirm it and send."),
        }
        clients_write.add_task(
            client_id=delivery.client_id,
            kind=Task.Kind.DELIVERY,
            text=texts[State(state)],
            due_on=timezone.localdate(now),
            origin=f"delivery:{delivery.pk}",
        )


def _delay(held: Held) -> dt.timedelta:
    """Return how long to wait before the next try: 5 seconds, then three times as long; the last after an hour."""
    return FIRST_DELAY * int(3 ** (min(held.delivery.tries, MOST_TRIES) - 1))


def _try_later(held: Held, reason: str) -> None:
    """Put a mail that was certainly not taken back, or give up after the last try."""
    if held.delivery.tries >= MOST_TRIES:
        _finish(held, State.FAILED, reason=reason)
        return
    with acting(service()):
        kept = "confirmed" if held.delivery.reason == "confirmed" else reason
        if _mine(held).update(state=State.WAITING, token=None, lease_until=None, reason=kept):
            key = f"deliver:{held.delivery.pk}:{held.delivery.tries}"
            enqueue("reports.deliver", now=held.clock, key=key, delay=_delay(held), delivery_id=held.delivery.pk)


def _ask_later(held: Held, reason: str) -> None:
    """Stay in doubt until the relay can be asked, or leave it to a person after the last try."""
    if held.delivery.tries >= MOST_TRIES:
        _finish(held, State.UNKNOWN, reason=reason)
    else:
        _doubt_until(held, held.clock + _delay(held))


def _wait_and_ask(held: Held, error: post.Uncertain) -> None:
    """Leave a mail of unknown fate as it is; ask soon where the relay hung up, after the lease where it is slow."""
    log.warning("delivery.uncertain", delivery=held.delivery.pk, error=str(error))
    _doubt_until(held, held.clock + GRACE if error.closed else held.now + LEASE)


def _doubt_until(held: Held, until: dt.datetime) -> None:
    with acting(service()):
        if _mine(held).update(lease_until=until):
            _come_back(held.delivery, until, held.clock)
