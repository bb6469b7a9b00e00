"""Mapping files in the folder that are not live, because something is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.console.desk import Desk
from gateway.console.today.needs.need import WARN, Need, key, mapping_way, sentence, several
from gateway.mapping.reader.choose import unfinished
from gateway.model import Problem
from gateway.pipeline.publishing import candidate, files_in, read_folder, told
from gateway.pipeline.watching import follows
from gateway.store import versions


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found, and by what."""

    stamp: object
    needs: tuple[Need, ...]


class Folder:
    """Reads the folder again only when something in it changed, or in what it is held against."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.last = _Looked(None, ())

    def needs(self, connection: Connection) -> tuple[Need, ...]:
        if not follows(self.desk.settings) or not self.desk.folder.is_dir():
            return ()
        stamp = self._stamp(connection)
        if stamp != self.last.stamp:
            self.last = _Looked(stamp, tuple(self._find(connection)))
        return self.last.needs

    def _stamp(self, connection: Connection) -> object:
        try:
            found = [(path.name, path.stat()) for path in files_in(self.desk.folder)]
        except OSError:
            return object()  # a file went away just now: look again
        files = [(name, stat.st_mtime_ns, stat.st_size) for name, stat in found]
        return files, versions.newest(connection), told(connection)

    def _find(self, connection: Connection) -> Iterator[Need]:
        try:
            found = read_folder(self.desk.folder)
        except OSError as error:
            why = f"{self.desk.folder}: {error.strerror}. What is live stays live."
            yield Need("folder", WARN, "The folder of the mappings cannot be read", why)
            return
        live = versions.live(connection)[1]
        problems = candidate(found, live, told(connection), self.desk.settings)[1]
        for file in sorted({problem.file for problem in problems if not problem.warning}):
            own = sorted(problem for problem in problems if problem.file == file and not problem.warning)
            yield _need(file, own, live=file in live, begun=unfinished(found.get(file, b"")))


def _need(file: str, problems: Sequence[Problem], *, live: bool, begun: bool) -> Need:
    first = problems[0]
    stays = "The last good text of it stays live." if live else "Until it is mended, it says nothing."
    if begun:
        title = f"{file} is begun: {several(len(problems), 'place is', 'places are')} still open"
    else:
        title = f"{file} has {several(len(problems), 'problem')}, so it is not live"
    cause = f"Line {first.line}: {sentence(first.sentence)} {stays}"
    return Need(key("file", file), WARN, title, cause, None, (mapping_way(file, line=first.line),))
