"""A row of doses is the same counts in whatever order blocks are counted, and what each patient alone would tell."""

from functools import reduce

import numpy as np
import pytest

from openinfusion.core.errors import CommandRefused
from openinfusion.core.pharmacokinetics.outlook import Repeated
from openinfusion.core.pharmacokinetics.population import BLOCK, Given, Uniform
from openinfusion.core.pharmacokinetics.survey import EVERYBODY, Group
from openinfusion.core.pharmacokinetics.sweep import Swept, sweep
from openinfusion.core.pharmacokinetics.target import Auc
from tests.core.pharmacokinetics.fitting import GOTI

WARD: dict[str, Given] = {"WT": "75 kg", "CRCL": Uniform("20 mL/min", "120 mL/min"), "DIAL": 0}
AIM = Auc("250 mg.h/L", "12 h", low="200 mg.h/L", high="300 mg.h/L")
EVERY_12_H = Repeated("IV", 0.0, 12.0, 1.0, steady=True)


def test_blocks_in_any_order_add_up_to_what_each_patient_alone_tells():
    people = GOTI.population(WARD, BLOCK + 300, 5)
    groups = (EVERYBODY, Group("CRCL", 20.0, 60.0, is_last=False), Group("CRCL", 60.0, 120.0))
    rows = sweep(people, ["500 mg", "1 g"], AIM, EVERY_12_H, groups)
    there, back = (reduce(Swept.with_, map(rows.count, blocks), rows.nothing) for blocks in (people.blocks, people.blocks[::-1]))
    assert np.array_equal(there.reached, back.reached)
    assert there.members.tolist() == [people.n, *there.members[1:]]
    assert int(there.members[1:].sum()) == people.n
    values, clearance = people.sweep(["500 mg", "1 g"], AIM, EVERY_12_H), people.facts("CRCL")
    for dose in (0, 1):
        reached = (values[dose] >= 200) & (values[dose] <= 300)
        assert [one.reached for one in there.attainment(dose)] == [
            reached.sum(),
            *(reached[side].sum() for side in (clearance < 60, clearance >= 60)),
        ]


def test_a_target_without_a_range_has_no_attainment():
    with pytest.raises(CommandRefused) as refused:
        sweep(GOTI.population(WARD, 2, 1), ["1 g"], Auc("250 mg.h/L", "12 h"), EVERY_12_H)
    assert [one.code for one in refused.value.findings] == ["pk.target-without-range"]
