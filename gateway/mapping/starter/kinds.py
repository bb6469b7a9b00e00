"""What an answer is: the phone number, a name, the e-mail address, the city, or something of this form alone.

By whole words of its names, in the languages that forms come in. A word that is not known here leaves the
answer to a person: a wrong guess would greet somebody by the name of a company.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from gateway import phone
from gateway.mapping.names import normal
from gateway.mapping.starter.seen import Given, is_number


def _words(text: str) -> frozenset[str]:
    """Words as `normal` writes them: some scripts have two ways to write a letter."""
    return frozenset(map(normal, text.split()))


_WHATSAPP = _words("whatsapp व्हाट्सएप व्हाट्सऐप واتساب واتس")
#: Parts of words that mean a phone.
_PHONE = _WHATSAPP | _words(
    "phone mobil telefon telephone teléfono téléphone telefone celular móvil ponsel फ़ोन फोन मोबाइल телефон "
    "هاتف جوال موبايل 手机 电话 電話 โทร"
)
#: Words that mean a phone where a number follows.
_PHONE_WORDS = _words("cell contact handy hp portable tel wa")
#: Words that make a number somebody else's.
_SOMEBODY_ELSE = _words(
    "agent brother company dad emergency father fax friend friends guardian husband landline manager mom mother office "
    "parent parents partner reference referral referred referee relative sister son spouse wife work"
)
_NAME = _words(
    "name naam nama namn navn nom nombre nome isim नाम имя 姓名 名前 氏名 اسم الاسم "
    "fullname yourname customername leadname contactname"
)
_FIRST_NAME = _words("firstname fname forename givenname vorname prénom prenom")
_LAST_NAME = _words("lastname lname surname familyname nachname apellido apellidos")
_EMAIL = _words("email emails mail emailaddress correo courriel ईमेल почта 邮箱 メール البريد")
_CITY = _words("city town ciudad ville stadt stad cidade città kota शहर город 城市 مدينة المدينة")
#: Words that change nothing of what is asked.
_FILLERS = _words(
    "a address answer are choose client complet completo complete contact customer do enter field fields form from "
    "full here in is lead lengkap live me my of please s select su tell the tu us votre what whats where which whole "
    "your you आप आपका पूरा"
)


class Kind(StrEnum):
    PHONE = "phone"
    FULL_NAME = "full_name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    CITY = "city"
    OTHER = "other"


#: Kinds that tell who somebody is: no example of them belongs in a file.
PERSONAL = frozenset({Kind.PHONE, Kind.FULL_NAME, Kind.FIRST_NAME, Kind.LAST_NAME, Kind.EMAIL})


_CALLED = frozenset({Kind.FULL_NAME, Kind.FIRST_NAME, Kind.LAST_NAME})

#: The kinds that one word tells of, while all other words are fillers.
_BY_WORD = (
    (Kind.FIRST_NAME, _FIRST_NAME),
    (Kind.LAST_NAME, _LAST_NAME),
    (Kind.FULL_NAME, _NAME),
    (Kind.CITY, _CITY),
)
_NAMES = _NAME | _FIRST_NAME | _LAST_NAME | _words("names nickname nominee signature")
_TWO_WORDS = re.compile("(first|given|last|family)_name")


@dataclass(frozen=True)
class Sorted:
    """The answers of a form, each with what it is."""

    kinds: tuple[tuple[Given, Kind], ...]

    def without_names(self, given: Given) -> Given:
        """An answer without the values that hold a word of the names that people gave."""
        return replace(given, values=tuple(value for value in given.values if not self._called & _telling(value)))

    @cached_property
    def _called(self) -> frozenset[str]:
        named = (given for given, kind in self.kinds if kind in _CALLED)
        return frozenset(word for given in named for value in given.values for word in _telling(value))

    def of(self, kind: Kind) -> list[Given]:
        """The answers of a kind in the order to look; for a phone, the number of WhatsApp first."""
        return sorted((given for given, its in self.kinds if its is kind), key=lambda given: not _says_whatsapp(given))


def sort_out(answers: Sequence[Given], country: str) -> Sorted:
    """What each answer is. `country`: ISO code for numbers written without one, "" for none.

    Where no name tells of a phone, an answer counts that holds a whole number in every lead.
    """
    told = [(given, _kind(given)) for given in answers]
    if all(kind is not Kind.PHONE for _, kind in told):
        told = [(given, Kind.PHONE if _all_numbers(given, country) else kind) for given, kind in told]
    return Sorted(tuple(told))


def _kind(given: Given) -> Kind:
    found = (_by_name(normal(name), given.values) for name in given.names)
    return next((kind for kind in found if kind is not Kind.OTHER), Kind.OTHER)


def _by_name(name: str, values: Sequence[str]) -> Kind:
    words = frozenset(name.split("_"))
    if _tells_of_phone(name, words, values):
        return Kind.PHONE
    if words & _EMAIL:
        return Kind.EMAIL if all("@" in value for value in values) else Kind.OTHER
    telling = frozenset(_TWO_WORDS.sub(r"\1name", name).split("_")) - _FILLERS
    return next((kind for kind, known in _BY_WORD if len(telling) == 1 and telling <= known), Kind.OTHER)


def _tells_of_phone(name: str, words: frozenset[str], values: Sequence[str]) -> bool:
    if words & _SOMEBODY_ELSE:
        return False
    numbers = any(map(is_number, values))
    if any(part in name for part in _PHONE):
        return numbers or all(normal(value).startswith("same") for value in values)
    return numbers and bool(words & _PHONE_WORDS)


def _all_numbers(given: Given, country: str) -> bool:
    words = frozenset(normal(" ".join(given.names)).split("_"))
    whole = [bool(phone.read(value, country).e164) for value in given.values]
    return bool(whole) and all(whole) and not words & _SOMEBODY_ELSE


def _telling(value: str) -> frozenset[str]:
    """The words of a value that are no mere initials."""
    return frozenset(word for word in normal(value).split("_") if len(word) > len("Jr"))


def tells_of_person(given: Given, kind: Kind) -> bool:
    """Whether what was typed is probably somebody's name, number or address; "Father's name" is one, too."""
    named = any(_NAMES & frozenset(normal(name).split("_")) for name in given.names)
    return kind in PERSONAL or (named and not given.is_choice)


def _says_whatsapp(given: Given) -> bool:
    return any(word in normal(name) for name in given.names for word in _WHATSAPP)
