"""Many people's requests, mixed over two kept connections: nobody's rows ever reach somebody else."""

import random
import threading

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse

from tests import factories
from tests.access.answers import body
from tests.conftest import SignIn
from tests.people import People

NEAR, FAR = b"Li Wen", b"Canary Foreign Holdings"
SEES = {
    "manager": {NEAR},
    "backup": {NEAR},
    "lead": {NEAR},
    "stranger": {FAR},
    "other_lead": {FAR},
    "colleague": set[bytes](),
    "administrator": set[bytes](),
    "compliance": {NEAR, FAR},
}
SEED = 20_260_101


@pytest.mark.parametrize("requests", [400, pytest.param(10_000, marks=pytest.mark.full)])
def test_nobody_s_rows_reach_somebody_else(committed: People, sign_in: SignIn, requests: int) -> None:
    factories.task(factories.owned_by(committed.client_id), committed.manager)
    pages = {
        NEAR: reverse("clients:page", args=[committed.client_id]),
        FAR: reverse("clients:page", args=[committed.foreign_id]),
    }
    lists = [
        "/clients/",
        "/clients/?q=li",
        "/clients/?q=canary",
        "/clients/?unknown=1",
        "/clients/tasks/",
        "/reviews/today/",
    ]
    wrong: list[str] = []
    done = [0, 0]

    def work(number: int, browsers: dict[str, Browser]) -> None:
        """Ask as anybody, one after the other, over this thread's connection."""
        dice = random.Random(SEED + number)
        try:
            for _ in range(requests // 2):
                name, whose = dice.choice(list(SEES)), dice.choice([NEAR, FAR, None])
                address = pages[whose] if whose else dice.choice(lists)
                answer = browsers[name].get(address)
                text = body(answer)
                shown = {client for client in (NEAR, FAR) if client in text}
                if not shown <= SEES[name] or (whose and (answer.status_code == 200) != (whose in SEES[name])):
                    wrong.append(f"{name} {address} {answer.status_code} {shown}")
                done[number] += 1
        finally:
            connection.close()

    threads = []
    for number in range(2):
        browsers = {name: sign_in(getattr(committed, name)) for name in SEES}
        threads.append(threading.Thread(target=work, args=(number, browsers)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert sum(done) == requests
