"""The shape of everything in which keys of a call stand."""

from __future__ import annotations

from gateway.mapping.limits import NAMES
from gateway.mapping.reader.conditions import WhenField
from gateway.mapping.reader.shapes import Either, Keys, Many, OneOf, Shape, Table, Text, says, texts


class MediaShape(Shape):
    """An image, video or document."""

    url = Text(required=True, metadata=says("The public https:// address of the file.", "https://"))
    filename = Text(required=True, metadata=says("The name that the person sees; may hold $names."))


class TagShape(Shape):
    """A tag with a condition."""

    tag = Text(required=True, metadata=says("The tag's text; may hold $names."))
    when = WhenField(metadata=says("Add the tag only if this holds."))


def _tags(sentence: str) -> Many:
    return Many(Either(Text(), Table(TagShape)), allow_none=True, metadata=says(sentence))


OF_RULES = ("follow_ups", "if_uncertain")
LIMITS = dict.fromkeys(("limits", *NAMES), "under 'limits', at the height of 'rules'") | {
    "limits": "at the height of 'rules': limits count for a whole file"
}


class DefaultsShape(Shape):
    """The keys of a call, as AiSensy names them."""

    elsewhere = LIMITS | dict.fromkeys(("skip", "when", *OF_RULES), "in a rule, at the height of 'name'")

    campaignName = Text(metadata=says("The name of a live API campaign, exactly as in AiSensy."))  # noqa: N815 - AiSensy's.
    destination = Text(metadata=says("$name of the field that holds the phone number.", "$phone"))
    userName = Text(allow_none=True, metadata=says("What AiSensy calls the contact.", "$name"))  # noqa: N815 - AiSensy's.
    source = Text(allow_none=True, metadata=says("AiSensy's label for where the contact came from.", "Website"))
    templateParams = Many(  # noqa: N815 - AiSensy's.
        Text(), allow_none=True, metadata=says("The texts of the template's {{1}}, {{2}}, …, in order; blank: none.")
    )
    media = Table(MediaShape, allow_none=True, metadata=says("The image, video or document of the template."))
    tags = _tags("Tags for the contact; they add to those of 'defaults'.")
    attributes = Keys(
        Text(allow_none=True),
        allow_none=True,
        metadata=says("Attributes of the contact; a blank one takes a default's away."),
    )
    buttons = Many(
        Text(), allow_none=True, metadata=says("The end of each button's address; needs AISENSY_VERSION=v2.")
    )


class CallShape(DefaultsShape):
    """A rule's call."""

    tags_only = _tags("Tags for the contact, instead of those of 'defaults'.")


class FollowUpShape(CallShape):
    """A later call: when, and what is other than in the call above it."""

    elsewhere = dict.fromkeys(("call",), "without that word, its keys at the height of 'after'") | dict.fromkeys(
        ("if_uncertain",), "at the height of the rule's 'name': it counts for its follow-ups too"
    )

    after = Text(
        required=True,
        metadata=says(
            "How long after the message before it was accepted; an hour is by the recipient's clock.",
            *("30 minutes", "2 hours", "1 day", "1 day at 10:00"),
        ),
    )
    unless = texts(
        metadata=says("What cancels it: replied, submitted again, or a rule's name.", "replied", "submitted again")
    )
    without_receipts = OneOf(
        "send", says="only send", metadata=says("send: send it even where AiSensy never tells who replied.")
    )


class TooOldShape(CallShape):
    """What a lead gets instead that is too old for the rule's own call."""

    after = Text(required=True, metadata=says("How old a lead is too old.", "24 hours"))
