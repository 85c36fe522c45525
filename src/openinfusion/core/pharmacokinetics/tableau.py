"""The numbers of Dormand and Prince's pair of orders 5 and 4, and of its dense output (Hairer, Norsett and Wanner, Solving Ordinary
Differential Equations I, DOPRI5), with the rules by which the length of a step is chosen."""

from typing import Final

A21: Final = 1 / 5
A31: Final = 3 / 40
A32: Final = 9 / 40
A41: Final = 44 / 45
A42: Final = -56 / 15
A43: Final = 32 / 9
A51: Final = 19372 / 6561
A52: Final = -25360 / 2187
A53: Final = 64448 / 6561
A54: Final = -212 / 729
A61: Final = 9017 / 3168
A62: Final = -355 / 33
A63: Final = 46732 / 5247
A64: Final = 49 / 176
A65: Final = -5103 / 18656
A71: Final = 35 / 384
A73: Final = 500 / 1113
A74: Final = 125 / 192
A75: Final = -2187 / 6784
A76: Final = 11 / 84

C2: Final = 1 / 5
C3: Final = 3 / 10
C4: Final = 4 / 5
C5: Final = 8 / 9

E1: Final = 71 / 57600
E3: Final = -71 / 16695
E4: Final = 71 / 1920
E5: Final = -17253 / 339200
E6: Final = 22 / 525
E7: Final = -1 / 40

D1: Final = -12715105075 / 11282082432
D3: Final = 87487479700 / 32700410799
D4: Final = -10690763975 / 1880347072
D5: Final = 701980252875 / 199316789632
D6: Final = -1453857185 / 822651844
D7: Final = 69997945 / 29380423

SAFETY: Final = 0.9
SHRINK: Final = 0.2
GROW: Final = 10.0
TINY: Final = 1e-10
"""The smallest error that counts, so that a step without any grows as far as it may."""

STIFF_REACH: Final = 3.3
"""Along the negative axis the pair is stable as far as about this, step times rate constant."""
LEAST_STEP: Final = 1e-13
"""A step shorter than this, relatively, leads nowhere: the right-hand side is not finite there."""
