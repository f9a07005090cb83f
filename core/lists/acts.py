"""Acts on many rows at once: first a page that names them, then all of them or none."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.cache import cache
from django.core.exceptions import BadRequest, ObjectDoesNotExist, PermissionDenied
from django.db import models, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.errors import Refused
from core.lists.asked import Asked
from core.lists.declared import Act, read

MOST = 200
"""The most rows of one act."""
NAMED = 20
ONCE_SECONDS = 3600


@dataclass(frozen=True)
class Chosen:
    """An act about to be done: to which rows, and what it still has to know. ``more``: there were more than can be."""

    act: Act
    rows: list[Any]
    form: forms.Form
    once: str
    more: bool
    error: str = ""

    def names(self) -> list[str]:
        """Return the first rows by name."""
        return [str(name) for _pk, name in self.all_names()[:NAMED]]

    def all_names(self) -> list[tuple[Any, str]]:
        """Return every row's number and name."""
        return [(row.pk, row.act_name) for row in self.rows]

    @property
    def others(self) -> int:
        """Return how many are not named."""
        return max(len(self.rows) - NAMED, 0)


def find(asked: Asked, name: str) -> Act:
    """Return an act of the list that the person may do.

    Raises:
        BadRequest: there is none of that name.
        PermissionDenied: the role may not.
    """
    act = next((act for act in asked.listing.acts if act.name == name), None)
    if act is None:
        raise BadRequest("do")
    if not asked.user.has_perm(act.permission):
        raise PermissionDenied(act.permission)
    return act


def choose(asked: Asked, act: Act, given: QueryDict) -> Chosen:
    """Find the rows that were ticked, or all that match as far as ``MOST``; say what the act needs to know.

    Raises:
        Refused: nothing was ticked, or something ticked is gone, foreign, or not fit for the act.
    """
    rows = act.fits(cast("models.QuerySet[Any]", asked.rows()), asked.user)
    everything = given.get("scope") == "all"
    ids = [] if everything else _ids(given)
    found = list(_ordered(asked, rows)[: MOST + 1]) if everything else _ticked(asked, rows, ids)
    if not found:
        raise Refused("act-nothing", _("Choose at least one row that this can be done to."))
    for row in found:
        row.act_name = read(asked.listing.named, row)
    form = (act.form or forms.Form)()
    return Chosen(act, found[:MOST], form, uuid.uuid4().hex, len(found) > MOST)


def _ids(given: QueryDict) -> list[int]:
    texts = given.getlist("row")
    if len(texts) > MOST or not all(text.isascii() and text.isdecimal() and len(text) < 19 for text in texts):  # noqa: PLR2004  (a bigint)
        raise BadRequest("row")
    return list(dict.fromkeys(int(text) for text in texts))


def _ticked(asked: Asked, rows: models.QuerySet[Any], ids: list[int]) -> list[Any]:
    found = list(_ordered(asked, rows.filter(pk__in=ids)))
    if len(found) != len(ids):
        raise Refused(
            "act-gone",
            _("Some of these rows are not there any more, or this cannot be done to them. Nothing was changed."),
        )
    return found


def _ordered(asked: Asked, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    return rows.order_by(*asked.order)


def do(asked: Asked, act: Act, given: QueryDict, *, now: dt.datetime) -> str | Chosen:
    """Do what was confirmed, to all rows or to none; return what to tell, or what has to be asked again.

    A confirmation that is sent twice is done once.
    """
    chosen = choose(asked, act, given)
    form = (act.form or forms.Form)(given)
    once = given.get("once", "")[:32]
    if not form.is_valid():
        return Chosen(act, chosen.rows, form, once or chosen.once, more=False)
    place = f"act:{asked.user.pk}:{once}"
    if not once or not cache.add(place, 1, ONCE_SECONDS):
        return _("This was done already.")
    try:
        with transaction.atomic():
            return act.run(user=asked.user, rows=chosen.rows, values=form.cleaned_data, now=now)
    except Exception as error:
        cache.delete(place)
        if isinstance(error, ObjectDoesNotExist):
            words = _("One of these is not yours to change. Nothing was changed.")
        elif isinstance(error, Refused):
            words = _("%(reason)s Nothing was changed.") % {"reason": error.message}
        else:
            raise
        return Chosen(act, chosen.rows, form, chosen.once, more=False, error=words)


def each(rows: Sequence[Any], work: Any) -> None:
    """Do ``work`` to each row; a refusal says which row it was.

    Raises:
        Refused: one of them was refused.
    """
    for row in rows:
        try:
            work(row)
        except Refused as refusal:
            named = {"name": row.act_name, "reason": refusal.message}
            raise Refused(refusal.code, _("%(name)s: %(reason)s") % named, field=refusal.field) from refusal
