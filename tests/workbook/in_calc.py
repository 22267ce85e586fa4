"""Opens a workbook in a LibreOffice of its own, macros allowed, and does a list of steps; run by a Python that has uno.

    python3 in_calc.py FILE STEPS.json       prints a JSON list with one result a step
    python3 in_calc.py                       the same for every line {"file": …, "steps": […]} it reads, in one LibreOffice;
                                             where steps fail the line it prints is a text that says so

Steps: ["modules"], ["run", "Module.Macro"], ["press", "label"], ["buttons"], ["value", "sheet", "A1"],
["figure", "sheet", "A1"] (a number where one stands there), ["set", "sheet", "A1", value],
["formula", "sheet", "A1", "=..."], ["wait", seconds], ["opened"] and ["recalculate"] (seconds it took), ["sheets"],
["unprotect"], ["insert_rows", "sheet", row, count], ["remove_rows", …], ["copy_sheet", "from", "to", "before"],
["remove_sheet", "sheet"], ["rename_sheet", "sheet", "new"], ["save", FILE].
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]
from com.sun.star.connection import NoConnectException  # type: ignore[import-not-found]

MACROS_ALLOWED = 4
PATIENCE = 60.0


class Office:
    """A headless soffice with a profile of its own, ended whatever happens."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="perfeval-calc-")
        self.pipe = f"perfeval{os.getpid()}"
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                "soffice", f"-env:UserInstallation=file://{self.folder}", "--headless", "--norestore", "--nologo",
                "--nodefault", f"--accept=pipe,name={self.pipe};urp;",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __enter__(self) -> Any:
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                context = resolver.resolve(f"uno:pipe,name={self.pipe};urp;StarOffice.ComponentContext")
                return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
            except NoConnectException:
                if self.process.poll() == 81:  # a fresh profile: it wants to be started again
                    self.process = self._start()
                time.sleep(0.1)
        raise TimeoutError("soffice does not answer")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def option(name: str, value: Any) -> Any:
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


class Opened:
    """A document with what the steps ask of it."""

    def __init__(self, desktop: Any, path: Path) -> None:
        start = time.monotonic()
        options = (option("Hidden", False), option("MacroExecutionMode", MACROS_ALLOWED))
        self.document = desktop.loadComponentFromURL(path.resolve().as_uri(), "_blank", 0, options)
        self.seconds = time.monotonic() - start
        if self.document is None:
            raise OSError(f"Calc does not open {path}")

    def do(self, what: str, *arguments: Any) -> Any:
        return getattr(self, f"do_{what}")(*arguments)

    def do_opened(self) -> float:
        return self.seconds

    def do_recalculate(self) -> float:
        start = time.monotonic()
        self.document.calculateAll()
        return time.monotonic() - start

    def do_wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def do_modules(self) -> list[str]:
        return sorted(self.document.BasicLibraries.getByName("VBAProject").getElementNames())

    def do_run(self, macro: str) -> Any:
        uri = f"vnd.sun.star.script:VBAProject.{macro}?language=Basic&location=document"
        return self.document.getScriptProvider().getScript(uri).invoke((), (), ())[0]

    def _buttons(self) -> list[tuple[Any, Any, str]]:
        found = []
        for sheet in self.document.Sheets:
            for form in sheet.DrawPage.Forms:
                for index in range(form.getCount()):
                    control = form.getByIndex(index)
                    scripts = [event.ScriptCode for event in form.getScriptEvents(index)]
                    found.append((sheet, control, scripts[0] if scripts else ""))
        return found

    def do_buttons(self) -> list[list[str]]:
        return [[sheet.Name, control.Label, script] for sheet, control, script in self._buttons()]

    def do_press(self, label: str) -> None:
        sheet, model, _ = next(button for button in self._buttons() if button[1].Label == label)
        controller = self.document.CurrentController
        controller.setActiveSheet(sheet)
        controller.getControl(model).getAccessibleContext().doAccessibleAction(0)

    def do_value(self, sheet: str, cell: str) -> Any:
        found = self.document.Sheets.getByName(sheet).getCellRangeByName(cell)
        return found.String if found.getError() == 0 else f"error {found.getError()}"

    def do_figure(self, sheet: str, cell: str) -> Any:
        found = self.document.Sheets.getByName(sheet).getCellRangeByName(cell)
        # 2 is a text, 4 an error; a figure may be shown as nothing.
        return found.String if found.FormulaResultType2 in (2, 4) else float(found.Value)

    def do_sheets(self) -> list[str]:
        return list(self.document.Sheets.ElementNames)

    def do_unprotect(self) -> None:
        for name in self.document.Sheets.ElementNames:
            self.document.Sheets.getByName(name).unprotect("")

    def do_insert_rows(self, sheet: str, row: int, count: int) -> None:
        self.document.Sheets.getByName(sheet).Rows.insertByIndex(row - 1, count)

    def do_remove_rows(self, sheet: str, row: int, count: int) -> None:
        self.document.Sheets.getByName(sheet).Rows.removeByIndex(row - 1, count)

    def do_copy_sheet(self, source: str, name: str, before: str) -> None:
        sheets = self.document.Sheets
        sheets.copyByName(source, name, list(sheets.ElementNames).index(before))
        sheets.getByName(name).IsVisible = True

    def do_remove_sheet(self, name: str) -> None:
        self.document.Sheets.removeByName(name)

    def do_rename_sheet(self, name: str, new: str) -> None:
        self.document.Sheets.getByName(name).Name = new

    def do_save(self, path: str) -> None:
        kind = option("FilterName", "Calc MS Excel 2007 XML")
        self.document.storeToURL(Path(path).resolve().as_uri(), (kind,))

    def do_set(self, sheet: str, cell: str, value: Any) -> None:
        found = self.document.Sheets.getByName(sheet).getCellRangeByName(cell)
        if isinstance(value, str):
            found.String = value
        else:
            found.Value = value

    def do_formula(self, sheet: str, cell: str, formula: str) -> None:
        self.document.Sheets.getByName(sheet).getCellRangeByName(cell).Formula = formula


def carried_out(desktop: Any, path: str, steps: list[list[Any]]) -> list[Any]:
    opened = Opened(desktop, Path(path))
    try:
        return [opened.do(*step) for step in steps]
    finally:
        opened.document.close(True)


def main(path: str, steps: str) -> None:
    with Office() as desktop:
        results = carried_out(desktop, path, json.loads(Path(steps).read_text(encoding="utf-8")))
    print(json.dumps(results, ensure_ascii=False))


def serve() -> None:
    with Office() as desktop:
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                answer: Any = carried_out(desktop, asked["file"], asked["steps"])
            except Exception:
                answer = traceback.format_exc()
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        main(*sys.argv[1:])
    else:
        serve()
