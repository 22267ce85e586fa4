"""Runs in LibreOffice's Python: opens a workbook, carries out steps read as JSON, prints what cells then show.

    /usr/bin/python3 calc_session.py PIPE < steps.json

A step is a list: its name and its arguments (see ``STEPS``); "show" steps answer, in their order. Knows nothing of
the package under test.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import uno  # type: ignore[import-not-found]
from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]


def option(name: str, value: Any) -> Any:
    result = PropertyValue()
    result.Name, result.Value = name, value
    return result


def connect(pipe: str) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(150):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except Exception:
            time.sleep(0.2)
    raise SystemExit("soffice does not answer")


class Session:
    def __init__(self, desktop: Any) -> None:
        self.desktop = desktop
        self.document: Any = None

    def open(self, url: str) -> None:
        self.document = self.desktop.loadComponentFromURL(url, "_blank", 0, (option("Hidden", True),))

    def cell(self, sheet: str, address: str) -> Any:
        return self.document.Sheets.getByName(sheet).getCellRangeByName(address)

    def insert_rows(self, sheet: str, row: int, count: int) -> None:
        self.document.Sheets.getByName(sheet).Rows.insertByIndex(row - 1, count)

    def remove_rows(self, sheet: str, row: int, count: int) -> None:
        self.document.Sheets.getByName(sheet).Rows.removeByIndex(row - 1, count)

    def copy_sheet(self, source: str, name: str, before: str) -> None:
        sheets = self.document.Sheets
        sheets.copyByName(source, name, list(sheets.ElementNames).index(before))
        sheets.getByName(name).IsVisible = True

    def remove_sheet(self, name: str) -> None:
        self.document.Sheets.removeByName(name)

    def rename_sheet(self, name: str, new: str) -> None:
        self.document.Sheets.getByName(name).Name = new

    def unprotect(self) -> None:
        for name in self.document.Sheets.ElementNames:
            self.document.Sheets.getByName(name).unprotect("")

    def put(self, sheet: str, address: str, value: Any) -> None:
        if isinstance(value, str):
            self.cell(sheet, address).String = value
        else:
            self.cell(sheet, address).Value = value

    def calculate(self) -> float:
        start = time.perf_counter()
        self.document.calculateAll()
        return time.perf_counter() - start

    def show(self, sheet: str, address: str) -> Any:
        found = self.cell(sheet, address)
        # 2 is a text, 4 an error; a figure may be shown as nothing.
        return found.String if found.FormulaResultType2 in (2, 4) else float(found.Value)

    def names(self) -> list[str]:
        return list(self.document.Sheets.ElementNames)

    def formula(self, sheet: str, address: str, formula: str) -> None:
        self.cell(sheet, address).Formula = formula

    def buttons(self, sheet: str) -> list[str]:
        page = self.document.Sheets.getByName(sheet).DrawPage
        return [form.getByIndex(at).Label for form in page.Forms for at in range(form.Count)]

    def save(self, url: str) -> None:
        self.document.storeToURL(url, (option("FilterName", "Calc MS Excel 2007 XML"),))


def main() -> None:
    context = connect(sys.argv[1])
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    session = Session(desktop)
    answers = []
    try:
        for name, *arguments in json.load(sys.stdin):
            answer = getattr(session, name)(*arguments)
            if answer is not None:
                answers.append(answer)
        print(json.dumps(answers, ensure_ascii=False))
    finally:
        if session.document is not None:
            session.document.close(True)
        desktop.terminate()


if __name__ == "__main__":
    main()
