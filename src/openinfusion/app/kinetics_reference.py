"""The page of the reference on kinetic models, made from their files: whom each was made on, what it needs, where its numbers were read,
and what is absent. It computes no level."""

from collections.abc import Iterator

from openinfusion.app.present import quantity
from openinfusion.core.figure import Source
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Covariate, Status
from openinfusion.protocols.kinetics import AbsentModel, Kinetics, PublishedLevels, load_kinetics

_HEAD = """# Kinetic models

Made from the model files of the package by `scripts/reference.py`; a test keeps this page current. A model shows an expected level; it
never sets a dose. None of them has been reviewed by a clinician.

`complete` means that curves, bands and fits to measured levels are allowed; `typical-only` means the curve of the typical person, and
bands and fits are refused. A patient outside a range is refused; where no range stands, none was read. A tier after a source says how far
it can be trusted: A is best, C a copy, D a transcription by machine, U unsourced. Most numbers were read in a catalogue of such
transcriptions and not in the paper, which stands in the citation: a second person checks them against it before a model is relied on.

| model | drug | routes | made on | use |
|---|---|---|---|---|"""

_USES = {Status.COMPLETE: "complete", Status.TYPICAL_ONLY: "typical-only"}
_ABSENT = """
## Absent

What was looked for and is not here. A drug without a model shows no curve.

| drug | routes | why |
|---|---|---|"""
_LEVELS = """
## Published levels

Means of groups as printed, for depots that have no model here."""


def kinetic_models_page() -> str:
    """Every model, what is absent, and the published levels, as Markdown for `docs/reference/kinetic-models.md`."""
    kinetics = load_kinetics()
    return "\n".join(line for part in _parts(kinetics) for line in part) + "\n"


def _parts(kinetics: Kinetics) -> Iterator[Iterator[str]]:
    models = kinetics.models.values()
    yield iter([_HEAD])
    yield (_row(model) for model in models)
    yield from (_section(model) for model in models)
    yield iter([_ABSENT])
    yield (_absent(one) for one in kinetics.absent)
    yield iter([_LEVELS])
    yield from (_levels(table) for table in kinetics.levels.values())


def _routes(model: Model) -> str:
    return ", ".join(("IV", *(route.value for route in model.file.absorption)))


def _row(model: Model) -> str:
    file = model.file
    return f"| [{model.id}](#{model.id}) | {file.drug} | {_routes(model)} | {file.population} | {_USES[model.status]} |"


def _section(model: Model) -> Iterator[str]:
    file = model.file
    kinds = [
        file.structure.value,
        f"{file.elimination.value} elimination",
        f"{file.binding.value} concentration in {file.units.concentration}",
    ]
    kinds += ["effect site"] if model.layout.has_effect else []
    yield from ("", f"## {model.id}", "", f"{file.citation}.", "")
    yield f"{_capital(', '.join(kinds))}. Amounts are {file.salt}, in {file.units.amount}; time in {file.units.time}."
    yield from ("", "| parameter | formula |", "|---|---|")
    yield from (f"| {name} | `{text}` |" for name, text in file.parameters.items())
    if file.covariates:
        yield from ("", "| asked for | unit | from | to | typical | what it is |", "|---|---|---|---|---|---|")
        yield from (_covariate(name, one) for name, one in file.covariates.items())
    yield ""
    yield from (f"- {line}" for line in (*_variability(model), *file.notes))
    yield f"- Read in: {_sources(file.sources)}"


def _covariate(name: str, one: Covariate) -> str:
    low, high, reference = (("not read" if figure is None else f"{figure:g}") for figure in (one.low, one.high, one.reference))
    return f"| {name} | {one.unit} | {low} | {high} | {reference} | {one.meaning} |"


def _variability(model: Model) -> Iterator[str]:
    written, error = model.file.variability, model.file.error
    if written.variance:
        between = ", ".join(f"{name} {variance:g}" for name, variance in written.variance.items())
        between += "".join(f", {one} with {other} {covariance:g}" for one, other, covariance in written.cov)
        yield f"Variances between patients: {between}."
    if written.occasion:
        yield f"Variances between occasions: {', '.join(f'{name} {variance:g}' for name, variance in written.occasion.items())}."
    if error is not None:
        sizes = f"proportional {error.proportional:g}, additive {error.additive:g} {model.file.units.concentration}"
        yield f"Residual error, {error.form.value}: {sizes}."


def _absent(one: AbsentModel) -> str:
    return f"| {one.drug} | {', '.join(route.value for route in one.routes)} | {one.reason} {_sources(one.sources)} |".replace("  |", " |")


def _levels(table: PublishedLevels) -> Iterator[str]:
    yield from ("", f"### {table.id}", "")
    given = f"{_capital(table.drug)} {quantity(table.dose.quantity)}, {table.route.value}"
    yield f"{given}: {table.population}. {table.notes} {_sources(table.sources)}"
    yield from ("", f"| {table.time_unit} | {table.unit} |", "|---:|---:|")
    yield from (f"| {time:g} | {level:g} |" for time, level in table.values)


def _sources(found: tuple[Source, ...]) -> str:
    return f"({'; '.join(f'{one.cite}, {one.at} {one.tier.value}' for one in found)})" if found else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
