"""What the sandbox remembers; one lock guards all of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway import clock
from gateway.sandbox.campaigns import Campaign
from gateway.sandbox.faults import Fault
from gateway.sandbox.hook import Hook

KINDS = ("send", "details", "graph")


class State:
    """Campaigns, calls taken, requests seen, leads put in, faults asked for, and the account's two switches."""

    def __init__(self, campaigns: Mapping[str, Campaign], graph_secret: str = "") -> None:
        self.graph_secrets = tuple(part.strip() for part in graph_secret.split(",") if part.strip())
        self.credit = True  #: False: the account's wallet is empty.
        self.plan = True  #: False: the account has no plan.
        self.hook: Hook | None = None  #: Where receipts go; None: nowhere.
        self.closing = threading.Event()  #: Set when the sandbox goes: what hangs lets go.
        self._lock = threading.Lock()
        self._campaigns = dict(campaigns)
        self._calls: list[dict[str, Any]] = []
        self._faults: list[Fault] = []
        self._leads: dict[str, dict[str, Any]] = {}
        self._seen = dict.fromkeys(KINDS, 0)
        self._destinations: list[str] = []

    def take(self, path: str, body: Mapping[str, Any], number: str) -> dict[str, Any]:
        """Keep an accepted call, its key blanked; `number` is how its destination was read."""
        taken = {
            "at": clock.now().isoformat(),
            "path": path,
            "number": number,
            "body": {**body, "apiKey": "redacted"},
        }
        with self._lock:
            self._calls.append(taken)
        return taken

    def last_call(self, number: str) -> dict[str, Any] | None:
        """The latest call to this number."""
        with self._lock:
            return next((call for call in reversed(self._calls) if call["number"] == number), None)

    def calls(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._calls)

    def see(self, kind: str, destination: str = "") -> None:
        """Count a request, whatever becomes of it."""
        with self._lock:
            self._seen[kind] += 1
            if kind == "send":
                self._destinations.append(destination)

    def seen(self) -> dict[str, Any]:
        with self._lock:
            return {**self._seen, "destinations": list(self._destinations)}

    def forget_calls(self) -> None:
        """Start the list of calls and the counters anew."""
        with self._lock:
            self._calls.clear()
            self._destinations.clear()
            self._seen = dict.fromkeys(KINDS, 0)

    def add_fault(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def next_fault(self, kind: str, destination: str) -> Fault | None:
        """The oldest fault for this request, used up by one."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.meets(kind, destination):
                    self._use(index, fault)
                    return fault
        return None

    def _use(self, index: int, fault: Fault) -> None:
        if fault.times == 1:
            del self._faults[index]
        elif fault.times:
            self._faults[index] = replace(fault, times=fault.times - 1)

    def faults(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def clear_faults(self) -> None:
        """No more faults; the account has credit and a plan again."""
        with self._lock:
            self._faults.clear()
            self.credit = self.plan = True

    def campaigns(self) -> list[Campaign]:
        with self._lock:
            return list(self._campaigns.values())

    def campaign(self, name: str) -> Campaign | None:
        with self._lock:
            return self._campaigns.get(name)

    def put_campaign(self, campaign: Campaign) -> None:
        with self._lock:
            self._campaigns[campaign.name] = campaign

    def forget_campaign(self, name: str) -> bool:
        """Whether there was one of this name."""
        with self._lock:
            return self._campaigns.pop(name, None) is not None

    def put_leads(self, leads: Mapping[str, dict[str, Any]]) -> None:
        with self._lock:
            self._leads |= leads

    def lead(self, lead_id: str) -> dict[str, Any] | None:
        with self._lock:
            return self._leads.get(lead_id)
