"""What the epidural, the two injections and the immune globulin promise as protocols, beyond the numbers of their worked patients."""

import re

import pytest

from openinfusion.core.part import Authority
from openinfusion.core.protocol import Measure, Protocol, Route, Strength
from openinfusion.core.quantity import Quantity
from openinfusion.core.rate_shape import PatientControlled, SingleInjection
from openinfusion.protocols.load import LoadedProtocol, load_all
from tests.protocols.conftest import Edit, problems_of

FOUR = ("ep-labour", "im-influenza-vaccine", "im-ceftriaxone", "sc-ig")


@pytest.fixture(scope="module")
def shipped() -> dict[str, LoadedProtocol]:
    return {name: load_all()[name] for name in FOUR}


def words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z']+", re.sub(r"\{\w+\}", "ten", text))


def syllables(word: str) -> int:
    """Groups of vowels, a silent e or ed not counted: the usual estimate."""
    lower = word.lower()
    groups = len(re.findall(r"[aeiouy]+", lower))
    silent = (lower.endswith("e") and not lower.endswith(("le", "ee"))) or (lower.endswith("ed") and not lower.endswith(("ted", "ded")))
    return max(groups - (silent and groups > 1), 1)


def grade(text: str) -> float:
    """The Flesch-Kincaid school grade of a text."""
    sentences = [part for part in re.split(r"[.!?:]\s|\n", text) if part.strip()]
    return 0.39 * len(words(text)) / len(sentences) + 11.8 * sum(map(syllables, words(text))) / len(words(text)) - 15.59


@pytest.mark.parametrize("name", FOUR)
def test_a_leaflet_reads_at_the_sixth_grade_or_below_in_every_block(name: str, shipped: dict[str, LoadedProtocol]) -> None:
    blocks = shipped[name].protocol.leaflet["en"]
    assert {block: grade(text) for block, text in blocks.items() if grade(text) > 6} == {}


@pytest.mark.parametrize("name", FOUR)
def test_no_clinician_has_signed_a_shipped_therapy(name: str, shipped: dict[str, LoadedProtocol]) -> None:
    assert shipped[name].protocol.maturity == "example"


def test_the_epidural_has_no_background_flow_because_its_source_gives_none(shipped: dict[str, LoadedProtocol]) -> None:
    epidural = shipped["ep-labour"].protocol
    (programme,) = (rate for rate in epidural.rates if isinstance(rate, PatientControlled))
    assert programme.basal is None
    assert "no-basal-flow" in {gap.id for gap in epidural.gaps}


def test_every_epidural_mixture_is_a_product_and_holds_only_ingredients_of_the_drug(shipped: dict[str, LoadedProtocol]) -> None:
    drug = shipped["ep-labour"].protocol.drug
    assert {mixture.product for mixture in drug.mixtures} == set(drug.products)
    assert {component.ingredient for mixture in drug.mixtures for component in mixture.components} == set(drug.ingredients)


def test_each_local_anaesthetic_of_the_epidural_has_its_limit_over_a_day(shipped: dict[str, LoadedProtocol]) -> None:
    limits = shipped["ep-labour"].protocol.limits
    day = {limit.of: limit.figure.quantity for limit in limits if limit.window is not None and limit.strength is Strength.HARD}
    assert day == {"bupivacaine": Quantity(400, "mg"), "levobupivacaine": Quantity(400, "mg")}  # 400 mg in 24 h, product texts of both
    assert all(limit.figure.sources for limit in limits)


def test_what_the_epidural_watches_without_a_good_source_is_the_sites_own_policy(shipped: dict[str, LoadedProtocol]) -> None:
    epidural = shipped["ep-labour"].protocol
    weak = [rule for rule in epidural.monitoring if rule.every is not None and not rule.every.tier.may_be_active]
    assert {rule.id for rule in weak} == {"after-bolus", "hourly"}
    assert all(rule.authority is Authority.SITE_POLICY for rule in weak)


@pytest.mark.parametrize("name", ["im-influenza-vaccine", "im-ceftriaxone"])
def test_an_injection_has_no_rate_and_names_its_muscles(name: str, shipped: dict[str, LoadedProtocol]) -> None:
    injection = shipped[name].protocol
    assert all(isinstance(rate, SingleInjection) for rate in injection.rates)
    assert {said.measure for said in injection.no_hard_maximum} >= {Measure.RATE, Measure.DURATION}
    assert injection.sites is not None
    assert "dorsogluteal" not in injection.sites.allowed


def test_ceftriaxone_in_lidocaine_is_banned_from_veins_and_in_water_is_not(shipped: dict[str, LoadedProtocol]) -> None:
    (ban,) = shipped["im-ceftriaxone"].protocol.route_bans
    assert (ban.route, ban.diluent) == (Route.IV, "lidocaine-1%")


def test_every_way_to_dissolve_ceftriaxone_uses_a_diluent_of_the_protocol(shipped: dict[str, LoadedProtocol]) -> None:
    preparation = shipped["im-ceftriaxone"].protocol.preparation
    assert {way.diluent for way in preparation.reconstitutions} == set(preparation.diluents)


def test_immune_globulin_is_never_for_a_vein_whatever_it_is_mixed_with(shipped: dict[str, LoadedProtocol]) -> None:
    (ban,) = shipped["sc-ig"].protocol.route_bans
    assert (ban.route, ban.diluent) == (Route.IV, None)


def test_immune_globulin_at_home_needs_a_nurse_and_a_diary(shipped: dict[str, LoadedProtocol]) -> None:
    home = shipped["sc-ig"].protocol.home
    assert home.nurse_present
    assert {"site", "batch", "volume", "rate", "reactions"} <= set(home.diary)


def rates_above_their_limits(protocol: Protocol) -> list[str]:
    """Limits of no condition but product and region that a planned rate of the same product and region would pass."""
    return [
        f"{rate.id} {limit.id}"
        for rate in protocol.rates
        if not isinstance(rate, SingleInjection)
        for limit in protocol.limits
        if limit.measure is Measure.RATE_PER_SITE and limit.strength is Strength.HARD and limit.products == rate.products
        if limit.when is None and limit.regions == rate.regions
        for step in getattr(rate, "steps", ())
        if step.rate.quantity > limit.figure.quantity
    ]


def test_no_shipped_rate_passes_an_unconditional_limit_of_its_own_product(shipped: dict[str, LoadedProtocol]) -> None:
    assert rates_above_their_limits(shipped["sc-ig"].protocol) == []


@pytest.mark.parametrize("key", ["previous: iv_immunoglobulin.dose", "previous_every: iv_immunoglobulin.every"])
def test_a_converted_dose_from_an_undeclared_field_is_refused(key: str, edit: Edit) -> None:
    pair = "    previous: iv_immunoglobulin.dose\n    previous_every: iv_immunoglobulin.every\n"
    rule = pair + '    per: {value: "1", unit: wk}\n    factor: {value: "1.37"'
    broken = f"{key.partition(':')[0]}: shoe.size"
    folder = edit((rule, rule.replace(key, broken)), protocol="sc-ig")
    assert any('"shoe.size" is not declared' in problem for problem in problems_of(folder))


def test_a_converted_dose_without_its_factor_is_refused(edit: Edit) -> None:
    factor = '    factor: {value: "1.37", unit: "1"}\n'
    assert any("write all three or none" in problem for problem in problems_of(edit((factor, ""), protocol="sc-ig")))
