"""`follow_ups:` of a rule: later calls, each the rule's own with changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.mapping.call import Text
from gateway.mapping.names import folded
from gateway.mapping.reader.calls import build_call, check_call, check_tags, merged, said_in
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import NOTHING, Draft
from gateway.mapping.reader.problems import Problems, did_you_mean
from gateway.mapping.reader.texts import said
from gateway.mapping.reader.times import after
from gateway.mapping.rules import FollowUp
from gateway.model import After

REPLIED, AGAIN = "replied", "submitted again"


def build_follow_ups(rule: Node, base: Node | None, names: Sequence[str], draft: Draft) -> tuple[FollowUp, ...]:
    """The follow-ups of a rule. `base`: its call; `names`: those of the file's rules. Notes what is wrong with them."""
    node = rule.table.get("follow_ups", NOTHING)
    if "follow_ups" in rule.table and "skip" in rule.table:
        name = rule.table.get("name", NOTHING).text
        draft.add(node.key, f"rule '{name}' sends nothing that could be followed up; take 'follow_ups' out")
    return tuple(_follow_up(item, base, names, draft) for item in node.items if item.table)


def _follow_up(node: Node, base: Node | None, names: Sequence[str], draft: Draft) -> FollowUp:
    waits = _after(node.table.get("after", NOTHING), draft)
    check_call(node, draft)
    check_tags(node, draft)
    base = base or NOTHING
    _check_other_words(node, base, draft)
    unless = tuple(_unless(each, names, draft) for each in node.table.get("unless", NOTHING).texts)
    return FollowUp(
        line=node.place.line,
        after=waits,
        call=build_call(merged(node, base), replace(draft, problems=Problems(""))),
        unless=unless,
        without_receipts="without_receipts" in node.table,
    )


def _after(node: Node, draft: Draft) -> After:
    try:
        return after(node.text) if node.text else After(0)
    except ValueError as error:
        draft.add(node.place, str(error))
        return After(0)


def _check_other_words(node: Node, base: Node, draft: Draft) -> None:
    """The same message twice is seldom meant."""
    slipped = "after" not in node.table or "call" in node.table
    if base.table and not slipped and said_in(merged(node, base)) == said_in(base):
        cure = "write another 'campaignName' or other 'templateParams' below 'after'"
        draft.warn(node.place, f"this follow-up sends the very message of its rule again; {cure}")


def _unless(node: Node, names: Sequence[str], draft: Draft) -> Text:
    """One of the three that end a follow-up, in its own spelling."""
    meant = {folded(name): name for name in (*names, REPLIED, AGAIN)}.get(folded(node.text), "")
    if not meant:
        near = did_you_mean(node.text, (REPLIED, AGAIN, *names))
        cure = near or f"; write {REPLIED}, {AGAIN} or the name of a rule"
        draft.add(node.place, f"'{node.text}' is nothing that ends a follow-up{cure}")
    return replace(said(node), template=meant)
