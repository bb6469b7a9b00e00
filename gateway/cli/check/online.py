"""What `gateway check --online` finds out: AiSensy's own word on each campaign, and each file of media."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import click
from sqlalchemy.exc import SQLAlchemyError

from gateway.app import open_http
from gateway.cli.common import Context
from gateway.cli.contracts.asking import ask, learned
from gateway.cli.folder import ledger_if_any
from gateway.errors import GatewayError
from gateway.mapping import rules
from gateway.mapping.contracts import together
from gateway.mapping.wording import listed
from gateway.model import Contract, Media, Problem, Seen
from gateway.outbound import media
from gateway.pipeline.campaigns import User, campaigns_of
from gateway.settings import Settings
from gateway.store import contracts


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking AiSensy."""

    seen: Mapping[str, Seen] = field(default_factory=dict)
    trouble: str = ""  #: Why it told not all; "" when it did.


def ask_aisensy(good: Mapping[str, rules.Mapping], settings: Settings) -> Asked:
    """What AiSensy says of every campaign that a mapping names."""
    try:
        seen = ask(settings, campaigns_of(good))
    except GatewayError as error:
        return Asked(trouble=str(error))
    silent: dict[str, list[str]] = {}
    for campaign, one in seen.items():
        if not learned(one):
            silent.setdefault(one.says, []).append(campaign)
    lines = [f"AiSensy told nothing of {listed(names, 'and')}: {says}" for says, names in silent.items()]
    return Asked(seen, "\n".join(lines))


def status_words(good: Mapping[str, rules.Mapping], seen: Mapping[str, Seen]) -> Iterator[Problem]:
    """AiSensy's word for the state of each campaign, where it is named first: a note, which nobody judges."""
    for campaign, users in sorted(campaigns_of(good).items()):
        first = users[0]
        if status := seen.get(campaign, Seen()).status:
            place = first.call.campaign
            yield Problem(first.file, place.line, place.column, f"AiSensy calls campaign '{campaign}' {status}")


def last_words(context: Context) -> dict[str, Seen]:
    """What AiSensy told the running gateway of each campaign; nothing where there is no ledger to look into."""
    try:
        ledger = ledger_if_any(context)
        if ledger is None:
            return {}
        with ledger.read() as connection:
            return {campaign: told.seen for campaign, told in contracts.all_of(connection).items()}
    except (GatewayError, SQLAlchemyError):
        return {}  # mappings are checked also where the ledger is away, or older than this program


def media_problems(
    good: Mapping[str, rules.Mapping], locked: Mapping[str, Contract], seen: Mapping[str, Seen], settings: Settings
) -> list[Problem]:
    """What keeps the media of rules from being sent. Fetches each file's head."""
    known = together(locked, {campaign: one.contract for campaign, one in seen.items() if one.contract})
    users = [(user, campaign) for campaign, users in campaigns_of(good).items() for user in users]
    files = media.Files(open_http(settings))
    found: set[Problem] = set()
    with click.progressbar(users, label="fetching media", file=sys.stderr, hidden=not sys.stderr.isatty()) as waiting:
        for user, campaign in waiting:
            kind = known[campaign].media if campaign in known else Media.YES
            found.update(_of_call(user, files, kind))
    return sorted(found)


def _of_call(user: User, files: media.Files, kind: Media) -> Iterator[Problem]:
    url = user.call.media.url if user.call.media else None
    if url and (finding := files.judge(url.template, kind)):
        yield Problem(user.file, url.line, url.column, finding.sentence, finding.warning)
