"""The schema, read from the doors' tables: it cannot tell another story than the code."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from core.api import keys, versions
from core.api.fields import Nothing, Problem
from core.api.refusals import PROBLEM
from core.web import SAFE

if TYPE_CHECKING:
    from core.api.doors import Door


def _header(name: str, description: str, *, statuses: list[int] | None = None) -> OpenApiParameter:
    """Describe a header of requests, or of the answers with ``statuses``."""
    return OpenApiParameter(
        name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=description, response=statuses or False
    )


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


class DoorSchema(AutoSchema):
    """Describes an action from the tables of its door, with the refusals it can answer."""

    view: Door  # type: ignore[override]

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
        """Return the filters that the action knows, and its headers."""
        known = self.view.filters.get(self.view.action)
        return [*([known()] if known else []), *self._headers()]

    def _headers(self) -> list[OpenApiParameter]:
        """Return the headers that the action reads and writes."""
        action = self.view.action
        successes = list(self.view.successes(action))
        found = []
        if self.method not in SAFE:
            found.append(_header(keys.HEADER, "Sent again with the same key, the request has no second effect."))
            found.append(_header(keys.REPLAYED, "`true`: the answer of an earlier request.", statuses=successes))
        if action in self.view.conflicts and action not in self.view.bulks:
            found.append(_header(versions.HEADER, "The `ETag` that was read; or give `version`."))
        if action in self.view.versioned:
            found.append(_header("ETag", "The version of the row.", statuses=successes))
        return found

    def get_operation_id(self) -> str:
        """Tell an act on many rows from the act on one."""
        name: str = super().get_operation_id()
        return name.removesuffix("_create") + "_many" if self.view.action in self.view.bulks else name

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
        objects = "{" in self.path or "client" in filters().fields or action in self.view.bulks
        about_body = [409, 413, 415, 422] if self.method not in SAFE else []
        looks = [428] if self.method in SAFE else []
        return sorted([400, 401, 403, *looks, 429, *([404] if objects else []), *about_body])


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
