"""Every worked patient beside a protocol: what the program plans is what was worked out by hand from the cited page."""

import pytest

from openinfusion.protocols.cases import Case, differences, read_cases, worked
from openinfusion.protocols.load import Library, LoadedProtocol, load_library

LIBRARY = load_library()


def cases_of(library: Library) -> list[tuple[LoadedProtocol, Case]]:
    """Every case with its protocol."""
    return [(loaded, case) for loaded in library.protocols.values() for case in read_cases(loaded, library.reference)]


CASES = cases_of(LIBRARY)


@pytest.mark.parametrize(("loaded", "case"), CASES, ids=[f"{loaded.protocol.id}: {case.name}" for loaded, case in CASES])
def test_a_worked_patient_is_planned_as_worked_out_by_hand(loaded: LoadedProtocol, case: Case) -> None:
    made = worked(case, loaded, LIBRARY.reference.fields)
    assert differences(case, made) == (), [finding.key for finding in made.findings]


@pytest.mark.parametrize("name", LIBRARY.protocols)
def test_every_protocol_has_at_least_eight_patients_of_whom_one_is_refused(name: str) -> None:
    verdicts = [
        str(expected)
        for loaded, case in CASES
        if loaded.protocol.id == name
        for key, row in case.expect.items()
        if key == "verdict"
        for expected in row.wanted
    ]
    assert sum(1 for loaded, _ in CASES if loaded.protocol.id == name) >= 8
    assert {"banned", "contraindicated", "incomplete"} & set(verdicts)
