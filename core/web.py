"""The guarded doors of the browser: every view declares its rule, and the guard keeps it.

The guard runs a view inside one transaction in which the database knows who acts. A sensitive read is written to the
trail in that transaction, before a byte leaves; a refusal is written after it rolled back. A row that a scoped query
does not find answers 404, so fetching is checking.
"""

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ParamSpec

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import DatabaseError, models, transaction
from django.forms.renderers import TemplatesSetting
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from core import audit
from core.models import User
from core.walls import acting

P = ParamSpec("P")
View = Callable[..., HttpResponseBase]
GetResponse = Callable[[HttpRequest], HttpResponseBase]
MOST_BYTES = 11 * 1024 * 1024
"""A bank file and its form; nothing larger is read at all."""
SAFE = ("GET", "HEAD", "OPTIONS")
log = structlog.get_logger()


@dataclass(frozen=True)
class Rule:
    """What a route asks of whoever knocks. ``permission`` None means nobody need be signed in."""

    permission: str | None
    sensitive: bool = False
    methods: tuple[str, ...] = ("GET",)


def door(permission: str, *, sensitive: bool = False, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Declare who may use a view. ``sensitive`` ones show a client's affairs and must call ``seen``."""

    def declare(view: View) -> View:
        view.rule = Rule(permission, sensitive, methods)  # type: ignore[attr-defined]
        return view

    return declare


def public(view: View) -> View:
    """Declare a view that answers anybody."""
    view.rule = Rule(None, methods=("GET", "POST"))  # type: ignore[attr-defined]
    return view


def rule_of(view: Any, method: str = "GET") -> Rule | None:
    """Return the declared rule of a callback; a view set declares one per action, HEAD and OPTIONS count as its GET."""
    actions: dict[str, str] | None = getattr(view, "actions", None)
    if actions is None:
        rule: Rule | None = getattr(view, "rule", None)
        return rule
    verb = method.lower() if method.lower() in actions else next(iter(actions))
    return view.cls.rules.get(actions[verb])  # type: ignore[no-any-return]


def rules_of(view: Any) -> dict[str, Rule | None]:
    """Return the declared rule of every method a callback answers."""
    actions: dict[str, str] | None = getattr(view, "actions", None)
    if actions is not None:
        return {verb.upper(): view.cls.rules.get(action) for verb, action in actions.items()}
    rule: Rule | None = getattr(view, "rule", None)
    return dict.fromkeys(rule.methods if rule else ("GET",), rule)


def seen(request: HttpRequest, *, client_id: int | None, what: str, **data: object) -> None:
    """Write to the trail that the signed-in person is about to see ``what`` (``client``, ``deposit``) of a client."""
    audit.record(f"{what}:read", client_id=client_id, data=data)
    request.looks = [*getattr(request, "looks", []), (what, client_id, data)]  # type: ignore[attr-defined]


class StaffRequest(HttpRequest):
    """A request that the guard has let in: its user is a person of the bank."""

    user: User
    htmx: HtmxDetails
    request_id: uuid.UUID


class RequestIds:
    """Give each request an id that the trail, the logs and the answer share."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Bind the id for the length of the request."""
        request.request_id = uuid.uuid4()  # type: ignore[attr-defined]
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length[:19]) > MOST_BYTES:
            return _answer(request, 413) if is_api(request) else HttpResponse(_titles()[413], status=413)
        with structlog.contextvars.bound_contextvars(request_id=str(request.request_id)):  # type: ignore[attr-defined]
            response = self.get_response(request)
        response["X-Request-Id"] = str(request.request_id)  # type: ignore[attr-defined]
        response.setdefault("Cache-Control", "no-store")
        return response


class UserLanguage:
    """Speak the language of the person's profile."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Override the browser's language once somebody is signed in."""
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class Guard:
    """Keep the declared rule of every route."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on; the work is in ``process_view``."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Answer the request inside its rule."""
        rule = rule_of(view, request.method or "GET")
        if rule is None:
            raise PermissionDenied(f"{request.path} declares no rule")
        if rule.permission is None:
            return None
        user = request.user
        if not isinstance(user, User):
            return _sign_in(request)
        if not hasattr(view, "actions") and request.method not in (*rule.methods, "HEAD"):
            return _answer(request, 405)
        if not user.has_perm(rule.permission):
            _denied(request, user, rule, status=403)
            return _answer(request, 403)
        return self._inside(request, user, rule, lambda: view(request, *args, **kwargs))

    def _inside(
        self, request: HttpRequest, user: User, rule: Rule, call: Callable[[], HttpResponseBase]
    ) -> HttpResponseBase:
        """Run the view as its user; a refused answer rolls back and is recorded afterwards."""
        try:
            with acting(user, request_id=request.request_id):  # type: ignore[attr-defined]
                response = call()
                if hasattr(response, "render"):
                    response = response.render()
                if response.status_code >= HTTPStatus.BAD_REQUEST:
                    transaction.set_rollback(True)
                elif rule.sensitive and request.method in SAFE and not getattr(request, "looks", ()):
                    raise RuntimeError(f"{request.path} is sensitive and did not say what was seen")
        except (Http404, ObjectDoesNotExist):
            _denied(request, user, rule, status=404)
            return _answer(request, 404)
        except PermissionDenied:
            _denied(request, user, rule, status=403)
            return _answer(request, 403)
        except DatabaseError:
            log.exception("request.database")
            return _answer(request, 503)
        if response.status_code in (403, 404):
            _denied(request, user, rule, status=response.status_code)
        elif response.status_code >= HTTPStatus.BAD_REQUEST:
            _looked(request, user)
        return response


