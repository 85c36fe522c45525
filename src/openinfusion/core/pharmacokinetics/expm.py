"""The exponential of many small matrices at once: scaling, a Padé approximant of degree 13, squaring (Higham 2005)."""

from typing import Final

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array

_B: Final = (
    64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0, 10559470521600.0, 670442572800.0,
    33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0, 1.0,
)  # fmt: skip
_REACH: Final = 5.371920351148152
_MOST: Final = 60.0
"""Doublings: what needs more has long come to rest."""


def expm(matrices: Array) -> Array:
    """exp of each matrix of shape (..., s, s)."""
    size = np.max(np.sum(np.abs(matrices), axis=-2), axis=-1, initial=0.0)
    doublings = np.clip(np.nan_to_num(np.ceil(np.log2(np.maximum(size, 1e-300) / _REACH))), 0.0, _MOST)
    scaled = matrices * np.exp2(-doublings)[..., None, None]
    made = _pade(scaled)
    for turn in range(int(np.max(doublings, initial=0.0))):
        squared = made @ made
        made = np.where((doublings > turn)[..., None, None], squared, made)
    return made


def _pade(a: Array) -> Array:
    unit = np.eye(a.shape[-1])
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    high = a6 @ (_B[13] * a6 + _B[11] * a4 + _B[9] * a2)
    odd = a @ (high + _B[7] * a6 + _B[5] * a4 + _B[3] * a2 + _B[1] * unit)
    even = a6 @ (_B[12] * a6 + _B[10] * a4 + _B[8] * a2) + _B[6] * a6 + _B[4] * a4 + _B[2] * a2 + _B[0] * unit
    return np.asarray(np.linalg.solve(even - odd, even + odd), dtype=np.float64)
