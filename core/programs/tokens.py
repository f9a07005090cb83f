"""Tokens by which programs act for a person: made, used, revoked. Knox draws and hashes them."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from core import audit
from core.errors import Refused
from core.models import TOKEN_DAYS, Token, User
from core.walls import acting

MOST = 20
USED_EVERY = dt.timedelta(minutes=1)
TABLE = "core_token"


@transaction.atomic
def create(*, user: User, name: str, scope: str, days: int, now: dt.datetime) -> tuple[Token, str]:
    """Make a token of ``user`` that ends after ``days``; return it and its text, which nobody can read again.

    Raises:
        Refused: it would live too long, or the person has too many.
    """
    if not 1 <= days <= TOKEN_DAYS:
        raise Refused("token-days", _("A token lives 1 to 90 days."), field="days")
    if Token.objects.filter(user=user, revoked_at__isnull=True, expiry__gt=now).count() >= MOST:
        raise Refused("token-many", _("Revoke a token first: there are too many."))
    digest, text = get_digest_token()
    token = Token.objects.create(
        user=user,
        name=name,
        scope=scope,
        digest=digest,
        token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH],
        created=now,
        expiry=now + dt.timedelta(days=days),
    )
    audit.record("token:create", row=(TABLE, token.pk), data={"scope": scope, "days": days})
    return token, text


@transaction.atomic
def revoke(*, user: User, token_id: int, now: dt.datetime) -> Token:
    """End a token of ``user`` at once; doing it twice changes nothing.

    Raises:
        Token.DoesNotExist: missing or somebody else's.
    """
    token = Token.objects.select_for_update().get(pk=token_id, user=user)
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        audit.record("token:revoke", row=(TABLE, token.pk))
    return token


def of(user: User) -> Sequence[Token]:
    """Return the latest tokens of a person, newest first."""
    return list(Token.objects.filter(user=user)[:50])


def used(*, token: Token, now: dt.datetime) -> None:
    """Note that the token was used, once a minute at most."""
    if token.last_used_at is None or now - token.last_used_at >= USED_EVERY:
        with acting(token.user):
            Token.objects.filter(pk=token.pk).update(last_used_at=now)


def refused(*, start: str) -> None:
    """Record that a token was refused; by its id where its beginning is known."""
    known = Token.objects.filter(token_key=start).values_list("pk", flat=True).first()
    audit.record("token:refuse", row=(TABLE, known) if known else None)
