"""One writer of several: logs contacts for so many seconds, as its own process: ``python -m ...writing NUMBER``.

A transaction reads a page of the client list and logs one contact. The answer is the number of each note and when its
commit had come back, by a clock that all processes of the machine share.
"""

import sys
import time
from typing import Any

import django


def main(number: str) -> None:
    """Wait to be told for how long, then write."""
    django.setup()
    from django.utils import timezone  # noqa: PLC0415

    from clients import operations, queries  # noqa: PLC0415
    from clients.models import Client  # noqa: PLC0415
    from core.models import Role, User  # noqa: PLC0415
    from core.walls import acting  # noqa: PLC0415
    from tests.bench.workers import serve  # noqa: PLC0415

    managers = list(User.objects.filter(role=Role.MANAGER).order_by("pk"))
    own: list[Client] = []
    while not own:
        user = managers.pop(int(number) % len(managers))
        with acting(user):
            own = list(queries.clients(user=user)[:50])

    def log(at: int) -> int:
        with acting(user):
            client, now = list(queries.clients(user=user)[:50])[at % len(own)], timezone.now()
            note = operations.log_contact(
                user=user, client_id=client.pk, channel="call", text=f"Measured {at}", happened_at=now, now=now
            )
        return note.pk

    def work(asked: dict[str, Any]) -> dict[str, Any]:
        until, notes = time.monotonic() + asked["seconds"], list[tuple[int, float]]()
        while time.monotonic() < until:
            notes.append((log(len(notes)), time.monotonic()))
        return {"notes": notes}

    serve(work)


if __name__ == "__main__":
    main(*sys.argv[1:])
