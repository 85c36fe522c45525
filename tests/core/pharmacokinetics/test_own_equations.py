"""Right-hand sides that a model writes itself."""

import numpy as np
import pytest

from openinfusion.core.errors import ProtocolError
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.nonlinear import passage
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.solve import Wanted, solve, states
from openinfusion.core.pharmacokinetics.state import State

UNITS = {"time": "d", "amount": "mg", "concentration": "mg/L"}
DEPOT = {"SC": {"kind": "first-order", "ka": "KA", "F": "0.7", "lag": "0.1"}}
SHARED = {"V1": "8*X", "Q": "4", "V2": "20", "KA": "0.5", "KE0": "3"}


def _model(elimination: str, parameters: dict[str, str], **more: object) -> Model:
    plain = {"id": "own", "units": UNITS, "structure": "two-compartment", "elimination": elimination, "absorption": DEPOT}
    return Model.from_dict({**plain, "covariates": {"X": {"unit": "1"}}, "parameters": {**SHARED, **parameters}, **more})


def test_written_out_the_equations_of_a_shipped_kind_give_the_same():
    course_of = Regimen().infuse("200 mg", over="2 h", every="24 h", n=3).dose("100 mg", route="SC", start="30 h")
    parameters, times = {"VMAX": "30*X", "KM": "2"}, np.linspace(0, 120, 41)
    shipped = _model("michaelis-menten", parameters)
    moved = "Q*(C - peripheral1/V2)"
    equations = {"central": f"-VMAX*C/(KM + C) - {moved}", "peripheral1": moved}
    written = _model("equations", parameters, equations=equations)
    of = {"X": np.array([0.7, 1.0, 1.5])}
    for wanted in Wanted:
        one, other = (solve(model, model.parameters(of), course_of.course(model), times, wanted=wanted) for model in (shipped, written))
        assert one == pytest.approx(other, rel=1e-5, abs=1e-5)


def test_a_target_written_out_gives_what_the_kind_gives_and_a_state_is_gone_on_from():
    parameters = {"CL": "0.5", "KINT": "1.2", "KDEG": "0.5", "KSS": "0.5", "R0": "8"}
    free = "0.5*(C - target - KSS + ((C - target - KSS)**2 + 4*KSS*C)**0.5)"
    volume, moved = "V1", f"Q*({free} - peripheral1/V2)"
    equations = {
        "central": f"-CL*{free} - KINT*(C - {free})*{volume} - {moved}",
        "peripheral1": moved,
        "target": f"KDEG*(R0 - target) - (KINT - KDEG)*(C - {free})",
    }
    shipped = _model("tmdd-qss", parameters)
    written = _model("equations", parameters, equations=equations, initial={"target": "R0"})
    of, times = {"X": np.ones(1)}, np.array([1.0, 30, 100, 300])
    course = Regimen().dose("150 mg", every="100 h", n=2).course(shipped)
    one, other = (states(model, model.parameters(of), course, times) for model in (shipped, written))
    alike = [0, 1, 2, 4]  # the effect site follows free drug there and `C` here
    assert one[:, alike] == pytest.approx(other[:, alike], rel=1e-5, abs=1e-6)
    start = State(30.0, other[1])
    assert states(written, written.parameters(of), course, times[1:], start=start) == pytest.approx(other[1:], rel=1e-5, abs=1e-6)


def test_time_may_stand_in_a_formula():
    # dA/dt = -A t: 100 mg fall to 100 exp(-t**2/2), t in days
    model = Model.from_dict(
        {
            "id": "own",
            "units": UNITS,
            "structure": "one-compartment",
            "elimination": "equations",
            "parameters": {"V": "1"},
            "equations": {"central": "-central*t"},
        }
    )
    times = np.array([12.0, 24, 48])
    found = passage(model, model.parameters({}), Regimen().dose("100 mg").course(model), times)
    assert found.level[:, 0] == pytest.approx(100 * np.exp(-((times / 24) ** 2) / 2), rel=1e-5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"equations": {"central": "-C"}}, "needs one for peripheral1"),
        ({"equations": {"central": "-C", "peripheral1": "0", "peripheral2": "0"}}, "no such compartment"),
        ({"equations": {"central": "-WRONG*C", "peripheral1": "0"}}, "no parameter or state 'WRONG'"),
        ({"equations": {"central": "__import__('os')", "peripheral1": "0"}}, "only names, numbers"),
        ({"equations": {"central": "-C", "peripheral1": "0", "KA": "0"}}, "the name is taken"),
        ({"equations": {"central": "-C", "peripheral1": "0"}, "initial": {"central": "1"}}, "only further states"),
    ],
)
def test_equations_that_do_not_hold_together_are_refused(change: dict[str, object], said: str):
    with pytest.raises(ProtocolError, match=said):
        _model("equations", {}, **change)


def test_another_kind_has_no_equations():
    with pytest.raises(ProtocolError, match="only a model whose elimination is equations"):
        _model("linear", {"CL": "1"}, equations={"central": "-C"})
