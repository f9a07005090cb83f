"""The guarded doors of the browser: every view declares its rule, and the guard keeps it.

The guard runs a view inside one transaction in which the database knows who acts. A sensitive read is written to the
trail in that transaction, before a byte leaves; a refusal is written after it rolled back. A row that a scoped query
does not find answers 404, so fetching is checking.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, ParamSpec

import structlog
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import DatabaseError, transaction
from django.forms.renderers import TemplatesSetting
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.urls import resolve, reverse
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
"""The largest body that a door takes which does not say otherwise; nothing larger is read at all."""
LARGEST_BYTES = 257 * 1024 * 1024
"""A bank file and its form: what a door may say, for those who may enter it."""
SAFE = ("GET", "HEAD", "OPTIONS")
NO_PURPOSE = "SW001"
"""What the trail answers to a look of compliance at a client without a stated purpose."""
log = structlog.get_logger()


@dataclass(frozen=True)
class Rule:
    """What a route asks of whoever knocks. ``permission`` None means nobody need be signed in."""

    permission: str | None
    sensitive: bool = False
    methods: tuple[str, ...] = ("GET",)
    most_bytes: int = MOST_BYTES


def door(
    permission: str, *, sensitive: bool = False, methods: tuple[str, ...] = ("GET",), most_bytes: int = MOST_BYTES
) -> Callable[[View], View]:
    """Declare who may use a view. ``sensitive`` ones show a client's affairs and must call ``seen``."""

    def declare(view: View) -> View:
        view.rule = Rule(permission, sensitive, methods, most_bytes)  # type: ignore[attr-defined]
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
    """Say that the signed-in person is about to see ``what`` (``client``, ``deposit``) of a client.

    The guard writes it to the trail, with the other looks of the request, before a byte leaves. What is seen before
    something is done stands in the trail before it.
    """
    look = audit.Look(what, client_id, data)
    request.looks = [*looks_of(request), look]  # type: ignore[attr-defined]
    if request.method in SAFE:
        audit.touched(client_id)
    else:
        audit.record_looks([look])


def looks_of(request: HttpRequest) -> list[audit.Look]:
    """Return what the request said so far that it shows."""
    return getattr(request, "looks", [])


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
        if _length(request) > LARGEST_BYTES:
            return _too_large(request)
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
        """Turn a large form away before the CSRF check reads it, unless its door takes it from this person.

        The rest is in ``process_view``, before which nothing reads what a program sends.
        """
        if _length(request) > MOST_BYTES and not is_api(request) and not _takes(request):
            return _too_large(request)
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
        if _length(request) > rule.most_bytes:
            return _too_large(request)
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
                else:
                    _look(request, rule)
        except (Http404, ObjectDoesNotExist):
            _denied(request, user, rule, status=404)
            return _answer(request, 404)
        except PermissionDenied:
            _denied(request, user, rule, status=403)
            return _answer(request, 403)
        except DatabaseError as error:
            said = getattr(error.__cause__, "diag", None)
            if said is not None and said.sqlstate == NO_PURPOSE:
                return _ask_purpose(request, int(said.message_detail))
            log.exception("request.database")
            return _answer(request, 503)
        if response.status_code in (403, 404):
            _denied(request, user, rule, status=response.status_code)
        elif response.status_code >= HTTPStatus.BAD_REQUEST:
            _looked(request, user)
        return response


def _length(request: HttpRequest) -> int:
    """Return the length of the body as announced; one that cannot be read is beyond every limit."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length[:19]) if length.isdecimal() else LARGEST_BYTES + 1


def _too_large(request: HttpRequest) -> HttpResponseBase:
    return _answer(request, 413) if is_api(request) else HttpResponse(_titles()[413], status=413)


def _takes(request: HttpRequest) -> bool:
    """Say whether the route's door takes a body of this length from the signed-in person."""
    try:
        rule = rule_of(resolve(request.path_info).func, request.method or "GET")
    except Http404:
        return False
    if rule is None or rule.permission is None or rule.most_bytes < _length(request):
        return False
    return isinstance(request.user, User) and request.user.has_perm(rule.permission)


def _look(request: HttpRequest, rule: Rule) -> None:
    """Record what the answer shows, in the transaction that read it: no record, no bytes."""
    if request.method not in SAFE:
        return
    if looks_of(request):
        audit.record_looks(looks_of(request))
    elif rule.sensitive:
        raise RuntimeError(f"{request.path} is sensitive and did not say what was seen")


def _looked(request: HttpRequest, user: User) -> None:
    """Record what a refused form shows; its transaction was rolled back."""
    if looks_of(request):
        with acting(user, request_id=request.request_id):  # type: ignore[attr-defined]
            audit.record_looks(looks_of(request))


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


def _ask_purpose(request: HttpRequest, client_id: int) -> HttpResponseBase:
    """Ask why compliance looks at a client; a page that was asked for follows the answer."""
    if is_api(request):
        return _answer(request, 428)
    htmx = bool(request.headers.get("HX-Request"))
    back = "" if htmx or request.method not in SAFE else request.get_full_path()
    address = reverse(settings.PURPOSE_URL, args=[client_id]) + (f"?{urlencode({'next': back})}" if back else "")
    return HttpResponse(status=204, headers={"HX-Redirect": address}) if htmx else redirect(address)


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
        428: _("State your purpose for this client first"),
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

    def get_template(self, template_name: str) -> Any:
        """Return a template, found once: the loaders would be asked again for every field of every form."""
        return _template(template_name)


_template = cache(get_template)


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
