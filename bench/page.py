#!/usr/bin/env python3
"""The page beside what it rests on, in one run: ``python bench/page.py``.

Prints how long it takes from opening to ready beside a page that holds bare Pyodide (as npm has it, inlined the same way),
how long an edit takes until its check is shown beside the same check on CPython, and what memory the page's process takes.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path[1:1] = [
    str(Path(__file__).resolve().parents[1] / name) for name in ("web", ".")
]  # as pytest has them

import build_page  # noqa: E402

from perfeval_xl.grid import Place  # noqa: E402
from perfeval_xl.runs.revising import opened  # noqa: E402
from tests.web.browser import Screen, browsing  # noqa: E402

ROUNDS = 3
EXAMPLE = build_page.EXAMPLE.read_bytes()
NAME = "示例.xlsx"
#: A bridge that answers the one question a page asks before it is ready.
_NOTHING = b"""
def call(name, given, files=()):
    return '{"ok": {"version": "", "policies": [], "kinds": {}}}', None
"""


def bare() -> str:
    """The page with bare Pyodide in it."""
    stdlib = (build_page.MODULES / "pyodide" / "python_stdlib.zip").read_bytes()
    empty = {
        "perfeval_xl/__init__.py": b"",
        "perfeval_xl/web/__init__.py": b"",
        "perfeval_xl/web/bridge.py": _NOTHING,
    }
    return build_page.assembled(stdlib, build_page.zipped(empty))[0]


def renderers(parent: int) -> Iterator[int]:
    """Memory in bytes (proportional share) of the pages' processes below a process."""
    children = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and _parent(pid) == parent]
    for pid in children:
        try:
            if b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes():
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                yield next(
                    int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")
                )
        except OSError:
            continue
        yield from renderers(pid)


def _parent(pid: str) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, browsing() as context:
        pages = {"the page": Path(folder) / "page.html", "bare Pyodide": Path(folder) / "bare.html"}
        pages["the page"].write_text(build_page.build()[0], encoding="utf-8")
        pages["bare Pyodide"].write_text(bare(), encoding="utf-8")
        times: dict[str, list[float]] = {name: [] for name in pages}
        for _ in range(ROUNDS):
            for name, file in pages.items():
                page = context.new_page()
                began = time.perf_counter()
                Screen(page).start(file)
                times[name].append(time.perf_counter() - began)
                page.close()
        for name, taken in times.items():
            print(
                f"ready, {name}: {statistics.median(taken):.2f} s ({pages[name].stat().st_size / 1e6:.1f} MB)"
            )
        print(f"ratio: {statistics.median(times['the page']) / statistics.median(times['bare Pyodide']):.2f}")
        edits(Screen(context.new_page()).start(pages["the page"]))


def edits(screen: Screen) -> None:
    """An edit in the page and on CPython, turn by turn."""
    revision = opened([(NAME, EXAMPLE)])
    assert revision.report.findings
    screen.open([(NAME, EXAMPLE)])
    screen.page.click(".tabs button:has-text('附件2')")
    screen.page.wait_for_selector(".sheet table[aria-label^='附件2，']")
    there, here = [], []
    for number in range(20, 20 + 2 * ROUNDS):
        began = time.perf_counter()
        revision = revision.typed(Place("附件2", 33, 6), f"{number}天")
        assert revision.report.findings
        here.append(time.perf_counter() - began)
        screen.page.click("td[data-cell=F33]")
        screen.page.keyboard.press("Enter")
        screen.page.keyboard.press("Control+a")
        screen.page.keyboard.type(f"{number}天")
        began = time.perf_counter()
        screen.page.keyboard.press("Enter")
        screen.page.wait_for_selector(f"td[data-cell=F33]:has-text('{number}天')")
        there.append(time.perf_counter() - began)
    ratio = statistics.median(there) / statistics.median(here)
    print(
        f"an edit until it is shown: {statistics.median(there):.3f} s; its check on CPython: {statistics.median(here):.3f} s"
    )
    print(f"ratio: {ratio:.1f}")
    print(f"memory of the page's processes: {sum(renderers(os.getpid())) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
