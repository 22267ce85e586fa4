"""Time without a clock on the wall: how it grows with the size, measured in the same run on the same machine.

A bound in seconds says as much of the machine and of what else it does as of the code.
"""

from __future__ import annotations

import time
from collections.abc import Callable

#: Under this many seconds a clock tells nothing; what takes less is taken to take this.
LEAST = 0.005
#: Four times the size takes four times as long where time is linear, sixteen times where it is quadratic.
STEEP = 9


def growth(run: Callable[[int], object], size: int, tries: int = 2) -> float:
    """How many times as long ``size`` takes as a quarter of it, in processor time of this process, at best.

    The sizes differ by one from try to try, so that nothing is answered from memory.
    """
    small, large = (min(_seconds(run, of - one) for one in range(tries)) for of in (size // 4, size))
    return large / max(small, LEAST)


def _seconds(run: Callable[[int], object], size: int) -> float:
    start = time.process_time()
    run(size)
    return time.process_time() - start
