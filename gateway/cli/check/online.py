"""What `gateway check --online` finds out: AiSensy's own word on each campaign, and each file of media."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import click
from sqlalchemy.exc import SQLAlchemyError

from gateway.app import open_http
from gateway.cli.common import Context
from gateway.cli.contracts.asking import User, ask, campaigns_of, learned
from gateway.cli.folder import Files, ledger_if_any
from gateway.errors import GatewayError
from gateway.mapping import rules
from gateway.mapping.contracts import together, words
from gateway.mapping.reader.contracts import places_of
from gateway.mapping.reader.problems import START, Place
from gateway.mapping.wording import listed
from gateway.model import Contract, Media, Problem, Seen
from gateway.outbound import media
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


def outdated(files: Files, known: Mapping[str, Contract], seen: Mapping[str, Seen]) -> Iterator[Problem]:
    """Warnings for the entries of `contracts.yaml` that AiSensy contradicts, and for those that are not there."""
    told = {campaign: one.contract for campaign, one in seen.items() if one.contract}
    now = together(known, told)
    places = places_of(files.lock) if files.lock is not None else {}
    for campaign in told if files.lock is not None else ():
        if now[campaign] != known.get(campaign):
            place = places.get(campaign, START)
            yield _outdated(files.lock_path, place, campaign, known.get(campaign), now[campaign])
    for campaign, place in places.items():
        if campaign in seen and seen[campaign].missing:
            yield _gone(files.lock_path, place, campaign)


def _outdated(path: str, place: Place, campaign: str, was: Contract | None, now: Contract) -> Problem:
    told = f"AiSensy says that campaign '{campaign}' wants {words(now)}"
    here = f"and this entry says {words(was)}" if was else "and it is not in this file"
    sentence = f"{told}, {here}; run `gateway contracts fetch`"
    return Problem(path, place.line, place.column, sentence, warning=True)


def _gone(path: str, place: Place, campaign: str) -> Problem:
    sentence = f"AiSensy says that it knows no campaign '{campaign}'; correct the name in the rules that call it"
    return Problem(path, place.line, place.column, f"{sentence}, or make it in AiSensy", warning=True)


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
