"""Names of people in texts: their words, found in any case and form, and the invented ones that take their place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, count, pairwise

from gateway.mapping.clean import INVISIBLE
from gateway.mapping.filters.texts import HONORIFICS
from gateway.samples.invented import steady

#: Invented names by their number of letters.
_INVENTED = {
    3: ("Mia", "Ana", "Lea", "Ida", "Ela", "Tom", "Noa", "Uma"),
    4: ("Mira", "Nina", "Omar", "Tara", "Lena", "Ines", "Hugo", "Yara"),
    5: ("Clara", "Diego", "Sofia", "Elena", "Bruno", "Marta", "Livia", "Pablo"),
    6: ("Sample", "Camila", "Farida", "Hektor", "Isidor", "Ludwig", "Odette", "Renata"),
    7: ("Marisol", "Leopold", "Octavia", "Adelina", "Ottilie", "Severin", "Lorenzo", "Viviana"),
    8: ("Valentin", "Rosalind", "Theodora", "Leopoldo", "Santiago", "Philippa", "Emiliano", "Josefina"),
}
_CONSONANTS, _VOWELS = "bdfklmnprstvz", "aeiou"
#: Small words of names that mean nobody elsewhere: they are replaced inside a name alone.
_SMALL = frozenset(["and", "aur", "dari", "for", "from", "not", "the", "und", "with"])
#: What is hung on a name to be polite.
_HUNG_ON = frozenset(["ji", "jee", "bai", "ben", "bhai", "da", "di", "garu", "saab", "sahab", "sir", "s"])
#: Scripts that put no space between words.
_UNSPACED = frozenset(["CJK", "HANGUL", "HIRAGANA", "KATAKANA", "KHMER", "LAO", "MYANMAR", "THAI"])
_ACCENTS = re.compile("[\u0300-\u036f]")
_UNSEEN = re.compile(f"[{INVISIBLE}\u200c\u200d]")
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
#: Shorter words are too common to be looked for on their own, and longer ones rare enough to be found inside others.
_SHORTEST, _INSIDE = 3, 5
#: How far to look for another letter of an alphabet.
_FURTHEST = 60


@lru_cache(maxsize=1)
def _word() -> re.Pattern[str]:
    """A letter, then letters and the signs that go with them."""
    signs = "".join(char for char in map(chr, range(0x300, 0x1E95B)) if unicodedata.category(char)[0] == "M")
    return re.compile(f"[^\\W\\d_](?:[^\\W\\d_]|[{signs}{INVISIBLE}\u200c\u200d])*")


def key(text: str) -> str:
    """A text for comparing: case, accents, width and invisible characters do not count.

    >>> key("ZOÉ") == key("Zoe\u0301") == "zoe"
    True
    """
    flat = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", flat)))


def words(text: str) -> list[str]:
    """The words of a text as keys.

    >>> words("Dr. Asha RAO-Mehta, 2nd")
    ['dr', 'asha', 'rao', 'mehta', 'nd']
    """
    return [key(match[0]) for match in _word().finditer(text)]


def name_words(text: str) -> list[str]:
    """The words of a name, without the titles before it.

    >>> name_words("Shri Asha Rao")
    ['asha', 'rao']
    """
    found = words(text)
    while found and found[0] in _TITLES:
        found.pop(0)
    return found


#: Words before a name; a filter looks for them, so they stay.
_TITLES = frozenset(map(key, HONORIFICS))


class Names:
    """The names of one lead's people.

    `names`: whole, as typed. `known`: keys of words that mean something else to the mapping or the form; they, and
    words of one or two letters, are replaced only inside a name.
    """

    def __init__(self, names: Iterable[str], known: frozenset[str], seed: int) -> None:
        self.names = [found for name in names if (found := name_words(name))]
        self._seed = seed
        self._words: dict[str, str] = {}
        every = list(dict.fromkeys(chain(*self.names)))
        self._telling = {word for word in every if _is_telling(word) and word not in known | _SMALL}
        for word in every:
            self._words[word] = self._invent(word)
        self._glued = {first: second for first, second in map(self._joined, self._ways()) if first not in known}
        self._beside = {pair for name in self.names for pair in pairwise(name)}
        telling = {word: self._words[word] for word in self._telling}
        self._inside = {word: other for word, other in (telling | self._glued).items() if _found_inside(word)}

    def first(self) -> str:
        """Invented words of the first name, for an e-mail address: "mira.sample"; "" without a name."""
        said = [self._words[word] for word in chain(*self.names[:1])]
        return ".".join(word for word in said[:2] if word.isascii())

    def changed(self, text: str) -> str:
        """The text with invented names; each word keeps its case.

        >>> names = Names(["Asha Rao"], frozenset(), 1)
        >>> names.changed("ASHA, asha@home") == names.changed("asha").upper() + ", " + names.changed("asha") + "@home"
        True
        """
        found = list(_word().finditer(text))
        keys = [key(match[0]) for match in found]
        is_name = name_words(text) in self.names
        said = [self._said(match[0], at, keys, is_name=is_name) for at, match in enumerate(found)]
        ends = [0, *(match.end() for match in found)]
        between = (text[start : match.start()] for start, match in zip(ends, found, strict=False))
        return "".join(chain(*zip(between, said, strict=True))) + text[ends[-1] :]

    def left(self, text: str) -> str:
        """A word of a name that stands in a text; "" for none."""
        here = {key(part) for match in _word().finditer(text) for part in (match[0], *_humps(match[0]))}
        flat = key(text)
        left = (word for word in self._telling if word in here or (_found_inside(word) and word in flat))
        return min(left, default="")

    def _ways(self) -> Iterator[list[str]]:
        """Each name of several words, forwards and backwards: they are glued together in file names and accounts."""
        for name in self.names:
            if len(name) > 1 and len("".join(name)) >= _INSIDE:
                yield from (name, name[::-1])

    def _joined(self, name: list[str]) -> tuple[str, str]:
        return "".join(name), "".join(self._words[word] for word in name)

    def _said(self, word: str, at: int, keys: list[str], *, is_name: bool) -> str:
        """What stands for the word at one place of a text whose words are `keys`."""
        mine = keys[at]
        is_beside = (*keys[at : at + 2],) in self._beside or (*keys[max(at - 1, 0) : at + 1],) in self._beside
        if mine in self._telling or (mine in self._words and (is_beside or is_name)):
            return _styled(self._words[mine], word)
        return _styled(self._glued[mine], word) if mine in self._glued else self._said_inside(word)

    def _said_inside(self, word: str) -> str:
        """For a word that holds a name: AshaRaoCV, ashaji, ashasharma92."""
        if humps := _humps(word):
            return "".join(self._said_alone(hump) for hump in humps)
        mine = other = key(word)
        for name in sorted(self._inside, key=len, reverse=True):
            other = other.replace(name, self._inside[name])
        for name in self._telling:
            if mine.removeprefix(name) in _HUNG_ON or mine.removesuffix(name) in _TITLES:
                other = mine.replace(name, self._words[name])
        return word if other == mine else _styled(other, word)

    def _said_alone(self, hump: str) -> str:
        mine = key(hump)
        return _styled(self._words[mine], hump) if mine in self._telling else self._said_inside(hump)

    def _invent(self, word: str) -> str:
        """A word as long as the real one, in its alphabet, that holds none of the real ones."""
        others = _candidates(word, steady(self._seed, len(self._words)))
        if not _is_telling(word):
            return next(other for other in others if other != word)
        taken = {*self._telling, *self._words, *self._words.values()}
        long = list(filter(_found_inside, self._telling))
        return next(other for other in others if other not in taken and not any(real in other for real in long))


def _humps(word: str) -> list[str]:
    """The words that capitals tell apart in one: Asha, Rao and CV of AshaRaoCV; none where they do not."""
    found = _HUMPS.findall(word)
    return found if len(found) > 1 and "".join(found) == word else []


def _is_telling(word: str) -> bool:
    """Whether a word is looked for on its own."""
    return len(word) >= _SHORTEST or _found_inside(word)


def _found_inside(word: str) -> bool:
    """Whether a word is looked for inside others."""
    return len(word) >= _INSIDE or (len(word) > 1 and unicodedata.name(word[0], "").split(" ")[0] in _UNSPACED)


def _candidates(word: str, chance: int) -> Iterator[str]:
    if len(word) == 1 or not word.isascii():
        neighbours = ("".join(_neighbour(char, shift) for char in word) for shift in range(1, _FURTHEST))
        yield from (other for other in neighbours if key(other) == other)
    listed = _INVENTED.get(len(word), ())
    yield from (listed[(chance + at) % len(listed)].lower() for at in range(len(listed)))
    yield from (_spoken(len(word), chance + at) for at in count())


def _spoken(length: int, chance: int) -> str:
    """Something that can be said: consonants and vowels in turn."""
    said = ""
    for at in range(length):
        letters = _VOWELS if at % 2 else _CONSONANTS
        said += letters[steady(chance, at) % len(letters)]
    return said


def _neighbour(char: str, shift: int) -> str:
    """Another letter of the same alphabet, or another sign: the script stays, and what is a letter in it."""
    start = ord(char) & ~0x7F
    same = [each for each in map(chr, range(start, start + 0x80)) if _is_like(each, char)]
    return same[(same.index(char) + shift) % len(same)] if char in same else char


def _is_like(each: str, char: str) -> bool:
    return unicodedata.category(each) == unicodedata.category(char) and key(each) == each


def _styled(word: str, like: str) -> str:
    """In the case of what it stands for."""
    if like == like.lower():
        return word
    if len(like) > 1 and like == like.upper():
        return word.upper()
    return word[:1].upper() + word[1:]
