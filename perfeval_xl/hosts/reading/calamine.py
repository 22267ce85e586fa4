"""The host for .xls, .et, .xlsb and .ods (and what openpyxl cannot read): values and merges, through calamine.

calamine aborts the whole process where it runs out of memory (two cells in opposite corners suffice), so it
runs in a child: ``python -m perfeval_xl.hosts.reading.calamine LIMITS`` reads the file's bytes from its standard input,
prints one JSON object and is bounded in memory and time; only in a browser, which has no processes, it is asked in this
one. Its answer is
``{"sheets": [{"name", "state", "cells": [[row, column, value], …], "merges": [[top, left, bottom, right], …]}]}``
with ``merges`` null where the format hides them, or ``{"error": kind, "detail": text}``. Values are JSON's own;
moments are ``{"datetime" | "date" | "time": ISO text}`` or ``{"seconds": number}``.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import logging
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from perfeval_xl import patterns as re
from perfeval_xl.grid import Area, Book, Cell, Grid, Knowledge
from perfeval_xl.hosts.bounding import bound_memory
from perfeval_xl.hosts.limits import Damaged, Limits, Protected, TooMuch
from perfeval_xl.numberformat import make_cell

log = logging.getLogger(__name__)

#: So many times the processor time may pass on the clock: a machine may have much else to do.
_WALL = 12
_DAMAGED = "文件已损坏或不完整"
_FAR_CELL = "表格占的范围太大（多半是某个单元格离表格太远），内存不够"


def read(name: str, data: bytes, limits: Limits) -> Book:
    """The values and merges of a workbook's bytes. TooMuch, Protected and Damaged speak of the file."""
    answer = _understood(name, json.dumps(_answer(data, limits)) if _ALONE else _ask_child(data, limits))
    if not answer["sheets"]:
        raise Damaged("工作簿里没有工作表")
    return Book.of(name, [_grid(sheet) for sheet in answer["sheets"]])


#: A browser has no processes; there the page's own worker is what ends, and is started anew.
_ALONE = sys.platform == "emscripten"


def _ask_child(data: bytes, limits: Limits) -> bytes:
    # -P: a clerk's folder may hold a json.py; only our own package's folder joins the search path.
    command = [sys.executable, "-P", "-m", "perfeval_xl.hosts.reading.calamine"]
    command.append(json.dumps(limits.to_dict()))
    own = str(Path(__file__).resolve().parents[3])
    search = os.pathsep.join(filter(None, (own, os.environ.get("PYTHONPATH", ""))))
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            timeout=limits.seconds * _WALL,
            check=False,
            env={**os.environ, "PYTHONPATH": search},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired:
        raise TooMuch(_too_slow(limits)) from None
    if done.returncode:
        if sys.platform != "win32" and done.returncode == -signal.SIGXCPU:
            raise TooMuch(_too_slow(limits))
        log.debug("calamine ended with %s: %s", done.returncode, done.stderr[-2000:])
        raise _death(done.returncode, done.stderr)
    return done.stdout


