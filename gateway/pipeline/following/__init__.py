"""Follow-ups: what the end of one call, a reply or an opt-out means for those that come after it."""

from __future__ import annotations

from gateway.pipeline.following.heeding import opted_out, receipts_came, replied
from gateway.pipeline.following.steps import as_known, change, in_the_way, moved, stop

__all__ = ["as_known", "change", "in_the_way", "moved", "opted_out", "receipts_came", "replied", "stop"]
