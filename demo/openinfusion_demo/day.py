"""The day of one patient as steps of a scenario, written by what people do: arrive, be checked, get an access, go home.

It plays nothing: `app.scenario` does, through the use cases that the pages use.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from openinfusion.app.scenario import Person, Scenario
from openinfusion_demo.people import COLLEAGUES, NURSE, PHARMACIST, PRESCRIBER

CALM = {"bp": "118", "bp.systolic": "118", "pulse": "74", "temp": "36.8", "resp_rate": "14", "spo2": "98"}
_UNITS = {"bp": "mm[Hg]", "bp.systolic": "mm[Hg]", "pulse": "/min", "temp": "Cel", "resp_rate": "/min", "spo2": "%"}
_KEEPS = timedelta(days=300)


@dataclass(frozen=True, slots=True)
class Casting:
    """Whose day it is: the patient's number, when the day began, where they sit, and the devices at that place (empty: none)."""

    number: int
    start: datetime
    chair: str
    pump: str = ""
    monitor: str = ""


def ml(value: str) -> dict[str, str]:
    """A volume."""
    return {"value": value, "unit": "mL"}


def ml_h(value: str) -> dict[str, str]:
    """A rate."""
    return {"value": value, "unit": "mL/h"}


class Day:
    """What is done at which minute after the start; the scenario puts it in order."""

    def __init__(self, casting: Casting) -> None:
        self.casting = casting
        self.steps: list[dict[str, Any]] = []

    def do(self, minute: float, by: str, what: str, **more: Any) -> None:
        """One step of an order."""
        self.steps.append({"at": f"{minute} min", "by": by, "do": what, **more})

    def give(self, minute: float, by: str, command: str, **fields: Any) -> None:
        """One command to the session."""
        self.steps.append({"at": f"{minute} min", "by": by, "command": {"type": command, **fields}})

    def tell(self, minute: float, state: str, rate: str, volume: str, alarm: str = "") -> None:
        """One report of the pump, for the time before simulated pumps speak for themselves."""
        report = {"state": state, "rate": ml_h(rate), "volume": ml(volume), "alarm": alarm}
        message = {"type": "ReceivePumpReport", "device": self.casting.pump, "report": report}
        self.steps.append({"at": f"{minute} min", "by": self.casting.pump, "message": message})

    def ordered(self) -> None:
        """Signed, verified and planned by colleagues."""
        self.do(0, PRESCRIBER, "sign-order")
        self.do(2, PHARMACIST, "verify-order")
        self.do(3, NURSE, "plan-session")

    def arrived(self, minute: float, facts: Mapping[str, str], values: Mapping[str, Any]) -> None:
        """Checked in and asked; first observations."""
        self.give(minute, NURSE, "CheckIn", patient_code="$patient", chair=self.casting.chair)
        self.give(minute + 1, NURSE, "Scan", kind="patient", code="$patient")
        self.give(minute + 2, NURSE, "RecordConsent", given="true", version="leaflet-demo")
        self.give(minute + 3, NURSE, "RecordKitCheck", complete="true")
        if facts:
            self.give(minute + 4, NURSE, "RecordFacts", facts=dict(facts))
        if values:
            self.observed(minute + 5, values)

    def observed(self, minute: float, values: Mapping[str, Any]) -> None:
        """Values by their codes: decimal text in the usual unit, or a code or quantity as it is."""
        readings = [
            {"code": code, "value": {"value": value, "unit": _UNITS[code]} if code in _UNITS else value} for code, value in values.items()
        ]
        self.give(minute, NURSE, "RecordObservation", readings=readings)

    def watched(self, minutes: Iterable[int], values: Mapping[str, Any]) -> None:
        """The same calm values again and again."""
        for minute in minutes:
            self.observed(minute, values)

    def prepared(self, minute: float, by: str, **content: Any) -> None:
        """One container; its expiry is far, its lot made up."""
        made = self.casting.start + timedelta(minutes=minute)
        fixed = {"code": "$container1", "lot": f"DEMO{self.casting.number}", "expiry": (made + _KEEPS).date().isoformat()}
        self.give(minute, by, "PrepareContainer", container={**fixed, "prepared_by": by, "prepared_at": made.isoformat(), **content})

    def checked(self, minute: float, by: str, **values: Any) -> None:
        """One person's own values, entered blind."""
        expiry = next(step["command"]["container"]["expiry"] for step in self.steps if "container" in step.get("command", {}))
        codes = {"patient_code": "$patient", "container_code": "$container1"}
        self.give(minute, by, "EnterCheck", values={**codes, "expiry": expiry, "appearance_good": "true", **values})

    def scanned(self, minute: float, *kinds: str) -> None:
        """Container and line, read at the bedside."""
        for n, kind in enumerate(kinds):
            self.give(minute + n / 4, NURSE, "Scan", kind=kind, code=f"${kind}1")

    def joined(self, minute: float) -> None:
        """The devices of the place serve this session."""
        for device, kind in ((self.casting.pump, "pump"), (self.casting.monitor, "monitor")):
            if device:
                self.give(minute, NURSE, "AssociateDevice", device=device, kind=kind)

    def raised(self, minute: float, rate: str, volume: str) -> None:
        """Observed, then a step up the ladder, which the pump confirms."""
        self.observed(minute - 1, CALM)
        self.give(minute, NURSE, "RaiseRate", rate=ml_h(rate))
        self.tell(minute + 0.25, "infusing", rate, volume)

    def completed(self, minute: float, volume: str) -> None:
        """All of it is in; a person says that nothing flows any more."""
        self.give(minute, NURSE, "CompleteInfusion")
        if self.casting.pump:
            self.tell(minute + 0.25, "stopped", "0", volume)
        self.give(minute + 0.5, NURSE, "ConfirmFlow", running="false")

    def gone_home(self, minute: float, *, with_access: bool = True) -> None:
        """The last things of the day, then the discharge."""
        items = (*(("access-removed",) if with_access else ()), "site-covered", "teach-back", "leaflet-given", "contact-given")
        for n, item in enumerate(items):
            self.give(minute + n, NURSE, "TickDischarge", item=item)
        self.give(minute + len(items), NURSE, "Discharge")

    def scenario(self, title: str, protocol: str, patient: Person, facts: Mapping[str, str], choice: Mapping[str, str]) -> Scenario:
        """The whole day. The title makes every identity in it one of this patient and this start."""
        devices = [device for device in (self.casting.pump, self.casting.monitor) if device]
        return Scenario.model_validate(
            {
                "schema": "openinfusion.scenario/1",
                "title": f"{title}, patient {self.casting.number}, {self.casting.start.isoformat()}",
                "protocol": protocol,
                "start": self.casting.start,
                "patient": patient,
                "facts": dict(facts),
                "choice": dict(choice),
                "people": COLLEAGUES,
                "devices": devices,
                "steps": sorted(self.steps, key=_minute),
                "expect": {"status": "completed"},
            }
        )


def _minute(step: Mapping[str, Any]) -> float:
    return float(str(step["at"]).split()[0])
