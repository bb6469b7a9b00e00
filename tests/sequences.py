"""A mapping with follow-ups, and what tests ask of a lead that has them."""

from __future__ import annotations

import requests
from harness import PERSON, Running, mapping, wait_for

from gateway.model import Delivery

DAY = 86_400

#: A day after the first message, and two days after that one at ten.
TWO = """    follow_ups:
      - after: 1 day
        unless:
          - replied
        without_receipts: send
        campaignName: first_reminder
      - after: 2 days at 10:00
        campaignName: last_reminder
"""


def followed(form: str = "other", follow_ups: str = TWO, rule: str = "Everyone") -> str:
    """A mapping whose only rule has follow-ups; its leads are never too old."""
    return mapping(form, rule=rule) + follow_ups + "limits:\n  too_old: never\n"


def know_campaigns(gateway: Running) -> None:
    """Make the campaigns of the follow-ups known to the sandbox."""
    for name in ("first_reminder", "last_reminder", "kinder_reminder"):
        requests.put(f"{gateway.box.url}/campaigns/{name}", json={"params": 1}, timeout=10).raise_for_status()


def enter(gateway: Running, form: str = "other", **changed: str) -> None:
    """Post a lead, and wait until it is read."""
    before = len(gateway.leads())
    gateway.post_website(form, **(PERSON | changed))
    wait_for(gateway.leads, lambda found: len(found) == before + 1)


def states(gateway: Running) -> list[str]:
    """The state of each delivery, the oldest first."""
    return [str(one.state) for one in gateway.deliveries()]


def wait_for_all(gateway: Running, *wanted: str) -> list[Delivery]:
    """Wait until the deliveries are in these states, the oldest first."""
    wait_for(lambda: states(gateway), lambda found: found == list(wanted))
    return gateway.deliveries()


def campaigns(gateway: Running) -> list[str]:
    """What was sent, in order."""
    return [call["campaignName"] for call in gateway.calls()]
