"""A job that ran twice counts once: claims, leases, tokens, retries."""

import datetime as dt
import threading
from collections.abc import Generator

import pytest
from django.db import connections, transaction

from core import jobs
from core.errors import Refused
from core.jobs import LEASE, MOST_ATTEMPTS, Claim, LeaseLost
from core.models import Job, Team, User
from core.walls import acting, service
from tests import factories
from tests.people import People

DONE: list[str] = []


def work(*, claim: Claim, now: dt.datetime, desk: str, **_later: object) -> None:
    """Leave a row behind."""
    Team.objects.create(name=desk)
    DONE.append(desk)


def fail(*, claim: Claim, now: dt.datetime, **_later: object) -> None:
    """Write something, then break."""
    Team.objects.create(name="half done")
    raise ZeroDivisionError("broken")


def refuse(*, claim: Claim, now: dt.datetime, **_later: object) -> None:
    """Say no."""
    raise Refused("no", "Not today")


def lose(*, claim: Claim, now: dt.datetime, **_later: object) -> None:
    """Work so long that somebody else takes the job."""
    Team.objects.create(name="too late")
    Job.objects.filter(pk=claim.job_id).update(token="00000000-0000-0000-0000-000000000001")


@pytest.fixture(autouse=True)
def registered() -> Generator[None]:
    """Register the tests' functions for one test."""
    DONE.clear()
    for name, function in {"test.work": work, "test.fail": fail, "test.refuse": refuse, "test.lose": lose}.items():
        jobs.task(name)(function)
    yield
    for name in ("test.work", "test.fail", "test.refuse", "test.lose"):
        del jobs.REGISTRY[name]


def enqueue(name: str, now: dt.datetime, **given: object) -> int:
    """Write a job as the service account."""
    with acting(service()):
        written = jobs.enqueue(name, now=now, **given)  # type: ignore[arg-type]
    assert written is not None
    return written


def state(job_id: int) -> Job:
    """Read a job."""
    with acting(service()):
        return Job.objects.get(pk=job_id)


def test_a_job_is_done_once(people: People, now: dt.datetime) -> None:
    job_id = enqueue("test.work", now, desk="North desk")
    assert jobs.run(job_id, now=now)
    assert not jobs.run(job_id, now=now)
    assert DONE == ["North desk"]
    assert state(job_id).state == Job.State.DONE


def test_a_claimed_job_cannot_be_claimed_while_the_lease_lasts(people: People, now: dt.datetime) -> None:
    job_id = enqueue("test.work", now, desk="x")
    assert jobs.claim(job_id, now=now)
    assert jobs.claim(job_id, now=now + LEASE) is None


def test_after_the_lease_another_worker_takes_over(people: People, now: dt.datetime) -> None:
    job_id = enqueue("test.work", now, desk="x")
    first = jobs.claim(job_id, now=now)
    later = now + LEASE + dt.timedelta(seconds=1)
    assert job_id in jobs.due(now=later)
    second = jobs.claim(job_id, now=later)
    assert first is not None
    assert second is not None
    assert first[1].token != second[1].token
    assert second[0].attempts == 2


def test_the_worker_that_lost_its_lease_cannot_finish(people: People, now: dt.datetime) -> None:
    job_id = enqueue("test.work", now, desk="x")
    first = jobs.claim(job_id, now=now)
    second = jobs.claim(job_id, now=now + LEASE + dt.timedelta(seconds=1))
    assert first is not None
    assert second is not None
    with acting(service()):
        with pytest.raises(LeaseLost):
            jobs.finish(first[1], now=now)
        jobs.finish(second[1], now=now)
    assert state(job_id).state == Job.State.DONE


def test_what_an_atomic_job_wrote_is_gone_when_its_lease_was_lost(people: People, now: dt.datetime) -> None:
    job_id = enqueue("test.lose", now)
    assert not jobs.run(job_id, now=now)
    assert not Team.objects.filter(name="too late").exists()


def test_a_job_that_breaks_waits_longer_each_time_and_then_fails(people: People, now: dt.datetime) -> None:
    job_id = enqueue("test.fail", now)
    waits: list[int] = []
    job = state(job_id)
    for _attempt in range(MOST_ATTEMPTS):
        assert not jobs.run(job_id, now=now)
        job = state(job_id)
        waits.append(int((job.due_at - now).total_seconds()))
        now = job.due_at
    assert waits[:-1] == [2, 4, 8, 16, 32]
    assert job.state == Job.State.FAILED
    assert job.error == "ZeroDivisionError: broken"
    assert not Team.objects.filter(name="half done").exists()
    assert not jobs.run(job_id, now=now + LEASE * 9)


