"""The guard keeps every door: who may come, what is written down, what is rolled back."""

from collections.abc import Generator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client as Browser
from django.urls import clear_url_caches, include, path

from clients.models import Client
from core import audit
from core.models import AuditEvent, User
from core.walls import acting, service
from core.web import door, public, seen
from tests.conftest import SignIn
from tests.people import BACKEND, People


@door("client:read", sensitive=True)
def shows(request: HttpRequest) -> HttpResponse:
    """Show clients and say so."""
    seen(request, client_id=None, what="client")
    return HttpResponse(",".join(Client.objects.values_list("name", flat=True)))


@door("client:read", sensitive=True)
def hides_that_it_showed(request: HttpRequest) -> HttpResponse:
    """Show clients in silence."""
    return HttpResponse(",".join(Client.objects.values_list("name", flat=True)))


def half_done(request: HttpRequest) -> None:
    """Write something that the person may write: the own language."""
    assert isinstance(request.user, User)
    User.objects.filter(pk=request.user.pk).update(language="zh-hans")


@door("home:open", methods=("POST",))
def refuses(request: HttpRequest) -> HttpResponse:
    """Write, then refuse."""
    half_done(request)
    return HttpResponse("no", status=422)


@door("home:open")
def breaks(request: HttpRequest) -> HttpResponse:
    """Fail as the query says."""
    errors: dict[str, Exception] = {
        "missing": Http404(),
        "denied": PermissionDenied(),
        "database": DatabaseError("gone"),
        "bug": ZeroDivisionError(),
    }
    half_done(request)
    raise errors[request.GET["how"]]


@public
def open_to_all(request: HttpRequest) -> HttpResponse:
    """Show that nobody's page sees no client."""
    return HttpResponse(str(Client.objects.count()))


urlpatterns = [
    path("shows/", shows),
    path("silent/", hides_that_it_showed),
    path("refuses/", refuses),
    path("breaks/", breaks),
    path("open/", open_to_all),
    path("", include("config.urls")),
]
handler400, handler403, handler404, handler500 = (
    "core.web.bad_request", "core.web.forbidden", "core.web.not_found", "core.web.server_error",
)  # fmt: skip


@pytest.fixture(autouse=True)
def doors(settings: Any) -> Generator[None]:
    """Let the site have these doors beside its own."""
    settings.ROOT_URLCONF = __name__
    clear_url_caches()
    yield
    clear_url_caches()


def verbs() -> list[str]:
    """Return the acts of the trail, oldest first, row changes left out."""
    with acting(service()):
        return list(AuditEvent.objects.exclude(verb__startswith="row:").order_by("id").values_list("verb", flat=True))


def test_a_door_sees_what_its_person_may_see(people: People, sign_in: SignIn) -> None:
    assert sign_in(people.manager).get("/shows/").content == b"Li Wen"
    assert sign_in(people.colleague).get("/shows/").content == b""
    assert sign_in(people.compliance).get("/shows/").content == b"Canary Foreign Holdings,Li Wen"


def test_a_sensitive_read_is_in_the_trail_with_the_request(people: People, sign_in: SignIn) -> None:
    answer = sign_in(people.manager).get("/shows/")
    with acting(service()):
        event = AuditEvent.objects.get(verb="client:read")
        assert (event.actor, str(event.request_id)) == (people.manager, answer["X-Request-Id"])


def test_a_sensitive_read_that_is_not_written_down_is_not_answered(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    browser.raise_request_exception = False
    answer = browser.get("/silent/")
    assert answer.status_code == 500
    assert b"Li Wen" not in answer.content


def test_whoever_lacks_the_permission_is_refused_and_it_is_written_down(people: People, sign_in: SignIn) -> None:
    assert sign_in(people.administrator).get("/shows/").status_code == 403
    assert verbs() == ["access:denied"]


def test_a_method_that_was_not_declared_is_refused(people: People, sign_in: SignIn) -> None:
    assert sign_in(people.manager).post("/shows/").status_code == 405
    assert sign_in(people.manager).get("/refuses/").status_code == 405


def test_a_refused_answer_leaves_nothing_behind(people: People, sign_in: SignIn) -> None:
    assert sign_in(people.manager).post("/refuses/").status_code == 422
    assert not User.objects.filter(language="zh-hans").exists()


@pytest.mark.parametrize(
    ("how", "status", "said"), [("missing", 404, 1), ("denied", 403, 1), ("database", 503, 0), ("bug", 500, 0)]
)
def test_a_failure_leaves_nothing_behind_but_its_record(
    people: People, sign_in: SignIn, how: str, status: int, said: int
) -> None:
    browser = sign_in(people.manager)
    browser.raise_request_exception = False
    assert browser.get(f"/breaks/?how={how}").status_code == status
    assert not User.objects.filter(language="zh-hans").exists()
    assert verbs() == ["access:denied"] * said


def test_nobody_is_sent_to_sign_in_and_back(db: None) -> None:
    answer = Browser().get("/shows/?a=1")
    assert answer["Location"] == "/accounts/login/?next=%2Fshows%2F%3Fa%3D1"


def test_a_fragment_sends_the_whole_page_to_sign_in(db: None) -> None:
    answer = Browser().get("/shows/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/accounts/login/")


def test_a_program_without_session_is_told_401_as_a_problem(db: None) -> None:
    answer = Browser().get("/api/schema/")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_a_public_page_sees_no_client_even_for_somebody_signed_in(people: People, sign_in: SignIn) -> None:
    assert sign_in(people.compliance).get("/open/").content == b"0"


def test_a_form_without_its_token_is_refused(people: People) -> None:
    browser = Browser(enforce_csrf_checks=True)
    with acting(people.manager):
        browser.force_login(people.manager, backend=BACKEND)
    assert browser.post("/refuses/").status_code == 403


def test_every_answer_forbids_caches_and_foreign_scripts(people: People, sign_in: SignIn) -> None:
    answer = sign_in(people.manager).get("/profile/")
    policy = answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_service_account_cannot_sign_in(people: People) -> None:
    with acting(service()):
        account = service()
        account.set_password("a-long-password-of-a-test")
        account.save()
    browser = Browser(raise_request_exception=False)
    browser.post("/accounts/login/", {"login": "system", "password": "a-long-password-of-a-test"})
    assert "_auth_user_id" not in browser.session


def test_the_request_ends_with_no_context_left(people: People, sign_in: SignIn) -> None:
    sign_in(people.manager).get("/shows/")
    with connection.cursor() as cursor:
        cursor.execute("SELECT steward_actor()")
        assert cursor.fetchone() == (None,)


def test_an_act_is_recorded_by_whom_the_database_knows(people: People) -> None:
    with acting(people.manager):
        audit.record("client:read", client_id=people.client_id)
    with acting(service()):
        event = AuditEvent.objects.get(verb="client:read")
    assert (event.actor_id, event.client_id) == (people.manager.pk, people.client_id)
