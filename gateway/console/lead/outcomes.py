"""What is said after a button of a lead was pressed."""

from __future__ import annotations

from collections.abc import Mapping

#: What is said on the page after something was done, by the code that its address has.
DONE: Mapping[str, str] = {
    "replayed": "It is planned again by the mappings as they are now, and sent if the rules and the limits say so.",
    "again": "One more message is on its way.",
    "released": "It is tried at once.",
    "despite": "The limit is lifted for this message, and it is tried at once.",
    "edited": "The answers are changed. It is planned again, and sent if the rules and the limits say so.",
    "cancelled": "What had not left is taken back.",
    "sent": "It counts as sent; what comes after it goes on.",
    "not-sent": "It counts as failed, and nothing comes after it.",
    "send-again": "It is sent once more.",
    "suppressed": "Nothing is sent to this number any more.",
    "unsuppressed": "This number may be messaged again. What was stopped meanwhile is not sent by itself.",
    "erased": "The person is erased from the ledger.",
    "kept": "It is kept as a test; its people are invented ones.",
}