def test_a_refused_job_fails_at_once_with_the_reason(people: People, now: dt.datetime) -> None:
    job_id = enqueue("test.refuse", now)
    assert not jobs.run(job_id, now=now)
    job = state(job_id)
    assert (job.state, job.error, job.attempts) == (Job.State.FAILED, "Not today", 1)


def test_a_job_that_is_not_due_yet_is_left_alone(people: People, now: dt.datetime) -> None:
    job_id = enqueue("test.work", now, delay=dt.timedelta(hours=1), desk="x")
    assert jobs.claim(job_id, now=now) is None
    assert jobs.claim(job_id, now=now + dt.timedelta(hours=1)) is not None


def test_a_key_is_used_once(people: People, now: dt.datetime) -> None:
    with acting(service()):
        assert jobs.enqueue("test.work", now=now, key="k", desk="x") is not None
        assert jobs.enqueue("test.work", now=now, key="k", desk="x") is None
        assert Job.objects.filter(key="k").count() == 1


def test_a_job_of_a_change_that_rolled_back_is_not_there(people: People, now: dt.datetime) -> None:
    with pytest.raises(ZeroDivisionError), acting(service()):
        jobs.enqueue("test.work", now=now, key="k", desk="x")
        raise ZeroDivisionError
    with acting(service()):
        assert not Job.objects.filter(key="k").exists()


def test_a_manager_enqueues_in_the_own_name_alone(people: People, now: dt.datetime) -> None:
    with acting(people.manager):
        assert jobs.enqueue("reports.deliver", now=now, requested_by=people.manager, delivery_id=0)
    with pytest.raises(Exception, match="row-level security"), acting(people.manager):
        jobs.enqueue("reports.deliver", now=now, requested_by=people.stranger, delivery_id=0)


def test_a_manager_enqueues_nothing_that_runs_for_the_whole_bank(people: People, now: dt.datetime) -> None:
    with pytest.raises(Exception, match="row-level security"), acting(people.manager):
        jobs.enqueue("reports.issue", now=now, requested_by=people.manager, client_ids=[people.foreign_id])


def test_a_manager_sees_the_own_jobs_alone(people: People, now: dt.datetime) -> None:
    enqueue("test.work", now, requested_by=people.stranger, desk="x")
    with acting(people.manager):
        assert not Job.objects.exists()


def test_the_oldest_due_jobs_come_first(people: People, now: dt.datetime) -> None:
    young = factories.job(due_at=now, created_at=now).pk
    old = factories.job(due_at=now - dt.timedelta(hours=1), created_at=now).pk
    assert jobs.due(now=now) == [old, young]
    assert jobs.outstanding() == 2


def test_the_sweeper_announces_what_is_due(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    announced: list[int] = []
    monkeypatch.setattr(jobs, "announce", announced.append)
    waiting = factories.job().pk
    jobs.sweep()
    assert announced == [waiting]


def test_a_tick_writes_one_job_for_each_day(people: People) -> None:
    jobs.tick("test.work", every="day")
    jobs.tick("test.work", every="day")
    with acting(service()):
        assert Job.objects.filter(name="test.work").count() == 1


def test_four_workers_do_each_of_twenty_jobs_once(committed: People, now: dt.datetime) -> None:
    ids = [enqueue("test.work", now, desk=f"desk {number}") for number in range(20)]
    did: list[bool] = []

    def worker() -> None:
        did.extend(jobs.run(job_id, now=now) for job_id in ids)
        connections.close_all()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert did.count(True) == 20
    assert sorted(DONE) == sorted(f"desk {number}" for number in range(20))


def test_a_job_is_announced_after_commit_and_not_before(committed: People, monkeypatch: pytest.MonkeyPatch) -> None:
    announced: list[int] = []
    monkeypatch.setattr(jobs, "announce", announced.append)
    with transaction.atomic():
        job_id = enqueue("test.work", factories.NOW, desk="x")
        assert announced == []
    assert announced == [job_id]


def test_a_lost_broker_does_not_lose_the_job(
    committed: People, monkeypatch: pytest.MonkeyPatch, now: dt.datetime
) -> None:
    def down(job_id: int) -> None:
        raise ConnectionError(job_id)

    monkeypatch.setattr(jobs, "announce", down)
    job_id = enqueue("test.work", now, desk="x")
    assert jobs.due(now=now) == [job_id]
    assert User.objects.exists()
