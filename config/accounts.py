"""How allauth behaves here: staff only, no sign-up, sign-ins in the trail, then the start page of the role."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core import audit, clock
from core.crypto import blind
from core.models import Role, User
from core.walls import acting


class StaffBackend(AuthenticationBackend):
    """allauth's sign-in by password; an account whose time is over is nobody's, in the middle of a session too."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Say whether the account is open now."""
        return bool(super().user_can_authenticate(user)) and not user.has_ended(clock.now())


class StaffAdapter(DefaultAccountAdapter):
    """allauth's adapter for the bank's staff."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by administrators."""
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record the attempt under a keyed index of what was typed, so that a password typed there stays unknown."""
        super().authentication_failed(request, **credentials)
        typed = credentials.get("username") or credentials.get("email") or ""
        audit.record("session:refused", data={"who": blind("sign-in", str(typed))})

    def pre_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse | None:
        """Turn away whose time is over as somebody shut out is."""
        if user.has_ended(clock.now()):
            return self.respond_user_inactive(request, user)
        answer: HttpResponse | None = super().pre_login(request, user, **more)
        return answer

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Answer somebody shut out as a wrong password is answered: the same page, a line in the trail."""
        audit.record("session:refused", data={"who": blind("sign-in", str(user.username))})
        messages.error(request, self.error_messages["username_password_mismatch"])
        return redirect("account_login")

    def login(self, request: HttpRequest, user: Any) -> None:
        """Record the sign-in before the session is given out."""
        if user.role == Role.SYSTEM:
            raise PermissionError("the service account does not sign in")
        with acting(user, request_id=request.request_id):  # type: ignore[attr-defined]
            audit.record("session:start")
            super().login(request, user)

    def logout(self, request: HttpRequest) -> None:
        """Record the end of the session."""
        if isinstance(request.user, User):
            with acting(request.user, request_id=request.request_id):  # type: ignore[attr-defined]
                audit.record("session:end")
        super().logout(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Go to the role's own start page."""
        return reverse("home")
