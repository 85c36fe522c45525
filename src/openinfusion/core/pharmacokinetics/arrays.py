"""The arrays that kinetics computes with."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""float64. The last axis is the patient wherever there is one."""
Mask = NDArray[np.bool_]
Patients = slice | Mask
"""Some of the patients."""
