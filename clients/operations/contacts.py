"""The contact log, and what is owed to a client because of it."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from clients import queries
from clients.access import Permission, scoped
from clients.models import ContactNote, Task
from core import audit
from core.errors import Refused
from core.models import User

EARLIEST_YEAR = 1900


@dataclass(frozen=True)
class Promised:
    """Something said to be done by a date."""

    text: str
    due_on: dt.date


@transaction.atomic
def log_contact(
    *,
    user: User,
    client_id: int,
    channel: str,
    text: str,
    happened_at: dt.datetime,
    now: dt.datetime,
    people: str = "",
    confidential: bool = False,
    about: str = "",
    promises: tuple[Promised, ...] = (),
) -> ContactNote:
    """Write a contact down; each promise becomes a dated task of the author.

    Raises:
        Client.DoesNotExist: the user does not cover the client.
        Refused: the contact lies in the future or before anybody lived, or a promise was due before it.
    """
    client = queries.client(user=user, client_id=client_id, permission=Permission.CONTACT_LOG)
    if happened_at.year < EARLIEST_YEAR:
        raise Refused("contact-too-old", _("Give a date between 1900 and 2200."), field="happened_at")
    if happened_at > now + dt.timedelta(minutes=5):
        raise Refused("contact-in-future", _("A contact is logged after it happened."), field="happened_at")
    note = ContactNote.objects.create(
        client=client,
        channel=channel,
        people=people,
        confidential=confidential,
        text=text,
        about=about,
        author=user,
        happened_at=happened_at,
    )
    for promise in promises:
        if promise.due_on < happened_at.date():
            raise Refused("promise-in-past", _("A promise is due after the contact."), field="promise_due_on")
    Task.objects.bulk_create(
        Task(client=client, text=promise.text, due_on=promise.due_on, owner=user, note=note) for promise in promises
    )
    made = {"promises": len(promises)}
    audit.record("contact:log", client_id=client.pk, row=("clients_contactnote", note.pk), data=made)
    return note


@transaction.atomic
def complete_task(*, user: User, task_id: int, now: dt.datetime) -> Task:
    """Mark what was owed as done; doing it twice changes nothing.

    Raises:
        Task.DoesNotExist: the task is not of a client the user covers.
    """
    task = scoped(Task.objects.select_for_update(), user, Permission.TASK_DO).get(pk=task_id)
    if task.done_at is None:
        task.done_at, task.done_by = now, user
        task.save(update_fields=["done_at", "done_by"])
        audit.record("task:complete", client_id=task.client_id, row=("clients_task", task.pk))
    return task


def add_task(*, client_id: int, kind: str, text: str, due_on: dt.date, origin: str) -> None:
    """Give the dedicated manager something to settle, once per ``origin``; while nobody covers, nobody is asked."""
    manager = queries.primary_manager(client_id)
    if manager is None:
        return
    task = Task(client_id=client_id, kind=kind, text=text, due_on=due_on, owner=manager, origin=origin)
    Task.objects.bulk_create([task], ignore_conflicts=True)
