"""Incidents and volumes as they are typed."""

import pytest

from openinfusion.core.errors import Malformed
from openinfusion.core.quantity import Quantity
from openinfusion.simulator.script import FOREVER_S, Incident, What, given, incident


def test_an_incident_names_device_kind_moment_and_end():
    assert incident("pump-4=disconnect@60+120") == Incident("pump-4", What.DISCONNECT, 60, 180)
    assert incident("monitor-1=reaction@-240") == Incident("monitor-1", What.REACTION, -240, FOREVER_S)


def test_it_holds_from_its_moment_up_to_its_end():
    one = incident("pump-4=disconnect@60+120")
    assert [one.holds(at) for at in (59_999, 60_000, 179_999, 180_000)] == [False, True, True, False]


@pytest.mark.parametrize("text", ["pump-4", "pump-4=fire@3", "=occlusion@3", "pump-4=occlusion", "pump-4=occlusion@1.5", "p=air@1+", ""])
def test_anything_else_is_refused_with_what_to_write(text: str):
    with pytest.raises(Malformed) as refused:
        incident(text)
    assert "pump-3=occlusion@90" in str(refused.value.params["write"])


def test_what_a_pump_gave_before_is_a_volume_in_millilitres():
    assert given(["pump-3=52.5"]) == {"pump-3": Quantity("52.5", "mL")}
    for wrong in ("pump-3", "pump-3=52,5", "pump-3=much"):
        with pytest.raises(Malformed):
            given([wrong])
