"""Save notes of one model on demand, in a process with the rival's settings: ``python -m ...saves USERNAME CLIENT``.

A line asks for a model, an act (``new`` or ``changed``) and how often; the answer is the seconds of each save with its
transaction, whose commit does not wait for the disk. Who acts is told to the packages once for all of them, which costs
them nothing while time is taken.
"""

import sys
import time
from typing import Any

import django


def main(username: str, client: str) -> None:
    """Make the tables, then save as asked."""
    django.setup()
    from auditlog.context import set_actor  # noqa: PLC0415
    from auditlog.models import LogEntry  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from core.models import User  # noqa: PLC0415
    from tests.bench.rival.trails.models import AuditedNote, HistoricNote, PlainNote  # noqa: PLC0415
    from tests.bench.workers import serve  # noqa: PLC0415

    kinds: dict[str, Any] = {"none": PlainNote, "auditlog": AuditedNote, "history": HistoricNote}
    with connection.schema_editor() as editor:
        for model in (*kinds.values(), LogEntry, HistoricNote.history.model):
            editor.create_model(model)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    author = User.objects.get(username=username)

    def fresh(model: Any) -> Any:
        note = model(client_id=int(client), channel="call", text="Measured", author=author, happened_at=timezone.now())
        note._history_user = author
        return note

    def save(note: Any, number: int) -> float:
        begun = time.perf_counter()
        note.text = f"Measured {number}"
        with transaction.atomic():
            note.save()
        return time.perf_counter() - begun

    def work(asked: dict[str, Any]) -> dict[str, Any]:
        model, times = kinds[asked["kind"]], range(asked["times"])
        if asked["act"] == "new":
            return {"seconds": [save(fresh(model), number) for number in times]}
        note = fresh(model)
        note.save()
        return {"seconds": [save(note, number) for number in times]}

    with set_actor(author):
        serve(work)


if __name__ == "__main__":
    main(*sys.argv[1:])
