"""The client's statement secret and consent."""

import datetime as dt

from django.db import transaction

from clients import queries
from clients.access import Permission
from core import audit, crypto
from core.models import User


@transaction.atomic
def issue_secret(*, user: User, client_id: int) -> str:
    """Make a new statement secret and return it once, for the letter that the manager hands over; the old one ends.

    Raises:
        Client.DoesNotExist: the user does not cover the client.
    """
    client = queries.client(user=user, client_id=client_id, permission=Permission.STATEMENT_SEND, lock=True)
    secret = crypto.new_secret()
    client.statement_secret = crypto.seal(secret, column=queries.SECRET_COLUMN, row=client.seal_id)
    client.version += 1
    client.save(update_fields=["statement_secret", "version"])
    audit.record("secret:issue", client_id=client.pk)
    return secret


@transaction.atomic
def set_consent(*, user: User, client_id: int, consented_on: dt.date | None) -> None:
    """Record that the client agreed to statements by e-mail, or withdrew.

    Raises:
        Client.DoesNotExist: the user does not cover the client.
    """
    client = queries.client(user=user, client_id=client_id, permission=Permission.STATEMENT_SEND, lock=True)
    client.consented_on = consented_on
    client.version += 1
    client.save(update_fields=["consented_on", "version"])
    audit.record("consent:give" if consented_on else "consent:withdraw", client_id=client.pk)
