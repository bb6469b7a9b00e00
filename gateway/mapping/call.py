"""SAY: a rule's `call:` with its blanks filled in, in exactly AiSensy's shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.mapping.when import Condition


@dataclass(frozen=True, slots=True)
class Text:
    """A text with `$name` blanks, and its place."""

    template: str
    line: int
    column: int = 1


@dataclass(frozen=True, slots=True)
class Tag:
    text: Text
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Media:
    url: Text  #: Literal: no blanks.
    filename: Text


@dataclass(frozen=True, slots=True)
class Call:
    """A rule's call, `defaults` already merged in. None: the key stands nowhere."""

    campaign: Text
    destination: Text
    user_name: Text | None = None
    source: Text | None = None
    params: tuple[Text, ...] = ()
    media: Media | None = None
    tags: tuple[Tag, ...] = ()  #: Those of `defaults` first, unless `tags_only`.
    attributes: Mapping[str, Text] = field(default_factory=dict)
    buttons: tuple[Text, ...] = ()  #: URL suffixes by index.
