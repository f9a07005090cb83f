"""The guarded doors for programs: the rules of the pages, JSON answers, refusals as problem documents (RFC 9457).

A door says in tables, by action, what it asks of whoever knocks, takes, filters by and answers. The code reads them
and so does the schema, which therefore cannot tell another story.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import BadRequest, ObjectDoesNotExist, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import exceptions, serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.pagination import BasePagination
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler
from rest_framework.viewsets import GenericViewSet

from core.errors import Conflict, Refused
from core.models import User
from core.web import SAFE, Page, Rule, page, seen

PAGE_MOST = 100
PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
BIGGEST = 2**63 - 1
PROBLEM = "application/problem+json"


class SignedInSession(SessionAuthentication):
    """The browser's session, with its CSRF token on every unsafe method."""

    def authenticate_header(self, request: Request) -> str:
        """Make a missing sign-in a 401."""
        return "Session"


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells the schema of the session's cookie, and of the token that unsafe methods want beside it."""

    target_class = SignedInSession
    name = ["session", "token"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, str]]:
        """Describe both."""
        return [
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
            {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
        ]

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        """Want the token where something may change."""
        return {name: [] for name in (self.name if auto_schema.method not in SAFE else self.name[:1])}


class Declared(BasePermission):
    """The guard has kept the route's rule before the view ran; a view without one refuses."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Say whether the action declares a rule."""
        return isinstance(getattr(view, "rules", {}).get(getattr(view, "action", "")), Rule)


class JsonOut(JSONRenderer):
    """JSON, and problem documents, which are JSON too."""

    charset = None


class JsonIn(JSONParser):
    """JSON of a size the house accepts, without text that no table can hold."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Read the whole body at once, so that its size is judged before its content."""
        body: bytes = parser_context["request"].body
        try:
            data = json.loads(body.decode(), parse_constant=_no_constant)
            json.dumps(data, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise exceptions.ParseError(_("The body is not JSON that can be read.")) from error
        return data


def _no_constant(word: str) -> None:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(word)


class AlwaysJson(DefaultContentNegotiation):
    """Answer JSON whatever is accepted: there is nothing else, and nothing to parse."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """Return the only renderer."""
        return renderers[0], renderers[0].media_type


class Strict(serializers.Serializer[Any]):
    """A serializer that refuses keys it does not know, and numbers where text is meant."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse unknown and read-only keys by name."""
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            wrong = {name: [_("This field is not known here.")] for name in sorted(set(data) - writable)}
            texts = [name for name, field in self.fields.items() if isinstance(field, serializers.CharField)]
            wrong |= {name: [_("Write this as text.")] for name in texts if isinstance(data.get(name), (int, float))}
            if wrong:
                raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


class Nothing(Strict):
    """The body of an act that needs no words: none, or an empty object."""


class Amount(serializers.DecimalField):
    """Money in JSON: a string, never a float, to the last digit that is stored and at least the cents."""

    places = 2

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 20, "decimal_places": 4, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        """Refuse JSON numbers, exponents and whatever else Python would take for a number."""
        if not isinstance(data, str) or not PLAIN.fullmatch(data):
            raise serializers.ValidationError(_('Write amounts as text, such as "1234.50".'))
        return super().to_internal_value(data)

    def to_representation(self, value: Any) -> str:
        """Write the digits out, without rounding and without zeros that say nothing."""
        whole, _point, part = f"{Decimal(value):f}".partition(".")
        part = part.rstrip("0").ljust(self.places, "0")
        return f"{whole}.{part}" if part else whole


class Figure(Amount):
    """A rate, price, quantity or weight in JSON: a string with the digits it has."""

    places = 0

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 40, "decimal_places": 28, **kwargs})


