"""Views of a list that a person saved under a name: what was asked, to be asked again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.core.exceptions import BadRequest
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from core.errors import Refused
from core.lists.asked import Asked, Invalid, again
from core.lists.declared import Listing, Viewer
from core.models import SavedView, User

NAME_MOST = 60
MOST_VIEWS = 30


def views(*, user: User, listing: str) -> models.QuerySet[SavedView]:
    """Return the person's views of a list, by name."""
    return SavedView.objects.filter(user=user, listing=listing).order_by("name", "id")


def view(*, user: User, view_id: int) -> SavedView:
    """Return one of the person's views.

    Raises:
        SavedView.DoesNotExist: missing or somebody else's.
    """
    return SavedView.objects.get(pk=view_id, user=user)


def opening(*, listing: Listing, viewer: Viewer, mine: Sequence[SavedView]) -> Asked | None:
    """Return what the view asks that opens with the list; one that does not fit the list any more stays shut."""
    found = next((view for view in mine if view.is_default), None)
    if found is None:
        return None
    try:
        return replace(again(listing, found.query, viewer), view=found.pk)
    except (BadRequest, Invalid):
        return None


@transaction.atomic
def save(*, asked: Asked, name: str, is_default: bool, now: dt.datetime) -> SavedView:
    """Keep what was asked of a list under a name; a name that is taken takes the new meaning.

    Raises:
        Refused: the name is missing or too long, or there are too many views.
    """
    name = _named(name)
    mine = views(user=asked.user, listing=asked.listing.name)
    if is_default:
        mine.filter(is_default=True).update(is_default=False)
    known = mine.filter(name=name).first()
    if known is None and mine.count() >= MOST_VIEWS:
        raise Refused("views-many", _("Delete a view first: there are %(most)s already.") % {"most": MOST_VIEWS})
    saved = known or SavedView(user=asked.user, listing=asked.listing.name, name=name, created_at=now)
    saved.query, saved.is_default = [list(pair) for pair in asked.pairs], is_default
    saved.save()
    return saved


@transaction.atomic
def change(*, user: User, view_id: int, name: str, is_default: bool) -> SavedView:
    """Give a view another name, and say whether the list opens with it.

    Raises:
        SavedView.DoesNotExist: missing or somebody else's.
        Refused: the name is missing, too long or taken.
    """
    found = view(user=user, view_id=view_id)
    if is_default:
        views(user=user, listing=found.listing).exclude(pk=found.pk).update(is_default=False)
    found.name, found.is_default = _named(name), is_default
    try:
        with transaction.atomic():
            found.save(update_fields=["name", "is_default"])
    except IntegrityError as error:
        raise Refused("view-taken", _("Another view has this name."), field="name") from error
    return found


@transaction.atomic
def delete(*, user: User, view_id: int) -> None:
    """Forget a view.

    Raises:
        SavedView.DoesNotExist: missing or somebody else's.
    """
    view(user=user, view_id=view_id).delete()


def _named(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > NAME_MOST:
        raise Refused("view-name", _("Give the view a name of at most %(most)s characters.") % {"most": NAME_MOST})
    return name
