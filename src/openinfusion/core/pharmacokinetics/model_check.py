"""Whether a model file holds together: formulas that parse, names that exist, parameters that its structure needs, variances that make a
matrix. Every problem is named with its place; nothing is repaired."""

from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

import numpy as np

from openinfusion.core.pharmacokinetics.formula import FUNCTIONS, Formula, FormulaError, parse
from openinfusion.core.pharmacokinetics.layout import paths
from openinfusion.core.pharmacokinetics.model_file import Absorption, Elimination, ModelFile, Path, Uptake
from openinfusion.core.pharmacokinetics.own_equations import problems_of
from openinfusion.core.pharmacokinetics.parameters import BASELINE, Recipe
from openinfusion.core.quantity import UnitError, unit

Problems = list[str]

_NEEDED: Mapping[Uptake, tuple[str, ...]] = {
    Uptake.FIRST_ORDER: ("ka",),
    Uptake.ZERO_ORDER: ("duration",),
    Uptake.TRANSIT: ("ka",),
    Uptake.PARALLEL: (),
}
_FORMULAS = ("F", "lag", "ka", "duration", "ktr", "mtt", "fraction")
_SATURABLE = (("VMAX",), ("KM",))
_CLEARED = (("CL", "KE"),)
ELIMINATION: Mapping[Elimination, tuple[tuple[str, ...], ...]] = {
    Elimination.LINEAR: _CLEARED,
    Elimination.MICHAELIS_MENTEN: _SATURABLE,
    Elimination.PARALLEL: (*_CLEARED, *_SATURABLE),
    Elimination.TMDD_QSS: (*_CLEARED, ("KINT",), ("KDEG",), ("KSS",), ("R0",)),
    Elimination.EQUATIONS: (),
}
"""What each kind of elimination needs: one parameter of each group."""

EXCHANGE: tuple[tuple[tuple[str, ...], ...], ...] = ((("Q", "K12"), ("V2", "K21")), (("Q2", "K13"), ("V3", "K31")))
"""What each further compartment needs: a clearance and a volume, or two rates."""

VOLUME = ("V1", "V")


def compiled(file: ModelFile) -> tuple[Recipe, Problems]:
    """The recipe of a file's parameters, and what is wrong with it."""
    problems: Problems = []
    formulas = {name: _parsed(f"parameters.{name}", text, problems) for name, text in file.parameters.items()}
    ordered = _ordered(formulas, problems)
    for key, text in _further(file, problems):
        ordered[key] = _parsed(f"absorption.{key}" if key != BASELINE else key, text, problems)
    known = {*file.covariates, *file.parameters}
    for name, formula in ordered.items():
        problems += [f"{name}: there is no parameter or covariate {missing!r}" for missing in sorted(formula.names - known)]
    for check in _CHECKS:
        problems += check(file)
    variances, occasions = file.variability.variance, file.variability.occasion
    etas = tuple(name for name in variances if variances[name] > 0)
    return Recipe(ordered, etas, tuple(name for name in occasions if occasions[name] > 0)), problems


def _parsed(place: str, text: str, problems: Problems) -> Formula:
    try:
        return parse(text)
    except FormulaError as failure:
        problems.append(f"{place}: {failure}")
        return parse("0")


