"""Mapping files → the live version. A bad file never goes live, and never changes who handles its form."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from gateway import clock
from gateway.inbound.source import names
from gateway.mapping import contracts, limits, rules
from gateway.mapping.reader.check import read_mappings
from gateway.mapping.reader.limits import unfit
from gateway.model import Contract, Problem
from gateway.pipeline.beside import Text, limits_of, lock_of, only_mappings
from gateway.pipeline.holding import follow_new_mapping
from gateway.pipeline.planning import Live
from gateway.settings import Settings
from gateway.store import contracts as seen_contracts
from gateway.store import versions
from gateway.store.ledger import Ledger

log = logging.getLogger(__name__)

#: Reads mapping files by name: the good ones, and every problem.
Check = Callable[[Mapping[str, str | bytes]], tuple[dict[str, rules.Mapping], list[Problem]]]


def read_folder(folder: Path) -> dict[str, bytes]:
    """File name → content of every mapping in a folder, and of the files beside them."""
    return {path.name: path.read_bytes() for path in files_in(folder) if _has_a_good_name(path)}


def files_in(folder: Path) -> list[Path]:
    """YAML files in order. What else lies there, an editor's link to nowhere perhaps, is left alone."""
    return sorted(path for path in folder.glob("*.y*ml") if path.suffix in {".yaml", ".yml"} and path.is_file())


def _has_a_good_name(path: Path) -> bool:
    try:
        path.name.encode()
    except UnicodeEncodeError:
        log.error("the name of %r is not UTF-8, so it is left out; rename it", path.name)  # noqa: TRY400 - a sentence, no traceback
        return False
    return True


def compose(found: Mapping[str, bytes], live: Mapping[str, str], check: Check) -> tuple[dict[str, str], list[Problem]]:
    """The files to be live, and the problems of those that may not be.

    A file with a problem stays as it was live; while any file has one, no live file goes away either (the
    broken one may be a live one under a new name). A file that claims a form which a live one keeps so, waits.
    """
    good, problems = check(found)
    broken = {problem.file for problem in problems if not problem.warning}
    kept = {name: text for name, text in live.items() if name in broken or (broken and name not in found)}
    composed = {name: found[name].decode("utf-8-sig") for name in good if name not in broken} | kept
    agreed, clashes = check(composed)
    waiting = set(composed) - set(agreed) - set(kept)
    files = {name: live.get(name, "") if name in waiting else text for name, text in composed.items()}
    clashing = [problem for problem in clashes if problem.file in waiting]
    return {name: text for name, text in files.items() if text}, problems + clashing


def rewritten(files: Mapping[str, Text], live: Mapping[str, str]) -> frozenset[str]:
    """The campaigns whose entry in `contracts.yaml` is not the live one: of these a person's word is the newest."""
    locked, wrong = lock_of(files)
    before, _ = lock_of(live)
    return frozenset() if wrong else frozenset(name for name, _ in locked.items() ^ before.items())


def candidate(
    found: Mapping[str, bytes], live: Mapping[str, str], told: Mapping[str, Contract], settings: Settings
) -> tuple[dict[str, str], list[Problem]]:
    """The files that would be live if those `found` in the folder were published now, and all problems.

    `live`: the files that are live. `told`: what AiSensy itself last said that campaigns want.
    """
    newer = rewritten(found, live)
    lock, wrong = _beside(contracts.FILE, found, live, lock_of(found)[1])
    common, mistaken = _beside(limits.FILE, found, live, limits_of(found)[1])
    gone = {name: live[name] for name in (limits.FILE,) if name in live and name not in found}
    told = {name: contract for name, contract in told.items() if name not in newer}
    check = partial(
        read_mappings,
        version=settings.text("AISENSY_VERSION"),
        sources=names(),
        contracts=contracts.together(lock_of(lock)[0], told),
        consent=limits_of(common)[0].consent,
    )
    files, problems = compose(only_mappings(found), only_mappings(live), check)
    if any(not problem.warning for problem in problems):
        common |= gone  # the broken file may be it, under a new name
    clashes = _clashes(common, check(files)[0])
    if clashes:
        common = {name: live[name] for name in common if name in live}
    return files | lock | common, wrong + mistaken + clashes + problems


def _beside(
    file: str, found: Mapping[str, bytes], live: Mapping[str, str], wrong: list[Problem]
) -> tuple[dict[str, str], list[Problem]]:
    """One of the files beside the mappings as it would be live: one with a problem stays as it was."""
    if any(not problem.warning for problem in wrong):
        return {name: live[name] for name in (file,) if name in live}, wrong
    return {name: found[name].decode("utf-8-sig") for name in (file,) if name in found}, wrong


def _clashes(common: Mapping[str, str], good: Mapping[str, rules.Mapping]) -> list[Problem]:
    """Problems of `limits.yaml` with the mappings that are to be live with it."""
    return list(unfit(limits.FILE, common.get(limits.FILE, ""), good.items()))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be live if the files of a folder were published now."""

    version: int  #: The live version that it was compared with; 0: none.
    live: Mapping[str, str]  #: The files that are live, name → text.
    files: Mapping[str, str]  #: Those that would be.
    problems: Sequence[Problem]  #: Of what was found in the folder, warnings among them.

    @property
    def changes(self) -> bool:
        """Whether it differs from what is live."""
        return not self.version or self.files != self.live


def propose(ledger: Ledger, found: Mapping[str, bytes], settings: Settings) -> Proposal:
    """Compare the files `found` (name → content) with what is live. Nobody waits for it: it only reads."""
    with ledger.read() as connection:
        version, live = versions.live(connection)
        known = told(connection)
    return Proposal(version, live, *candidate(found, live, known, settings))


def make_live(ledger: Ledger, proposal: Proposal) -> int:
    """Publish what was proposed; its version. 0, and nothing is done: another version went live since."""
    with ledger.write("mappings") as connection:
        return put(connection, proposal)


def put(connection: Connection, proposal: Proposal) -> int:
    """The same, within a transaction."""
    if versions.newest(connection) != proposal.version:
        return 0
    seen_contracts.forget(connection, rewritten(proposal.files, proposal.live))
    version = versions.publish(connection, proposal.files, clock.now())
    follow_new_mapping(connection)
    return version


def told(connection: Connection) -> dict[str, Contract]:
    """What AiSensy itself last said that campaigns want."""
    known = seen_contracts.all_of(connection)
    return {campaign: one.seen.contract for campaign, one in known.items() if one.seen.contract}


def load_live(ledger: Ledger, settings: Settings) -> Live:
    """The mappings that are live in the ledger."""
    with ledger.read() as connection:
        version, files = versions.live(connection)
    return Live.of(version, files, settings)
