"""Refusals as problem documents (RFC 9457), one shape for every error."""

from typing import Any

from django.core.exceptions import BadRequest, ObjectDoesNotExist, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.errors import Conflict, Refused

PROBLEM = "application/problem+json"


class KeyBusy(Refused):
    """A request of the same key is still being worked on."""


class KeyReused(Refused):
    """The key was used for another request."""


class ItemsRefused(Exception):  # noqa: N818  (a refusal is an answer, not a fault)
    """Some items of a body were refused, and so the whole; ``problems`` by index."""

    def __init__(self, problems: dict[str, dict[str, Any]]) -> None:
        super().__init__(problems)
        self.problems = problems
        found = {one["status"] for one in problems.values()}
        self.status = next((status for status in (404, 409) if status in found), 400)


STATUSES: dict[type[Refused], int] = {Conflict: 409, KeyBusy: 409, KeyReused: 422}


def told(error: Exception) -> dict[str, Any] | None:
    """Return what a problem document says of a refusal of ours; None for anything else."""
    if isinstance(error, Refused):
        return _refused(error)
    if isinstance(error, ItemsRefused):
        titles = {404: _("Nothing here"), 409: _("Somebody else changed this"), 400: _("Refused")}
        return {"title": titles[error.status], "status": error.status, "errors": {"items": error.problems}}
    not_understood = _("That request was not understood")
    if isinstance(error, exceptions.ValidationError):
        return {"title": not_understood, "status": 400, "errors": error.detail}
    if isinstance(error, BadRequest):
        return {"title": not_understood, "status": 400, "errors": {str(error): [not_understood]}}
    return _elsewhere(error)


def _elsewhere(error: Exception) -> dict[str, Any] | None:
    """Return the same of a refusal of Django's."""
    if isinstance(error, RequestDataTooBig):
        return {"title": _("That is too large"), "status": 413}
    if isinstance(error, (Http404, ObjectDoesNotExist)):
        return {"title": _("Nothing here"), "status": 404}
    return None


def _refused(error: Refused) -> dict[str, Any]:
    status = STATUSES.get(type(error), 400)
    title = _("Somebody else changed this") if isinstance(error, Conflict) else _("Refused")
    body = {"title": title, "status": status, "code": error.code, "detail": str(error)}
    body |= {"errors": {error.field: [str(error)]}} if error.field else {}
    return body | ({"theirs": error.theirs} if isinstance(error, Conflict) else {})


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every error as a problem document that names the field."""
    body = told(error)
    if body is None:
        answer = exception_handler(error, context)
        if answer is None:
            return None
        body = {"title": str(getattr(error, "detail", "")), "status": answer.status_code}
    return Response({"type": "about:blank", **body}, status=body["status"], content_type=PROBLEM)
