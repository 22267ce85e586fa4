"""What the measurements share."""

from __future__ import annotations

import io
import statistics
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat


def floor(path: Path) -> None:
    """What no reader in Python can do without: unpack every part and pass it through expat without a handler."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        for info in archive.infolist():
            content = archive.read(info)
            if info.filename.endswith((".xml", ".rels")):
                expat.ParserCreate().Parse(content, True)


def fastest(run: Callable[[], object], rounds: int) -> float:
    """Least processor seconds of a call."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


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
