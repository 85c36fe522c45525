"""What ships: every file loads, every figure has a place in a document, every code has words, every leaflet can be read by anyone."""

import re
from collections.abc import Iterator

import pytest

from openinfusion.core.condition import Compare
from openinfusion.core.figure import Figure, Source, Tier
from openinfusion.core.part import Authority
from openinfusion.core.patient import Answer
from openinfusion.core.prescribing import citations
from openinfusion.core.protocol import Maturity
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import EpinephrineDoses, GeneralScreening, ResponseScript
from openinfusion.protocols.cases import read_cases
from openinfusion.protocols.checks import codes_of, parts_of, rule_ids
from openinfusion.protocols.kinetics import load_kinetics
from openinfusion.protocols.load import Library, load_library, sources_of
from openinfusion.protocols.review import weak_figures
from openinfusion.protocols.texts import BLOCKS, QUESTIONS

LIBRARY = load_library()
SHIPPED = {"iv-rituximab", "iv-infliximab", "ep-labour", "im-influenza-vaccine", "im-ceftriaxone", "sc-ig"}


@pytest.fixture(scope="module")
def library() -> Library:
    return LIBRARY


def test_no_rule_of_a_shipped_protocol_or_table_has_the_name_of_a_code(library: Library) -> None:
    # Words are looked up by name: with two meanings a person would read the sentence of the wrong one.
    codes = set(library.reference.terms["en"]) | set(library.reference.fields)
    parts = [*(loaded.protocol for loaded in library.protocols.values()), *library.reference.tables.values()]
    assert {name for part in parts for name in rule_ids(part)} & codes == set()


def test_six_therapies_ship_as_examples(library: Library) -> None:
    assert set(library.protocols) == SHIPPED
    assert {loaded.protocol.maturity for loaded in library.protocols.values()} == {Maturity.EXAMPLE}


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_no_dose_critical_figure_of_a_shipped_protocol_is_weak_but_those_it_names_as_gaps(name: str, library: Library) -> None:
    # The epidural's 90 mmHg is a threshold of ward custom: nobody can sign the protocol before a reviewer finds its source.
    known = {"ep-labour": {"low-pressure"}}
    protocol = library.protocols[name].protocol
    assert {weak.rule for weak in weak_figures(protocol)} == known.get(name, set())
    assert {f"{rule}-threshold" for rule in known.get(name, set())} <= {gap.id for gap in protocol.gaps}


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_figure_without_a_published_source_is_the_sites_policy_or_stands_outside_the_dose(name: str, library: Library) -> None:
    protocol = library.protocols[name].protocol
    sourced = [
        *(rule for rule in protocol.monitoring if rule.authority is Authority.PROTOCOL_MINIMUM),
        *(rule for rule in protocol.observation_after if rule.authority is Authority.PROTOCOL_MINIMUM),
        *(rule for rule in protocol.alarms if rule.authority is Authority.PROTOCOL_MINIMUM),
    ]
    for rule in sourced:
        figures = [item for _, item in parts_of(rule, ()) if isinstance(item, Figure)]
        assert all(figure.tier.value in "ABCD" for figure in figures), rule.id


def syllables(word: str) -> int:
    """Vowel groups of a word, silent endings left out."""
    stem = re.sub(r"(?:[^laeiouy]es|ed|[^laeiouy]e)$", "", word.lower()) if len(word) > 3 else word.lower()
    return max(1, len(re.findall(r"[aeiouy]+", stem)))


