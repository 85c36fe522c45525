"""The calculators, room by room, and every code and operation that they use."""

from collections.abc import Mapping

from openinfusion.core.calculator import Calculator
from openinfusion.core.calculators import (
    body,
    circulation,
    dose,
    dosing,
    emergency,
    flow,
    fluids,
    handling,
    heparin,
    immune_globulin,
    insulin,
    measures,
    renal,
    solution,
    syringe,
    titration,
)

ROOMS = (
    measures,
    flow,
    dosing,
    titration,
    dose,
    handling,
    heparin,
    body,
    renal,
    fluids,
    circulation,
    solution,
    insulin,
    emergency,
    immune_globulin,
    syringe,
)

CALCULATORS: Mapping[str, Calculator] = {one.name: one for room in ROOMS for one in room.CALCULATORS}
"""Every calculator by name, in the order in which people look for them."""

OPERATIONS: Mapping[str, tuple[str, ...]] = {name: inputs for room in ROOMS for name, inputs in room.OPERATIONS.items()}

CODES: Mapping[str, tuple[str, ...]] = {
    "calc.unknown": ("name",),
    "calc.line-unreadable": ("why",),
    "calc.unknown-input": ("name", "known"),
    "calc.missing": ("name", "wanted"),
    "calc.missing-way": ("ways",),
    "calc.not-a-group": ("name", "text"),
    "calc.not-a-choice": ("name", "text", "choices"),
    "calc.not-yes-or-no": ("name", "text"),
    "calc.not-a-time": ("name", "text"),
    "calc.not-a-number": ("name", "text", "wanted"),
    "calc.comma": ("name", "text"),
    "calc.naked-decimal": ("name", "text"),
    "calc.no-unit": ("name", "text", "wanted"),
    "calc.unknown-unit": ("name", "text", "wanted", "unit"),
    "calc.other-kind": ("name", "value", "wanted"),
    "calc.not-whole": ("name", "value"),
    "calc.below-domain": ("name", "value", "least"),
    "calc.above-domain": ("name", "value", "most"),
    "calc.not-positive": ("name", "value"),
    "calc.negative": ("name", "value"),
    "calc.no-such-result": ("name", "known"),
    "calc.result-not-given": ("name", "known"),
    "calc.as-of-other-kind": ("unit", "result"),
    "calc.as-of-other-result": ("unit", "result", "select"),
    "calc.rounded-down": ("rounded", "most"),
    "calc.rounded-to-nothing": ("amount", "step"),
    "calc.not-of-one-kind": ("one", "other"),
    "calc.trailing-zero": ("name", "text", "value"),
    "calc.discouraged-unit": ("name", "written", "value"),
    "calc.unit-assumed": ("name", "value"),
    "calc.left-out": ("name", "given"),
    "calc.read-as": ("name", "text", "value"),
    **{code: params for room in ROOMS for code, params in room.CODES.items()},
}
