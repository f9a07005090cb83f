"""The contact log, and what is owed to a client because of it."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients import queries
from clients.access import Permission, scoped
from clients.models import ContactNote, Task
from core import audit
from core.errors import Conflict, Refused
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
def complete_task(*, user: User, task_id: int, now: dt.datetime, version: int | None = None) -> Task:
    """Mark what was owed as done; doing it twice changes nothing. ``version`` is what was read, where that matters.

    Raises:
        Task.DoesNotExist: the task is not of a client the user covers.
        Conflict: somebody changed it since ``version`` was read.
    """
    task = scoped(Task.objects.select_for_update(), user, Permission.TASK_DO).get(pk=task_id)
    if task.done_at is None:
        _unchanged(task, version)
        task.done_at, task.done_by = now, user
        _save(task, "done_at", "done_by")
        audit.record("task:complete", client_id=task.client_id, row=("clients_task", task.pk))
    return task


@transaction.atomic
def move_task(*, user: User, task_id: int, due_on: dt.date, version: int | None, now: dt.datetime) -> Task:
    """Promise something for another day, from today on. ``version`` is what was read, where that matters.

    Raises:
        Task.DoesNotExist: the task is not of a client the user covers.
        Conflict: somebody changed it since ``version`` was read.
        Refused: it is done, or the day has passed.
    """
    task = scoped(Task.objects.select_for_update(), user, Permission.TASK_DO).get(pk=task_id)
    _unchanged(task, version)
    if task.done_at is not None:
        raise Refused("task-done", _("This was done already."))
    if due_on < timezone.localdate(now):
        raise Refused("task-in-past", _("Choose today or a later day."), field="due_on")
    before, task.due_on = task.due_on, due_on
    _save(task, "due_on")
    told = {"before": before, "after": due_on}
    audit.record("task:move", client_id=task.client_id, row=("clients_task", task.pk), data=told)
    return task


@transaction.atomic
def owe(*, user: User, client_id: int, text: str, due_on: dt.date, now: dt.datetime) -> Task:
    """Owe a client something by a day, without a contact behind it.

    Raises:
        Client.DoesNotExist: the user does not cover the client.
        Refused: nothing is said, or the day has passed.
    """
    client = queries.client(user=user, client_id=client_id, permission=Permission.CONTACT_LOG)
    if not text.strip():
        raise Refused("task-empty", _("What was promised?"), field="text")
    if due_on < timezone.localdate(now):
        raise Refused("task-in-past", _("Choose today or a later day."), field="due_on")
    task = Task.objects.create(client=client, text=text.strip(), due_on=due_on, owner=user)
    audit.record("task:create", client_id=client.pk, row=("clients_task", task.pk), data={"due_on": due_on})
    return task


def _unchanged(task: Task, version: int | None) -> None:
    if version not in (None, task.version):
        done = task.done_at.isoformat() if task.done_at else ""
        theirs = {"due_on": task.due_on.isoformat(), "done_at": done, "version": str(task.version)}
        raise Conflict(_("Somebody else changed this in the meantime."), theirs=theirs)


def _save(task: Task, *names: str) -> None:
    task.version += 1
    task.save(update_fields=[*names, "version"])


def add_task(*, client_id: int, kind: str, text: str, due_on: dt.date, origin: str) -> None:
    """Give the dedicated manager something to settle, once per ``origin``; while nobody covers, nobody is asked."""
    manager = queries.primary_manager(client_id)
    if manager is None:
        return
    task = Task(client_id=client_id, kind=kind, text=text, due_on=due_on, owner=manager, origin=origin)
    Task.objects.bulk_create([task], ignore_conflicts=True)
