"""What the measurements share."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def median(
    run: Callable[[], object], rounds: int = 7, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Median seconds of a call by a clock, after one that is not counted."""
    run()
    times = []
    for _ in range(rounds):
        start = clock()
        run()
        times.append(clock() - start)
    return statistics.median(times)
