"""LibreOffice as a converter and calculator: on a copy, in a profile of its own, with everything active switched off.

What it writes is only read from (it rewrites macros and lower-cases what it does not know), except for formats we
cannot mark otherwise.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from perfeval_xl.calc_engine.office import SAFE_SETTINGS, Settings, find_soffice, write_profile
from perfeval_xl.calc_engine.office import OfficeError as OfficeError
from perfeval_xl.grid import Book, Cell, Grid

from .limits import Limits
from .reading import xlsx as xlsx_host

log = logging.getLogger(__name__)

#: Where the program is, or None.
program = find_soffice

_LOAD = "/org.openoffice.Office.Calc/Formula/Load"
#: Calculate everything whatever values are stored, and run nothing at all.
_SETTINGS: Settings = (
    *SAFE_SETTINGS,
    (_LOAD, "OOXMLRecalcMode", "0"),
    (_LOAD, "ODFRecalcMode", "0"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
)
_FILTERS = {"xlsx": "xlsx:Calc MS Excel 2007 XML"}


def convert(data: bytes, suffix: str, target: str, limits: Limits) -> bytes:
    """The bytes of a file in another format (``suffix`` ".xls", ``target`` "xlsx"), every formula calculated anew.

    OfficeError where LibreOffice is missing, fails, or takes longer than ``limits.office_seconds``.
    """
    soffice = program()
    if soffice is None:
        raise OfficeError("没有找到 LibreOffice")
    with tempfile.TemporaryDirectory(prefix="perfeval-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        write_profile(folder / "profile", _SETTINGS)
        (folder / f"in{suffix}").write_bytes(data)
        _run(
            [
                soffice,
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
                *("--convert-to", _FILTERS.get(target, target), "--outdir", str(folder / "out")),
                str(folder / f"in{suffix}"),
            ],
            limits.office_seconds,
        )
        made = folder / "out" / f"in.{target}"
        if not made.is_file():
            raise OfficeError("LibreOffice 打不开这个文件")
        return made.read_bytes()


def installed_fonts() -> frozenset[str] | None:
    """The families of the fonts LibreOffice finds; None where only it can tell."""
    lister = shutil.which("fc-list")
    if lister is None:
        return None
    try:
        listed = subprocess.run([lister, ":", "family"], capture_output=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    lines = listed.decode("utf-8", "replace").splitlines()
    return frozenset(name.strip() for line in lines for name in line.split(","))


def as_pdf(document: bytes, limits: Limits) -> bytes:
    """A .docx as PDF; OfficeError as for ``convert``, with what to do instead."""
    instead = "请导出为 .docx，在 Word 或 WPS 里另存为 PDF"
    if program() is None:
        raise OfficeError(f"没有找到 LibreOffice，不能生成 PDF。{instead}")
    try:
        return convert(document, ".docx", "pdf", limits)
    except OfficeError as error:
        raise OfficeError(f"没有生成 PDF：{error}（要装有 Writer 的 LibreOffice）。{instead}") from None


def _run(command: list[str], seconds: int) -> None:
    """Run to the end or to the time's; then the program goes with all its children."""
    own_group = sys.platform != "win32"
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=own_group,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise OfficeError(f"LibreOffice 启动不了（{command[0]}：{error.strerror}）") from error
    try:
        output, _ = process.communicate(timeout=seconds)
        log.debug("LibreOffice ended with %s: %s", process.returncode, output[-2000:])
    except subprocess.TimeoutExpired:
        raise OfficeError(f"LibreOffice 超过 {seconds} 秒没有完成，已停止") from None
    finally:
        if own_group:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()


# --- recalculation ---------------------------------------------------------------------------------------------


def recalculated(book: Book, data: bytes, suffix: str, limits: Limits) -> Book:
    """The book with the values LibreOffice calculates for its formulas; a note says what came of it.

    A function it does not know leaves the cell as it was. OfficeError as for ``convert``.
    """
    if not any(cell.formula is not None for grid in book.grids for cell in grid.cells.values()):
        return book
    calculated = xlsx_host.read(book.name, convert(data, suffix, "xlsx", limits), limits)
    by_name = {grid.sheet: grid for grid in calculated.grids}
    grids = [_with_values(grid, by_name.get(grid.sheet)) for grid in book.grids]
    pairs = [
        (old, new.cells[place])
        for grid, new in zip(book.grids, grids, strict=True)
        for place, old in grid.cells.items()
        if new.cells[place] is not old
    ]
    filled = sum(old.uncached for old, _ in pairs)
    notes = [f"已用 LibreOffice 重算公式：{filled} 个原来没有结果，{len(pairs) - filled} 个结果与保存的不同"]
    return Book.of(book.name, grids, (*book.notes, *notes))


def _with_values(grid: Grid, calculated: Grid | None) -> Grid:
    if calculated is None:
        return grid
    cells = {place: _with_value(cell, calculated.cells.get(place)) for place, cell in grid.cells.items()}
    return dataclasses.replace(grid, cells=cells)


def _with_value(cell: Cell, calculated: Cell | None) -> Cell:
    if cell.formula is None or calculated is None or calculated.value is None:
        return cell
    unknown = calculated.error and (calculated.value == "#NAME?" or not cell.uncached)
    if unknown or calculated.value == cell.value:
        return cell
    return calculated._replace(formula=cell.formula)
