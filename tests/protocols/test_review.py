"""A content becomes active by a prescriber's and a pharmacist's signature on its hash, by two people of whom neither wrote it; weak
figures forbid it."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.codes import CODES
from openinfusion.core.errors import CommandRefused
from openinfusion.core.figure import Tier
from openinfusion.core.protocol import Protocol
from openinfusion.core.protocol_events import EVENTS, ProtocolRetired, ProtocolSigned
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.load import PACKAGE_DATA, LoadedProtocol, load_protocol
from openinfusion.protocols.review import Change, Signatures, Status, difference, retire, sign, status, weak_figures
from tests.protocols.conftest import Edit

AUTHOR = "openinfusion"  # what the shipped files say
HASH = "current"


def signed(*by: tuple[str, str], content: str = HASH) -> list[tuple[str, ProtocolSigned]]:
    return [(person, ProtocolSigned(content, "iv-infliximab", "0.1.0", role)) for person, role in by]


SIGNERS: list[tuple[list[tuple[str, str]], Status]] = [
    ([], Status.EXAMPLE),
    ([("ada", "prescriber")], Status.EXAMPLE),
    ([("bo", "pharmacist")], Status.EXAMPLE),
    ([("ada", "prescriber"), ("bo", "pharmacist")], Status.ACTIVE),
    ([("bo", "pharmacist"), ("ada", "prescriber")], Status.ACTIVE),
    ([("ada", "prescriber"), ("cy", "prescriber")], Status.EXAMPLE),
    ([("ada", "prescriber"), ("ada", "pharmacist")], Status.EXAMPLE),
    ([("ada", "prescriber"), ("ada", "pharmacist"), ("bo", "pharmacist")], Status.ACTIVE),
    ([(AUTHOR, "prescriber"), ("bo", "pharmacist")], Status.EXAMPLE),
    ([("ada", "prescriber"), (AUTHOR, "pharmacist")], Status.EXAMPLE),
    ([("ada", "prescriber"), ("bo", "nurse")], Status.EXAMPLE),
]


@pytest.mark.parametrize(("signers", "expected"), SIGNERS)
def test_who_must_have_signed(signers: list[tuple[str, str]], expected: Status, infliximab: LoadedProtocol) -> None:
    assert status(HASH, Signatures.of(signed(*signers)), infliximab.protocol) is expected


def test_a_signature_on_another_content_counts_nothing(infliximab: LoadedProtocol) -> None:
    history = [*signed(("ada", "prescriber"), content="earlier"), *signed(("bo", "pharmacist"))]
    assert status(HASH, Signatures.of(history), infliximab.protocol) is Status.EXAMPLE


def test_a_draft_stays_a_draft_until_it_is_signed(edit: Edit) -> None:
    signed_by = ", signed_by: [prescriber, pharmacist], date: 2027-03-01}"
    unlimited = [
        (f"{{measure: {one}, reason: no-figure-in-sources}}", f"{{measure: {one}, reason: no-figure-in-sources{signed_by}")
        for one in ("rate", "duration")
    ]
    draft = load_protocol(edit(("maturity: example", "maturity: draft"), *unlimited))
    assert status(HASH, Signatures(), draft.protocol) is Status.DRAFT


def test_a_retired_content_stays_retired_whoever_signs_it_again(infliximab: LoadedProtocol) -> None:
    both = signed(("ada", "prescriber"), ("bo", "pharmacist"))
    history = [*both, ("ada", ProtocolRetired(HASH, "iv-infliximab", "0.1.0", "new label")), *both]
    assert status(HASH, Signatures.of(history), infliximab.protocol) is Status.RETIRED


def test_two_reviewers_sign_and_the_content_is_active(infliximab: LoadedProtocol) -> None:
    first = sign(infliximab, Signatures(), "ada", "prescriber")
    second = sign(infliximab, Signatures.of([("ada", first)]), "bo", "pharmacist")
    assert (first.content_hash, first.protocol, first.protocol_version, first.role) == (
        infliximab.content_hash,
        "iv-infliximab",
        "0.1.0",
        "prescriber",
    )
    assert status(infliximab.content_hash, Signatures.of([("ada", first), ("bo", second)]), infliximab.protocol) is Status.ACTIVE


def _refused(loaded: LoadedProtocol, history: Sequence[tuple[str, ProtocolSigned | ProtocolRetired]], person: str, role: str) -> set[str]:
    with pytest.raises(CommandRefused) as refused:
        sign(loaded, Signatures.of(history), person, role)
    assert all(set(finding.params) == set(CODES[finding.code]) for finding in refused.value.findings)
    return {finding.key for finding in refused.value.findings}


@pytest.mark.parametrize(
    ("person", "role", "why"),
    [
        (AUTHOR, "prescriber", "protocol.signer-is-author"),
        ("ada", "nurse", "protocol.signer-role"),
        ("ada", "administrator", "protocol.signer-role"),
        ("bo", "prescriber", "protocol.signed-already"),
    ],
)
def test_a_signature_that_cannot_count_is_refused(person: str, role: str, why: str, infliximab: LoadedProtocol) -> None:
    history = signed(("bo", "pharmacist"), content=infliximab.content_hash)
    assert _refused(infliximab, history, person, role) == {why}


def test_a_retired_content_is_neither_signed_nor_retired_again(infliximab: LoadedProtocol) -> None:
    history = [("ada", retire(infliximab, Signatures(), "new label"))]
    assert _refused(infliximab, history, "bo", "pharmacist") == {"protocol.retired"}
    with pytest.raises(CommandRefused):
        retire(infliximab, Signatures.of(history), "again")


WEAK = {
    "doses": ("escalated", "  - id: escalated\n", "unsourced"),
    "limits": ("max-dose", "  - id: max-dose\n", "unsourced"),
    "rates": ("standard", "  - id: standard\n", "unsourced"),
    "contraindications": ("under-6", "  - id: under-6\n", "site-policy"),
}


@pytest.mark.parametrize("part", WEAK)
def test_a_dose_critical_figure_without_a_good_source_forbids_signing_and_is_named(part: str, edit: Edit) -> None:
    rule, head, cite = WEAK[part]
    folder = edit()
    text = (folder / "protocol.yaml").read_text(encoding="utf-8")
    start = text.index(head)
    end = text.index("\n", text.index("    sources:", start))
    weak = text[: text.index("    sources:", start)] + f"    sources: [{{cite: {cite}, at: nowhere}}]" + text[end:]
    (folder / "protocol.yaml").write_text(weak, encoding="utf-8")
    loaded = load_protocol(folder)
    assert {(each.part, each.rule, each.tier) for each in weak_figures(loaded.protocol)} == {(part, rule, Tier.U)}
    assert _refused(loaded, [], "ada", "prescriber") == {f"protocol.weak-figure:{rule}"}
    both = Signatures.of(signed(("ada", "prescriber"), ("bo", "pharmacist")))
    assert status(HASH, both, loaded.protocol) is Status.EXAMPLE


def test_premedication_without_a_good_source_is_weak_and_site_policy_elsewhere_is_not(edit: Edit, infliximab: LoadedProtocol) -> None:
    assert not weak_figures(infliximab.protocol)  # its monitoring and observation are site policy
    old = "route: any, mandatory: false, sources: [{cite: inflix-sky, at: 'premedication, at discretion (excerpt)'}]}\ncontra"
    loaded = load_protocol(edit((old, "route: any, mandatory: false, sources: [{cite: unsourced, at: habit}]}\ncontra")))
    (weak,) = weak_figures(loaded.protocol)
    assert (weak.part, weak.rule, weak.quantity) == ("premedication", "give-corticosteroid", None)


def _with_weak(loaded: LoadedProtocol, part: str, old: str, new: str) -> Protocol:
    """The protocol with one source of a part replaced; the rest as it ships."""
    whole = loaded.protocol.model_dump(mode="json", by_alias=True)
    whole[part] = json.loads(json.dumps(whole[part]).replace(old, new))
    return Protocol.model_validate(whole)


GOOD, NONE = '"tier": "B"', '"tier": "U"'


def test_a_way_to_dissolve_without_a_good_source_is_weak() -> None:
    ceftriaxone = _with_weak(load_protocol(PACKAGE_DATA / "im-ceftriaxone"), "preparation", GOOD, NONE)
    weak = {(each.part, each.rule) for each in weak_figures(ceftriaxone)}
    assert weak == {("preparation", way) for way in ("lidocaine-3.5-mL", "lidocaine-2.2-mL", "water-2.2-mL")}


def test_the_strength_of_a_mixture_without_a_good_source_is_weak() -> None:
    epidural = _with_weak(load_protocol(PACKAGE_DATA / "ep-labour"), "drug", GOOD, NONE)
    assert ("drug", "levobupivacaine-0.1%-fentanyl-2") in {(each.part, each.rule) for each in weak_figures(epidural)}


@pytest.mark.parametrize(("level", "counts"), [("info", False), ("caution", False), ("contraindicated", True), ("banned", True)])
def test_a_caution_is_dose_critical_where_it_keeps_the_therapy_from_somebody(level: str, counts: bool, infliximab: LoadedProtocol) -> None:
    whole = infliximab.protocol.model_dump(mode="json", by_alias=True)
    sources = [{"cite": "unsourced", "at": "custom", "tier": "U"}]
    whole["cautions"] = [{"id": "custom", "level": level, "when": {"field": "consent", "is": "false"}, "sources": sources}]
    weak = weak_figures(Protocol.model_validate(whole))
    assert [(each.part, each.rule) for each in weak] == ([("cautions", "custom")] if counts else [])


def test_a_changed_limit_appears_with_its_old_and_new_figure(edit: Edit, infliximab: LoadedProtocol) -> None:
    changed = load_protocol(edit(("figure: {value: 10, unit: mg/kg}", "figure: {value: 9, unit: mg/kg}")))
    assert changed.content_hash != infliximab.content_hash
    assert difference(infliximab, changed) == (Change(("limits", "max-dose", "figure"), Quantity(10, "mg/kg"), Quantity(9, "mg/kg")),)


def test_a_removed_rule_appears_figure_by_figure(edit: Edit, infliximab: LoadedProtocol) -> None:
    folder = edit(("  escalated: Higher dose after a lost or incomplete response\n", ""), file="wording.en.yaml")
    text = (folder / "protocol.yaml").read_text(encoding="utf-8")
    start, end = text.index("  - id: escalated\n"), text.index("limits:\n")
    (folder / "protocol.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    changes = difference(infliximab, load_protocol(folder))
    assert Change(("doses", "escalated", "amount"), Quantity(10, "mg/kg"), None) in changes
    assert {change.path[:2] for change in changes} == {("doses", "escalated"), ("wording", "en")}
    assert all(change.new is None for change in changes)


def test_a_new_source_and_a_changed_leaflet_answer_appear(edit: Edit, infliximab: LoadedProtocol) -> None:
    edit(("You may have a headache or feel tired.", "You may have a headache."), file="leaflet.en.md")
    changed = load_protocol(edit(("regions: [US]\n    measure: duration", "regions: [US, CA]\n    measure: duration")))
    assert {change.path for change in difference(infliximab, changed)} == {
        ("limits", "us-at-least-2-h", "regions"),
        ("leaflet", "en", "side_effects_at_home"),
    }


def test_equal_contents_do_not_differ_and_the_difference_turns_round(infliximab: LoadedProtocol) -> None:
    rituximab = load_protocol(PACKAGE_DATA / "iv-rituximab")
    assert difference(infliximab, infliximab) == ()
    there, back = difference(infliximab, rituximab), difference(rituximab, infliximab)
    assert {(change.path, change.old, change.new) for change in there} == {(change.path, change.new, change.old) for change in back}


people = st.tuples(st.sampled_from(["ada", "bo", "cy", AUTHOR]), st.sampled_from(["prescriber", "pharmacist", "nurse"]))


@given(history=st.lists(people, max_size=6))
def test_whatever_is_signed_active_means_two_people_in_both_roles_and_never_the_author(
    history: list[tuple[str, str]], infliximab: LoadedProtocol
) -> None:
    active = status(HASH, Signatures.of(signed(*history)), infliximab.protocol) is Status.ACTIVE
    prescribers = {person for person, role in history if role == "prescriber"} - {AUTHOR}
    pharmacists = {person for person, role in history if role == "pharmacist"} - {AUTHOR}
    assert active is (bool(prescribers) and bool(pharmacists) and len(prescribers | pharmacists) > 1)


def test_the_events_of_a_protocol_have_stored_names() -> None:
    assert {event.KIND for event in EVENTS} == {"protocol-signed", "protocol-retired"}
