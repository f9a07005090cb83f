"""Where clients hold what they hold: institutions, accounts, and who may operate them."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.models import ClientOwned


def in_language(name: str, name_zh: str) -> str:
    """Return the one of two names that the active language wants, as far as it is known."""
    return name_zh if name_zh and (get_language() or "").startswith("zh") else name


class Institution(models.Model):
    """A licensed bank or an issuer. Insurance and limits count per licence, not per brand."""

    reference = models.CharField(_("reference"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    licence = models.CharField(_("licence"), max_length=40)
    country = models.CharField(_("country"), max_length=2)
    is_bank = models.BooleanField(_("bank"), default=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        """Return the name in the language that is active."""
        return in_language(self.name, self.name_zh)


class Account(ClientOwned):
    """An account of a client with an institution; ``client`` is the first owner."""

    class Kind(models.TextChoices):
        """What it holds."""

        CASH = "cash", _("Cash account")
        CUSTODY = "custody", _("Custody account")

    reference = models.CharField(_("reference"), max_length=40, unique=True)
    number = models.CharField(_("number"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CASH)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="accounts", verbose_name=_("institution"))
    currency = models.CharField(_("currency"), max_length=3)
    opened_on = models.DateField(_("opened"))
    closed_on = models.DateField(_("closed"), null=True, blank=True)

    class Meta:
        ordering = ["client", "reference"]
        constraints = [models.UniqueConstraint(fields=["id", "client"], name="account_of_client")]

    def __str__(self) -> str:
        return self.reference


class AccountParty(ClientOwned):
    """A further client who may operate an account: a joint owner or a disponent. ``client`` is that person."""

    class Capacity(models.TextChoices):
        """In which capacity."""

        OWNER = "owner", _("Owner")
        JOINT = "joint", _("Joint owner")
        DISPONENT = "disponent", _("Authorised to operate")

    account = models.ForeignKey(Account, models.PROTECT, related_name="parties")
    capacity = models.CharField(_("capacity"), max_length=10, choices=Capacity)

    class Meta:
        ordering = ["account", "capacity", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "client"], name="accountparty_once")]
