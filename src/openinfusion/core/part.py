"""What all parts of a protocol, a table or a policy are made of: frozen, without unknown keys, each rule with its condition and sources."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from openinfusion.core.condition import Condition, read_condition, write_condition
from openinfusion.core.figure import Source

When = Annotated[Condition, BeforeValidator(read_condition), PlainSerializer(write_condition)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.%+/-]*$")]


class Region(StrEnum):
    """Whose label or guideline a rule restates. Where a site sets none, the stricter rule holds."""

    US = "US"
    EU = "EU"
    UK = "UK"
    AU = "AU"
    CA = "CA"


class Selection(StrEnum):
    """Whether a rule is chosen by its condition or only by a prescriber."""

    AUTOMATIC = "automatic"
    PRESCRIBER = "prescriber"


class Authority(StrEnum):
    """Whose figure it is: a sourced minimum that always wins, or the site's own signed policy."""

    PROTOCOL_MINIMUM = "protocol_minimum"
    SITE_POLICY = "site_policy"


class Part(BaseModel):
    """Base of all parts: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(Part):
    """A part with a name of its own, a condition under which it holds, the regions and products it belongs to (none: all), and its
    sources."""

    id: Code
    when: When | None = None
    regions: tuple[Region, ...] = ()
    products: tuple[Code, ...] = ()
    sources: tuple[Source, ...] = ()
