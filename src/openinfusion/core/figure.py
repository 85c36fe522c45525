"""A number with its origin. A figure without a source does not exist; the worst tier used travels with every result."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator

from openinfusion.core.quantity import Quantity


class Tier(StrEnum):
    """How far a source can be trusted, best first."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    S = "S"
    U = "U"

    @property
    def may_be_active(self) -> bool:
        """Whether a figure of this tier may stand in a dose, rate, limit, premedication or contraindication of an active protocol."""
        return self in (Tier.A, Tier.B, Tier.C)


class Source(BaseModel):
    """One place in one document: `cite` is its key in the evidence file, `at` the place in it, `tier` comes from the evidence file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    cite: str
    at: str = Field(min_length=1)
    tier: Tier


class Figure(BaseModel):
    """A sourced quantity."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    quantity: Quantity
    sources: tuple[Source, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _from_file(cls, raw: object) -> object:
        """Read the form of the files, `{value, unit, sources}`."""
        if isinstance(raw, Mapping) and "value" in raw:
            rest = {key: value for key, value in raw.items() if key not in ("value", "unit")}
            return {**rest, "quantity": {"value": raw["value"], "unit": raw.get("unit", "")}}
        return raw

    @model_serializer
    def _to_file(self) -> dict[str, object]:
        """Write the form of the files."""
        return {**self.quantity.to_json(), "sources": [source.model_dump(mode="json") for source in self.sources]}

    @property
    def tier(self) -> Tier:
        """The best tier among its sources: one good source carries a figure."""
        return best(self.sources)


def best(sources: Iterable[Source]) -> Tier:
    """The best tier of some sources, U when there is none."""
    return min((source.tier for source in sources), key=list(Tier).index, default=Tier.U)


def worst(tiers: Iterable[Tier]) -> Tier | None:
    """The worst of some tiers, None when there is none."""
    return max(tiers, key=list(Tier).index, default=None)
