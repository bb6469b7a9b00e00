"""The mapping folder, as several commands read it."""

from __future__ import annotations

from pathlib import Path

from gateway import samples
from gateway.cli.common import Context
from gateway.errors import GatewayError
from gateway.inbound.source import names
from gateway.mapping.reader.check import read_mappings
from gateway.pipeline.planning import Live
from gateway.pipeline.publishing import read_folder, without_lock
from gateway.settings import Settings


def files_in(context: Context) -> dict[str, bytes]:
    """Path → content of every mapping, without `contracts.yaml`; raises when there is none."""
    folder = context.mappings
    if not folder.is_dir():
        raise GatewayError(f"There is no folder {folder}; set GATEWAY_MAPPINGS, or name the files to check.")
    found = {str(folder / name): content for name, content in without_lock(read_folder(folder)).items()}
    if not found:
        raise GatewayError(f"There is no mapping in {folder}: a mapping is a file that ends in .yaml.")
    return found


def live_in(context: Context) -> Live:
    """The mappings of the folder; raises with the first mistakes when one cannot be used."""
    texts = files_in(context)
    _good, problems = read_mappings(texts, version=context.settings.text("AISENSY_VERSION"), sources=names())
    wrong = [str(problem) for problem in problems if not problem.warning]
    if wrong:
        raise GatewayError("\n".join([*wrong, "Mend these first; `gateway check` shows them all."]))
    return Live.of(0, {Path(name).name: content for name, content in texts.items()}, context.settings)


def invented(settings: Settings) -> Settings:
    """The settings, with invented secrets: samples are signed and asked for with nobody's real ones."""
    return Settings({**settings.values, **samples.INVENTED})
