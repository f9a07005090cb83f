"""Answers kept under their callers' keys for a day, so that a request sent again has no second effect."""

import datetime as dt
import uuid

from django.db import OperationalError, connection, transaction

from core.crypto import seal, unseal
from core.models import Answer, User

KEPT = dt.timedelta(hours=24)
COLUMN = "core_answer.sealed"
WAIT = "5s"


def wait(*, user: User, key: str) -> bool:
    """Hold the key until the transaction ends, waiting for an earlier holder; False where that takes too long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [WAIT])
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"answer:{user.pk}:{key}"])
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError:
        return False
    return True


def find(*, user: User, key: str, now: dt.datetime) -> Answer | None:
    """Return what was answered under the key within a day, while each client it speaks of may still be seen."""
    return Answer.objects.filter(user=user, key=key, made_at__gt=now - KEPT).first()


def text(answer: Answer) -> str:
    """Return the body as it was sent."""
    return unseal(answer.sealed, column=COLUMN, row=answer.seal_id)


@transaction.atomic
def keep(*, user: User, key: str, digest: str, status: int, text: str, clients: list[int], now: dt.datetime) -> Answer:
    """Keep an answer in the transaction of its effect; one older than a day gives way."""
    Answer.objects.filter(user=user, key=key, made_at__lte=now - KEPT).delete()
    seal_id = uuid.uuid4()
    sealed = seal(text, column=COLUMN, row=seal_id)
    return Answer.objects.create(
        user=user,
        key=key,
        digest=digest,
        status=status,
        clients=clients,
        seal_id=seal_id,
        sealed=sealed,
        made_at=now,
    )


def purge(*, now: dt.datetime) -> int:
    """Delete what is older than a day; return how many."""
    gone, _by_table = Answer.objects.filter(made_at__lte=now - KEPT).delete()
    return gone
