"""What can be connected: every source, and AiSensy's receipts."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.http import Answered
from gateway.inbound import aisensy
from gateway.inbound.guide import Guide, Wanted
from gateway.inbound.source import sources
from gateway.settings import Settings

#: What the door for receipts is called in addresses; no source has this name.
RECEIPTS = "aisensy"


class _Nobody:
    """Here nothing is looked up."""

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Answered:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Door:
    """One way in."""

    name: str  #: As in its address, "website".
    guide: Guide
    settings: Settings
    missing: tuple[str, ...]  #: The settings without which it takes nothing.

    @property
    def title(self) -> str:
        return self.guide.title or self.name

    def has(self, setting: str) -> bool:
        return bool(self.settings.secrets(setting))

    def text(self, setting: str) -> str:
        """What is to be pasted; of two, while one replaces the other, the first."""
        return next(iter(self.settings.secrets(setting)), "")

    @property
    def token(self) -> str:
        """The setting whose text stands at the end of the address; "" for none."""
        return self.guide.at_end if self.guide.at_end and self.has(self.guide.at_end) else ""

    def may_show(self, setting: str) -> bool:
        """Whether a person who asks is shown the text of a setting: it is there, and to be pasted elsewhere."""
        wanted = self.guide.wanted(setting)
        return wanted is not None and wanted.pasted and self.has(setting)

    def lines(self) -> list[tuple[Wanted, str]]:
        """What is not set but needed, each with the line that sets it; "" where its text comes from elsewhere."""
        if not self.missing:
            return []
        lacking = [one for one in self.guide.wants if not self.has(one.name)]
        return [(one, f"{one.name}={secrets.token_hex(24)}" if one.invented else "") for one in lacking]


def doors(settings: Settings) -> dict[str, Door]:
    """Every way in by its name; the sources first."""
    found = {
        name: Door(name, source.guide, settings, source.missing())
        for name, source in sorted(sources(settings, _Nobody()).items())
    }
    return found | {RECEIPTS: _receipts(settings)}


def _receipts(settings: Settings) -> Door:
    """Once there is a secret, the token counts no more."""
    missing = aisensy.AiSensyHook(settings).missing()
    signed = bool(settings.secrets(aisensy.SECRET))
    guide = replace(aisensy.GUIDE, at_end="") if signed else aisensy.GUIDE
    return Door(RECEIPTS, guide, settings, (missing,) if missing else ())
