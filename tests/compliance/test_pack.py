"""Evidence of a client and a period: a file that somebody without Steward checks, event by event."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from compliance.ledger import verifier
from core import jobs
from core.models import Export
from core.walls import acting, service
from tests import factories
from tests.access.answers import body
from tests.compliance.ledgers import Ledger, ledger
from tests.conftest import SignIn
from tests.people import People


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger over a client with a past."""
    autodiscover_modules("tasks")
    client = factories.owned_by(committed.client_id)
    factories.note(client, committed.manager, text="Spoke of the harbour")
    factories.contact_point(client)
    with acting(service()):
        client.name = "Li Wen-Bo"
        client.save(update_fields=["name"])
    with ledger(tmp_path / "ledger") as made:
        made.grow(committed.manager)
        yield made


def packed(people: People, sign_in: SignIn, folder: Path, query: str = "", language: str = "en") -> Path:
    """Ask for the evidence as an officer does, wait for it, and unpack it."""
    with acting(service()):
        people.compliance.language = language
        people.compliance.save(update_fields=["language"])
    browser = sign_in(people.compliance)
    page = reverse("compliance:client_trail", args=[people.client_id]) + query
    assert browser.get(page).status_code == 200
    asked = browser.post(page, {"do": "export", "form": "zip"})["Location"]
    for job_id in jobs.due(now=timezone.now()):
        assert jobs.run(job_id, now=timezone.now())
    answer = browser.get(f"{asked}file/")
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(body(answer))) as files:
        assert files.testzip() is None
        files.extractall(folder)
    return folder


def checked(folder: Path, book: Ledger) -> tuple[int, str]:
    """Check a pack as a stranger does: with the file that came with it, alone, and keys known otherwise."""
    command = [sys.executable, "-I", str(folder / "verifier.py"), "pack", str(folder)]
    keys = ["--key", str(book.log.public), "--witness", str(book.witness.public)]
    done = subprocess.run([*command, *keys], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "events.csv").read_text("utf-8-sig"))))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_stranger_checks_every_event(
    committed: People, book: Ledger, sign_in: SignIn, tmp_path: Path, language: str
) -> None:
    folder = packed(committed, sign_in, tmp_path / "pack", language=language)
    told = rows(folder)
    assert {"row:insert", "row:update"} <= {row["verb"] for row in told}
    events = sorted((folder / "events").glob("*[0-9].json"))
    assert len(events) == len(told)
    code, text = checked(folder, book)
    sealed = len(list((folder / "events").glob("*.tlog-proof")))
    assert (code, text) == (0, f"GOOD   {sealed} events stand in the log, {len(events) - sealed} were not sealed yet\n")
    assert sealed > 0
    readme = (folder / "README.txt").read_text()
    assert str(book.log.public) in readme
    assert ("账本" in readme) == (language == "zh-hans")
    values = "".join(path.read_text() for path in (folder / "events").glob("*.values.json"))
    assert "Li Wen-Bo" in values
    assert "Li Wen-Bo" not in "".join(path.read_text() for path in events)


def test_what_was_touched_is_named(committed: People, book: Ledger, sign_in: SignIn, tmp_path: Path) -> None:
    folder = packed(committed, sign_in, tmp_path / "pack")
    hidden = next(path for path in (folder / "events").glob("*.values.json") if "Li Wen-Bo" in path.read_text())
    values = json.loads(hidden.read_text())
    label = next(label for label, (_salt, value) in values.items() if value == "Li Wen-Bo")
    hidden.write_text(json.dumps({**values, label: [values[label][0], "Li Wen-Li"]}))
    event = next(path for path in sorted((folder / "events").glob("*[0-9].json")) if path.stem != hidden.name[:12])
    event.write_text(event.read_text().replace('"session": "', '"session": "x'))
    code, text = checked(folder, book)
    assert code == 1
    assert f"{label} is not the value that was sealed" in text
    assert f"{event.name}: the log does not hold this event" in text


def test_a_period_is_a_filter_and_an_empty_one_is_said(
    committed: People, book: Ledger, sign_in: SignIn, tmp_path: Path
) -> None:
    folder = packed(committed, sign_in, tmp_path / "pack", query="?until=2020-01-01")
    assert rows(folder) == []
    assert "Events: 0" in (folder / "README.txt").read_text()
    assert checked(folder, book)[0] == 0


@pytest.mark.parametrize("name", ["manager", "lead"])
def test_who_does_not_read_the_ledger_gets_no_evidence(people: People, sign_in: SignIn, name: str) -> None:
    browser = sign_in(getattr(people, name))
    browser.post(reverse("clients:list"), {"do": "export", "form": "zip"})
    browser.post(reverse("compliance:client_trail", args=[people.client_id]), {"do": "export", "form": "zip"})
    with acting(service()):
        assert not Export.objects.exists()


def test_the_verifier_says_what_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "000000000001.json").write_bytes(b'{"v": 1, "data": {"name": 7}}')
    (tmp_path / "events" / "000000000001.values.json").write_text('{"name": ["00", "x"]}')
    key = "--key", str(verifier.Key("log", verifier.SIGNATURE, bytes(32)))
    assert verifier.main(["pack", str(tmp_path), *key]) == 1
