"""The one queue of everything that needs four eyes."""

from typing import Any

from django import forms
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import approvals
from core.lists.asked import Asked, PageOf
from core.lists.declared import Column, Empty, Field, Kind, Listing, filters_of, register
from core.models import Approval

TONES = {"open": "info", "approved": "good", "declined": "act", "withdrawn": "plain"}


class ApprovalFilter(forms.Form):
    """Filters of the queue."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), ("mine", _("Waits for me")), *Approval.State.choices],
    )


def _approvals(asked: Asked) -> models.QuerySet[Approval]:
    rows, state = approvals.approvals(user=asked.user), asked.chosen["state"]
    if state == "mine":
        return approvals.waiting(user=asked.user, now=asked.viewer.now)
    return rows.filter(state=state) if state else rows


def _title(row: Approval) -> str:
    return str(approvals.KINDS[row.kind].title)


def _about(asked: Asked) -> dict[str, Any]:
    links = [(reverse("deputy"), gettext("Deputy"))] if asked.user.has_perm("approval:delegate") else []
    return {"links": links}


APPROVALS = register(
    Listing(
        name="approvals",
        title=_("Approvals"),
        kicker=_("Asked for by one person, decided by another"),
        url="approvals",
        permission=approvals.READ,
        rows=_approvals,
        filters=filters_of(ApprovalFilter),
        sort="-asked",
        about=_about,
        columns=(
            Column("what", _("What"), _title, link=PageOf("approval"), sub="reason", wide=True, fixed=True),
            Column("by", _("Asked by"), "asked_by.name"),
            Column("asked", _("Asked"), "asked_at", Kind.MOMENT, sort=("id",)),
            Column("until", _("Stands until"), "expires_at", Kind.MOMENT),
            Column("state", _("State"), "get_state_display", Kind.BADGE, tone=lambda row: TONES[row.state]),
            Column("decided", _("Decided"), "decided_at", Kind.MOMENT, sub="decided_by.name"),
        ),
        fields=(
            Field("kind", _("What"), "kind", column="what"),
            Field("reason", _("Reason"), "reason", column="what"),
            Field("asked_by", _("Asked by"), "asked_by.username", column="by"),
            Field("asked_at", _("Asked"), "asked_at", Kind.MOMENT, column="asked"),
            Field("expires_at", _("Stands until"), "expires_at", Kind.MOMENT, column="until"),
            Field("state", _("State"), "state", column="state"),
            Field("decided_by", _("Decided by"), "decided_by.username", column="decided"),
            Field("decided_at", _("Decided"), "decided_at", Kind.MOMENT, column="decided"),
        ),
        empty=Empty("user-check", _("Nothing was asked for"), _("What needs a second person appears here.")),
    )
)
