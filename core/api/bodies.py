"""JSON in and out: nothing else is read or written."""

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request


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
