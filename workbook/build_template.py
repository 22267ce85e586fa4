#!/usr/bin/env python3
"""Build the clerk's workbook from `workbook/template/*.yaml`.

    python workbook/build_template.py             writes template.xlsx and template.xlsm
    python workbook/build_template.py --check     builds both in memory and compares them with the files

`sheets(macros, buttons)` gives the workbook's bytes without VBA project and ribbon, which `assemble` adds. Same sources, same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from assemble import TEXTS_CODE, macro_enabled
from macros import texts
from sheets import forms, pages
from sheets.checks import beside
from sheets.model import Sheet
from sheets.writer import Button, Writer

from perfeval_xl.excel.actions import ACTIONS
from perfeval_xl.files import write_atomically
from perfeval_xl.grid import quoted
from perfeval_xl.hosts.corrections.log import COLUMNS as LOG_COLUMNS
from perfeval_xl.hosts.package.log_sheet import HEADER_ROW
from perfeval_xl.own_sheets import (
    CORRECTIONS_SHEET,
    FIRST_GUARD,
    GUIDE_SHEET,
    LAST_GUARD,
    MASTER,
    RESULTS_SHEET,
    SETTINGS_SHEET,
    TEXTS_SHEET,
)
from perfeval_xl.policy import bundled
from perfeval_xl.version import __version__

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "template"
CONFIGURATION = {
    "Use UDF Server": "True",
    "Show Console": "False",
    "ADD_WORKBOOK_TO_PYTHONPATH": "False",
    "SHOW_ERROR_POPUPS": "False",
}


def source(name: str) -> Any:
    return yaml.safe_load((SOURCES / f"{name}.yaml").read_text(encoding="utf-8"))


def laid_out(*, macros: bool) -> list[Sheet]:
    """All sheets in their order; the projects stand between the two guard sheets."""
    annexes = source("forms")
    first = forms.annex3(annexes["annex3"], name="附件3-1", code="PE31", form_id="FJ3-1")
    master = forms.annex3(annexes["annex3"], name=MASTER, code="PEMaster", form_id="FJ3", hidden=True)
    tables = [forms.fund_table(annexes[f"annex{number}"], f"FJ0{number}") for number in (4, 5, 6)]
    single = [
        forms.annex1(annexes["annex1"]),
        forms.annex2(annexes["annex2"]),
        *tables,
        pages.report(source("report")),
    ]
    results = source("results")
    listed = [
        pages.guide(source("guide"), macros=macros, version=__version__),
        *single[:2],
        pages.guard_sheet(FIRST_GUARD, "PEFirst"),
        first,
        pages.guard_sheet(LAST_GUARD, "PELast"),
        *single[2:],
        pages.results(results["results"], [_checksum_cell(sheet) for sheet in single]),
        pages.log(),
        master,
    ]
    hidden = (
        pages.entries(SETTINGS_SHEET, "PEConf", CONFIGURATION),
        pages.entries(TEXTS_SHEET, TEXTS_CODE, texts("template")),
    )
    return [*listed, *hidden] if macros else listed


def _checksum_cell(sheet: Sheet) -> str:
    assert sheet.print is not None
    return f"{quoted(sheet.name)}!{forms.a1(0, sheet.print.last_col + 2, absolute=True)}"


def sheets(macros: bool, buttons: Sequence[Button] = ()) -> bytes:
    """The workbook with all sheets. With macros: code names, 核对 columns, buttons, xlwings' settings."""
    writer = Writer(source("prompts"), bundled(), macros=macros)
    tables = source("results")
    for sheet in laid_out(macros=macros):
        page = writer.write(sheet, beside(sheet) if sheet.form and sheet.name != "自评报告" else ())
        if sheet.name == RESULTS_SHEET:
            table, top = tables["results"], pages.RESULTS_HEADER
            writer.table(page, top, "PE_Results", table["columns"], table["hidden"], pages.RESULTS_ROWS)
            writer.mark_levels(page, top + 1, top + pages.RESULTS_ROWS)
            writer.state_format(page, pages.RESULTS_STATE, table["state"]["changed"])
        elif sheet.name == CORRECTIONS_SHEET:
            writer.filtered(page, HEADER_ROW - 1, len(LOG_COLUMNS) - 1)
        elif sheet.name == GUIDE_SHEET:
            page.activate()
            if macros and buttons:
                writer.buttons(page, sheet.names["PE_BUTTONS"], buttons)
    return writer.close()


def built() -> Iterator[tuple[Path, bytes]]:
    """The files of this build, with their bytes."""
    yield HERE / "template.xlsx", sheets(macros=False)
    buttons = [Button(action.macro, action.label) for action in ACTIONS if action.first_sheet]
    yield HERE / "template.xlsm", macro_enabled(sheets(True, buttons), "template")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description="Build the template workbooks from their sources.")
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing them")
    check: bool = parser.parse_args(arguments).check
    stale = []
    for path, data in built():
        if not check:
            write_atomically(path, data)
            print(path.relative_to(HERE.parent))
        elif not path.is_file() or path.read_bytes() != data:
            stale.append(path.name)
    if stale:
        print(
            f"not as built from the sources: {', '.join(stale)}; run python workbook/build_template.py",
            file=sys.stderr,
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
