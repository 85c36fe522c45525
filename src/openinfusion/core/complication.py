"""The parts of the tables of complications: which statement of the guide and which routes one belongs to, how it is recognised, who is
called.

A sign that is asked about never opens a script. Only a criterion does, and it names its edition and a published source.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from openinfusion.core.criteria import Bound
from openinfusion.core.figure import best
from openinfusion.core.part import Code, Part, Rule
from openinfusion.core.protocol import Route

Statement = Annotated[int, Field(ge=1, le=92)]
"""A statement of the patient guide by its number."""


class Use(StrEnum):
    """What an entry is for: to ask about, to stay silent on, or to raise the alarm and open the script."""

    ASK = "ask"
    NEVER_ALONE = "never_alone"
    ALARM = "alarm"


class Recognition(Rule):
    """One way in which a complication shows itself.

    A criterion holds when every group of `all_of` has a sign that was found, `need` of its `signs` were found, and every measure lies
    inside its bounds; or when one of the verdicts `by` was given, which are judged elsewhere.
    """

    use: Use
    version: str = ""
    signs: tuple[Code, ...] = ()
    need: Annotated[int, Field(ge=0)] = 0
    all_of: tuple[tuple[Code, ...], ...] = ()
    measures: Mapping[Code, Bound] = Field(default_factory=dict)
    by: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _says_what_it_is(self) -> "Recognition":
        judged = bool(self.need or self.all_of or self.measures or self.by)
        if self.use is not Use.ALARM:
            if judged or not self.signs:
                raise ValueError("what is only asked about is a list of signs; write signs, and no criterion")
            return self
        if not judged:
            raise ValueError("a criterion without anything that must hold; write all_of, need with signs, measures or by")
        if not self.version or not best(self.sources).may_be_active:
            raise ValueError("a criterion names its version and a published source; without them it is only asked about")
        if self.need > len(self.signs) or (self.signs and not self.need) or not all(self.all_of):
            raise ValueError("a criterion that cannot be read; write need for its signs, and no empty group")
        return self

    @property
    def opens_by_one_sign(self) -> bool:
        """Whether a single sign fulfils this criterion."""
        return self.use is Use.ALARM and len(self.all_of) == 1 and not self.measures and self.need <= 1


class Call(Rule):
    """Somebody who is called."""


class Complication(Part):
    """One complication by its code: the statements of the guide that it answers, its routes, how it is recognised and who is called.

    `drugs` names the kinds of drug it belongs to; none: every drug.
    """

    code: Code
    statements: tuple[Statement, ...] = ()
    routes: tuple[Route, ...] = Field(min_length=1)
    drugs: tuple[Code, ...] = ()
    recognise: tuple[Recognition, ...] = Field(min_length=1)
    call: tuple[Call, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _asking_opens_nothing(self) -> "Complication":
        enough = {sign for one in self.criteria if one.opens_by_one_sign for group in one.all_of for sign in group}
        if both := enough & set(self.asks):
            raise ValueError(f'the sign "{min(both)}" is asked about and opens the script alone; leave it out of one of the two')
        return self

    @property
    def asks(self) -> tuple[str, ...]:
        """The signs to ask about, each once."""
        return tuple(dict.fromkeys(sign for one in self.recognise if one.use is not Use.ALARM for sign in one.signs))

    @property
    def criteria(self) -> tuple[Recognition, ...]:
        """What opens the script."""
        return tuple(one for one in self.recognise if one.use is Use.ALARM)
