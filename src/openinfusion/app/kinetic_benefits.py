"""Four benefits of giving a drug by infusion or injection, each as a worked comparison from a published model: it acts fast, its amount is
controlled, it needs no swallowing, a depot stays longer. The document of the same name and the page of kinetics are made from here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from openinfusion.app.kinetic_routes import Compared, compared, reference_facts, svg_of
from openinfusion.app.present.kinetic_drawing import figure, time_text
from openinfusion.app.present.numbers import unit_text
from openinfusion.app.present.words import Translate, plain
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.patient_facts import read_person
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.protocols.kinetics import Kinetics, PublishedLevels, load_kinetics

GROUND = "#ffffff"
_FOLDER = "four-benefits"
_VEIN, _TABLET, _MUSCLE = "into a vein, over 15 min", "by mouth, a tablet", "into a muscle"
_EVEN, _SWALLOWED = "under the skin, 2 mg an hour without a break", "by mouth, every 4 hours"
_DEPOT, _STRAIGHT = "into a muscle, as an oily depot", "the same amount straight into a vein (computed only; it is not given so)"
_TITLES = ("It acts fast", "Its amount is controlled", "It works without swallowing", "A depot stays longer")
_FAST = (
    "1 g of paracetamol into a vein over 15 minutes passes half of the highest level of a tablet after {vein}, the tablet after {tablet}.",
    "At the effect site, which lags behind the blood, the same is {vein_effect} against {tablet_effect}.",
    "All of the infusion arrives; of the tablet {share} %.",
)
_CONTROLLED = (
    "2 mg of morphine an hour under the skin holds {even} mcg/L on the third day and does not swing.",
    "Tablets that bring as much into the blood swing from {low} to {high} mcg/L between two doses.",
    "Over that day nine of ten patients have {low_even} to {high_even} mcg/L on average by infusion, {low_mouth} to {high_mouth} by mouth.",
)
_SWALLOWING = (
    "600 mg of paracetamol into a muscle is at its highest, {muscle} mg/L, after {muscle_at}; nothing was swallowed.",
    "By mouth it is {mouth} mg/L, and {share} % of what the muscle gives arrives at all. Who vomits it or may not swallow has none of it.",
    "These were adults with malaria and fever.",
)
_STAYS = (
    "After 750 mg of testosterone undecanoate into a muscle the level stays more than half way up to its peak for {depot}.",
    "The same amount would be above that level for {straight} if it were in the blood at once: the depot lets it go slowly.",
    "That curve begins above the picture.",
    "The body's own production is counted at the rate that it keeps at last, by the model.",
)
_TABLE = "Where no model of a depot could be read, its measured levels stand instead: {drug}, {dose}, {population}."
_WARNING = (
    "Simulated from published models for the typical person of each; nothing here was measured in a patient of yours, and no dose follows."
)


@dataclass(frozen=True, slots=True)
class Benefit:
    """One benefit: its number, its title, what the figures say, and the comparison that they come from."""

    name: str
    title: str
    told: tuple[str, ...]
    made: Compared

    @property
    def model(self) -> Model:
        """The model behind it."""
        return self.made.model


@dataclass(frozen=True, slots=True)
class DepotTable:
    """Measured levels of a depot that has no model, as printed, and what they are."""

    told: str
    levels: PublishedLevels


def benefits(translate: Translate = plain) -> tuple[Benefit, ...]:
    """The four worked examples."""
    kinetics = load_kinetics()
    makers = (_fast, _controlled, _swallowing, _stays)
    return tuple(
        Benefit(name, translate(title), tuple(translate(form).format(**figures) for form in forms), made)
        for name, title, (forms, figures, made) in zip(
            ("fast", "controlled", "without-swallowing", "stays"), _TITLES, (maker(kinetics, translate) for maker in makers), strict=True
        )
    )


@lru_cache(maxsize=8)
def benefits_in(language: str, translate: Translate) -> tuple[Benefit, ...]:
    """The same, worked out once per process and language: the files they come from are part of the package."""
    del language  # the key under which they are kept; the translation knows it by itself
    return benefits(translate)


def usual_benefits() -> tuple[Benefit, ...]:
    """The same in English."""
    return benefits_in("en", plain)


def _share_by_mouth(model: Model) -> float:
    """How much of what the typical patient swallows arrives in the blood."""
    person = read_person(model, reference_facts(model))
    return float(np.ravel(model.parameters(person.covariates[0])["ORAL.F"])[0])


_Told = tuple[tuple[str, ...], Mapping[str, str], Compared]


def _fast(kinetics: Kinetics, translate: Translate) -> _Told:
    model = kinetics.models["paracetamol-morse-2022"]
    ways = (
        (translate(_VEIN), Regimen().infuse("1 g", over="15 min")),
        (translate(_TABLET), Regimen().dose("1 g", route="ORAL")),
    )
    blood = compared(model, ways, "paracetamol 1 g", until_h=6.0, above="", translate=translate)
    effect = compared(model, ways, "paracetamol 1 g", until_h=6.0, at_effect=True, translate=translate)
    figures = {
        **dict(zip(("vein", "tablet"), (row.onset for row in blood.rows), strict=True)),
        **dict(zip(("vein_effect", "tablet_effect"), (row.onset for row in effect.rows), strict=True)),
        "share": f"{100 * _share_by_mouth(model):.1f}",
    }
    return _FAST, figures, blood


def _controlled(kinetics: Kinetics, translate: Translate) -> _Told:
    model = kinetics.models["morphine-oosten-2017"]
    even = Regimen().rate("2 mg/h", route="SC")
    mouth = Regimen().dose(f"{8 / _share_by_mouth(model):.2f} mg", route="ORAL", every="4 h", n=18)
    ways = ((translate(_EVEN), even), (translate(_SWALLOWED), mouth))
    made = compared(model, ways, "morphine, 48 mg a day in the blood", until_h=72.0, translate=translate)
    flat, swing = (one.level[one.time_h >= 48.0] * 1000 for one in made.exact)
    people = model.population(reference_facts(model), 1000, seed=1)
    spread = [np.percentile(people.solved(one, people.blocks[0]).auc(48.0, 72.0) / 24.0, (5, 95)) * 1000 for one in (even, mouth)]
    figures = {
        "even": figure(float(flat.mean())),
        "low": figure(float(swing.min())),
        "high": figure(float(swing.max())),
        "low_even": f"{spread[0][0]:.0f}",
        "high_even": f"{spread[0][1]:.0f}",
        "low_mouth": f"{spread[1][0]:.0f}",
        "high_mouth": f"{spread[1][1]:.0f}",
    }
    return _CONTROLLED, figures, made


def _swallowing(kinetics: Kinetics, translate: Translate) -> _Told:
    model = kinetics.models["paracetamol-wattanakul-2016"]
    ways = ((translate(_MUSCLE), Regimen().dose("600 mg", route="IM")), (translate(_TABLET), Regimen().dose("600 mg", route="ORAL")))
    made = compared(model, ways, "paracetamol 600 mg", until_h=12.0, translate=translate)
    muscle, mouth = made.exact
    figures = {
        "muscle": figure(muscle.peak),
        "muscle_at": time_text(muscle.peak_h, translate),
        "mouth": figure(mouth.peak),
        "share": f"{100 * _share_by_mouth(model):.1f}",
    }
    return _SWALLOWING, figures, made


def _stays(kinetics: Kinetics, translate: Translate) -> _Told:
    model = kinetics.models["testosterone-undecanoate-pastuszak-2021"]
    ways = ((translate(_DEPOT), Regimen().dose("750 mg", route="IM")), (translate(_STRAIGHT), Regimen().dose("750 mg")))
    made = compared(model, ways, "testosterone after 750 mg of its undecanoate", until_h=24.0 * 90, translate=translate)
    depot, straight = made.exact
    made = replace(made, picture=replace(made.picture, most=2.5 * depot.peak))
    return _STAYS, {"depot": time_text(depot.above_h, translate), "straight": time_text(straight.above_h, translate)}, made


def depot_table(translate: Translate = plain) -> DepotTable:
    """Measured levels of medroxyprogesterone under the skin, for which no model could be read."""
    found = load_kinetics().levels["medroxyprogesterone-sc-104mg"]
    dose = f"{found.dose.quantity.to('mg').value} mg"
    return DepotTable(translate(_TABLE).format(drug=found.drug, dose=dose, population=found.population), found)


def benefits_page() -> str:
    """The document `docs/explanation/four-benefits-of-infusion.md`."""
    return "\n".join(_lines()) + "\n"


def benefit_pictures() -> Mapping[str, str]:
    """The pictures of that document by their path beside it."""
    return {f"{_FOLDER}/{one.name}.svg": svg_of(one.made, one.name, ground=GROUND) for one in usual_benefits()}


def _lines() -> Iterator[str]:
    yield "# Four benefits of infusion, worked out"
    yield from ("", f"{_WARNING} Made by `scripts/reference.py`; a test keeps it current.", "")
    yield "A level counts here from half of the lowest peak that is compared, so that no threshold is made up; where the body makes some of"
    yield "the drug itself, from half of the way up. The models, with their sources, stand in the"
    yield "[reference](../reference/kinetic-models.md)."
    for n, one in enumerate(usual_benefits(), 1):
        yield from ("", f"## {n}. {one.title}", "", *one.told, "")
        yield from (f"![{one.title}: levels over time]({_FOLDER}/{one.name}.svg)", "")
        yield f"| way | above {one.made.above} after | highest | at | above it for | last at |"
        yield "|---|---|---|---|---|---|"
        yield from (f"| {row.name} | {row.onset} | {row.peak} | {row.peak_at} | {row.above} | {row.last} |" for row in one.made.rows)
        yield from ("", f"{one.model.file.citation} ([{one.model.id}](../reference/kinetic-models.md#{one.model.id})), made on")
        yield f"{one.model.file.population}."
    table = depot_table()
    sources = "; ".join(f"{source.cite}, {source.at} {source.tier.value}" for source in table.levels.sources)
    yield from ("", f"{table.told}", f"{table.levels.notes} ({sources})", "")
    yield from (f"| {table.levels.time_unit} | {unit_text(table.levels.unit)} |", "|---:|---:|")
    yield from (f"| {time:g} | {level:g} |" for time, level in table.levels.values)


def message_ids() -> tuple[str, ...]:
    """Every English text of this room, for the translation files."""
    ways = (_VEIN, _TABLET, _MUSCLE, _EVEN, _SWALLOWED, _DEPOT, _STRAIGHT)
    return (*_TITLES, *_FAST, *_CONTROLLED, *_SWALLOWING, *_STAYS, _TABLE, _WARNING, *ways)
