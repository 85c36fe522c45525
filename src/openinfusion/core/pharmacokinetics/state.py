"""What is in a patient at a moment: enough to go on from there."""

from dataclasses import dataclass

from openinfusion.core.pharmacokinetics.arrays import Array


@dataclass(frozen=True, slots=True)
class State:
    """`amounts` (states, n) in the order of the model's layout, in its unit of amount, and the level at the effect site last where it has
    one; at `time_h`, before a dose of that very time. What was given and has not arrived stays with the course."""

    time_h: float
    amounts: Array
