"""What a single setting must be; each raises ValidationError with the rest of the sentence."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

import phonenumbers
from marshmallow import ValidationError


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine.

    >>> is_loopback("http://127.0.0.1:9000"), is_loopback("http://localhost.example.com")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not is_loopback(url):
        raise ValidationError("must be an https:// address (http:// only to this machine)")


def country(code: str) -> None:
    if code and code not in phonenumbers.SUPPORTED_REGIONS:
        raise ValidationError(f"'{code}' is no country code; write two capitals, like IN")


def proxies(text: str) -> None:
    for item in filter(None, (part.strip() for part in text.split(","))):
        try:
            ipaddress.ip_network(item)
        except ValueError:
            says = f"'{item}' is no IP address and no network; write them like 10.0.0.7 or 10.0.0.0/16"
            raise ValidationError(f"{says}, with commas between") from None


def database(url: str) -> None:
    if url and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValidationError("must start with sqlite:/// or postgresql+psycopg://")


def rate(text: str) -> None:
    if text != "off" and not (re.fullmatch(r"\d{1,4}(\.\d{1,3})?", text) and float(text) > 0):
        raise ValidationError("must be a number above 0, like 5 or 0.5, or the word off")


def password_hash(text: str) -> None:
    if text and not re.fullmatch(r"(scrypt|pbkdf2):[^$]+\$[^$]+\$[0-9a-f]+", text):
        raise ValidationError("is no hash of a password; `gateway console hash` makes one")
