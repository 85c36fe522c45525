"""What is asked of kinetics as plain data, in the shape of `docs/reference/kinetics-cli.md`. It checks form; units, domains and times are
judged where they are used."""

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, ValidationError, model_validator

from openinfusion.core.errors import Malformed
from openinfusion.core.part import Part
from openinfusion.core.pharmacokinetics.model_file import Via
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.target import At, Auc, Peak, Target, TimeAbove, Trough

MOST_TOLD = 5
_FORMS = ("str", "int", "float", "Grid")
Scalar = StrictStr | StrictInt | StrictFloat
Text = StrictStr
Whole = StrictInt
ModelName = Annotated[StrictStr, Field(min_length=1)] | dict[str, object]
"""The id of a model, or one written out."""


class Spread(Part):
    """How a covariate differs between the patients of a population: one of three."""

    normal: tuple[Text, Text, Text, Text] | None = None
    uniform: tuple[Text, Text] | None = None
    among: tuple[tuple[Scalar, Annotated[float, Field(ge=0, allow_inf_nan=False)]], ...] = ()

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum((self.normal is not None, self.uniform is not None, bool(self.among))) != 1:
            raise ValueError("write one of normal [mean, sd, low, high], uniform [low, high] or among [[value, share], ...]")
        return self


Timed = tuple[tuple[Text, Scalar], ...]
Covariate = Scalar | Timed
Spreadable = Scalar | tuple[Scalar, ...] | Spread


class Dose(Part):
    """One line of a regimen: an amount over a time, an amount at once, or a rate."""

    infuse: Text | None = None
    dose: Text | None = None
    rate: Text | None = None
    over: Text | None = None
    start: Text = "0 h"
    stop: Text | None = None
    every: Text | None = None
    n: Whole | None = None
    steady: StrictBool = False
    route: Text = Via.IV.value

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(one is not None for one in (self.infuse, self.dose, self.rate)) != 1:
            raise ValueError("write one of infuse, dose or rate")
        if (self.infuse is None) != (self.over is None):
            raise ValueError("infuse goes with over, nothing else does")
        if self.rate is None and self.stop is not None:
            raise ValueError("stop goes with rate")
        if self.rate is not None and (self.every is not None or self.n is not None or self.steady):
            raise ValueError("a rate is not repeated: write each with its start and stop")
        return self

    def added_to(self, regimen: Regimen) -> Regimen:
        """A regimen with this line; raises CommandRefused."""
        if self.rate is not None:
            return regimen.rate(self.rate, start=self.start, stop=self.stop, route=self.route)
        if self.infuse is not None and self.over is not None:
            return regimen.infuse(
                self.infuse, over=self.over, route=self.route, start=self.start, every=self.every, n=self.n, steady=self.steady
            )
        return regimen.dose(self.dose or "", route=self.route, start=self.start, every=self.every, n=self.n, steady=self.steady)


class Grid(Part):
    """Even times, both ends included where a step falls on them."""

    first: Annotated[Text, Field(alias="from")] = "0 h"
    to: Text
    step: Text


Times = Grid | tuple[Text, ...]


class Aimed(Part):
    """What is to be reached: an area, a level at a time, before the next dose, the highest, or a time above a level."""

    kind: Literal["auc", "at", "trough", "peak", "time-above"]
    wanted: Text
    low: Text | None = None
    high: Text | None = None
    window: Text | None = None
    start: Text = "0 h"
    time: Text | None = None
    level: Text | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.kind == "at") != (self.time is not None) or (self.kind == "time-above") != (self.level is not None):
            raise ValueError('kind "at" needs time and "time-above" needs level; no other has them')
        if self.window is not None and self.kind in ("at", "trough"):
            raise ValueError(f'kind "{self.kind}" has no window')
        return self

    @property
    def target(self) -> Target:
        """As the search asks for it; raises CommandRefused."""
        match self.kind:
            case "auc":
                return Auc(self.wanted, self.window or "24 h", low=self.low, high=self.high, start=self.start)
            case "at":
                return At(self.wanted, self.time or "", low=self.low, high=self.high)
            case "trough":
                return Trough(self.wanted, low=self.low, high=self.high, start=self.start)
            case "peak":
                return Peak(self.wanted, low=self.low, high=self.high, window=self.window, start=self.start)
            case "time-above":
                level, window = self.level or "", self.window or "24 h"
                return TimeAbove(level, self.wanted, low=self.low, high=self.high, window=window, start=self.start)


