"""Writes that may be sent again: the caller's key, and the answer kept under it in the transaction of the effect."""

import hashlib
import re
from dataclasses import dataclass

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from core import audit, clock
from core.api.refusals import KeyBusy, KeyReused
from core.api.versions import HEADER as IF_MATCH
from core.crypto import blind
from core.models import User
from core.programs import answers

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEY = re.compile(r"[A-Za-z0-9._:~+/=-]{1,64}")


@dataclass(frozen=True)
class Key:
    """A key that this request holds until its transaction ends, with the digest of the request."""

    text: str
    digest: str


class Repeated(Exception):  # noqa: N818  (an answer, not a fault)
    """The request was answered before; ``response`` is that answer."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


def hold(request: Request, user: User) -> Key | None:
    """Take the request's key; None where it has none. A request of the same key waits here for the one before.

    Raises:
        ValidationError: the key has characters or a length that keys do not have.
        KeyBusy: the one before takes too long.
        KeyReused: the key belongs to another request.
        Repeated: the request was answered before.
    """
    text = request.headers.get(HEADER)
    if text is None:
        return None
    if not KEY.fullmatch(text):
        raise serializers.ValidationError({HEADER: [_("Give 1 to 64 letters, digits or . _ : ~ + / = - signs.")]})
    key = Key(text, _digest(request))
    if not answers.wait(user=user, key=text):
        raise KeyBusy("key-busy", _("A request with this key is still being worked on; send it again."))
    kept = answers.find(user=user, key=text, now=clock.now())
    if kept is None:
        return key
    if kept.digest != key.digest:
        raise KeyReused("key-reused", _("This key belongs to another request; take a new one."))
    clients = set(kept.clients)
    audit.record("answer:repeat", client_id=clients.pop() if len(clients) == 1 else None, data={"path": request.path})
    response = HttpResponse(answers.text(kept), status=kept.status, content_type="application/json")
    response[REPLAYED] = "true"
    raise Repeated(response)


def keep(key: Key, user: User, response: HttpResponseBase) -> None:
    """Keep a success under its key: status, body and whom it speaks of."""
    assert isinstance(response, HttpResponse)  # the doors stream nothing  # noqa: S101
    told = audit.gathered()
    answers.keep(
        user=user,
        key=key.text,
        digest=key.digest,
        status=response.status_code,
        text=response.content.decode(),
        clients=sorted(told.clients) if told else [],
        now=clock.now(),
    )


def _digest(request: Request) -> str:
    """Return the keyed digest of what the request asks: method, address, condition and the body's bytes."""
    inner = request._request  # noqa: SLF001  (its body, before anybody parses it)
    body = hashlib.sha256(inner.body).hexdigest()
    return blind("answer", "\n".join([request.method or "", inner.get_full_path(), _tag(request), body]))


def _tag(request: Request) -> str:
    return request.headers.get(IF_MATCH, "")
