"""Leads that got no message, and messages that did not arrive, by their reasons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from gateway.console.today.needs.look import Look
from gateway.console.today.needs.need import BAD, CALM, WARN, Need, Way, key, leads_way, mapping_way, several, them
from gateway.mapping.reader.check import choose
from gateway.model import LeadState
from gateway.store.daily import troubles
from gateway.store.daily.troubles import Some
from gateway.store.phones import hide

#: What failed longer ago is history; what waits for a person is told for longer.
DAY, LONG = timedelta(days=1), timedelta(days=30)

#: What nobody has to look at is told for so long.
_WEEK = timedelta(days=7)

#: How the list of leads is asked for a form without a name.
NAMELESS = "-"

#: So many reasons and forms are named one by one.
_NAMED = 5


def needs(look: Look) -> Iterator[Need]:
    """All of them."""
    yield from _uncertain(look)
    yield from _unmapped(look)
    yield from _failed(look)
    yield from _unmatched(look)
    yield from _unclear(look)
    yield from _suspected(look)
    yield from _unreadable(look)


def _uncertain(look: Look) -> Iterator[Need]:
    if some := troubles.uncertain(look.connection):
        who = "it" if some.count == 1 else "they"
        title = f"{several(some.count, 'message')}: nobody knows whether {who} arrived"
        cause = "No answer came from AiSensy. To send again could message somebody twice, so a person decides."
        ways = (leads_way(f"Look at {them(some.count)}", state="uncertain"),)
        yield Need("uncertain", BAD, title, cause, some.last, ways, lately=True)


def _unmapped(look: Look) -> Iterator[Need]:
    """Form by form; a form that a mapping takes by now needs another cure."""
    found = troubles.of_state(look.connection, LeadState.UNMAPPED, look.now - LONG)
    for some in found[:_NAMED]:
        asked = {"state": "unmapped", "source": some.source, "form": some.form or NAMELESS}
        see = leads_way(f"See {them(some.count)}", **asked)
        mapping = choose(look.live.mappings, some.source, some.form)
        form = f"{some.source} form {some.form}" if some.form else some.source
        if mapping:
            title = f"{several(some.count, 'lead')} of {form} came before its mapping"
            cause = f"{mapping.file} takes this form by now. Nothing is sent to the earlier ones unless you say so."
            ways = (leads_way(f"Look at {them(some.count)}, and send", **asked), mapping_way(mapping.file))
        else:
            title = f"{several(some.count, 'lead')} of {form}: no mapping says what to send"
            cause = (
                "Nothing is lost: what came is kept, and waits. Make a mapping; then you decide about those that wait."
            )
            ways = (Way("Make a mapping", "mappings.new", {"source": some.source, "form": some.form}), see)
        yield Need(key("unmapped", some.source, some.form), WARN, title, cause, some.last, ways, lately=True)
    yield from _more(found, "form has leads without a mapping", "forms have leads without a mapping", "unmapped")


def _failed(look: Look) -> Iterator[Need]:
    """In the last day: what AiSensy refused, and what could not be made at all."""
    since = look.now - DAY
    calls, kept = troubles.failed_calls(look.connection, since), troubles.failed_leads(look.connection, since)
    for some in _alike(calls)[:_NAMED]:
        title = f"{several(some.count, 'message was', 'messages were')} refused: {some.reason or 'no reason was given'}"
        cause = f"In the last day, campaign {some.campaign}. Mend what is wrong; then send to these people again."
        ways = (leads_way(f"Look at {them(some.count)}", state="failed", campaign=some.campaign),)
        yield Need(key("refused", some.campaign, some.reason), WARN, title, cause, some.last, ways, lately=True)
    for some in _alike(kept)[:_NAMED]:
        title = f"{several(some.count, 'lead')} of {some.source}: {some.reason}"
        cause = "In the last day. No right message could be made, so nothing was sent."
        ways = (leads_way(f"Look at {them(some.count)}", state="failed", source=some.source),)
        yield Need(key("failed", some.source, some.reason), WARN, title, cause, some.last, ways, lately=True)
    yield from _more(_alike(calls), "further reason", "further reasons", "failed")


def _alike(found: list[Some]) -> list[Some]:
    """Reasons that differ in a phone number alone are one."""
    together: dict[tuple[str, str, str], Some] = {}
    for some in found:
        reason = hide(some.reason)
        mark = (some.source, some.campaign, reason)
        count = some.count + (together[mark].count if mark in together else 0)
        last = max(some.last, together[mark].last) if mark in together else some.last
        together[mark] = Some(count, last, some.source, campaign=some.campaign, reason=reason)
    return sorted(together.values(), key=lambda some: -some.count)


def _unmatched(look: Look) -> Iterator[Need]:
    found = troubles.of_state(look.connection, LeadState.UNMATCHED, look.now - _WEEK)
    for some in found[:_NAMED]:
        mapping = choose(look.live.mappings, some.source, some.form)
        title = f"{several(some.count, 'lead')} of {some.source} {some.form}".rstrip() + ": no rule fits"
        cause = "In the last week. Nothing was sent. Add a rule that fits, or one for everyone else."
        asked = {"state": "unmatched", "source": some.source, "form": some.form or NAMELESS}
        ways = (*([mapping_way(mapping.file)] if mapping else []), leads_way(f"See {them(some.count)}", **asked))
        yield Need(key("unmatched", some.source, some.form), WARN, title, cause, some.last, ways, lately=True)
    yield from _more(found, "form has leads that no rule fits", "forms have leads that no rule fits", "unmatched")


def _unclear(look: Look) -> Iterator[Need]:
    """Live files that this version of the program cannot read."""
    for file in look.live.unreadable:
        cause = "It is live, and this version of the program cannot read it. Its leads wait until it is mended."
        yield Need(key("live", file), BAD, f"{file} cannot be used as it is", cause, None, (mapping_way(file),))


def _suspected(look: Look) -> Iterator[Need]:
    found = troubles.of_state(look.connection, LeadState.SUSPECTED, look.now - _WEEK)
    if found:
        count = sum(some.count for some in found)
        title = f"{several(count, 'lead looks', 'leads look')} like spam"
        cause = "In the last week. Nothing was sent. If one is a person after all, send to that one."
        ways = (leads_way(f"Look at {them(count)}", state="suspected"),)
        yield Need("suspected", CALM, title, cause, found[0].last, ways, lately=True)


def _unreadable(look: Look) -> Iterator[Need]:
    for some in troubles.unreadable(look.connection, look.now - _WEEK):
        title = f"{several(some.count, 'request')} of {some.source}: no lead could be read"
        cause = "In the last week. What came is kept as it came, and can be read anew after a mend."
        ways = (Way(f"Look at {them(some.count)}", "lead.events", {"state": "unreadable"}),)
        yield Need(key("unreadable", some.source), WARN, title, cause, some.last, ways, lately=True)


def _more(found: list[Some], one: str, several_: str, state: str) -> Iterator[Need]:
    """What is not named one by one."""
    if (rest := len(found) - _NAMED) > 0:
        ways = (leads_way("See all", state=state),)
        yield Need(key("more", state), WARN, several(rest, one, several_), "Beside those above.", None, ways)
