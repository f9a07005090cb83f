"""After a restore from a backup: two officers say in the ledger what was lost, and a new epoch begins with a new key.

Without that a restore is what it looks like, an attack: the witness takes no shorter log, and the alarm stands.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.ledger import kept
from core import approvals, audit
from core.approvals import Kind, Line
from core.errors import Refused
from core.models import Approval, Role, User
from core.templatetags.steward import number

RESTORE = "ledger:restore"


@transaction.atomic
def ask_restore(*, user: User, lost: int, reason: str, now: dt.datetime) -> Approval:
    """Ask to declare that events were lost. ``lost`` is how many somebody outside had seen: a mail, the witness.

    Raises:
        Refused: this database has nothing that was seen outside, or has seen as many itself.
    """
    last = kept.anchored()
    if last is None:
        raise Refused("restore-nothing", _("Nothing here was seen outside, so nothing can have been lost."))
    if lost <= last.size:
        words = _("This database has %(n)s events that were seen outside: say how many more there were.")
        raise Refused("restore-known", words % {"n": number(str(last.size))}, field="lost")
    content = {"kept": last.size, "root": bytes(last.root).hex(), "lost": lost}
    return approvals.ask(user=user, kind=RESTORED, content=content, reason=reason, now=now)


def carry_out(*, approval: Approval, now: dt.datetime) -> None:
    """Write into the trail what was lost. The verifier believes it from a log with a new key only.

    Raises:
        Refused: something that was sealed since was seen outside, so that nothing was lost.
    """
    content, last = approval.content, kept.anchored()
    if last is None or last.size != content["kept"]:
        raise Refused("restore-stale", _("The ledger was seen outside since. Ask again."))
    audit.record(RESTORE, data={name: content[name] for name in ("kept", "root", "lost")})


def told(*, user: User, content: Mapping[str, Any]) -> list[Line]:
    """Say in lines what would be declared."""
    had, gone = str(content["kept"]), {"first": str(content["kept"] + 1), "last": str(content["lost"])}
    root = content["root"][:16]
    return [
        Line(_("Kept"), _("%(n)s events, root %(root)s") % {"n": number(had), "root": root}),
        Line(_("Declared lost"), _("Events %(first)s to %(last)s") % {name: number(one) for name, one in gone.items()}),
        Line(_("Afterwards"), _("The sealer gets a new key, and the witness learns it: a new epoch begins.")),
    ]


RESTORED = approvals.register(
    Kind(
        name=RESTORE,
        title=gettext_lazy("Restore from a backup"),
        asks=(Role.COMPLIANCE,),
        decides=(Role.COMPLIANCE,),
        told=told,
        carry_out=carry_out,
        clients=lambda _content: [],
    )
)
