"""The guarded doors for programs: the rules of the pages, JSON answers, refusals as problem documents (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator
from rest_framework import exceptions, serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.pagination import BasePagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler
from rest_framework.viewsets import GenericViewSet

from core.errors import Conflict, Refused
from core.models import User
from core.web import Rule, page

PAGE_MOST = 100


class SignedInSession(SessionAuthentication):
    """The browser's session, with its CSRF token on every unsafe method."""

    def authenticate_header(self, request: Request) -> str:
        """Make a missing sign-in a 401."""
        return "Session"


class Declared(BasePermission):
    """The guard has kept the route's rule before the view ran; a view without one refuses."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Say whether the action declares a rule."""
        return isinstance(getattr(view, "rules", {}).get(getattr(view, "action", "")), Rule)


class Strict(serializers.Serializer[Any]):
    """A serializer that refuses keys it does not know, and numbers where money is meant to be text."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse unknown and read-only keys by name."""
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := sorted(set(data) - writable):
                raise serializers.ValidationError({name: [_("This field is not known here.")] for name in unknown})
        return super().to_internal_value(data)


class Amount(serializers.DecimalField):
    """Money in JSON: a string, never a float."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 20, "decimal_places": 2, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        """Refuse JSON numbers."""
        if not isinstance(data, str):
            raise serializers.ValidationError(_('Write amounts as text, such as "1234.50".'))
        return super().to_internal_value(data)


class Keyset(BasePagination):
    """Pages by position, not by number: ``after`` is the ``next`` of the page before, ``page_size`` at most 100."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Cut one page, in the view's order."""
        size = request.query_params.get("page_size", "50")
        if not size.isdecimal() or not int(size[:9]) > 0:
            raise serializers.ValidationError({"page_size": [_("A number from 1 to 100.")]})
        token = request.query_params.get("after", "")
        found = page(queryset, order=view.order, after=token, size=min(int(size[:9]), PAGE_MOST))
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
        return [
            {
                "name": "after",
                "in": "query",
                "schema": {"type": "string"},
                "description": "The `next` of the page before.",
            },
            {"name": "page_size", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": PAGE_MOST}},
        ]


class Door(GenericViewSet[Any]):
    """A guarded set of actions: ``rules`` by action, ``parameters`` the query parameters a list knows."""

    rules: ClassVar[dict[str, Rule]] = {}
    parameters: ClassVar[frozenset[str]] = frozenset()
    order: ClassVar[tuple[str, ...]] = ("id",)
    authentication_classes = (SignedInSession,)
    permission_classes = (Declared,)
    pagination_class = Keyset
    lookup_value_regex = "[0-9]{1,18}"

    @property
    def user(self) -> User:
        """The signed-in person."""
        user = self.request.user
        assert isinstance(user, User)  # the guard let nobody else in  # noqa: S101
        return user

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse unknown query parameters before the action runs."""
        super().initial(request, *args, **kwargs)
        known = self.parameters | ({"after", "page_size"} if self.action == "list" else set())
        if unknown := sorted(set(request.query_params) - known):
            raise serializers.ValidationError({name: [_("This parameter is not known here.")] for name in unknown})


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
    elif isinstance(error, (Http404, ObjectDoesNotExist)):
        status, title = 404, _("Nothing here")
    else:
        answer = exception_handler(error, context)
        if answer is None:
            return None
        status, title = answer.status_code, str(getattr(error, "detail", ""))
    body = {"type": "about:blank", "title": title, "status": status, **extra}
    return Response(body, status=status, content_type="application/problem+json")


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
        Operation(method.upper(), path, detail.get("description", "").split("\n")[0])
        for path, methods in sorted(paths.items())
        for method, detail in methods.items()
    ]
