"""The doors: sets of actions that say in tables what they ask of whoever knocks, take, filter by and answer."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core.api import bulk, keys, versions
from core.api.bodies import AlwaysJson, JsonIn, JsonOut
from core.api.fields import Nothing, Strict, Versioned
from core.api.pages import Keyset
from core.api.schema import DoorSchema, SignedInSession
from core.api.tokens import ByToken
from core.models import Token, User
from core.web import SAFE, Rule, seen


class Declared(BasePermission):
    """The guard has kept the route's rule before the view ran; a view without one refuses."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Say whether the action declares a rule, and refuse a write by a token that only reads."""
        token = request.auth
        if isinstance(token, Token) and token.scope == Token.Scope.READ and request.method not in SAFE:
            raise exceptions.PermissionDenied(_("This token only reads."))
        return isinstance(getattr(view, "rules", {}).get(getattr(view, "action", "")), Rule)


class Door(GenericViewSet[Any]):
    """A guarded set of actions, described by action in the tables below.

    ``rules`` who may, ``takes`` the body of a write, ``filters`` the query parameters of a read, ``answers`` what comes
    back, ``lists`` the actions that answer page by page in ``order``, ``statuses`` those of success where they are not
    200 (201 for ``create``), ``conflicts`` the writes that somebody else may have come before, ``versioned`` the
    answers with the row's version, ``bulks`` the acts on many rows, ``files`` the acts that also take a file as it is:
    a file is known by its bytes, so it needs no key.
    """

    rules: ClassVar[dict[str, Rule]] = {}
    takes: ClassVar[dict[str, type[Strict]]] = {}
    filters: ClassVar[dict[str, type[Strict]]] = {}
    answers: ClassVar[dict[str, type[serializers.Serializer[Any]]]] = {}
    lists: ClassVar[frozenset[str]] = frozenset({"list"})
    statuses: ClassVar[dict[str, tuple[int, ...]]] = {}
    conflicts: ClassVar[frozenset[str]] = frozenset()
    versioned: ClassVar[frozenset[str]] = frozenset()
    bulks: ClassVar[frozenset[str]] = frozenset()
    files: ClassVar[frozenset[str]] = frozenset()
    order: ClassVar[tuple[str, ...]] = ("id",)

    action: str
    chosen: dict[str, Any]
    key: keys.Key | None = None
    sent_file: bool = False
    http_method_names = ["get", "head", "post", "patch"]
    authentication_classes = (ByToken, SignedInSession)
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
        self.sent_file = self.action in self.files and sent not in ("", "application/json")
        if request.method not in SAFE and not self.sent_file and sent not in ("", "application/json"):
            raise exceptions.UnsupportedMediaType(sent)
        super().initial(request, *args, **kwargs)
        self.chosen = self._filtered()
        if request.method not in SAFE:
            if self.action not in self.conflicts - self.bulks:
                versions.refuse_elsewhere(request)
            self.key = None if self.sent_file else keys.hold(request, self.user)

    def handle_exception(self, exc: Exception) -> Any:
        """Give the answer of an earlier request where it was sent again."""
        return exc.response if isinstance(exc, keys.Repeated) else super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep a success under its key, before anybody is told of it."""
        final = super().finalize_response(request, response, *args, **kwargs)
        if self.key is not None and final.status_code < HTTPStatus.BAD_REQUEST:
            keys.keep(self.key, self.user, final.render())
        return final

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

    def given(self, *, version_needed: bool = True) -> dict[str, Any]:
        """Return the body as typed values, with the version it is based on where rows have versions."""
        takes = self.takes[self.action]
        body = takes(data=self.request.data)
        body.is_valid(raise_exception=True)
        values: dict[str, Any] = body.validated_data
        if issubclass(takes, Versioned):
            values["version"] = versions.wanted(self.request, values.get("version"), needed=version_needed)
        return values

    def answer(self, row: Any, status: int | None = None) -> Response:
        """Answer with one row, and its version where it has one."""
        shown = self.answers[self.action](row, context={"user": self.user})
        response = Response(shown.data, status=status or self.successes(self.action)[0])
        if self.action in self.versioned:
            versions.tagged(response, shown.data["version"])
        return response

    def many(self, act: Callable[[dict[str, Any]], Any]) -> Response:
        """Do ``act`` for every item of the body, all or nothing, and answer with the rows in the items' order."""
        items = bulk.typed(self.takes[self.action](data=self.request.data))
        return self.answer({"results": bulk.each(items, act)})

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
