"""The mapping folder as `gateway new` sees it: what is there, and where a new file goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway.cli.common import Context
from gateway.errors import GatewayError
from gateway.inbound.source import names
from gateway.mapping.reader.check import read_mappings
from gateway.model import Problem
from gateway.pipeline.beside import BESIDE
from gateway.pipeline.publishing import read_folder
from gateway.pipeline.starting import Forms
from gateway.pipeline.writing import lay_schema


@dataclass(frozen=True, slots=True)
class Folder:
    """The mapping folder, and the forms that wait for a mapping."""

    path: Path
    forms: Forms

    @classmethod
    def of(cls, context: Context) -> Folder:
        with context.ledger.read() as connection:
            return cls(context.mappings, Forms.of(connection, read_folder(context.mappings)))

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
        lay_schema(self.path)
        return path

    def problems(self, path: Path, text: str, version: str) -> list[Problem]:
        """What `gateway check` says of the new file."""
        others = {str(self.path / name): content for name, content in self.forms.files.items()}
        texts = others | {str(path): text.encode()}
        _good, found = read_mappings(texts, version=version, sources=names(), contracts=self.forms.campaigns)
        return [problem for problem in found if problem.file == str(path)]
