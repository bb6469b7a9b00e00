"""What `gateway diff` found, in words."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from gateway.cli.common import shorten
from gateway.cli.diff.found import Found, Sides
from gateway.pipeline.differing import BOTH, WORDS, Kind
from gateway.pipeline.radius import Group, Tally, Touched

#: Ids that one line names.
_IDS = 20


def as_text(found: Found) -> str:
    """The whole report: the sides, the leads in groups, what has not left, what nobody expected, the speed."""
    groups = ["\n".join(_group(found, group)) for group in found.radius.leads.groups]
    end = "\n".join([*_hint(found), _speed(found)])
    return "\n\n".join([_sides(found.sides), _summary(found.radius.leads), *groups, *_not_left(found), end])


def _sides(sides: Sides) -> str:
    old = f"version {sides.before.version}" if sides.before.version else "nothing, as no mapping was ever live"
    is_live = ", which is live" if sides.live and sides.before.version == sides.live else ""
    new = f"the mappings in {sides.folder}" if sides.folder else f"version {sides.live}, which is live"
    return f"Before: {old}{is_live}. After: {new}.\n{_files(sides)}"


def _files(sides: Sides) -> str:
    if sides.files:
        return f"Files that differ: {', '.join(sides.files)}."
    hint = f"; --from {sides.live - 1} compares with the version before" if sides.live > 1 else ""
    return f"No file differs. A running gateway takes a change within a second{hint}."


def _summary(leads: Tally) -> str:
    """How many leads fare how."""
    if not leads.compared:
        return "No stored lead is among those asked for."
    kinds = [(leads.count(kind), words) for kind, words in WORDS.items()]
    rows = [(leads.same, "the same"), *(row for row in kinds if row[0])]
    head = "1 lead, if it came again:" if leads.compared == 1 else f"{leads.compared:,} leads, if they came again:"
    return "\n".join([head, *(f"{count:>8,}  {words}" for count, words in rows)])


def _group(found: Found, group: Group) -> Iterator[str]:
    change = group.change
    yield f"{WORDS[change.kind].capitalize()} ({group.count:,}): {change.where}"
    if change.kind not in (Kind.TEXT, Kind.FOLLOW_UPS):
        yield f"  {change.before.says} → {change.after.says}"
    for one in group.touched:
        yield f"  {one.id}  {shorten(one.who, 30) or 'no name'}  {found.number(one.number)}".rstrip()
        yield from (f"    {line}" for line in _words(found, one))
    if group.count > len(group.touched):
        yield f"  and {group.count - len(group.touched):,} more; --all names everyone"


def _words(found: Found, one: Touched) -> Iterator[str]:
    """Old and new words, side by side; of a message that is new or gone, its parameters."""
    if one.change.kind is Kind.REASON:
        return
    places = [place for place in found.places(one) if place.name != "campaignName"]
    if one.change.kind in BOTH:
        yield from (f"{place.name}: {_quoted(place.before)} → {_quoted(place.after)}" for place in places)
    elif said := [place.before or place.after for place in places if place.name.startswith("templateParams")]:
        yield ", ".join(map(_quoted, said))


def _quoted(text: str) -> str:
    return f"'{shorten(text)}'" if text else "nothing"


def _not_left(found: Found) -> Iterator[str]:
    """What happens by itself as soon as the change is live."""
    titles = {
        "Messages that have not left": found.radius.deliveries,
        "Leads that wait for a clearer mapping": found.radius.waiting,
    }
    for title, tally in titles.items():
        if tally.groups:
            lines = [_pending(found, group) for group in tally.groups]
            yield "\n".join([f"{title} ({tally.compared:,}), once the change is live:", *lines])


def _pending(found: Found, group: Group) -> str:
    shown = group.ids if found.everyone else group.ids[:_IDS]
    more = f" and {len(group.ids) - len(shown):,} more" if len(shown) < len(group.ids) else ""
    return f"  {group.count:,} {group.change.becomes}: {', '.join(shown)}{more} ({group.change.where})"


def _hint(found: Found) -> Iterator[str]:
    """What nobody expected, and how to say that it is meant."""
    if what := found.unexpected:
        yield f"Not expected: {', '.join(what)}"
        yield f"If that is what you mean, add {' '.join(f'--expect {shlex.quote(one)}' for one in what)}"


def _speed(found: Found) -> str:
    count = found.radius.leads.compared
    leads = f"{count:,} lead{'' if count == 1 else 's'}"
    return f"{leads} in {found.seconds:.1f} s ({count / max(found.seconds, 0.001):,.0f} a second)"
