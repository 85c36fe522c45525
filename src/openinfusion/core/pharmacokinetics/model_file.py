"""The shape of a model file, and of the plain data a user's own model is made of. It checks form, not medicine; `model` compiles it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from openinfusion.core.figure import Source
from openinfusion.core.part import Part


class Structure(StrEnum):
    """How many compartments a drug spreads through; the first is the central one."""

    ONE = "one-compartment"
    TWO = "two-compartment"
    THREE = "three-compartment"

    @property
    def compartments(self) -> int:
        """Their number."""
        return list(Structure).index(self) + 1


class Elimination(StrEnum):
    """How the drug leaves the central compartment."""

    LINEAR = "linear"
    MICHAELIS_MENTEN = "michaelis-menten"
    PARALLEL = "parallel"
    TMDD_QSS = "tmdd-qss"
    EQUATIONS = "equations"


class Via(StrEnum):
    """Where a dose is given."""

    IV = "IV"
    SC = "SC"
    IM = "IM"
    EPIDURAL = "EPIDURAL"
    ORAL = "ORAL"


class Uptake(StrEnum):
    """How a drug given outside the vein arrives in the central compartment."""

    FIRST_ORDER = "first-order"
    ZERO_ORDER = "zero-order"
    TRANSIT = "transit"
    PARALLEL = "parallel"


class ErrorForm(StrEnum):
    """Residual error: standard deviations that add are `combined1`, variances that add `combined2`."""

    ADDITIVE = "additive"
    PROPORTIONAL = "proportional"
    COMBINED1 = "combined1"
    COMBINED2 = "combined2"


class Status(StrEnum):
    """What a model may be used for: `complete` simulates, draws bands and fits; `typical-only` shows the typical curve."""

    COMPLETE = "complete"
    TYPICAL_ONLY = "typical-only"


class Binding(StrEnum):
    """What a concentration counts."""

    TOTAL = "total"
    FREE = "free"


def _text(value: object) -> object:
    """A number of plain data as the text it would have in a file."""
    return repr(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _float(value: object) -> object:
    """A number of a file, where all values are text, as a float."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _dual(value: object) -> object:
    """`dual` is the common word for two parallel paths."""
    return Uptake.PARALLEL.value if value == "dual" else value


FormulaText = Annotated[str, BeforeValidator(_text), Field(min_length=1)]
Number = Annotated[float, BeforeValidator(_float), Field(allow_inf_nan=False, strict=True)]
Positive = Annotated[float, BeforeValidator(_float), Field(allow_inf_nan=False, strict=True, ge=0)]
Whole = Annotated[
    int, BeforeValidator(lambda value: int(value) if isinstance(value, str) and value.isdecimal() else value), Field(strict=True)
]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]
NOTHING: Final = "0"
ALL: Final = "1"


class Units(Part):
    """What the model's numbers are in: all parameters are in these units and per this time."""

    time: Literal["min", "h", "d", "wk"]
    amount: str
    concentration: str
    volume: str = "L"


class Covariate(Part):
    """One fact of the patient that the model needs, with the values it was built on; `reference` is that of the typical patient."""

    unit: str = "1"
    low: Number | None = None
    high: Number | None = None
    reference: Number | None = None
    meaning: str = ""


class Path(Part):
    """One way from where it was given to the central compartment.

    `F` is the share of what goes this way that arrives; `kind` says which others it needs: `ka` of first order (after a chain of
    `transits` compartments with the rate `ktr`, or the mean time `mtt` = (transits + 1) / ktr), `duration` of zero order. `fraction` is the
    share of the dose that goes this way, where there are several.
    """

    kind: Annotated[Uptake, BeforeValidator(_dual)]
    F: FormulaText = ALL
    lag: FormulaText = NOTHING
    ka: FormulaText | None = None
    duration: FormulaText | None = None
    transits: Annotated[Whole, Field(ge=0, le=50)] = 0
    ktr: FormulaText | None = None
    mtt: FormulaText | None = None
    fraction: FormulaText | None = None


class Absorption(Path):
    """What happens on one route: one path, or some in `paths` in parallel, such as the fast and the slow one of an epidural depot."""

    paths: tuple[Path, ...] = ()


class Variability(Part):
    """Variances of log-normal etas by parameter, their covariances, and the variances between occasions of one patient."""

    variance: dict[Name, Positive] = Field(default_factory=dict)
    cov: tuple[tuple[Name, Name, Number], ...] = ()
    occasion: dict[Name, Positive] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_file(cls, raw: object) -> object:
        """Read the form of the files, where the variances stand beside `cov` and `occasion`."""
        if not isinstance(raw, Mapping) or "variance" in raw:
            return raw
        rest = {key: value for key, value in raw.items() if key in ("cov", "occasion")}
        return {**rest, "variance": {key: value for key, value in raw.items() if key not in rest}}


class ErrorModel(Part):
    """Residual error in standard deviations: `additive` in the model's concentration unit, `proportional` as a share."""

    form: ErrorForm
    additive: Positive = 0.0
    proportional: Positive = 0.0


class ModelFile(Part):
    """A model as it is written down. `body` names the covariate that a dose per kg or per m2 is multiplied by; `baseline` is the
    concentration that the body keeps up by itself. `equations` are right-hand sides of its own, with where further states are `initial`."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=80)
    units: Units
    structure: Structure
    elimination: Elimination = Elimination.LINEAR
    absorption: dict[Via, Absorption] = Field(default_factory=dict)
    covariates: dict[Name, Covariate] = Field(default_factory=dict)
    parameters: dict[Name, FormulaText] = Field(min_length=1)
    variability: Variability = Variability()
    error: Annotated[ErrorModel | None, BeforeValidator(lambda value: value or None)] = None
    baseline: FormulaText | None = None
    equations: dict[Name, FormulaText] = Field(default_factory=dict)
    initial: dict[Name, FormulaText] = Field(default_factory=dict)
    body: dict[Literal["kg", "m2"], str] = Field(default_factory=dict)
    status: Status = Status.TYPICAL_ONLY
    citation: str = ""
    sources: tuple[Source, ...] = ()
    drug: str = ""
    population: str = ""
    salt: str = ""
    binding: Binding = Binding.TOTAL
    notes: tuple[str, ...] = ()
