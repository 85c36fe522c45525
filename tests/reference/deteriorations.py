"""Fifty scripted deteriorations and ten quiet recordings, with labels that are fixed before any alarm engine runs.

It knows nothing of the program: it writes files in the format of docs/reference/replay.md, from a seed, with the standard library
alone. The signals are made up. What counts as a deterioration is the source's word (below 80 % of the baseline pressure of 118 mm[Hg];
a straight leg that cannot be raised; a patient who is too sleepy) or what the pump or monitor really did; when it must be told is
written here, in seconds.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

BASELINE, LOW = 118.0, 118.0 * 0.8
LASTS, ONSET = 300, 120
RATE = 125


@dataclass(frozen=True)
class Case:
    """One recording as NDJSON lines, the session it is played into, and its labels: at, until, codes, within (seconds)."""

    name: str
    session: str
    lines: tuple[str, ...]
    labels: tuple[tuple[float, float, str, float], ...] = ()
    seconds: int = LASTS


def samples(at: float, channels: dict[str, tuple[str, str | None]], device: str = "mon-1", received: float | None = None) -> str:
    """One block of a monitor."""
    shown = {name: {"unit": unit, "values": [value]} for name, (unit, value) in channels.items()}
    body: dict[str, object] = {"occurred_at": at, "device": device, "samples": {"start": at, "times_ms": [0], "channels": shown}}
    return json.dumps(body | ({} if received is None else {"received": received}))


def report(at: float, state: str = "infusing", rate: float | None = RATE, alarm: str = "") -> str:
    """One report of the pump."""
    told: dict[str, object] = {"state": state, "alarm": alarm}
    if rate is not None:
        told["rate"] = {"value": f"{rate:g}", "unit": "mL/h"}
    return json.dumps({"occurred_at": at, "device": "pump-1", "report": told})


def command(at: float, **body: object) -> str:
    """What the nurse does."""
    return json.dumps({"at": at, "by": "n-amara", "command": body})


def vitals(chance: random.Random, pressure: float | None, sway: float = 1.5) -> dict[str, tuple[str, str | None]]:
    """One second of five channels of a patient who is well but for the pressure."""
    shown: dict[str, tuple[str, str | None]] = {
        "pulse": ("/min", f"{chance.gauss(78, 2):.0f}"),
        "spo2": ("%", f"{min(100, chance.gauss(98, 0.5)):.0f}"),
        "resp_rate": ("/min", f"{chance.gauss(15, 1):.0f}"),
    }
    if pressure is not None:
        shown["bp.systolic"] = ("mm[Hg]", f"{pressure + chance.gauss(0, sway):.0f}")
        shown["bp.diastolic"] = ("mm[Hg]", f"{pressure * 0.62 + chance.gauss(0, sway):.0f}")
    return shown


def fall(second: int, to: float, over: int) -> float:
    """The true pressure of a fall that begins at ONSET and takes so many seconds."""
    done = min(1.0, max(0.0, (second - ONSET) / over)) if over else float(second >= ONSET)
    return BASELINE + (to - BASELINE) * done


def hypotension(n: int, to: float, over: int, trouble: str) -> Case:
    """A falling pressure, with some trouble of the devices; it counts from the second in which the true pressure is too low."""
    chance = random.Random(f"hypotension {n}")
    begins = next(second for second in range(LASTS) if fall(second, to, over) < LOW)
    lines: list[str] = []
    for second in range(LASTS):
        shown = vitals(chance, fall(second, to, over))
        if trouble == "gaps" and chance.random() < 0.2:
            shown |= {"bp.systolic": ("mm[Hg]", None)}
        if trouble == "zeros" and chance.random() < 0.1:
            shown |= {"bp.systolic": ("mm[Hg]", "0")}
        if trouble == "no number" and chance.random() < 0.1:
            shown |= {"bp.systolic": ("mm[Hg]", "NaN")}
        received = second + chance.randint(0, 3) if trouble == "out of order" else None
        if not (trouble == "seldom" and second % 15):
            lines.append(samples(second, shown, received=received))
        if trouble == "twice":
            lines.append(lines[-1])
        if trouble == "two monitors":
            lines.append(samples(second, vitals(chance, BASELINE), device="mon-2"))
    if trouble == "out of order":
        lines.sort(key=lambda line: json.loads(line)["received"])
    # A second for the look, three for a dropped or wavering value, fifteen where the cuff measures so seldom, a quarter of the fall's
    # length for the noise about the limit.
    within = 4 + (15 if trouble == "seldom" else 0) + over // 4
    name = f"hypotension {n}: to {to:g} in {over} s, {trouble}"
    return Case(name, "ep-labour", tuple(lines), ((begins, LASTS, "limit:hypotension", within),))


def _falls() -> Iterator[Case]:
    troubles = ("none", "gaps", "zeros", "no number", "out of order", "twice", "two monitors", "seldom", "none")
    for n, trouble in enumerate(troubles):
        yield hypotension(n, (85.0, 75.0, 62.0)[n % 3], (0, 60)[n % 2], trouble)
        yield hypotension(n + len(troubles), (88.0, 70.0)[n % 2], (120, 20, 5)[n % 3], trouble)


def _charted() -> Iterator[Case]:
    """What only a person sees."""
    for n in range(3):
        signs = (("motor_bromage", 1 + n, "modified Bromage 0-3", "straight-leg"), ("sedation", 3 + n % 2, "POSS", "too-sleepy"))
        for code, value, scale, key in signs:
            chance = random.Random(f"charted {n} {code}")
            at = 90 + 20 * n
            reading = {"code": code, "value": {"value": str(value), "unit": "{score}"}, "scale": scale}
            lines = [samples(second, vitals(chance, BASELINE)) for second in range(LASTS)]
            lines.insert(at, command(at, type="RecordObservation", readings=[reading]))
            yield Case(f"charted {n}: {code} {value}", "ep-labour", tuple(lines), ((at, LASTS, f"limit:{key}", 2),))


def pump(name: str, told: Callable[[int], str | None], code: str, within: float = 2, extra: tuple[str, ...] = ()) -> Case:
    """A pump that is well until ONSET and then not; it reports every five seconds."""
    chance = random.Random(name)
    lines: list[tuple[float, str]] = []
    for second in range(LASTS):
        lines.append((second, samples(second, vitals(chance, None))))
        if second % 5 == 0:
            line = report(second) if second < ONSET else told(second)
            lines += [(second, line)] if line is not None else []
    lines += [(float(json.loads(line)["at"]), line) for line in extra]
    lines.sort(key=lambda one: one[0])
    return Case(f"pump: {name}", "iv-infliximab", tuple(line for _, line in lines), ((ONSET, LASTS, code, within),))


def _alarming(code: str) -> Callable[[int], str | None]:
    return lambda second: report(second, "alarm", 0, code)


def _pumps() -> Iterator[Case]:
    resting = ("occlusion", "occlusion-upstream", "occlusion-downstream", "air-in-line", "door-open", "empty", "hold-expired",
               "battery-empty", "disconnected", "failure")  # fmt: skip
    for code in resting:
        yield pump(code, _alarming(code), code)
    for code in ("near-empty", "battery-low", "free-flow"):
        yield pump(code, lambda second, code=code: report(second, alarm=code), code)  # type: ignore[misc]  # the code of this turn
    yield pump("keep-open", lambda second: report(second, "kvo", 2, "keep-open"), "keep-open")
    yield pump("a code that nobody knows", _alarming("E-47 Xq"), "pump-unknown")
    yield pump("stands still and says nothing", lambda second: report(second, "stopped", 0), "no-flow-while-running")
    yield pump("ten times too fast", lambda second: report(second, rate=10 * RATE), "flow-above-order")
    yield pump("at half the rate", lambda second: report(second, rate=RATE / 2), "flow-below-order")
    yield pump("runs on while paused", report, "flow-while-paused", 8, (command(ONSET, type="Pause", reason="toilet"),))
    yield pump("runs on after the stop", report, "flow-while-stopped", 8, (command(ONSET, type="Stop", reason="line leaks"),))
    # Expected every 60 s and silent after two of these.
    yield pump("falls silent", lambda _: None, "pump-silent", 125)
    yield pump("a state that nobody knows", lambda second: report(second, "purging", None), "pump-state-unknown")


def _sensors() -> Iterator[Case]:
    """A monitor that shows what is not the patient."""
    lost: tuple[tuple[str, Callable[[int], str | None], str, float], ...] = (
        ("nothing", lambda _: None, "no-reading:pulse", 6),
        ("zero", lambda _: "0", "no-reading:pulse", 6),
        ("a frozen display", lambda _: "77", "no-reading:pulse", 66),  # frozen after 60 equal samples
    )
    for name, value, code, within in lost:
        chance = random.Random(name)
        lines = []
        for second in range(LASTS):
            shown = vitals(chance, None)
            lines.append(samples(second, shown | ({"pulse": ("/min", value(second))} if second >= ONSET else {})))
            lines += [report(second)] if second % 5 == 0 else []
        yield Case(f"sensor: {name}", "iv-infliximab", tuple(lines), ((ONSET, LASTS, code, within),))
    chance = random.Random("silent monitor")
    lines = []
    for second in range(LASTS):
        lines += [samples(second, vitals(chance, None))] if second < ONSET else []
        lines += [report(second)] if second % 5 == 0 else []
    yield Case("sensor: the monitor falls silent", "iv-infliximab", tuple(lines), ((ONSET, LASTS, "monitor-silent:mon-1", 125),))


def quiet(n: int, *, artefacts: bool, seconds: int = 900) -> Case:
    """A patient who is well: the pressure wanders between 102 and 132. With artefacts, values are lost for a second or two now and then."""
    chance, pressure, lines = random.Random(f"quiet {n}"), BASELINE, list[str]()
    for second in range(seconds):
        pressure = min(132.0, max(102.0, pressure + chance.gauss(0, 0.6)))
        shown = vitals(chance, pressure)
        if artefacts and chance.random() < 0.02:
            name = chance.choice(["pulse", "spo2", "bp.systolic"])
            shown |= {name: (shown[name][0], chance.choice([None, "0"]))}
        lines.append(samples(second, shown))
    return Case(f"quiet {n}{', with artefacts' if artefacts else ''}", "ep-labour", tuple(lines), (), seconds)


def deteriorations() -> tuple[Case, ...]:
    """The fifty."""
    return (*_falls(), *_charted(), *_pumps(), *_sensors())


def quiet_recordings() -> tuple[Case, ...]:
    """Five without and five with artefacts, a quarter of an hour each."""
    return tuple(quiet(n, artefacts=n >= 5) for n in range(10))
