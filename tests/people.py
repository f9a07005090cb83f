"""The people of every test: those near to one client, those far from it, and those who guard the house."""

import functools
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password

from core.models import Role, Team, User
from core.walls import acting, service
from tests import factories

PASSWORD = "a-long-password-of-a-test"
BACKEND = "config.accounts.StaffBackend"


@dataclass(frozen=True)
class People:
    """``manager`` covers the client, ``backup`` stands in; a colleague sits beside them, a stranger elsewhere.

    ``deputy`` is another officer of compliance.

    ``leaver`` covers the client too and may no longer sign in.
    """

    manager: User
    backup: User
    colleague: User
    stranger: User
    lead: User
    other_lead: User
    compliance: User
    deputy: User
    operations: User
    administrator: User
    auditor: User
    leaver: User
    client_id: int
    foreign_id: int

    def everybody(self) -> dict[str, User]:
        """Return who can sign in, by what they are."""
        return {name: value for name, value in vars(self).items() if isinstance(value, User) and value.is_active}


@functools.cache
def hashed() -> str:
    """Hash the password of everybody once; it takes long by intention."""
    return make_password(PASSWORD)


def user(username: str, role: str = Role.MANAGER, team: Team | None = None, **fields: object) -> User:
    """Create a person of the bank."""
    given: dict[str, Any] = {
        "name": username.title(),
        "email": f"{username}@bank.example",
        "role": role,
        "team": team,
        **fields,
    }
    with acting(service()):
        return User.objects.create(username=username, password=hashed(), **given)


def people() -> People:
    """Create everybody, ``manager``'s client and one of ``stranger``; compliance has said why it looks at both."""
    with acting(service()):
        near, far = Team.objects.create(name="East desk"), Team.objects.create(name="West desk")
    manager, backup, leaver = user("mei", team=near), user("bao", team=near), user("lou", team=near)
    stranger = user("stranger", team=far)
    client, foreign = factories.client(name="Li Wen"), factories.client(name="Canary Foreign Holdings")
    factories.coverage(client, manager)
    factories.coverage(client, backup, kind="backup")
    factories.coverage(client, leaver, kind="absence")
    factories.coverage(foreign, stranger)
    with acting(service()):
        leaver.is_active = False
        leaver.save(update_fields=["is_active"])
    compliance = user("compliance", Role.COMPLIANCE)
    for one in (client, foreign):
        factories.purpose(compliance, one)
    return People(
        manager=manager,
        backup=backup,
        colleague=user("colleague", team=near),
        stranger=stranger,
        lead=user("lead", Role.LEAD, near),
        other_lead=user("otherlead", Role.LEAD, far),
        compliance=compliance,
        deputy=user("deputy", Role.COMPLIANCE),
        operations=user("operations", Role.OPERATIONS),
        administrator=user("administrator", Role.ADMINISTRATOR),
        auditor=user("auditor", Role.AUDITOR),
        leaver=leaver,
        client_id=client.pk,
        foreign_id=foreign.pk,
    )
