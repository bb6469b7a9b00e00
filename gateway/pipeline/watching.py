"""The worker's eye on the mapping folder, where it is to follow one."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gateway import clock
from gateway.inbound.source import names
from gateway.mapping.reader.check import read_mappings
from gateway.model import Problem
from gateway.pipeline.beside import only_mappings
from gateway.pipeline.contracts import campaigns
from gateway.pipeline.planning import Live
from gateway.pipeline.publishing import files_in, make_live, propose, read_folder
from gateway.settings import Settings
from gateway.store.ledger import Ledger

log = logging.getLogger(__name__)


def follows(settings: Settings, *, serving: bool = False) -> bool:
    """Whether a worker makes changes of the mapping folder live. `serving`: it is part of `gateway serve`.

    Workers on several machines would each follow a folder of their own: there `gateway publish` says what is live.
    """
    wanted = settings.text("GATEWAY_FOLLOW")
    return wanted == "yes" or (wanted == "auto" and (serving or settings.database_url.startswith("sqlite:")))


def refused_by_contract(found: Mapping[str, bytes], problems: Iterable[Problem], settings: Settings) -> list[str]:
    """The campaigns of the refused files in which nothing else is wrong: what is known of them may be old."""
    refused = {problem.file for problem in problems if not problem.warning}
    if not refused:
        return []
    good, _ = read_mappings(only_mappings(found), version=settings.text("AISENSY_VERSION"), sources=names())
    return campaigns(mapping for name, mapping in good.items() if name in refused)


class Publisher:
    """Watches the mapping folder and makes each good change live, where the worker is to follow it."""

    def __init__(self, ledger: Ledger, settings: Settings, *, follows: bool) -> None:
        """`follows`: False leaves the folder alone; what is live comes from the ledger."""
        self.ledger = ledger
        self.settings = settings
        self.follows = follows
        self.folder = Path(settings.text("GATEWAY_MAPPINGS"))
        #: Campaigns of files that were refused for their contracts alone, and when.
        self.doubted: Mapping[str, datetime] = {}
        self.stamp: object = None  # of the folder at the last look
        self.published: object = None

    def look(self) -> Live | None:
        """The new live mappings when the folder changed for good; None when nothing did."""
        if not self.follows:
            return None
        before, self.stamp = self.stamp, self._stamp()
        if self.stamp == self.published or (before is not None and self.stamp != before):
            return None  # nothing new, or a file is just being written: wait for it to rest
        published = self._publish()
        self.published = self.stamp  # only now: what failed is tried again
        return published

    def unpublished(self) -> bool:
        """Whether something in the folder has not been looked at yet."""
        return self.follows and (self.published is None or self.published != self._stamp())

    def look_again(self) -> None:
        """What campaigns want has changed: a file that was refused may be right now, though nobody touched it."""
        self.published = None

    def _stamp(self) -> object:
        try:
            found = [(path.name, path.stat()) for path in files_in(self.folder)]
        except OSError:
            return "a file went away while it was looked at"
        return [(name, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size) for name, stat in found]

    def _publish(self) -> Live | None:
        try:
            found = read_folder(self.folder)
        except OSError as error:
            log.error("the mappings in %s cannot be read: %s", self.folder, error.strerror)  # noqa: TRY400 - a sentence, no traceback
            return None
        while True:
            proposal = propose(self.ledger, found, self.settings)
            if proposal.live and not only_mappings(found):
                log.error("there is no mapping in %s any more; the last ones stay live", self.folder)
                return None
            self._tell(found, proposal.problems)
            if not proposal.changes:
                log.info("mappings version %d stays live: %s", proposal.version, ", ".join(proposal.live) or "none")
                return None
            if version := make_live(self.ledger, proposal):
                self._tell_version(version, proposal.files)
                return Live.of(version, proposal.files, self.settings)

    def _tell(self, found: Mapping[str, bytes], problems: Sequence[Problem]) -> None:
        self.doubted = dict.fromkeys(refused_by_contract(found, problems, self.settings), clock.now())
        for problem in problems:
            log.log(logging.WARNING if problem.warning else logging.ERROR, "%s", problem)

    def _tell_version(self, version: int, files: Mapping[str, str]) -> None:
        if files:
            log.info("mappings version %d is live: %s", version, ", ".join(files))
        else:
            log.warning("there is no mapping in %s: leads wait as unmapped", self.folder.absolute())
