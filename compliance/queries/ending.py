"""Reads about the end of a relationship: what still stands open, and until when what is known must be kept."""

import calendar
import datetime as dt

from babel.lists import format_list
from django.db import connection
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from core.models import Parameter

RETENTION = "retention.client_years"
OPEN_ENDS = {
    "deposit": _("deposits"),
    "holding": _("holdings"),
    "balance": _("money on accounts"),
    "review": _("reviews"),
    "task": _("tasks"),
    "hold": _("a hold"),
}


def open_ends(client_id: int) -> str:
    """Return what still stands open with a client, in words: while anything does, the relationship does not end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT steward_open_ends(%s)", [client_id])
        found = cursor.fetchone()[0] or []
    words = [str(OPEN_ENDS[kind]) for kind in found]
    return format_list(words, locale=to_locale(get_language() or "en"))


def kept_until(client: Client, today: dt.date) -> dt.date | None:
    """Return the day from which a client may be erased, by the rule of ``today``; None while the relationship lives.

    That is so many years after it ended; the parameter names the law. A 29 February ends on the 28th.
    """
    if client.closed_on is None:
        return None
    year = client.closed_on.year + int(Parameter.objects.value(RETENTION, on=today))
    day = min(client.closed_on.day, calendar.monthrange(year, client.closed_on.month)[1])
    return client.closed_on.replace(year=year, day=day)
