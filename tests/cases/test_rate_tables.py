"""Every worked patient of every shipped protocol: the rate table of the plan holds together and ends with exactly the planned volume."""

import pytest

from openinfusion.app.present import drawing_of, table_of
from openinfusion.protocols.cases import Case, worked
from openinfusion.protocols.load import LoadedProtocol
from tests.cases.test_cases import CASES, LIBRARY
from tests.core.prescribing.test_rate_table import holds_together


@pytest.mark.parametrize(("loaded", "case"), CASES, ids=[f"{loaded.protocol.id}: {case.name}" for loaded, case in CASES])
def test_the_table_of_a_worked_patient_holds_together(loaded: LoadedProtocol, case: Case) -> None:
    made = worked(case, loaded, LIBRARY.reference.fields)
    table = table_of(made)
    if made.rates is None:
        assert table is None
        return
    assert table is not None
    holds_together(table)
    if made.rates.on_demand is None:
        assert table.volume == made.rates.volume
    if made.rates.steps:
        assert (table.ends, len(table.rows)) == (made.rates.duration, len(made.rates.steps))
        assert drawing_of(table)