def grade(text: str) -> float:
    """School grade by Flesch and Kincaid (1975): 0.39 words per sentence + 11.8 syllables per word - 15.59."""
    plain = re.sub(r"\{\w+\}", "this", text)
    words = re.findall(r"[A-Za-z']+", plain)
    sentences = [part for part in re.split(r"[.!?:]\s|\n", plain) if re.search(r"[A-Za-z]", part)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_grade_tells_easy_from_hard_text() -> None:
    assert grade("The cat sat on the mat. It was warm.") < 2
    assert grade("Extravasation necessitates immediate discontinuation of vesicant administration.") > 15


BLOCKS_OF = [(name, block) for name in sorted(SHIPPED) for block in BLOCKS]


@pytest.mark.parametrize(("name", "block"), BLOCKS_OF)
def test_each_leaflet_answers_each_question_in_words_of_the_sixth_grade(name: str, block: str, library: Library) -> None:
    text = library.protocols[name].protocol.leaflet["en"][block]
    assert grade(text) <= 6.9, text
    assert block in BLOCKS


def test_the_eight_questions_are_those_of_the_preparation_page() -> None:
    # statements 78 to 85 of the coverage table: food and medicines, companions, pain, allergy, sessions, side effects, training, measuring
    assert len(QUESTIONS) == 8
    assert set(QUESTIONS) < set(BLOCKS)


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_every_code_and_rule_has_words_and_a_rules_sentence_goes_first(name: str, library: Library) -> None:
    protocol = library.protocols[name].protocol
    words = protocol.words("pt")  # no Portuguese yet: English is shown, never a blank
    assert {*codes_of(protocol), *rule_ids(protocol)} <= set(words)
    assert all(words[rule] == protocol.wording["en"][rule] for rule in rule_ids(protocol))


def test_every_answer_that_a_form_offers_has_words(library: Library) -> None:
    offered = {code for spec in library.reference.fields.values() for code in spec.codes}
    assert offered <= set(library.reference.terms["en"])
    assert all(spec.meaning for spec in library.reference.fields.values())


def test_a_document_is_listed_only_when_something_rests_on_it(library: Library) -> None:
    parts = [*(loaded.protocol for loaded in library.protocols.values()), *library.reference.tables.values()]
    rests = {source.cite for part in parts for source in sources_of(part)} | {"site-policy"}
    rests |= {
        source.cite
        for loaded in library.protocols.values()
        for case in read_cases(loaded, library.reference)
        for row in case.expect.values()
        for source in row.sources
    }
    rests |= {source.cite for meaning in library.reference.codes.values() for source in meaning.sources}
    rests |= {source.cite for source in FORMULA_SOURCES}
    rests |= {source.cite for source in load_kinetics().sources}
    assert set(library.reference.publications) == rests


FORMULA_SOURCES = [source for group in vars(citations).values() if isinstance(group, tuple) for source in group]


def test_a_formula_names_its_documents_with_the_tier_of_the_evidence_file(library: Library) -> None:
    listed = library.reference.publications
    assert {source.cite: source.tier for source in FORMULA_SOURCES} == {source.cite: listed[source.cite].tier for source in FORMULA_SOURCES}


def test_no_formula_rests_on_papers_alone_that_nobody_read(library: Library) -> None:
    groups = [group for group in vars(citations).values() if isinstance(group, tuple)]
    listed = library.reference.publications
    assert all(any(listed[source.cite].seen != "none" for source in group) for group in groups)
    assert all((listed[source.cite].seen == "none") <= (source.tier is Tier.U) for source in FORMULA_SOURCES)


def _all_sources(library: Library) -> Iterator[Source]:
    for loaded in library.protocols.values():
        yield from sources_of(loaded.protocol)
    for table in library.reference.tables.values():
        yield from sources_of(table)


def test_a_place_in_a_document_that_was_read_in_part_says_so_or_names_its_section(library: Library) -> None:
    for source in _all_sources(library):
        assert source.at.strip() == source.at
        assert source.at not in {source.cite, "excerpt", "-"}


def test_every_screening_asks_for_consent_and_the_emergency_kit_on_the_day(library: Library) -> None:
    for loaded in library.protocols.values():
        at_start = {rule.id for rule in loaded.general_rules if rule.before == "start"}
        assert at_start == {"consent-refused", "kit-not-checked"}


def test_a_group_at_risk_alone_is_information_and_never_a_bar(library: Library) -> None:
    # the seven groups of the patient guide are groups at risk: the protocol decides, no group is refused as such
    tables = [table for table in library.reference.tables.values() if isinstance(table, GeneralScreening)]
    for table in tables:
        assert {rule.level.value for rule in table.rules if rule.before == "order"} == {"info"}


def _epinephrine(library: Library) -> EpinephrineDoses:
    table = library.reference.tables["epinephrine-im-1"]
    assert isinstance(table, EpinephrineDoses)
    return table


def test_the_three_schemes_of_epinephrine_stand_apart(library: Library) -> None:
    assert [scheme.id for scheme in _epinephrine(library).schemes] == ["us", "rcuk", "ascia"]


def test_no_epinephrine_figure_passes_half_a_milligram_and_an_adult_gets_it(library: Library) -> None:
    # safety rule 6.4: at most 0.5 mg at every weight and age; the adult dose is 0.5 mg
    most = Quantity("0.5", "mg")
    for scheme in _epinephrine(library).schemes:
        assert scheme.adult.quantity == most
        for cap in scheme.caps:
            assert cap.most.quantity <= most
        for row in scheme.ages:
            dose = row.dose or row.high
            assert dose is not None
            assert dose.quantity <= most


def test_the_caps_and_age_rows_of_a_scheme_leave_no_hole(library: Library) -> None:
    for scheme in _epinephrine(library).schemes:
        bounds = sorted(figure.quantity for cap in scheme.caps for figure in (cap.below, cap.at_least) if figure is not None)
        assert bounds[::2] == bounds[1::2]  # each weight bound ends one cap and begins the next
        for earlier, later in zip(scheme.ages, scheme.ages[1:], strict=False):
            assert earlier.until is not None
            assert later.since is not None
            assert earlier.until.quantity == later.since.quantity
        assert not scheme.ages or (scheme.ages[0].since is None and scheme.ages[-1].until is None)
        assert scheme.ages or scheme.ages_of == "rcuk"


@pytest.mark.parametrize("name", ["anaphylaxis-response-1", "infusion-reaction-1"])
def test_a_response_is_numbered_without_a_gap_and_epinephrine_comes_before_antihistamine(name: str, library: Library) -> None:
    script = library.reference.tables[name]
    assert isinstance(script, ResponseScript)
    assert [step.n for step in script.steps] == list(range(1, len(script.steps) + 1))
    if name.startswith("anaphylaxis"):
        order = [step.id for step in script.steps]
        assert order.index("epinephrine") < order.index("no-antihistamine-first")


def test_no_condition_compares_with_an_answer_that_is_no_value(library: Library) -> None:
    # "unknown" must stay unknown: a rule that asked for it would turn ignorance into a fact
    for loaded in library.protocols.values():
        for _, item in parts_of(loaded.protocol, ()):
            if isinstance(item, Compare) and isinstance(item.operand, str | tuple):
                assert not {*Answer} & ({item.operand} if isinstance(item.operand, str) else set(item.operand))
