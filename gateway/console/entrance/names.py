"""What people may be called."""

from __future__ import annotations

from gateway.console.entrance.doorman import ADMIN, ADMIN_HASH
from gateway.settings import Settings
from gateway.store.console import acts, members

#: The most letters of a name.
LONGEST = 60


def fault(name: str, settings: Settings) -> str:
    """What is wrong with a newcomer's name, in a sentence; "" for nothing."""
    if not members.key(name) or len(name) > LONGEST or not name.isprintable():
        return f"A name has 1 to {LONGEST} letters."
    if members.key(name) == members.key(acts.SERVER):
        return f"'{acts.SERVER}' is what the audit list calls the commands on the server; choose another name."
    if settings.text(ADMIN_HASH) and members.key(name) == ADMIN:
        return f"'{ADMIN}' is the name that {ADMIN_HASH} signs in; choose another."
    return ""