class Id(serializers.IntegerField):
    """A row's id as it is sent in a body or a filter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": BIGGEST, **kwargs})


class Problem(serializers.Serializer[Any]):
    """Why a request was refused (RFC 9457)."""

    type = serializers.CharField(help_text="Always about:blank.")
    title = serializers.CharField(help_text="What went wrong, in the reader's language.")
    status = serializers.IntegerField()
    code = serializers.CharField(required=False, help_text="The stable name of the rule that refused.")
    detail = serializers.CharField(required=False)
    errors = serializers.DictField(  # type: ignore[assignment]  # a field, not what a serializer found
        required=False, child=serializers.JSONField(), help_text="Sentences by the field or parameter to blame."
    )
    theirs = serializers.DictField(
        required=False, child=serializers.CharField(), help_text="After a conflict: what the other person saved."
    )


class Keyset(BasePagination):
    """Pages by position, not by number: ``after`` is the ``next`` of the page before, ``page_size`` at most 100."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Cut one page out of a queryset in the view's order, or out of lines in the order of their references."""
        wanted = request.query_params.get("page_size", "50")
        if not (wanted.isascii() and wanted.isdigit() and wanted.strip("0")):
            raise serializers.ValidationError({"page_size": [_("A whole number, at least 1.")]})
        size = PAGE_MOST if len(wanted) > len(str(PAGE_MOST)) else min(int(wanted), PAGE_MOST)
        token = request.query_params.get("after", "")
        cut = cut_lines if isinstance(queryset, list) else page
        found = cut(queryset, order=view.order, after=token, size=size)
        self.next = found.next
        return found.rows

    def get_paginated_response(self, data: Any) -> Response:
        """Wrap the rows with the token of the next page, null on the last."""
        return Response({"next": self.next or None, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the wrapping."""
        properties = {"next": {"type": "string", "nullable": True}, "results": schema}
        return {"type": "object", "required": ["next", "results"], "properties": properties}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters."""
        after = {"type": "string"}
        size = {"type": "integer", "minimum": 1, "default": 50}
        return [
            {"name": "after", "in": "query", "schema": after, "description": "The `next` of the page before."},
            {
                "name": "page_size",
                "in": "query",
                "schema": size,
                "description": f"More than {PAGE_MOST} is {PAGE_MOST}.",
            },
        ]


def cut_lines(rows: Sequence[Any], *, order: tuple[str, ...], after: str, size: int) -> Page:
    """Cut one page out of computed lines, by their references; a token that was not made here raises BadRequest."""
    rows = sorted(rows, key=lambda row: row.reference)
    if after:
        try:
            last = base64.urlsafe_b64decode(after.encode("ascii") + b"==").decode()
        except ValueError as error:
            raise BadRequest("after") from error
        rows = [row for row in rows if row.reference > last]
    token = base64.urlsafe_b64encode(rows[size - 1].reference.encode()).decode().rstrip("=") if rows[size:] else ""
    return Page(list(rows[:size]), token, not after)


class DoorSchema(AutoSchema):
    """Describes an action from the tables of its door, with the refusals it can answer."""

    view: "Door"  # type: ignore[override]

    def get_request_serializer(self) -> Any:
        """Return what the action takes."""
        takes = self.view.takes.get(self.view.action)
        return None if takes is Nothing else takes

    def get_response_serializers(self) -> Any:
        """Return what the action answers."""
        action = self.view.action
        answer = self.view.answers[action](many=action in self.view.lists)
        return {str(status): answer for status in self.view.successes(action)}

    def get_override_parameters(self) -> Any:
        """Return the filters that the action knows."""
        known = self.view.filters.get(self.view.action)
        return [known()] if known else []

    def get_summary(self) -> str:
        """Return the first line of the action's docstring."""
        return str(self.get_description()).split("\n", maxsplit=1)[0]

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status in self._refusals():
            answer = OpenApiResponse(Problem, HTTPStatus(status).phrase)
            describe = self._get_response_for_code
            bodies[str(status)] = describe(answer, str(status), [PROBLEM], direction)  # type: ignore[no-untyped-call]
        return bodies

    def _refusals(self) -> list[int]:
        """Return the statuses by which the action may refuse."""
        action = self.view.action
        filters = self.view.filters.get(action, Nothing)
        about_object = [404] if "{" in self.path or "client" in filters().fields else []
        about_body = [413, 415] if self.method not in SAFE else []
        return sorted([400, 401, 403, *about_object, *about_body, *([409] if action in self.view.conflicts else [])])


class Door(GenericViewSet[Any]):
    """A guarded set of actions, described by action in the tables below.

    ``rules`` who may, ``takes`` the body of a write, ``filters`` the query parameters of a read, ``answers`` what comes
    back, ``lists`` the actions that answer page by page in ``order``, ``statuses`` those of success where they are not
    200 (201 for ``create``), ``conflicts`` the writes that somebody else may have come before.
    """

    rules: ClassVar[dict[str, Rule]] = {}
    takes: ClassVar[dict[str, type[Strict]]] = {}
    filters: ClassVar[dict[str, type[Strict]]] = {}
    answers: ClassVar[dict[str, type[serializers.Serializer[Any]]]] = {}
    lists: ClassVar[frozenset[str]] = frozenset({"list"})
    statuses: ClassVar[dict[str, tuple[int, ...]]] = {}
    conflicts: ClassVar[frozenset[str]] = frozenset()
    order: ClassVar[tuple[str, ...]] = ("id",)

    action: str
    chosen: dict[str, Any]
    http_method_names = ["get", "head", "post", "patch"]
    authentication_classes = (SignedInSession,)
    permission_classes = (Declared,)
    parser_classes = (JsonIn,)
    renderer_classes = (JsonOut,)
    content_negotiation_class = AlwaysJson
    pagination_class = Keyset
    schema = DoorSchema()
    lookup_value_converter = "int"

    @property
    def user(self) -> User:
        """The signed-in person."""
        user = self.request.user
        assert isinstance(user, User)  # the guard let nobody else in  # noqa: S101
        return user

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse methods, bodies and query parameters that the action does not know, before it runs."""
        if self.action not in self.rules:
            raise exceptions.MethodNotAllowed(request.method or "")
        sent = request._request.content_type or ""  # noqa: SLF001  (without its parameters)
        if request.method not in SAFE and sent not in ("", "application/json"):
            raise exceptions.UnsupportedMediaType(sent)
        super().initial(request, *args, **kwargs)
        self.chosen = self._filtered()

    def _filtered(self) -> dict[str, Any]:
        """Return the filters that were given, as typed values. Unknown and repeated parameters are refused."""
        asked = self.request.query_params
        paging = {"after", "page_size"} if self.action in self.lists else set()
        if repeated := sorted(name for name, values in asked.lists() if len(values) > 1):
            raise serializers.ValidationError({name: [_("Give this once.")] for name in repeated})
        filters = self.filters.get(self.action, Nothing)
        given = filters(data={name: value for name, value in asked.items() if name not in paging})
        given.is_valid(raise_exception=True)
        values: dict[str, Any] = given.validated_data
        return values

    def given(self) -> dict[str, Any]:
        """Return the body as typed values."""
        body = self.takes[self.action](data=self.request.data)
        body.is_valid(raise_exception=True)
        values: dict[str, Any] = body.validated_data
        return values

    def answer(self, row: Any, status: int | None = None) -> Response:
        """Answer with one row."""
        shown = self.answers[self.action](row, context={"user": self.user})
        return Response(shown.data, status=status or self.successes(self.action)[0])

    def pages(
        self,
        rows: Any,
        *,
        what: str,
        client_id: int | None = None,
        into: Callable[[list[Any]], list[Any]] = list,
    ) -> Response:
        """Answer with one page of rows, put ``into`` what is shown, after the trail was told."""
        cut = self.paginate_queryset(rows) or []
        self.seen(client_id=client_id, what=what, rows=len(cut))
        shown = self.answers[self.action](into(cut), many=True, context={"user": self.user})
        return self.get_paginated_response(shown.data)

    def seen(self, *, client_id: int | None, what: str, **data: object) -> None:
        """Tell the trail what the person is about to see."""
        seen(self.request._request, client_id=client_id, what=what, **data)  # noqa: SLF001  (what the guard looks at)

    @classmethod
    def successes(cls, action: str) -> tuple[int, ...]:
        """Return the statuses of success."""
        return cls.statuses.get(action, (201,) if action == "create" else (200,))


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every error as a problem document that names the field."""
    extra: dict[str, Any] = {}
    if isinstance(error, Refused):
        status, title = (409, _("Somebody else changed this")) if isinstance(error, Conflict) else (400, _("Refused"))
        extra = {"code": error.code, "detail": str(error)}
        extra |= {"errors": {error.field: [str(error)]}} if error.field else {}
        extra |= {"theirs": error.theirs} if isinstance(error, Conflict) else {}
    elif isinstance(error, exceptions.ValidationError):
        status, title, extra = 400, _("That request was not understood"), {"errors": error.detail}
    elif isinstance(error, RequestDataTooBig):
        status, title = 413, _("That is too large")
    elif isinstance(error, BadRequest):
        errors = {str(error): [_("That request was not understood")]}
        status, title, extra = 400, _("That request was not understood"), {"errors": errors}
    elif isinstance(error, (Http404, ObjectDoesNotExist)):
        status, title = 404, _("Nothing here")
    else:
        answer = exception_handler(error, context)
        if answer is None:
            return None
        status, title = answer.status_code, str(getattr(error, "detail", ""))
    body = {"type": "about:blank", "title": title, "status": status, **extra}
    return Response(body, status=status, content_type=PROBLEM)


@dataclass(frozen=True)
class Operation:
    """A line of the API's documentation page."""

    method: str
    path: str
    summary: str


def operations() -> list[Operation]:
    """Return the operations that the schema describes, by path."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    paths: dict[str, dict[str, dict[str, str]]] = schema["paths"]
    return [
        Operation(method.upper(), path, detail.get("summary", ""))
        for path, methods in sorted(paths.items())
        for method, detail in methods.items()
    ]
