"""The password given again: what weighs most asks for it, though the person is signed in."""

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode


@reauthentication_required  # type: ignore[untyped-decorator]
def _was_asked_again(request: HttpRequest) -> bool:
    return True


def password_is_fresh(request: HttpRequest) -> bool:
    """Say whether the person gave the password again a moment ago, as allauth counts it."""
    try:
        return bool(_was_asked_again(request))
    except ReauthenticationRequired:
        return False


def ask_again(back: str) -> HttpResponseBase:
    """Send the person to give the password, and back to a path."""
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}")
