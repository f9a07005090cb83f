"""The bank's people and their teams."""

import datetime as dt
import uuid

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person does at the desk; ``clients.access`` says what each may do."""

    MANAGER = "manager", _("Relationship manager")
    LEAD = "lead", _("Team lead")
    COMPLIANCE = "compliance", _("Compliance officer")
    OPERATIONS = "operations", _("Operations")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")
    SYSTEM = "system", _("System")


class Language(models.TextChoices):
    """Languages of screens, mails and statements."""

    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


class Team(models.Model):
    """A desk of managers under one lead."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Users(BaseUserManager["User"]):
    """Users by their natural key, the user name."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        """Create a person who may sign in; without a password nobody can."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # tokens: Knox has no types
    """A person of the bank. ``person`` is the human behind the account: four eyes compare persons, not accounts."""

    username = models.CharField(_("user name"), max_length=60, unique=True)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("team")
    )
    person = models.UUIDField(default=uuid.uuid4, editable=False)
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.ENGLISH)
    is_active = models.BooleanField(_("active"), default=True)
    access_until = models.DateTimeField(_("access until"), null=True, blank=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = Users()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email", "name", "role"]

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known")]

    def __str__(self) -> str:
        return self.name

    def check_password(self, raw_password: str | None) -> bool:
        """Compare, without Django's upgrade of the stored hash: nobody acts yet while signing in, so nobody writes."""
        return check_password(raw_password, self.password)

    def has_ended(self, now: dt.datetime) -> bool:
        """Say whether the account's time is over."""
        return self.access_until is not None and self.access_until <= now

    def has_perm(self, permission: str, obj: models.Model | None = None) -> bool:
        """Ask the authentication backends, so that rooms below ``clients`` need not import its grants.

        A page asks some forty times: the answer for a role is kept with the person while the object lives.
        """
        known: dict[tuple[str, bool, str], bool] = self.__dict__.setdefault("_granted", {})
        asked = (self.role, self.is_active, permission)
        if asked not in known:
            try:
                known[asked] = self.is_active and any(one.has_perm(self, permission, obj) for one in get_backends())
            except PermissionDenied:
                known[asked] = False
        return known[asked]
