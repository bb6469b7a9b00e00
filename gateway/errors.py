"""The few errors that some code treats differently. Their text is a sentence a person can act on."""

from __future__ import annotations


class GatewayError(Exception):
    """Something a person can mend; the text says what and how."""


class SettingsError(GatewayError):
    """Settings are wrong; the text names all of them, one a line."""


class Refused(GatewayError):
    """A request that is not stored: status is the HTTP answer, cause a short word that is counted."""

    def __init__(self, status: int, cause: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.cause = cause


class Unreadable(GatewayError):
    """A stored event that no lead can be read from; kept, and read again on replay."""


class LookupRetry(GatewayError):
    """A look-up failed for a time: ask again, not before `after` seconds when it is known."""

    def __init__(self, sentence: str, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class LookupPaused(GatewayError):
    """Look-ups of `key` (a Facebook page, say) cannot work now; costs a lead no attempt.

    `until` is the seconds after which the pause ends by itself; None: when a person acts.
    """

    def __init__(self, sentence: str, key: str, until: float | None = None) -> None:
        super().__init__(sentence)
        self.key = key
        self.until = until


class LookupFatal(GatewayError):
    """This lead can never be looked up."""


class SchemaMismatch(GatewayError):
    """The ledger was made by an older or newer version."""
