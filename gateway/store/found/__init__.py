"""Leads that are looked for: by what became of them, where they came from, when, and what they answered."""

from gateway.store.found.choices import campaigns, forms
from gateway.store.found.looking import Looked, Reach, look
from gateway.store.found.rows import Found, load
from gateway.store.found.wanted import UNDER_WAY, Wanted

__all__ = ["UNDER_WAY", "Found", "Looked", "Reach", "Wanted", "campaigns", "forms", "load", "look"]
