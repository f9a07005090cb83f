"""Programs show a token where people have a session: at the API's doors, and nowhere else."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from knox.settings import CONSTANTS
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from core import audit, clock
from core.api.refusals import PROBLEM
from core.models import Role, Token, User
from core.programs import tokens
from core.web import is_api

GetResponse = Callable[[HttpRequest], HttpResponseBase]
WRONG_MOST, WRONG_SECONDS = 20, 300
"""Wrong tokens of one address before they are no longer looked at closely nor written down, and for how long."""


class Knox(TokenAuthentication):  # type: ignore[misc]  # Knox has no types
    """Knox's search for a token by its hash; what ended stays in the list, so nothing is deleted on the way."""

    def _cleanup_token(self, auth_token: Token) -> bool:
        """Say whether the token has ended."""
        return auth_token.revoked_at is not None or auth_token.expiry <= clock.now()

    def validate_user(self, auth_token: Token) -> tuple[User, Token]:
        """Let nobody in whom the sign-in would not."""
        user: User = auth_token.user
        if user.role == Role.SYSTEM or user.has_ended(clock.now()):
            raise AuthenticationFailed
        found: tuple[User, Token] = super().validate_user(auth_token)
        return found


class TokenHolders:
    """Know who acts by a token before the guard asks, and gather what a program's request touched."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Gather for the length of a program's request."""
        if not is_api(request):
            return self.get_response(request)
        with audit.gathering():
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: object, kwargs: object) -> HttpResponseBase | None:
        """Make the token's person the request's user; pages do not look at tokens. A wrong one is no way in."""
        if not is_api(request) or not hasattr(view, "cls") or "Authorization" not in request.headers:
            return None
        try:
            found = Knox().authenticate(request)
        except (AuthenticationFailed, UnicodeDecodeError):
            found = None
        if found is None:
            return _refuse(request)
        user, token = found
        request.user, request.token = user, token  # type: ignore[attr-defined]
        translation.activate(user.language)
        told = audit.gathered()
        if told is not None:
            told.token = token.pk
        tokens.used(token=token, now=clock.now())
        return None


def _refuse(request: HttpRequest) -> HttpResponseBase:
    """Answer a wrong token; after many from one address, say so and stop writing them down.

    A right token is let in all the same: nobody can shut out a bank's systems by sending wrong ones from its proxy.
    """
    counter = f"token-refused:{get_adapter().get_client_ip(request)}"
    cache.add(counter, 0, WRONG_SECONDS)
    if cache.incr(counter) > WRONG_MOST:
        return _problem(429, _("Too many wrong tokens"), {"Retry-After": str(WRONG_SECONDS)})
    shown = request.headers["Authorization"].rpartition(" ")[2]
    tokens.refused(start=shown[: CONSTANTS.TOKEN_KEY_LENGTH])
    return _problem(401, _("Please sign in"), {"WWW-Authenticate": "Bearer"})


def _problem(status: int, title: str, headers: dict[str, str]) -> HttpResponseBase:
    body = {"type": "about:blank", "title": title, "status": status}
    return JsonResponse(body, status=status, content_type=PROBLEM, headers=headers)


class ByToken(BaseAuthentication):
    """A program: its token was found before the guard asked, and stands where a session's CSRF token would."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """Return whom the token stands for; None for everybody else."""
        inner = request._request  # noqa: SLF001  (what the guard looked at)
        token: Token | None = getattr(inner, "token", None)
        return (token.user, token) if token is not None else None

    def authenticate_header(self, request: Request) -> str:
        """Make a missing sign-in a 401."""
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells the schema of tokens."""

    target_class = ByToken
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Describe the header."""
        return {"type": "http", "scheme": "bearer", "description": "A token from the profile page."}
