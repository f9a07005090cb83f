"""What rows of other rooms have in common: an owner among the clients, two times."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClientOwned(models.Model):
    """A row that belongs to one client: scoped in code, walled in the database, captured by the trail."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="+", verbose_name=_("client"))

    class Meta:
        abstract = True


class Versioned(models.Model):
    """A money row in two times: the business date it speaks of, and the span in which the bank believed it.

    A correction closes the old version (``superseded_at``) and adds a new one; nothing is overwritten.
    """

    value_date = models.DateField(_("value date"))
    known_at = models.DateTimeField(_("known at"))
    superseded_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
