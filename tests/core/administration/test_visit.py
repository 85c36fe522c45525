"""A whole visit, told as it happens."""

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.checklist import Stage, criteria, stage
from openinfusion.core.administration.parts import Confirmation, PumpReport, VolumeFrom
from openinfusion.core.administration.volume import delivered
from openinfusion.core.quantity import Quantity

from .chair import Chair, rate, stepped


def test_a_stepped_infusion_from_arrival_to_discharge_meets_every_criterion_without_an_override():
    chair = Chair(stepped())
    assert stage(chair.state, chair.now) is Stage.CHECK_IN
    chair.prepared().checked_in()
    assert stage(chair.state, chair.now) is Stage.ACCESS
    chair.with_access()
    assert stage(chair.state, chair.now) is Stage.PREMEDICATE
    chair.premedicated()
    assert stage(chair.state, chair.now) is Stage.VERIFY
    chair.scanned().verified()
    assert chair.status == "ready"
    chair.do(c.AssociateDevice("pump-1", "pump"))
    chair.do(chair.start())
    assert (chair.status, chair.state.delivery) == ("infusing", Confirmation.ORDERED)
    chair.do(c.ReceivePumpReport("pump-1", PumpReport("running", rate("12.5"))), "pump-1")
    assert chair.state.delivery == "confirmed"
    # 1000 mg in 250 mL is 4 mg/mL, so 50 mg/h is 12.5 mL/h; the steps are of 12.5 mL/h
    for step in ("25", "37.5", "50", "62.5", "75", "87.5", "100"):
        chair.wait(minutes=30).vitals().do(c.RaiseRate(rate(step)))
    # 0.5 h of each of 12.5 .. 87.5 mL/h is 0.5 * 350 = 175 mL; 75 mL are left, 45 min at 100 mL/h
    chair.wait(minutes=45).do(c.CompleteInfusion())
    assert delivered(chair.state, chair.now) == (Quantity(250, "mL"), VolumeFrom.SEGMENTS)
    assert stage(chair.state, chair.now) is Stage.OBSERVE
    chair.wait(seconds=10).do(c.ReceivePumpReport("pump-1", PumpReport("stopped", rate("0"), Quantity(250, "mL"))), "pump-1")
    assert chair.state.stop_confirmed_at == chair.now
    chair.wait(minutes=30)
    for item in ("access-removed", "site-covered", "teach-back", "leaflet-given", "contact-given"):
        chair.do(c.TickDischarge(item))
    assert [one.id for one in criteria(chair.state, chair.protocol, chair.now) if not one.met] == []
    chair.do(c.Discharge())
    assert chair.status == "completed"
    assert chair.state.overrides == {}
