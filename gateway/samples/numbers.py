"""Phone numbers in texts, however they are written, and the invented ones that take their place digit by digit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import phonenumbers
from phonenumbers import PhoneNumber

from gateway import phone
from gateway.phone.countries import parse
from gateway.samples.invented import steady

#: Digits with what people write between them.
_BETWEEN = r"[\s().\-‐-―−·/]{0,3}"
_RUN = re.compile(rf"\+?\d(?:{_BETWEEN}\d){{4,16}}")
#: This many digits at its end are enough to know a number by, whatever stands before them.
ENDING = 7
#: Digits of a number that cannot be read which are kept, so that it goes on failing in the same way.
_KEPT = 2
_TRIES = 2_000


@dataclass(frozen=True, slots=True)
class Swap:
    """A number, without its country's code, and the one that takes its place. Both have as many digits."""

    digits: str
    other: str
    readable: bool  #: Otherwise it is what somebody typed instead of a number, and looked for only as a whole.

    def found(self, plain: str) -> Iterator[list[int]]:
        """Where its digits stand in a text, each time it does: all of them, or those at its end."""
        for match in re.finditer(self._pattern(), plain):
            yield [at for at in range(match.start(), match.end()) if plain[at].isdigit()]

    def _pattern(self) -> str:
        if not self.readable:
            return rf"(?<!\d){_BETWEEN.join(self.digits)}(?!\d)"
        front = ""
        for digit in self.digits[:-ENDING]:
            front = f"(?:{front}{digit}{_BETWEEN})?"
        return rf"{front}{_BETWEEN.join(self.digits[-ENDING:])}(?!\d)"


class Numbers:
    """The phone numbers of one lead's people.

    `asked`: answers to a question for a number; `others`: any other answers. `country`: for numbers without one.
    `near`: the invented ones stay in the real ones' area and differ at the end alone.
    """

    def __init__(self, asked: Iterable[str], others: Iterable[str], country: str, seed: int, *, near: bool) -> None:
        self._asked = tuple(asked)
        self._country = country
        self._seed = seed
        self._near = near
        self.swaps: list[Swap] = []
        self._real: list[str] = []
        for number in _readable(self._asked, others, country):
            self._add(phonenumbers.national_significant_number(number), self._like(number), readable=True)
        for digits in self._unreadable():
            self._add(digits, self._as_wrong(digits), readable=False)

    def changed(self, text: str) -> str:
        """The text with invented numbers; all that is not a digit of theirs stays.

        >>> Numbers(["+91 98765 43210"], [], "IN", 1, near=True).changed("098765-43210")[:7]
        '098765-'
        """
        return _swapped(text, self.swaps)

    def left(self, text: str) -> str:
        """The end of a number that stands in a text; "" for none."""
        plain = re.sub(rf"(?<=\d){_BETWEEN}(?=\d)", "", _plain(text))
        endings = (digits[-ENDING - 1 :] for digits in self._real if len(digits) >= ENDING)
        return next((ending for ending in endings if ending in plain), "")

    def pieces(self, texts: list[str]) -> dict[str, str]:
        """Numbers that a form asks for in two pieces, one text after the other: each piece and its invented one."""
        found = {}
        for first, second in pairwise(texts):
            cut = len(_only_digits(first))
            for swap in self.swaps:
                if 0 < cut < len(swap.digits) and _only_digits(first) + _only_digits(second) == swap.digits:
                    found[first] = _put(first, range(len(first)), swap.other[:cut])
                    found[second] = _put(second, range(len(second)), swap.other[cut:])
        return found

    def _add(self, digits: str, others: Iterable[str], *, readable: bool) -> None:
        self._real.append(digits)
        endings = {one[-ENDING:] for one in (*self._real, *(swap.other for swap in self.swaps))}
        for other in others:
            swap = Swap(digits, other, readable)
            if other[-ENDING:] not in endings and self._reads_alike(swap):
                self.swaps.append(swap)
                self.swaps.sort(key=lambda each: -len(each.digits))
                return

    def _reads_alike(self, swap: Swap) -> bool:
        """Whether every answer to a question for a number is as good, or as bad, with the other number in it."""
        changed = ((text, _swapped(text, [swap])) for text in self._asked)
        return all(_reading(text, self._country) == _reading(other, self._country) for text, other in changed)

    def _like(self, number: PhoneNumber) -> Iterator[str]:
        """Numbers of the same country and type: close to the library's example, else close to the real one."""
        kind, country = phonenumbers.number_type(number), phonenumbers.region_code_for_number(number)
        example = phonenumbers.example_number_for_type(country, kind)
        real = phonenumbers.national_significant_number(number)
        shown = phonenumbers.national_significant_number(example) if example and not self._near else ""
        bases = [(shown, 2), (shown, 4)] if len(shown) == len(real) else []
        for base, free in [*bases, (real, 4)]:
            for other in self._varied(base, free, 10**free):
                made = parse(f"+{number.country_code}{other}")
                if made and phonenumbers.number_type(made) == kind:
                    yield other

    def _as_wrong(self, digits: str) -> Iterator[str]:
        yield from self._varied(digits, len(digits) - _KEPT, _TRIES)

    def _varied(self, base: str, free: int, tries: int) -> Iterator[str]:
        """`base` with other digits in its last `free` places."""
        start = steady(self._seed, len(self.swaps))
        step = steady(free) | 1
        for at in range(tries):
            yield base[:-free] + f"{(start + at * step) % 10**free:0{free}d}"

    def _unreadable(self) -> Iterator[str]:
        """What stands in an answer to a question for a number, and is none; placeholders tell of nobody."""
        for text in self._asked:
            if "placeholder" in phone.read(text, self._country).reason:
                continue
            rest = _put(
                _plain(text), [at for swap in self.swaps for found in swap.found(_plain(text)) for at in found], ""
            )
            yield from (re.sub(r"\D", "", match[0]) for match in _RUN.finditer(rest))


