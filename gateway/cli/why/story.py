"""A person's story in words, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.cli.common import ago, shorten
from gateway.mapping.wording import joined
from gateway.pipeline import origins
from gateway.pipeline.person import Story
from gateway.pipeline.person.unsent import moment
from gateway.store.receipts import REPLY

#: The longest line of answers, and the longest answer in it.
_LINE, _ANSWER = 160, 40

#: How far the words of a line stand from its start.
_WIDTH = 17

#: What came of a try, in words.
_OUTCOMES = {
    "": "no answer yet",
    "accepted": "accepted",
    "transient": "not now",
    "unknown": "no answer",
}

Told = Mapping[str, Any]


def story_lines(story: Story, told: Told) -> Iterator[str]:
    """`told`: the story's plain values, as `Teller` makes them."""
    if not story.chapters:
        yield f"No lead typed the number {told['number']}."
        yield "`gateway events --refused` and `gateway events --state unreadable` show what never became a lead."
        return
    yield f"{told['number'] or told['leads'][0]['id']}: {told['summary']}"
    yield from _remarks(story)
    for lead in told["leads"]:
        yield ""
        yield from _lead_lines(lead)


def _remarks(story: Story) -> Iterator[str]:
    if story.number is None:
        yield "This lead typed no phone number, so it stands alone."
    elif not story.number.digits:
        yield "The number names no country: all that ends in these digits is shown, be it one person or several."
    if story.suppressed:
        yield f"Nothing is sent to this number: {story.suppressed}. `gateway suppress remove` ends that."
    if story.count > len(story.chapters):
        yield f"Shown: the latest {len(story.chapters)} of {story.count} leads; --limit shows more."


def _lead_lines(lead: Told) -> Iterator[str]:
    form = f"form {lead['form']}" if lead["form"] else "no form name"
    yield f"{lead['id']}   {moment(lead['came'])} ({ago(lead['came'])})   {lead['source']}, {form}   {lead['state']}"
    answers = [f"{name}: {shorten(joined(value), _ANSWER)}" for name, value in lead["answers"].items() if value]
    yield _line("answers", shorten("; ".join(answers), _LINE) or "none")
    if lead["plan"] and not lead["deliveries"]:
        yield _line("plan", _plan(lead["plan"]))
    for delivery in lead["deliveries"]:
        yield from _delivery_lines(delivery, lead["why_nothing"])
    if lead["duplicates"]:
        yield _line("came again", f"as {', '.join(lead['duplicates'])}")
    if lead["why_nothing"]:
        yield _line("not known" if lead["state"] == "uncertain" else "nothing was sent", lead["why_nothing"])
        yield _line("what to do", lead["cure"])


def _delivery_lines(delivery: Told, told_below: str) -> Iterator[str]:
    because = f": {delivery['reason']}" if delivery["reason"] not in told_below else ""
    state = f"{delivery['state']} {ago(delivery['changed'])}{because}"
    yield _line(delivery["id"], f"{delivery['campaign']} to {delivery['phone']}, {state}")
    if delivery["step"]:
        yield _line("  is", delivery["message"])
    yield _line("  plan", _plan(delivery["plan"]))
    for at, one in enumerate(delivery["attempts"], 1):
        yield _line(f"  try {at}", f"{moment(one['started'])}: {_attempt(one)}")
    for one in delivery["receipts"]:
        yield _line("  WhatsApp", f"{moment(one['at'])}: {_receipt(one)}")
    if delivery["stopped_since"]:
        following = f"; one message is tried on {moment(delivery['tried_next'])}" if delivery["tried_next"] else ""
        yield _line("  waits", f"{delivery['hold']} is stopped since {moment(delivery['stopped_since'])}{following}")
    elif delivery["due"]:
        expected = ", as it looks now" if delivery["state"] == "held" else ""
        yield _line("  leaves", f"on {moment(delivery['due'])}{expected}")


def _plan(plan: Told) -> str:
    rule = f"rule '{plan['rule']}' (line {plan['line']})" if plan["rule"] else "no rule"
    return ", ".join(filter(None, (f"{plan['mapping']}: {rule}", origins.words(plan))))


def _attempt(one: Told) -> str:
    came = _OUTCOMES.get(one["outcome"], "refused")
    said = f", {one['text']}" if one["text"] else ""
    return f"{came}{said}" + (f" (HTTP {one['status']})" if one["status"] else "")


def _receipt(one: Told) -> str:
    said = "the person replied" if one["kind"] == REPLY else one["kind"]
    return said + (f": {one['reason']}" if one["reason"] else "")


def _line(title: str, words: str) -> str:
    return f"  {title:<{_WIDTH}} {words}"
