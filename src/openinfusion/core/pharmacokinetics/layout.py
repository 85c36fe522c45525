"""Which compartments a model has, in which order, and by which ways a dose gets to the central one."""

from collections.abc import Iterator
from dataclasses import dataclass

from openinfusion.core.pharmacokinetics.model_file import Absorption, ModelFile, Path, Uptake, Via

CENTRAL = 0
EFFECT_RATE = "KE0"


@dataclass(frozen=True, slots=True)
class Way:
    """One way from a route to the central compartment. Its figures stand under `key` in the parameters; the dose enters compartment `entry`
    and passes `stages` compartments before the central one (none for a vein and for zero order)."""

    route: Via
    key: str
    kind: Uptake | None
    entry: int
    stages: int
    is_one_of_several: bool

    @property
    def transits(self) -> int:
        """How many transit compartments stand before the depot."""
        return self.stages - 1 if self.kind is Uptake.TRANSIT else 0


@dataclass(frozen=True, slots=True)
class Layout:
    """`compartments` in the order of all arrays of amounts: central, peripherals, then the depots of each way. With an effect site its
    concentration is one more state behind them."""

    compartments: tuple[str, ...]
    disposition: int
    ways: tuple[Way, ...]
    has_effect: bool

    @property
    def states(self) -> int:
        """How many numbers the state of one patient has."""
        return len(self.compartments) + self.has_effect

    def of(self, route: str) -> tuple[Way, ...]:
        """The ways of a route, none where the model does not know it."""
        return tuple(way for way in self.ways if way.route == route)


def layout_of(file: ModelFile) -> Layout:
    """The layout of a model file whose formulas hold."""
    count = file.structure.compartments
    names = ["central", "peripheral1", "peripheral2"][:count]
    ways = [Way(Via.IV, "", None, CENTRAL, 0, is_one_of_several=False)]
    for route, absorption in file.absorption.items():
        for key, path in paths(route, absorption):
            stages = {Uptake.FIRST_ORDER: 1, Uptake.TRANSIT: path.transits + 1}.get(path.kind, 0)
            ways.append(Way(route, key, path.kind, len(names) if stages else CENTRAL, stages, is_one_of_several=bool(absorption.paths)))
            names += [f"{key} transit {place + 1}" for place in range(stages - 1)] + [f"{key} depot"] * (stages > 0)
    return Layout(tuple(names), count, tuple(ways), EFFECT_RATE in file.parameters)


def paths(route: Via, absorption: Absorption) -> Iterator[tuple[str, Path]]:
    """Each path of a route with the key under which its figures stand."""
    if not absorption.paths:
        yield route.value, absorption
    for place, path in enumerate(absorption.paths, 1):
        yield f"{route.value}.{place}", path