def _readable(asked: Iterable[str], others: Iterable[str], country: str) -> list[PhoneNumber]:
    """Every valid number in some answers, each once, in their order."""
    found: dict[str, PhoneNumber] = {}
    for text in asked:
        read = phone.read(text, country)
        numbers = (parse(e164) for e164 in filter(None, (read.e164, *read.others)))
        found |= {_national(number): number for number in (*numbers, *_valid(text, country)) if number}
    for text in others:
        found |= {_national(number): number for number in _valid(text, country)}
    return list(found.values())


def _valid(text: str, country: str) -> Iterator[PhoneNumber]:
    """Each on its own, and where a text holds several in a row."""
    yield from filter(None, (parse(match[0], country) for match in _RUN.finditer(_plain(text))))
    yield from (match.number for match in phonenumbers.PhoneNumberMatcher(text, country or None))


def _national(number: PhoneNumber) -> str:
    return str(phonenumbers.national_significant_number(number))


def _reading(text: str, country: str) -> tuple[bool, str, str, int]:
    number = phone.read(text, country)
    return bool(number.e164), number.repair, number.reason, len(number.others)


def _plain(text: str) -> str:
    """Every digit as an ASCII one, in its place."""
    return "".join(str(int(char)) if char.isdecimal() else char for char in text)


def _only_digits(text: str) -> str:
    """The digits of a text that holds nothing else but what stands between digits; else ""."""
    return re.sub(r"\D", "", text) if re.fullmatch(rf"\d(?:{_BETWEEN}\d)*", text) else ""


def _swapped(text: str, swaps: Iterable[Swap]) -> str:
    plain, done = _plain(text), set[int]()
    for swap in swaps:
        for places in swap.found(plain):
            if not done & set(places):
                text = _put(text, places, swap.other[-len(places) :])
                done |= set(places)
    return text


def _put(text: str, places: Iterable[int], digits: str) -> str:
    """The text with other digits in some places, in the script of those that stand there; blanks where none is left."""
    signs = list(text)
    left = list(digits)
    for at in places:
        if signs[at].isdecimal():
            signs[at] = chr(ord(signs[at]) - int(signs[at]) + int(left.pop(0))) if digits else " "
    return "".join(signs)
