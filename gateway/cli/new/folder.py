"""The mapping folder as `gateway new` sees it: what is there, what waits, and where a new file goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.common import Context
from gateway.errors import GatewayError
from gateway.inbound.source import names
from gateway.mapping import contracts
from gateway.mapping.reader import jsonschema
from gateway.mapping.reader.check import read_mappings
from gateway.mapping.reader.choose import unfinished
from gateway.mapping.starter import Wanted, campaigns, is_for
from gateway.model import Contract, Problem
from gateway.pipeline.beside import BESIDE, lock_of, only_mappings
from gateway.pipeline.publishing import read_folder, told
from gateway.store import unmapped
from gateway.store.unmapped import Waiting


@dataclass(frozen=True, slots=True)
class Folder:
    """The mapping folder, the forms that wait for a mapping, and the campaigns that are known."""

    path: Path
    files: Mapping[str, bytes]  #: Name → content of each mapping.
    known: Mapping[str, Contract]
    waiting: list[Waiting]

    @classmethod
    def of(cls, context: Context) -> Folder:
        files = read_folder(context.mappings)
        with context.ledger.read() as connection:
            known = contracts.together(lock_of(files)[0], told(connection))
            return cls(context.mappings, only_mappings(files), known, unmapped.forms(connection))

    def file_for(self, source: str, form: str) -> str:
        """The file that is for a form already; "" for none."""
        return next((name for name, content in self.files.items() if is_for(content, source, form)), "")

    def is_open(self, name: str) -> bool:
        """Whether a file still has places that a person must fill in."""
        return unfinished(self.files[name])

    def wanted(self, campaign: str) -> Wanted:
        """The campaign that a person named, or the only one that no rule sends yet."""
        if campaign:
            return Wanted(campaign, self.known.get(campaign), named=True)
        free = set(self.known).difference(*map(campaigns, self.files.values()))
        only = free.pop() if len(free) == 1 else ""
        return Wanted(only, self.known.get(only))

    def write(self, name: str, text: str) -> Path:
        """Write a new file, and the schema that its first line names; never over another file."""
        if Path(name).name != name or not name.endswith(".yaml") or name in BESIDE:
            raise GatewayError(
                f"'{name}' is no name for a mapping; write one like website-offers.yaml, without a folder."
            )
        path = self.path / name
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as opened:
                opened.write(text)
        except FileExistsError:
            raise GatewayError(f"{path} is there already; say another name with --file.") from None
        except OSError as error:
            raise GatewayError(f"{path} cannot be written: {error.strerror}; --print shows it instead.") from None
        schema = self.path / jsonschema.FILE
        if not schema.exists():
            schema.write_text(jsonschema.as_text(), encoding="utf-8")
        return path

    def problems(self, path: Path, text: str, version: str) -> list[Problem]:
        """What `gateway check` says of the new file."""
        others = {str(self.path / name): content for name, content in self.files.items()}
        texts = others | {str(path): text.encode()}
        _good, found = read_mappings(texts, version=version, sources=names(), contracts=self.known)
        return [problem for problem in found if problem.file == str(path)]
