"""The mapping folder, as several commands read it and write into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.common import Context
from gateway.errors import GatewayError
from gateway.inbound.source import names
from gateway.mapping import contracts, limits, rules
from gateway.mapping.reader.check import read_mappings
from gateway.mapping.reader.choose import unfinished
from gateway.mapping.reader.contracts import read_contracts
from gateway.mapping.reader.limits import read_limits, unfit
from gateway.model import Contract, Problem
from gateway.pipeline.beside import BESIDE
from gateway.pipeline.planning import Live
from gateway.pipeline.publishing import read_folder
from gateway.settings import Settings
from gateway.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Files:
    """Mapping files, and what is known of their campaigns."""

    mappings: Mapping[str, bytes]  #: Path → content.
    lock_path: str  #: Of `contracts.yaml`, which need not be there.
    lock: bytes | None  #: Its content; None: it is not there.
    common_path: str  #: Of `limits.yaml`, which need not be there.
    common: bytes | None  #: Its content; None: it is not there.
    whole: bool = True  #: All files of a folder, not some that were named.

    @classmethod
    def of(cls, found: Mapping[str, bytes], folder: Path, *, whole: bool = True) -> Files:
        """`found`: path → content. The files beside the mappings need not be of `folder`, where they would be."""
        beside = {name: str(folder / name) for name in BESIDE} | {
            Path(path).name: path for path in found if Path(path).name in BESIDE
        }
        mappings = {path: content for path, content in found.items() if Path(path).name not in BESIDE}
        lock, common = beside[contracts.FILE], beside[limits.FILE]
        return cls(mappings, lock, found.get(lock), common, found.get(common), whole)

    def read(self, settings: Settings) -> tuple[dict[str, rules.Mapping], list[Problem]]:
        """The good mappings by path, and every problem in and between the mapping files."""
        version, (known, _), (common, _) = settings.text("AISENSY_VERSION"), self.contracts(), self.limits()
        return read_mappings(self.mappings, version=version, sources=names(), known=known, consent=common.consent)

    def contracts(self) -> tuple[dict[str, Contract], list[Problem]]:
        """What campaigns want by `contracts.yaml`, and what is wrong with it; nothing when it is not there."""
        return read_contracts(self.lock_path, self.lock) if self.lock is not None else ({}, [])

    def limits(self) -> tuple[limits.Limits, list[Problem]]:
        """What counts for all mappings by `limits.yaml`, and what is wrong with it."""
        return read_limits(self.common_path, self.common) if self.common is not None else (limits.Limits(), [])

    def clashes(self, good: Mapping[str, rules.Mapping]) -> list[Problem]:
        """Problems of `limits.yaml` with the mappings beside it."""
        return list(unfit(self.common_path, self.common or b"", good.items()))

    @property
    def beside(self) -> dict[str, bytes]:
        """The files beside the mappings, by name."""
        both = {contracts.FILE: self.lock, limits.FILE: self.common}
        return {name: content for name, content in both.items() if content is not None}


def folder_of(context: Context) -> Files:
    """All files of the mapping folder; raises when there is no such folder."""
    folder = context.mappings
    if not folder.is_dir():
        raise GatewayError(f"There is no folder {folder}; set GATEWAY_MAPPINGS, or name the files to check.")
    found = read_folder(folder)
    return Files.of({str(folder / name): content for name, content in found.items()}, folder)


def named(paths: Sequence[Path]) -> Files:
    """The files that a person named, with `contracts.yaml` and `limits.yaml` among them or else beside them."""
    folder = paths[0].parent
    said = {path.name for path in paths}
    beside = [folder / name for name in BESIDE if name not in said and (folder / name).is_file()]
    return Files.of({str(path): _content(path) for path in (*paths, *beside)}, folder, whole=False)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GatewayError(f"{error.filename} cannot be read: {error.strerror}.") from None


def mappings_of(context: Context) -> Files:
    """All files of the mapping folder; raises when there is no mapping among them."""
    found = folder_of(context)
    if not found.mappings:
        raise GatewayError(f"There is no mapping in {context.mappings}: a mapping is a file that ends in .yaml.")
    return found


def live_in(context: Context) -> Live:
    """The mappings of the folder; raises with the mistakes when one cannot be used."""
    return live_of(mappings_of(context), context.settings)


def unfinished_in(context: Context) -> tuple[str, ...]:
    """The names of the files of the folder that still have a place to fill in."""
    found = mappings_of(context).mappings
    return tuple(sorted(Path(path).name for path, content in found.items() if unfinished(content)))


def live_of(files: Files, settings: Settings) -> Live:
    """Mappings as if they were live, without unfinished ones; raises with the mistakes when one cannot be used."""
    open_places = {path for path, content in files.mappings.items() if unfinished(content)}
    good, problems = files.read(settings)
    problems = [*problems, *files.limits()[1], *files.clashes(good)]
    wrong = [str(problem) for problem in problems if not problem.warning and problem.file not in open_places]
    if wrong:
        raise GatewayError("\n".join([*wrong, "Mend these first; `gateway check` shows them all."]))
    texts = {Path(path).name: content for path, content in files.mappings.items() if path not in open_places}
    return Live.of(0, texts | files.beside, settings)


def ledger_if_any(context: Context) -> Ledger | None:
    """The ledger; None when none was ever made here."""
    url = context.settings.database_url
    on_file = url.startswith("sqlite:///")
    return context.ledger if not on_file or Path(url.removeprefix("sqlite:///")).is_file() else None
