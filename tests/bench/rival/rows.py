"""What a client's row shows besides its own columns."""

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Now

from clients.models import Client, ContactNote, Coverage


def with_people(rows: QuerySet[Client]) -> QuerySet[Client]:
    """Add who looks after each client and when somebody last spoke to it, in the same query."""
    primary = Coverage.objects.filter(client=OuterRef("pk"), kind="primary", valid__contains=Now())
    notes = ContactNote.objects.filter(client=OuterRef("pk")).order_by("-happened_at")
    return rows.annotate(
        manager_name=Subquery(primary.values("manager__name")[:1]),
        last_contact_at=Subquery(notes.values("happened_at")[:1]),
    )
