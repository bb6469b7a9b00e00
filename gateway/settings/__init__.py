"""Settings from the environment and an optional `.env`; all that is wrong is named at once.

`SETTINGS` is the one list: it is validated, documented in `.env.example` and read by name.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from gateway.errors import SettingsError
from gateway.settings import checks
from gateway.settings.checks import is_loopback

__all__ = ["Settings", "SettingsSchema", "is_loopback"]


def _text(default: str = "", *checks: Any, says: str, secret: bool = False) -> fields.String:
    return fields.String(load_default=default, validate=list(checks), metadata={"says": says, "secret": secret})


def _number(default: int, low: int, high: int, *, says: str) -> fields.Integer:
    error = "must be a whole number from {min} to {max}"
    number = fields.Integer(
        load_default=default, validate=validate.Range(low, high, error=error), metadata={"says": says}
    )
    number.error_messages["invalid"] = f"must be a whole number from {low} to {high}"
    return number


class SettingsSchema(Schema):
    """Every setting: its name, default, check and one line that says what it is for."""

    class Meta:
        unknown = EXCLUDE

    AISENSY_API_KEY = _text(says="The campaign API key of your AiSensy project.", secret=True)
    AISENSY_BASE_URL = _text(
        "https://backend.aisensy.com/campaign/t1/api",
        checks.address,
        says="Where campaign calls go; white-label resellers have their own.",
    )
    AISENSY_VERSION = _text(
        "v1",
        validate.OneOf(("v1", "v2"), error="must be v1 or v2"),
        says="v1 is the documented endpoint; v2 appends /v2 and can send buttons.",
    )
    DATABASE_URL = _text("", checks.database, says="The ledger; empty: a SQLite file under GATEWAY_DATA.", secret=True)
    GATEWAY_DATA = _text("data", says="Folder of the SQLite ledger; made with mode 0700.")
    GATEWAY_MAPPINGS = _text("mappings", says="Folder of the mapping files.")
    GATEWAY_FOLLOW = _text(
        "auto",
        validate.OneOf(("auto", "yes", "no"), error="must be auto, yes or no"),
        says="Whether a worker makes changes of that folder live; auto: on SQLite, and under `gateway serve`.",
    )
    FACEBOOK_APP_SECRET = _text(says="App secret: checks signatures (two with a comma, to rotate).", secret=True)
    FACEBOOK_VERIFY_TOKEN = _text(says="The word you type into Meta's webhook form; any long random text.", secret=True)
    FACEBOOK_PAGE_TOKEN = _text(says="Long-lived page or system-user token that may read leads.", secret=True)
    GRAPH_BASE_URL = _text(
        "https://graph.facebook.com/v25.0",
        checks.address,
        says="Meta's Graph API with its version; versions end, so this moves.",
    )
    TYPEFORM_SECRET = _text(says="The secret of your Typeform webhooks (two with a comma, to rotate).", secret=True)
    WEBSITE_TOKEN = _text(says="Token of website forms, as ?token= or X-Gateway-Token (two with a comma).", secret=True)
    WEBSITE_SECRET = _text(
        says="Key for X-Gateway-Signature: sha256=<hex HMAC of the body> (two with a comma).", secret=True
    )
    GATEWAY_COUNTRY = _text(
        "", checks.country, says="Country of phone numbers written without one, like IN; empty: none is assumed."
    )
    GATEWAY_MAX_BODY = _number(1_000_000, 1_000, 100_000_000, says="Largest request body taken, in bytes.")
    GATEWAY_TRUSTED_PROXIES = _text(
        "",
        checks.proxies,
        says="IP addresses or networks of your own proxies, whose X-Forwarded-For is believed; commas between.",
    )
    GATEWAY_USERNAME_FALLBACK = _text("there", validate.Length(min=1), says="userName of people who gave no name.")
    GATEWAY_DUPLICATE_WINDOW = _number(
        600,
        0,
        86_400,
        says="Seconds in which the same answers to the same form count once, where the form sends no id.",
    )
    GATEWAY_THREADS = _number(8, 1, 64, says="Calls to AiSensy and look-ups at one time.")
    GATEWAY_DEADLINE = _number(20, 1, 20, says="Seconds a call may take in all, before its outcome is uncertain.")
    GATEWAY_PROBE = _number(
        30,
        1,
        3_600,
        says="Seconds between trials while the account is stopped; a campaign's are ten times as far apart.",
    )
    GATEWAY_CONTRACTS = _number(
        600, 0, 86_400, says="Seconds between looks at what AiSensy's campaigns want; 0: only by command."
    )
    GATEWAY_RATE = _text(
        "5", checks.rate, says="Calls to AiSensy a second, over all processes; like 5 or 0.5; off: as fast as it goes."
    )
    GATEWAY_RATE_DAY = _number(
        0, 0, 10_000_000, says="Calls to AiSensy between midnight and midnight UTC; 0: no limit."
    )
    AISENSY_WEBHOOK_SECRET = _text(
        says="The shared secret of AiSensy's project webhook: checks receipts (two with a comma, to rotate).",
        secret=True,
    )
    AISENSY_WEBHOOK_TOKEN = _text(
        says="Where AiSensy gives no secret: the ?token= of /hooks/aisensy (two with a comma).", secret=True
    )
    GATEWAY_METRICS_TOKEN = _text(
        says="The token that /metrics wants, as Authorization: Bearer (two with a comma); empty: no metrics.",
        secret=True,
    )
    GATEWAY_CONSOLE = _text(
        "on", validate.OneOf(("on", "off"), error="must be on or off"), says="off: no console under /console/."
    )
    GATEWAY_CONSOLE_PASSWORD_HASH = _text(
        "",
        checks.password_hash,
        says="Signs in 'admin' to the console, by the password that `gateway console hash` made this of.",
        secret=True,
    )
    GATEWAY_OPT_OUT = _text(
        says="More words by which people opt out in a reply, beside STOP and the like; commas between."
    )
    GATEWAY_LOOPBACK_ONLY = _text(
        "",
        validate.OneOf(("", "1"), error="must be 1 or empty"),
        says="1: refuse any upstream address that is not this machine.",
    )
    GATEWAY_CLOCK_FILE = _text("", says="For tests: seconds to add to the clock; only with upstreams on this machine.")
    GATEWAY_CRASH_FILE = _text(
        "", says="For tests: the step at which a process is to die; only with upstreams on this machine."
    )


def _misspelt(names: Iterable[str]) -> dict[str, str]:
    """Names of a `.env` that look like ours and are none: a setting that is not read is a trap."""
    ours = tuple(SettingsSchema().fields)
    families = tuple({name.partition("_")[0] + "_" for name in ours} - {"DATABASE_"})
    strange = [name for name in names if name.startswith(families) and name not in ours]
    near = {name: difflib.get_close_matches(name, ours, 1) for name in strange}
    return {
        name: "is no setting" + (f"; did you mean {found[0]}?" if found else " of this version; take it out of .env")
        for name, found in near.items()
    }


@dataclass(frozen=True)
class Settings:
    """The checked settings, read by their names in the environment."""

    values: Mapping[str, Any] = field(repr=False)  # secrets among them

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Settings:
        """Read `env_file`, then the environment over it. Raises SettingsError with every mistake."""
        in_file = dict(dotenv_values(env_file)) if env_file and env_file.is_file() else {}
        given = in_file | dict(os.environ if environ is None else environ)
        cleaned = {name: text.strip() for name, text in given.items() if text is not None and text.strip()}
        mistakes = _misspelt(in_file)
        values: dict[str, Any] = {}
        try:
            values = SettingsSchema().load(cleaned)
        except ValidationError as error:
            mistakes |= {name: texts[0] for name, texts in dict(error.messages_dict).items()}
        if mistakes:
            raise SettingsError("\n".join(f"{name} {text}" for name, text in sorted(mistakes.items())))
        settings = cls(values)
        settings._check_together()
        return settings

    def _check_together(self) -> None:
        upstreams = {name: self.text(name) for name in ("AISENSY_BASE_URL", "GRAPH_BASE_URL")}
        outside = sorted(name for name, url in upstreams.items() if not is_loopback(url))
        if outside and self.text("GATEWAY_LOOPBACK_ONLY"):
            raise SettingsError(
                "\n".join(
                    f"{name} is not an address of this machine, and GATEWAY_LOOPBACK_ONLY is 1" for name in outside
                )
            )
        for name, does in (("GATEWAY_CLOCK_FILE", "moves the clock"), ("GATEWAY_CRASH_FILE", "kills processes")):
            if outside and self.text(name):
                raise SettingsError(f"{name} {does} only for tests: {' and '.join(outside)} must be on this machine")

    def get(self, name: str) -> Any:
        return self.values[name]

    def text(self, name: str) -> str:
        return str(self.values[name])

    def number(self, name: str) -> int:
        return int(self.values[name])

    def secrets(self, name: str) -> tuple[str, ...]:
        """A secret and, while it is being rotated, the other one."""
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    @property
    def rate(self) -> float | None:
        """Calls a second; None: as fast as it goes."""
        return None if self.text("GATEWAY_RATE") == "off" else float(self.text("GATEWAY_RATE"))

    @property
    def database_url(self) -> str:
        return self.text("DATABASE_URL") or f"sqlite:///{Path(self.text('GATEWAY_DATA')).absolute() / 'gateway.db'}"

    @property
    def clock_file(self) -> Path | None:
        return Path(self.text("GATEWAY_CLOCK_FILE")) if self.text("GATEWAY_CLOCK_FILE") else None

    @property
    def crash_file(self) -> Path | None:
        return Path(self.text("GATEWAY_CRASH_FILE")) if self.text("GATEWAY_CRASH_FILE") else None
