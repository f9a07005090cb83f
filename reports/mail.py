"""A statement's mail: the message that goes to the bank's relay."""

import datetime as dt
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from core.post import on_the_wire


@dataclass(frozen=True)
class Letter:
    """What one mail says. It carries no figure and no secret; the statement is attached, locked."""

    to: str
    manager: str
    reply_to: str
    language: str
    period_start: dt.date
    period_end: dt.date
    message_id: str
    written_at: dt.datetime
    file_name: str
    content: bytes


def compose(letter: Letter) -> EmailMessage:
    """Write the mail in the client's language. The same letter gives the same bytes: a second try is the same mail."""
    message = EmailMessage(policy=SMTP)
    with translation.override(letter.language):
        message["Subject"] = _("Your statement for %(month)s") % {"month": f"{letter.period_end:%Y-%m}"}
        context = {"letter": letter, "bank": parseaddr(settings.DEFAULT_FROM_EMAIL)[0]}
        text = render_to_string("reports/mail.txt", context)
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["To"] = on_the_wire(letter.to)
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_attachment(letter.content, maintype="application", subtype="pdf", filename=letter.file_name)
    message["Content-Language"] = "zh-Hans" if letter.language.startswith("zh") else "en"
    message.set_boundary(f"part-{letter.message_id.strip('<>').partition('@')[0]}")
    return message
