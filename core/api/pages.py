"""Pages by position, of tables and of computed lines."""

import base64
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import BadRequest
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from core.web import Page, page

PAGE_MOST = 100


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
