"""AiSensy asked about several campaigns, which sends nothing."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence

import click

from gateway.app import open_http
from gateway.errors import GatewayError
from gateway.model import Seen
from gateway.outbound.aisensy import AiSensy
from gateway.settings import Settings

#: When AiSensy tells nothing of so many campaigns one after the other, in the same words, no more are asked.
TIRED = 3


_NOT_ASKED = Seen(says="not asked, because AiSensy told nothing of those before")


def ask(settings: Settings, campaigns: Collection[str]) -> dict[str, Seen]:
    """What AiSensy says of each campaign; raises GatewayError when it cannot be asked at all."""
    if not settings.text("AISENSY_API_KEY"):
        raise GatewayError(
            "AiSensy cannot be asked, because AISENSY_API_KEY is not set; set it in .env, or before the "
            "command as before `gateway serve`, or write down what you know with `gateway contracts set`."
        )
    aisensy = AiSensy(settings, open_http(settings))
    seen: dict[str, Seen] = {}
    hidden = len(campaigns) == 1 or not sys.stderr.isatty()
    with click.progressbar(sorted(campaigns), label="asking AiSensy", file=sys.stderr, hidden=hidden) as waiting:
        tired = False
        for campaign in waiting:
            tired = tired or _in_vain(list(seen.values())[-TIRED:])
            seen[campaign] = _NOT_ASKED if tired else aisensy.details(campaign)
    return seen


def _in_vain(last: Sequence[Seen]) -> bool:
    """Whether the last questions show that there is no use in going on. A status word shows that AiSensy is well."""
    return len(last) == TIRED and len(set(last)) == 1 and not (learned(last[0]) or last[0].status)


def learned(seen: Seen) -> bool:
    """Whether AiSensy said anything of the campaign."""
    return seen.contract is not None or seen.missing