class Giving(Part):
    """How a dose can be given."""

    every: Text
    over: Text | None = None
    route: Text = Via.IV.value
    start: Text | None = None
    steady: StrictBool = False
    step: Text | None = None
    vial: Text | None = None
    concentration: Text | None = None


class Doses(Part):
    """A row of doses, each tried in everybody."""

    doses: Annotated[tuple[Text, ...], Field(min_length=1, max_length=100)]
    target: Aimed
    every: Text
    over: Text | None = None
    route: Text = Via.IV.value
    start: Text = "0 h"
    steady: StrictBool = False


class People(Part):
    """A population: how many, by which seed, what is counted. `by` gives the edges of subgroups, `every` the interval of the targets."""

    n: Whole | None = None
    seed: Whole = 1
    occasions: Annotated[tuple[Text, ...], Field(min_length=1)] = ("0 h",)
    percentiles: Annotated[tuple[Annotated[float, Field(ge=0, le=100)], ...], Field(min_length=1, max_length=21)] = (5.0, 50.0, 95.0)
    targets: Annotated[tuple[Aimed, ...], Field(max_length=20)] = ()
    by: dict[str, Annotated[tuple[Text, ...], Field(min_length=2, max_length=50)]] = Field(default_factory=dict)
    every: Text = "24 h"
    sweep: Doses | None = None


class ToSimulate(Part):
    """One patient, or a population where `population` is there; what a protocol tells may be left out beside one."""

    model: ModelName | None = None
    covariates: dict[str, Covariate | Spreadable] = Field(default_factory=dict)
    between: Text = "locf"
    regimen: tuple[Dose, ...] = ()
    times: Times | None = None
    areas: tuple[tuple[Text, Text], ...] = ()
    population: People | None = None


class ToEstimate(Part):
    """One patient with measured levels. `times` asks for a band."""

    model: ModelName
    covariates: dict[str, Covariate] = Field(default_factory=dict)
    between: Text = "locf"
    occasions: Annotated[tuple[Text, ...], Field(min_length=1)] = ("0 h",)
    regimen: tuple[Dose, ...] = ()
    levels: tuple[tuple[Text, Text], ...] = ()
    lloq: Text | None = None
    seed: Whole = 1
    times: Times | None = None


class ToRecommend(ToEstimate):
    """One patient with measured levels, and what a new dose should reach. `limits` names a protocol whose limits hold."""

    target: Aimed
    give: Giving
    limits: Text | None = None


class ToControl(Part):
    """Targets of a controlled infusion: pairs of when one begins and its level."""

    model: ModelName
    covariates: dict[str, Covariate] = Field(default_factory=dict)
    targets: tuple[tuple[Text, Text], ...]
    until: Text
    greatest: Text
    site: Text = "plasma"
    concentration: Text | None = None


Asked = TypeVar("Asked", bound=Part)


def read_request(shape: type[Asked], plain: Mapping[str, object]) -> Asked:
    """Plain data in the shape of a request; raises Malformed with what is wrong and where."""
    try:
        return shape.model_validate(plain)
    except ValidationError as failure:
        told = list(dict.fromkeys(_problems(failure)))
        raise Malformed("request", "; ".join(told[:MOST_TOLD]), "it as docs/reference/kinetics-cli.md says") from failure


def _problems(failure: ValidationError) -> Iterator[str]:
    """One line for each place, which is named as in the request; a value of none of its forms is told once."""
    for error in failure.errors(include_url=False):
        named = list(takewhile(_is_written, error["loc"]))
        place = ".".join(str(part) for part in named)
        is_whole = len(named) == len(error["loc"])
        said = error["msg"].removeprefix("Value error, ") if is_whole else "it has none of the forms that it may have"
        yield f"{place or 'it'}: {said[:1].lower()}{said[1:]}"


def _is_written(part: str | int) -> bool:
    """Whether a part of a place stands in the request, and does not name a form that was tried."""
    return isinstance(part, int) or not (part in _FORMS or any(sign in part for sign in "[(-"))