def _ordered(formulas: Mapping[str, Formula], problems: Problems) -> dict[str, Formula]:
    """The formulas, each behind those that it uses."""
    graph = {name: [used for used in formula.names if used in formulas] for name, formula in formulas.items()}
    try:
        return {name: formulas[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as failure:
        problems.append(f"parameters: {', '.join(failure.args[1])} are computed from each other")
        return dict(formulas)


def _further(file: ModelFile, problems: Problems) -> Iterator[tuple[str, str]]:
    """The formulas of absorption and baseline by the keys under which their values will stand."""
    for route, absorption in file.absorption.items():
        problems += _absorption_problems(route.value, absorption)
        for key, path in paths(route, absorption):
            for name in _FORMULAS:
                text = getattr(path, name)
                if isinstance(text, str):
                    yield f"{key}.{name}", text
        if absorption.paths:
            yield f"{route.value}.F", absorption.F
    if file.baseline is not None:
        yield BASELINE, file.baseline


def _absorption_problems(route: str, absorption: Absorption) -> Iterator[str]:
    if route == "IV":
        yield "absorption.IV: what goes into a vein needs no absorption; leave it out"
    if (absorption.kind is Uptake.PARALLEL) != bool(absorption.paths):
        yield f"absorption.{route}: parallel needs paths, and no other kind has them"
    for path in absorption.paths or (absorption,):
        yield from (f"absorption.{route}: {problem}" for problem in _path_problems(path, is_one_of_several=bool(absorption.paths)))


def _path_problems(path: Path, *, is_one_of_several: bool) -> Iterator[str]:
    yield from (f"{path.kind.value} needs {name}" for name in _NEEDED[path.kind] if getattr(path, name) is None)
    if path.kind is Uptake.PARALLEL and is_one_of_several:
        yield "a path is first-order, zero-order or transit"
    if (path.kind is Uptake.TRANSIT) != (path.transits > 0):
        yield "transit needs a whole number of transits above zero, and no other kind has them"
    if path.kind is Uptake.TRANSIT and (path.ktr is None) == (path.mtt is None):
        yield "transit needs either ktr or mtt"
    if is_one_of_several != (path.fraction is not None):
        yield "each of several paths needs its fraction, and a single one has none"


def _of_structure(file: ModelFile) -> Iterator[str]:
    groups = [VOLUME, *ELIMINATION[file.elimination]]
    for pair in () if file.elimination is Elimination.EQUATIONS else EXCHANGE[: file.structure.compartments - 1]:
        groups += pair
    for group in groups:
        if sum(name in file.parameters for name in group) != 1:
            yield f"parameters: a {file.structure.value} model with {file.elimination.value} elimination needs one of {', '.join(group)}"


def _of_names(file: ModelFile) -> Iterator[str]:
    for name in file.covariates:
        if name in file.parameters or name in FUNCTIONS:
            yield f"covariates.{name}: the name is taken"
    for name in file.parameters:
        if name in FUNCTIONS:
            yield f"parameters.{name}: the name is taken"


def _of_units(file: ModelFile) -> Iterator[str]:
    for symbol in (file.units.amount, file.units.volume, file.units.concentration, *(one.unit for one in file.covariates.values())):
        try:
            unit(symbol)
        except UnitError:
            yield f"units: {symbol!r} is not in the table of units"


def _of_covariates(file: ModelFile) -> Iterator[str]:
    for name, covariate in file.covariates.items():
        if covariate.low is not None and covariate.high is not None and covariate.low > covariate.high:
            yield f"covariates.{name}: low is above high"
    for per, name in file.body.items():
        if name not in file.covariates or file.covariates[name].unit != per:
            yield f"body.{per}: there is no covariate {name!r} in {per}"


def _of_variability(file: ModelFile) -> Iterator[str]:
    written = file.variability
    yield from (
        f"variability.{name}: there is no such parameter"
        for name in {**written.variance, **written.occasion}
        if name not in file.parameters
    )
    names = [name for name, variance in written.variance.items() if variance > 0]
    matrix = np.diag([written.variance[name] for name in names]).reshape(len(names), len(names))
    for one, other, covariance in written.cov:
        if one not in names or other not in names or one == other:
            yield f"variability.cov: {one} and {other} must be two parameters with variances above zero"
            return
        matrix[names.index(one), names.index(other)] = matrix[names.index(other), names.index(one)] = covariance
    if names and float(np.min(np.linalg.eigvalsh(matrix / np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))))) < 1e-9:
        yield "variability: the matrix of variances is singular; a covariance is at most the root of the product of its variances"


def _of_equations(file: ModelFile) -> Iterator[str]:
    if file.elimination is not Elimination.EQUATIONS:
        if file.equations or file.initial:
            yield "equations: only a model whose elimination is equations has them"
        return
    yield from problems_of(file)


_CHECKS: tuple[Callable[[ModelFile], Iterator[str]], ...] = (
    _of_structure,
    _of_names,
    _of_units,
    _of_covariates,
    _of_variability,
    _of_equations,
)
