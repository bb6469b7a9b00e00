"""What an account is stopped for, and what mends it, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from gateway.store import held, holds
from gateway.store.holds import Hold

#: By the tag of the last refusal.
_ACCOUNT = {
    "no_credit": (
        "no credit on the AiSensy account",
        "Buy WhatsApp conversation credits in AiSensy; the messages then leave by themselves.",
    ),
    "no_plan": (
        "no plan is active in AiSensy",
        "Choose a plan in AiSensy; the messages then leave by themselves.",
    ),
    "auth": (
        "AiSensy does not take the API key",
        "Copy the API key from AiSensy into AISENSY_API_KEY on the server, and start the gateway anew.",
    ),
    "no_key": (
        "no AiSensy API key is set",
        "Set AISENSY_API_KEY on the server, and start the gateway anew.",
    ),
}
_AS_SUCH = ("AiSensy takes nothing of this account", "Mend that in AiSensy; the messages then leave.")


def of_account(connection: Connection, hold: str) -> tuple[str, str]:
    """Why the account of a hold is stopped ("no credit on the AiSensy account"), and the sentence that mends it."""
    return _ACCOUNT.get(held.last_tag(connection, hold), _AS_SUCH)


def plainly(connection: Connection) -> Mapping[str, str]:
    """What AiSensy says of an account that is stopped, and the same in plain words."""
    stops = [(key, reason) for key, reason, _since in holds.since(connection) if key.startswith(f"{Hold.ACCOUNT} ")]
    return {reason: of_account(connection, key)[0] for key, reason in stops}
