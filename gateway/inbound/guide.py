"""How a source is connected, as data: what a person sets here, and what they do in the service.

In every sentence, `**Webhooks**` is what stands on the screen there, and what is in backticks is typed.
"""

from __future__ import annotations

from dataclasses import dataclass

#: In place of a text: the address of this source.
ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A setting of this gateway that a source goes by."""

    name: str  #: In the environment.
    comes: str  #: Where its text is found, in a sentence.
    invented: bool = False  #: A long random text that a person makes up here.
    pasted: bool = False  #: A person has to paste it elsewhere: the console shows it, on a click.


@dataclass(frozen=True, slots=True)
class Paste:
    """A text that goes into a field of the service."""

    called: str  #: What that field is called there.
    what: str  #: ADDRESS, the name of a setting, or the text itself.


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do in the service."""

    says: str
    pastes: tuple[Paste, ...] = ()


@dataclass(frozen=True, slots=True)
class Guide:
    """All that a person has to know to connect a source."""

    title: str = ""  #: What people call it; "": its name.
    says: str = ""  #: What comes from there, in a sentence.
    wants: tuple[Wanted, ...] = ()
    one_is_enough: bool = False  #: Of what it wants.
    at_end: str = ""  #: The setting whose text may stand at the end of the address, after `?token=`.
    steps: tuple[Step, ...] = ()
    unsure: str = ""  #: What nobody here has checked in the service itself, said openly.
    by_form: bool = False  #: Each form has an address of its own, by a name that a person chooses.

    def wanted(self, name: str) -> Wanted | None:
        return next((one for one in self.wants if one.name == name), None)
