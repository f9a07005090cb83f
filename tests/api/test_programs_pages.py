"""The pages on which tokens and webhooks are kept, in the reader's language."""

import html
import re
import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client as Browser

from core import tasks
from core.models import Token, User, Webhook, WebhookCall
from core.programs import webhooks
from core.programs.calls import signature
from core.walls import acting, service
from tests import factories
from tests.api.conftest import verbs
from tests.api.receiver import listening
from tests.api.test_tokens_api import Program
from tests.api.test_webhooks import work
from tests.conftest import SignIn
from tests.people import PASSWORD, People

HOOK = {"name": "Ledger", "url": "https://ledger.example/hook", "events": ["review:decide", "contact:log"]}
TOKEN = {"name": "Reports", "scope": "write", "days": "30"}
assert tasks.call.__name__ == "call"  # its import registers the jobs


@pytest.fixture(autouse=True)
def nobody_was_refused_before() -> None:
    """Forget what other tests counted."""
    cache.clear()


def confirmed(browser: Browser) -> Browser:
    """Give the password once more."""
    answer: Any = browser.post("/accounts/reauthenticate/?next=/profile/tokens/", {"password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/profile/tokens/")
    return browser


def shown(page: Any) -> str:
    """Return the secret that a page shows."""
    found = re.search(r"data-once>([^<]+)<", page.text)
    assert found, page.text
    return found[1]


def test_a_token_is_made_after_the_password_was_given_again(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    assert "Give your password once more" in browser.get("/profile/tokens/").text
    answer: Any = browser.post("/profile/tokens/", TOKEN)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/reauthenticate/?next=%2Fprofile%2Ftokens%2F")
    with acting(service()):
        assert not Token.objects.exists()
    wrong: Any = browser.post("/accounts/reauthenticate/", {"password": "wrong"})
    assert wrong.status_code == 200
    assert browser.post("/profile/tokens/", TOKEN).status_code == 302
    page: Any = confirmed(browser).post("/profile/tokens/", TOKEN)
    assert page.status_code == 200
    assert Program(shown(page)).get("me/").json()["username"] == "mei"
    assert shown(page) not in browser.get("/profile/tokens/").text
    assert page["Cache-Control"] == "no-store"
    assert "token:create" in verbs()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"days": "91"}, "days"),
        ({"days": "0"}, "days"),
        ({"days": "x"}, "days"),
        ({"scope": "admin"}, "scope"),
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
    ],
)
def test_a_token_that_cannot_be_is_refused_beside_its_field(
    people: People, sign_in: SignIn, change: dict[str, str], field: str
) -> None:
    page: Any = confirmed(sign_in(people.manager)).post("/profile/tokens/", {**TOKEN, **change})
    assert page.status_code == 422
    assert f'id="id_{field}_error"' in page.text
    with acting(service()):
        assert not Token.objects.exists()


def test_nobody_has_more_tokens_than_can_be_watched(people: People, sign_in: SignIn) -> None:
    for _ in range(20):
        factories.token(people.manager)
    page: Any = confirmed(sign_in(people.manager)).post("/profile/tokens/", TOKEN)
    assert (page.status_code, "there are too many" in page.text) == (422, True)


def test_the_list_shows_what_each_may_and_whether_it_lives(people: People, sign_in: SignIn) -> None:
    token = factories.token(people.manager, name="<b>Night</b> export")[0]
    factories.token(people.colleague, name="Colleague's own")
    browser = sign_in(people.manager)
    page = browser.get("/profile/tokens/").text
    assert "&lt;b&gt;Night&lt;/b&gt; export" in page
    assert "Colleague" not in page
    browser.post(f"/profile/tokens/{token.pk}/revoke/")
    assert "Revoked" in browser.get("/profile/tokens/").text
    browser.post(f"/profile/tokens/{token.pk}/revoke/")
    assert verbs().count("token:revoke") == 1


