"""The shape of `limits:` in a mapping, and of the file with the limits of all mappings."""

from __future__ import annotations

from gateway.mapping.reader.call_schema import TooOldShape
from gateway.mapping.reader.shapes import Either, Shape, Table, Text, says, texts


class _LimitsShape(Shape):
    """What mappings and the file for all of them may say."""

    send_between = Text(
        metadata=says("Hours in which messages leave, by the recipient's clock; others wait.", "09:00-20:00")
    )
    once_per_person = Text(
        metadata=says("For how long nobody gets the same campaign again, from whichever form.", "7 days")
    )
    no_more_than = texts(metadata=says("The most that is sent.", "2 per person per day", "100 per rule per hour"))
    consent = Text(metadata=says("The field that must say yes; all others get nothing.", "opt_in"))


_TOO_OLD = "How old a lead is too old to be greeted as new: a time, or never; without it, 24 hours."


class LimitsShape(_LimitsShape):
    """The limits of one mapping."""

    too_old = Either(
        Text(metadata=says(_TOO_OLD, "24 hours", "never")),
        Table(TooOldShape, metadata=says(f"{_TOO_OLD} Or 'after', and what older leads get instead.", "24 hours")),
    )


class CommonShape(_LimitsShape):
    """The file with the limits of all mappings."""

    too_old = Text(
        metadata=says(_TOO_OLD, "24 hours", "never"),
        error_messages={
            "text_of_keys": "here {name} is one time, like 24 hours; what older leads get instead is said by each "
            "mapping, under its own 'limits'"
        },
    )

    def _about(self, key: str, known: list[str]) -> str:
        if key == "limits":
            return "all of this file is limits; take the line 'limits:' out, and start those below it at the left"
        return super()._about(key, known)
