"""What the measurements share."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def median(run: Callable[[], object], rounds: int = 7) -> float:
    """Median seconds of a call, after one that is not counted."""
    run()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
