"""What `.env.example` and docs/operating.md say of the settings; run this file to write both anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from marshmallow import fields

from gateway.settings import SettingsSchema

ROOT = Path(__file__).parent.parent
ENV_EXAMPLE = ROOT / ".env.example"
OPERATING = ROOT / "docs" / "operating.md"

#: The table of settings, from its head to the empty line after it.
TABLE = re.compile(r"^\| Setting \| Default .*?(?=\n\n)", re.DOTALL | re.MULTILINE)

HEAD = "# Every setting. Take the # away before those you need. The environment goes before this file.\n"


def known() -> Iterator[tuple[str, str, str]]:
    """Name, default and purpose of every setting."""
    for name, setting in SettingsSchema().fields.items():
        assert isinstance(setting, fields.Field)
        yield name, str(setting.load_default), str(setting.metadata["says"])


def env_example() -> str:
    return HEAD + "".join(f"\n# {says}\n#{name}={default}\n" for name, default, says in known())


def settings_table() -> str:
    rows = (f"| `{name}` | {f'`{default}`' if default else ''} | {says} |" for name, default, says in known())
    return "\n".join(["| Setting | Default | What for |", "|---|---|---|", *rows])


def in_operating() -> str:
    """The table as it stands in the page."""
    found = TABLE.search(OPERATING.read_text(encoding="utf-8"))
    return found.group() if found else ""


if __name__ == "__main__":
    ENV_EXAMPLE.write_text(env_example(), encoding="utf-8")
    page = OPERATING.read_text(encoding="utf-8")
    OPERATING.write_text(page.replace(in_operating(), settings_table()), encoding="utf-8")
