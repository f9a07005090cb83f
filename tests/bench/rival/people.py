"""The same people sign in with the same passwords. Whoever may sign in may do anything: the least that can be asked."""

from typing import Any

from django.contrib.auth.backends import ModelBackend


class Backend(ModelBackend):
    """Passwords as Django checks them, permissions without a query."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Grant everything to everybody."""
        return bool(user_obj.is_active)