def test_a_webhook_is_added_and_its_secret_shown_once(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.administrator)
    page: Any = browser.post("/settings/webhooks/", HOOK)
    assert page.status_code == 200
    with acting(people.administrator):
        hook = Webhook.objects.get()
        assert webhooks.secret_of(hook) == shown(page)
    assert hook.events == ["contact:log", "review:decide"]
    for path in ("/settings/webhooks/", f"/settings/webhooks/{hook.pk}/"):
        told = browser.get(path).text
        assert "Ledger" in told
        assert shown(page) not in told


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://ledger.example/hook"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://[::1]:8443/"}, "url"),
        ({"url": "https://169.254.169.254/latest/meta-data/"}, "url"),
        ({"url": "https://user:word@ledger.example/"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://ledger.example/" + "x" * 500}, "url"),
        ({"events": []}, "events"),
        ({"events": ["client:read"]}, "events"),
        ({"events": ["session:start"]}, "events"),
        ({"events": ["no:such"]}, "events"),
        ({"name": ""}, "name"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused_beside_its_field(
    people: People, sign_in: SignIn, change: dict[str, Any], field: str
) -> None:
    page: Any = sign_in(people.administrator).post("/settings/webhooks/", {**HOOK, **change})
    assert page.status_code == 422
    assert f'id="id_{field}_error"' in page.text
    assert "Ledger" in page.text or "name" in change
    with acting(service()):
        assert not Webhook.objects.exists()


def test_a_test_event_is_sent_and_shown(people: People, sign_in: SignIn, settings: Any) -> None:
    browser = sign_in(people.administrator)
    with listening() as told:
        settings.WEBHOOK_HOSTS = [told.host]
        hook = factories.webhook(people.administrator, url=told.url)[0]
        path = f"/settings/webhooks/{hook.pk}/"
        assert browser.post(path, {"act": "test"}).status_code == 302
        assert "Waiting" in browser.get(path).text
        assert work() == 1
        told.status, told.body = 500, b"<script>alert(1)</script>"
        browser.post(path, {"act": "test"})
        work()
    page = browser.get(path).text
    assert b'"verb":"webhook:test"' in told.received[0][2]
    assert "Sent" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_pause_resume_new_secret_and_removal(people: People, sign_in: SignIn) -> None:
    browser, (hook, before) = sign_in(people.administrator), factories.webhook(people.administrator)
    path = f"/settings/webhooks/{hook.pk}/"
    browser.post(path, {"act": "pause"})
    assert "Paused" in browser.get(path).text
    assert "Resume it first." in browser.post(path, {"act": "test"}, follow=True).text
    browser.post(path, {"act": "resume"})
    assert shown(browser.post(path, {"act": "secret"})) != before
    assert browser.post(path, {"act": "explode"}).status_code == 400
    browser.post(path, {"act": "remove"})
    assert browser.get(path).status_code == 404
    told = [verb for verb in verbs() if verb.startswith("webhook:")]
    assert told == ["webhook:add", "webhook:pause", "webhook:resume", "webhook:secret", "webhook:remove"]


def test_the_log_is_read_page_by_page(people: People, sign_in: SignIn) -> None:
    hook = factories.webhook(people.administrator)[0]
    with acting(service()):
        WebhookCall.objects.bulk_create(
            WebhookCall(webhook=hook, verb="contact:log", at=factories.NOW, due_at=factories.NOW) for _ in range(60)
        )
    browser, path = sign_in(people.administrator), f"/settings/webhooks/{hook.pk}/"
    first = browser.get(path).text
    assert first.count("<tr class") == 50
    token = re.search(r"after=([\w-]+)", first)
    assert token
    assert browser.get(path, {"after": token[1]}).text.count("<tr class") == 10
    assert browser.get(path, {"unknown": "1"}).status_code == 400


@pytest.mark.parametrize("name", ["manager", "lead", "compliance", "operations", "auditor"])
def test_only_the_administrator_keeps_webhooks(people: People, sign_in: SignIn, name: str) -> None:
    browser = sign_in(getattr(people, name))
    assert browser.get("/settings/webhooks/").status_code == 403
    assert browser.post("/settings/webhooks/", HOOK).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_ask_the_same_number_of_questions(
    people: People, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    hooks = [factories.webhook(people.administrator, name=f"Ledger {number}")[0] for number in range(count)]
    for hook in hooks:
        factories.token(people.administrator)
        with acting(service()):
            WebhookCall.objects.create(webhook=hook, verb="contact:log", at=factories.NOW, due_at=factories.NOW)
    browser = sign_in(people.administrator)
    browser.get("/settings/webhooks/")
    asked = {"/profile/tokens/": 7, "/settings/webhooks/": 7, f"/settings/webhooks/{hooks[-1].pk}/": 8}
    for path, number in asked.items():
        with django_assert_num_queries(number):
            assert browser.get(path).status_code == 200


def test_the_documentation_tells_programs_their_ways(people: People, sign_in: SignIn) -> None:
    page = sign_in(people.manager).get("/api/docs/").text
    for word in ("Idempotency-Key", "If-Match", "Authorization: Bearer", "Steward-Signature", "hmac.compare_digest"):
        assert word in page


def test_the_recipe_of_the_documentation_verifies(people: People, sign_in: SignIn) -> None:
    page = sign_in(people.manager).get("/api/docs/").text
    code = html.unescape(re.search(r"(import hashlib.*?)\n\ngenuine\(", page, re.DOTALL)[1])  # type: ignore[index]
    scope: dict[str, Any] = {}
    exec(code, scope)  # noqa: S102  (our own words)
    now, body = int(time.time()), b'{"id":"1"}'
    assert scope["genuine"]("secret", signature("secret", at=now, body=body), body)
    assert not scope["genuine"]("secret", signature("secret", at=now, body=body), body + b" ")
    assert not scope["genuine"]("other", signature("secret", at=now, body=body), body)
    assert not scope["genuine"]("secret", signature("secret", at=now - 301, body=body), body)


def test_both_languages_are_spoken(people: People, sign_in: SignIn) -> None:
    with acting(service()):
        User.objects.filter(pk=people.administrator.pk).update(language="zh-hans")
    browser = sign_in(people.administrator)
    for path in ("/profile/tokens/", "/settings/webhooks/", "/api/docs/"):
        assert 'lang="zh-Hans"' in browser.get(path).text