def _looked(request: HttpRequest, user: User) -> None:
    """Record again what a refused form showed: its own record went with the rolled back transaction."""
    looks = getattr(request, "looks", ())
    if looks:
        with acting(user, request_id=request.request_id):  # type: ignore[attr-defined]
            for what, client_id, data in looks:
                audit.record(f"{what}:read", client_id=client_id, data=data)


def _denied(request: HttpRequest, user: User, rule: Rule, *, status: int) -> None:
    with acting(user, request_id=request.request_id):  # type: ignore[attr-defined]
        audit.record(
            "access:denied",
            data={
                "permission": rule.permission,
                "path": request.path[:500],
                "method": request.method,
                "status": status,
            },
        )


def _sign_in(request: HttpRequest) -> HttpResponseBase:
    if is_api(request):
        return _answer(request, 401)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse(settings.LOGIN_URL)
        return response
    return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}")


def is_api(request: HttpRequest) -> bool:
    """Say whether the caller is a program: it gets problem documents, not pages."""
    return request.path.startswith("/api/")


def _titles() -> dict[int, str]:
    return {
        400: _("That request was not understood"),
        401: _("Please sign in"),
        403: _("This is not open to your role"),
        404: _("Nothing here"),
        405: _("That is not possible here"),
        409: _("Somebody else changed this"),
        413: _("That is too large"),
        500: _("Something went wrong on our side"),
        503: _("The service is not available right now"),
    }


def _answer(request: HttpRequest, status: int) -> HttpResponseBase:
    """Answer with a plain error: a problem document, or the error page. It says nothing of what exists."""
    title = _titles()[status]
    if is_api(request):
        body = {"type": "about:blank", "title": title, "status": status}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    return render(request, "error.html", {"title": title, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Django's handler400."""
    return _answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Django's handler403."""
    return _answer(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Django's handler404: the same page for what is missing and for what is somebody else's."""
    return _answer(request, 404)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Django's handler500."""
    return _answer(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Django's CSRF_FAILURE_VIEW."""
    return _answer(request, 403)


class FormRenderer(TemplatesSetting):
    """Draw fields by ``templates/forms``."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


def frame(request: HttpRequest) -> dict[str, object]:
    """Give every page its navigation: the rooms that the person's role opens (``config.navigation``)."""
    user = request.user if hasattr(request, "user") else None
    items = [item for item in settings.NAVIGATION if isinstance(user, User) and user.has_perm(item.permission)]
    finds = isinstance(user, User) and user.has_perm(settings.SEARCH.permission)
    return {
        "navigation": items,
        "search_url": settings.SEARCH.url if finds else "",
        "log_url": settings.LOG.url if isinstance(user, User) and user.has_perm(settings.LOG.permission) else "",
        "demo": settings.DEMO,
        "request_id": getattr(request, "request_id", ""),
    }


@dataclass(frozen=True)
class Page:
    """One page of a list, with the tokens of its neighbours."""

    rows: list[Any]
    next: str
    first: bool


def known_only(given: Mapping[str, object], allowed: set[str]) -> None:
    """Refuse parameters nobody declared: a mistyped filter must not show every client.

    Raises:
        BadRequest: answered 400.
    """
    if set(given) - allowed:
        raise BadRequest(", ".join(sorted(set(given) - allowed)))


def page(rows: models.QuerySet[Any], *, order: tuple[str, ...], after: str, size: int = 50) -> Page:
    """Cut one keyset page out of ``rows``, ordered by ``order`` (plain or with ``-``; the last one unique).

    ``after`` is the token of the page before, empty for the first. A token that was not made here raises BadRequest.
    """
    names = [name.lstrip("-") for name in order]
    rows = rows.order_by(*order)
    if after:
        try:
            rows = rows.filter(_beyond(order, _read_token(after, len(order))))
        except (ValueError, ValidationError) as error:
            raise BadRequest("after") from error
    found = list(rows[: size + 1])
    last = found[size - 1] if len(found) > size else None
    token = _write_token([_value(last, name) for name in names]) if last is not None else ""
    return Page(found[:size], token, not after)


def _value(row: Any, path: str) -> str:
    for name in path.split("__"):
        row = getattr(row, name)
    return row.isoformat() if hasattr(row, "isoformat") else str(row)


def _beyond(order: tuple[str, ...], values: list[str]) -> models.Q:
    """Return the condition ``(a, b) > (x, y)`` spelled out, each column in its own direction."""
    condition = models.Q()
    equal: dict[str, str] = {}
    for name, value in zip(order, values, strict=True):
        field = name.lstrip("-")
        side = "lt" if name.startswith("-") else "gt"
        condition |= models.Q(**equal, **{f"{field}__{side}": value})
        equal[field] = value
    return condition


def _write_token(values: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _read_token(token: str, length: int) -> list[str]:
    try:
        values = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, RecursionError) as error:
        raise BadRequest("after") from error
    if not isinstance(values, list) or len(values) != length or not all(map(_is_plain, values)):
        raise BadRequest("after")
    return values


def _is_plain(value: object) -> bool:
    """Say whether PostgreSQL can hold this as text: no null byte, no half of a surrogate pair."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
