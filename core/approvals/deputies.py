"""A lead who is away lets another lead decide for the team, until a day. It is not handed on, and never comes back."""

import datetime as dt

from django.db import IntegrityError, connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import Refused
from core.models import Delegation, Role, User

MOST_DAYS = 90
INSTANT = dt.timedelta(microseconds=1)


def given(*, user: User) -> models.QuerySet[Delegation]:
    """Return what a lead gave and was given, newest first."""
    rows = Delegation.objects.filter(models.Q(lead=user) | models.Q(deputy=user))
    return rows.select_related("lead", "deputy").order_by("-id")


def deputies(*, user: User) -> models.QuerySet[User]:
    """Return who may decide for a lead: the other leads at work."""
    leads = User.objects.filter(role=Role.LEAD, is_active=True).exclude(person=user.person)
    return leads.select_related("team").order_by("name", "pk")


@transaction.atomic
def delegate(
    *, user: User, deputy_id: int, begins: dt.date, until: dt.date, reason: str, now: dt.datetime
) -> Delegation:
    """Let another lead decide for the team from one business day to the end of another, at once where it is today.

    Raises:
        User.DoesNotExist: no other lead has this number.
        Refused: the days are past, the wrong way round or too many; or one of the two is in another delegation then.
    """
    deputy = deputies(user=user).get(pk=deputy_id)
    today = timezone.localdate(now)
    if begins < today:
        raise Refused("deputy-past", _("The day has passed."), field="begins")
    if not begins <= until < begins + dt.timedelta(days=MOST_DAYS):
        words = _("Until the first day or later, for at most %(days)s days.")
        raise Refused("deputy-days", words % {"days": MOST_DAYS}, field="until")
    span = DateTimeTZRange(max(now, _midnight(begins)), _midnight(until + dt.timedelta(days=1)))
    if Delegation.objects.filter(valid__overlap=span, lead=user).exists():
        raise Refused("deputy-twice", _("Somebody decides for you then already. End that first."), field="begins")
    if _in_a_chain(user, deputy, span):
        words = _("You decide for somebody then, or this lead lets somebody else decide: it is not handed on.")
        raise Refused("deputy-chain", words, field="deputy")
    try:
        with transaction.atomic():
            row = Delegation.objects.create(lead=user, deputy=deputy, valid=span, reason=reason, given_at=now)
    except IntegrityError as error:
        raise Refused("deputy-twice", _("Somebody decides for you then already. End that first.")) from error
    told = {"deputy": deputy.pk, "begins": span.lower, "ends": span.upper}
    audit.record("approval:delegate", row=("core_delegation", row.pk), data=told)
    return row


@transaction.atomic
def end(*, user: User, delegation_id: int, now: dt.datetime) -> Delegation:
    """Decide again oneself, at once; of one that has not begun an instant is left.

    Raises:
        Delegation.DoesNotExist: the person gave no such thing.
        Refused: it is over.
    """
    row = Delegation.objects.select_for_update().get(pk=delegation_id, lead=user)
    if row.valid.upper <= now:
        raise Refused("deputy-over", _("It is over already."))
    row.valid = DateTimeTZRange(row.valid.lower, max(now, row.valid.lower + INSTANT))
    row.save(update_fields=["valid"])
    audit.record("approval:undelegate", row=("core_delegation", row.pk))
    return row


def _in_a_chain(lead: User, deputy: User, span: DateTimeTZRange) -> bool:
    """Ask the database, which sees what neither may see, whether one hands on what the other handed on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT steward_in_a_chain(%s, %s, %s)", [lead.pk, deputy.pk, span])
        return bool(cursor.fetchone()[0])


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, tzinfo=timezone.get_current_timezone())
