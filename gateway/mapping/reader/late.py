"""`too_old:` with changes below it: what a lead gets instead that comes too late for its rule's own call."""

from __future__ import annotations

from dataclasses import replace

from gateway.mapping.call import Call
from gateway.mapping.reader.calls import CALL_KEYS, build_call, check_call, check_tags, merged
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import NOTHING, Draft
from gateway.mapping.reader.problems import Problems


def check_too_late(limits: Node, draft: Draft) -> None:
    """Note what is wrong with the changes."""
    node = limits.table.get("too_old", NOTHING)
    check_call(node, draft)
    check_tags(node, draft)
    if node.table and CALL_KEYS.isdisjoint(node.table) and "after" in node.table:
        cure = f"write 'too_old: {node.table['after'].text}', or add the 'campaignName' that older leads get"
        draft.add(node.key, f"'too_old' says nothing that an older lead gets instead; {cure}")


def build_too_late(limits: Node, base: Node | None, draft: Draft) -> Call | None:
    """The call of a rule as an older lead gets it; None when it gets nothing. `base`: the rule's own call."""
    node = limits.table.get("too_old", NOTHING)
    if base is None or not node.table:
        return None
    return build_call(merged(node, base), replace(draft, problems=Problems("")))