def _understood(name: str, said: bytes | str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(said, parse_float=Decimal)
    match answer.get("error"):
        case "too much":
            raise TooMuch(answer["detail"])
        case "password":
            raise Protected
        case str():
            log.debug("calamine cannot read %r: %s", name, answer["detail"])
            raise Damaged(_DAMAGED)
    return answer


def _too_slow(limits: Limits) -> str:
    return f"读取超过 {limits.seconds} 秒，已停止"


def _death(status: int, stderr: bytes) -> Exception:
    """Why the child died: out of memory (an abort, or a kill by the system), or something calamine trips over."""
    if b"memory allocation" in stderr or b"MemoryError" in stderr or b"capacity overflow" in stderr:
        return TooMuch(_FAR_CELL)
    return Damaged(f"读取程序中断（{status}），{_DAMAGED}")


def _grid(sheet: dict[str, Any]) -> Grid:
    merges = sheet["merges"]
    return Grid(
        sheet["name"],
        {(row, column): _cell(row, column, value) for row, column, value in sheet["cells"]},
        tuple(Area(*edges) for edges in merges or ()),
        state=sheet["state"],
        knows=Knowledge(formulas=False, formats=False, hidden=False, merges=merges is not None),
    )


def _cell(row: int, column: int, value: Any) -> Cell:
    return make_cell(row, column, _moment(value) if isinstance(value, dict) else value, None)


def _moment(coded: dict[str, Any]) -> dt.datetime | dt.date | dt.time | dt.timedelta:
    ((kind, text),) = coded.items()
    match kind:
        case "datetime":
            return dt.datetime.fromisoformat(text)
        case "date":
            return dt.date.fromisoformat(text)
        case "time":
            return dt.time.fromisoformat(text)
    return dt.timedelta(seconds=float(text))


# --- in the child --------------------------------------------------------


def _main(limits: Limits) -> None:
    bound_memory(limits.reader_bytes)
    _bound_time(limits.seconds)
    json.dump(_answer(sys.stdin.buffer.read(), limits), sys.stdout)


def _bound_time(seconds: int) -> None:
    """The system ends this process after so much processor time: calamine does not come back in between."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):  # a lower limit was set from outside
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(data: bytes, limits: Limits) -> dict[str, Any]:
    import python_calamine

    try:
        # From bytes calamine looks at the content; from a path it would trust the extension.
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            return {"sheets": list(_sheets(workbook, limits))}
    except TooMuch as error:
        return {"error": "too much", "detail": str(error)}
    except python_calamine.PasswordError as error:
        return {"error": "password", "detail": str(error)}
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        return {"error": "damaged", "detail": str(error)}


def _sheets(workbook: Any, limits: Limits) -> Iterator[dict[str, Any]]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    # Pairs, for calamine's enumerations cannot be hashed.
    states = ((SheetVisibleEnum.Hidden, "hidden"), (SheetVisibleEnum.VeryHidden, "veryHidden"))
    cells = text = 0
    for index, about in enumerate(workbook.sheets_metadata):
        if about.typ != SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_index(index)
        found = list(_cells(sheet, limits))
        cells += len(found)
        text += sum(len(value) for _, _, value in found if isinstance(value, str))
        merges = sheet.merged_cell_ranges
        if cells > limits.cells:
            raise TooMuch("有内容的单元格太多")
        if text > limits.text:
            raise TooMuch("文字太多")
        if merges is not None and len(merges) > limits.merges:
            raise TooMuch("合并单元格太多")
        yield {
            "name": about.name,
            "state": next((name for state, name in states if state == about.visible), "visible"),
            "cells": found,
            "merges": None if merges is None else [_edges(*corners) for corners in merges],
        }


def _edges(first: tuple[int, int], last: tuple[int, int]) -> tuple[int, int, int, int]:
    return first[0] + 1, first[1] + 1, last[0] + 1, last[1] + 1


def _cells(sheet: Any, limits: Limits) -> Iterator[tuple[int, int, Any]]:
    """The non-empty cells. calamine's rows begin at ``sheet.start``, which both coordinates must add."""
    if sheet.start is None:
        return
    if sheet.height * sheet.width > limits.places:
        raise TooMuch(_FAR_CELL)
    top, left = sheet.start
    for row, values in enumerate(sheet.to_python(skip_empty_area=True), top + 1):
        for column, value in enumerate(values, left + 1):
            if value != "":
                yield row, column, _coded(value)


_ODS_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+(?:\.\d+)?)S")


def _coded(value: Any) -> Any:
    """A value as JSON can carry it."""
    match value:
        case dt.datetime():
            return {"datetime": value.isoformat()}
        case dt.date():
            return {"date": value.isoformat()}
        case dt.time():
            return {"time": value.isoformat()}
        case dt.timedelta():
            return {"seconds": value.total_seconds()}
        case float() if not math.isfinite(value):
            return str(value)
        case str() if duration := _ODS_DURATION.fullmatch(
            value
        ):  # calamine leaves those beyond a day as text
            hours, minutes, seconds = duration.groups()
            return {"seconds": int(hours) * 3600 + int(minutes) * 60 + float(seconds)}
    return value


if __name__ == "__main__":
    _main(Limits(**json.loads(sys.argv[1])))
