"""The bank's relay: SMTP is spoken here, for statements and for alarms.

Not Django's mail backends: they hide what a delivery must know. Whether the relay refused, put off or took a message,
and whether it broke the connection before or after the message could have been taken, are different answers here.

``SMTP_URL`` is ``smtp://[user:password@]host[:port]`` or ``smtps://…``; ``?starttls=1`` refuses to go on in clear text.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

PERMANENT = 500
KEPT = 250
ASK = "XJOURNAL"
PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
"""What may stand before the ``@``: a dot-atom of RFC 5321. Quoted names are refused."""


class Rejected(Exception):  # noqa: N818  (named for what happened)
    """The relay said no for good; trying again would only annoy it."""


class PutOff(Exception):  # noqa: N818
    """The message was certainly not taken; later it may be."""


class Uncertain(Exception):  # noqa: N818
    """The message was handed over and no answer came: only the relay knows. ``closed``: it hung up, it is not slow."""

    def __init__(self, reason: str, *, closed: bool) -> None:
        super().__init__(reason)
        self.closed = closed


def host() -> str:
    """Return the domain that mails come from, for Message-IDs."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]


def address(message_id: object) -> str:
    """Return the Message-ID of a mail: the same over all its tries."""
    return f"<{message_id}@{host()}>"


def on_the_wire(email: str) -> str:
    """Return the address with its domain in the form that SMTP carries: ``ann@exämple.com`` has one in Punycode.

    Raises:
        Rejected: it is not one plain address.
    """
    name, _at, domain = email.rpartition("@")
    if not PLAIN_NAME.fullmatch(name):
        raise Rejected("address")
    try:
        return f"{name}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise Rejected("address") from error


def send(message: EmailMessage) -> None:
    """Hand one message to the relay for its one recipient.

    Raises:
        Rejected: a 5xx answer.
        PutOff: a 4xx answer, or no conversation.
        Uncertain: silence after the message was handed over.
    """
    recipient = str(message["To"])
    with _relay() as relay:
        try:
            _expect(relay.mail(parseaddr(settings.DEFAULT_FROM_EMAIL)[1]), recipient)
            _expect(relay.rcpt(recipient), recipient)
        except (smtplib.SMTPException, OSError) as error:
            raise PutOff(_plain(error)) from error
        try:
            answer: tuple[int, bytes | str] = relay.data(message.as_bytes())
        except smtplib.SMTPDataError as error:
            answer = (error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            slow = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
            raise Uncertain(_plain(error), closed=not slow) from error
        _expect(answer, recipient)


def kept(message_id: str) -> bool | None:
    """Ask the relay whether it took a message; None where it cannot be asked.

    Raises:
        PutOff: no conversation.
    """
    with _relay() as relay:
        if not relay.has_extn(ASK):
            return None
        try:
            code, _text = relay.docmd(ASK, message_id)
        except (smtplib.SMTPException, OSError) as error:
            raise PutOff(_plain(error)) from error
    return code == KEPT


@contextmanager
def _relay() -> Iterator[smtplib.SMTP]:
    """Open a conversation: greeted, encrypted and signed in as the address asks.

    Raises:
        PutOff: it did not come about.
    """
    try:
        relay = _greeted()
    except (smtplib.SMTPException, OSError) as error:
        raise PutOff(_plain(error)) from error
    try:
        yield relay
    finally:
        with suppress(smtplib.SMTPException, OSError):
            relay.quit()
        relay.close()


def _greeted() -> smtplib.SMTP:
    parts = urlsplit(settings.SMTP_URL)
    where, port, wait = parts.hostname or "localhost", parts.port or 0, settings.EMAIL_TIMEOUT
    if parts.scheme == "smtps":
        relay: smtplib.SMTP = smtplib.SMTP_SSL(where, port, host(), timeout=wait, context=ssl.create_default_context())
    else:
        relay = smtplib.SMTP(where, port, host(), timeout=wait)
    try:
        if parse_qs(parts.query).get("starttls") == ["1"]:
            relay.starttls(context=ssl.create_default_context())
        relay.ehlo_or_helo_if_needed()
        if parts.username:
            relay.login(unquote(parts.username), unquote(parts.password or ""))
    except (smtplib.SMTPException, OSError):
        relay.close()
        raise
    return relay


def _expect(answer: tuple[int, bytes | str], recipient: str) -> None:
    """Go on after a 2xx. The recipient's address does not belong into a reason that is stored."""
    code, text = answer
    if code < 400:  # noqa: PLR2004  (RFC 5321: 4xx and 5xx are refusals)
        return
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    said = f"{code} {words}".replace(recipient, "…")[:200]
    raise Rejected(said) if code >= PERMANENT else PutOff(said)


def _plain(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
