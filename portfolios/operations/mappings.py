"""Mappings: saved as versions that never change."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import Refused
from core.models import User
from portfolios.feeds import sentence
from portfolios.feeds.layouts import LAYOUTS
from portfolios.feeds.mapping import MappingRefused, understood
from portfolios.models import FeedMapping

TABLE = "portfolios_feedmapping"


@transaction.atomic
def save_mapping(*, user: User, name: str, text: str, now: dt.datetime) -> FeedMapping:
    """Save a mapping under a name; the same text again changes nothing, another one becomes the next version.

    Raises:
        Refused: it cannot be understood; the sentence names the place in it.
    """
    try:
        understood(text)
    except MappingRefused as refusal:
        told = sentence(refusal.code, refusal.values)
        raise Refused("mapping", f"{refusal.where}: {told}".removeprefix(": "), field="text") from refusal
    if name.lower() in LAYOUTS:
        raise Refused("mapping-name", _("A layout has this name."), field="name")
    known = FeedMapping.objects.select_for_update(of=("self",)).filter(name=name).order_by("-version").first()
    if known is not None and known.text == text:
        return known
    version = known.version + 1 if known else 1
    mapping = FeedMapping.objects.create(name=name, version=version, text=text, saved_by=user, saved_at=now)
    audit.record("mapping:save", row=(TABLE, mapping.pk), data={"name": name, "version": version})
    return mapping
