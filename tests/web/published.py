"""Every published table, and odd workbooks, in the page and on CPython: ``python -m tests.web.published [FOLDER]``.

Prints what differs, and how many were the same: findings and coverage (report/2), and the corrected and the marked copy,
part by part, times aside. FOLDER holds workbooks of one's own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl

from perfeval_xl import PerfevalError, check
from perfeval_xl.runs.outputs import marked_ours
from perfeval_xl.runs.revising import opened
from tests.published.test_published import TABLES
from tests.support import read_yaml

from .browser import Screen, browsing, built

_TIME = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?Z?")


def workbook_of(path: Path) -> bytes:
    """A published table as a workbook: what was transcribed, in cells of no format."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in read_yaml(path)["sheets"]:
        made = book.create_sheet(sheet["name"])
        for row in sheet["rows"]:
            made.append(
                [
                    None if value is None else value if isinstance(value, str) else float(value)
                    for value in row
                ]
            )
        for merge in sheet.get("merges") or ():
            made.merge_cells(merge)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def parts(data: bytes) -> dict[str, bytes]:
    """The parts of a package, without the times written in them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: _TIME.sub(b"", archive.read(name)) for name in archive.namelist()}


def differences(screen: Screen, name: str, data: bytes) -> Iterator[str]:
    """What the page says or makes of a file that CPython does not."""
    here: dict[str, Any]
    try:
        here = {"ok": check(data, name=name).to_dict()}
    except PerfevalError as error:
        here = {"error": str(error)}
    there = screen.check(name, data)
    if here != there:
        yield f"{name}: the report differs: {_first_difference(here, there)}"
    if "error" in here or here["ok"]["verdict"] == "unreadable":
        return
    revision, _ = opened([(name, data)]).corrected()
    screen.open([(name, data)])
    screen.page.click("text=一键更正")
    screen.page.wait_for_selector(".toast p:has-text('更正')")
    wanted = {"标注副本": revision.marked(name, dt.datetime.now()).data}
    if revision.changes:
        wanted["改好的工作簿"] = revision.mended(name, dt.datetime.now())[0].data
    for title, file in wanted.items():
        mine, its = parts(marked_ours(file, ".xlsx")), parts(screen.download(title))
        differ = sorted(part for part in mine.keys() | its.keys() if mine.get(part) != its.get(part))
        if revision.changes:  # what a marked copy remembers of its original holds the time of the correction
            differ = [part for part in differ if not part.startswith("customXml/")]
        if differ:
            yield f"{name}: {title} differs in {', '.join(differ)}"
    screen.page.click("text=换文件")


def _first_difference(here: object, there: object, path: str = "") -> str:
    if isinstance(here, dict) and isinstance(there, dict):
        for key in here.keys() | there.keys():
            if here.get(key) != there.get(key):
                return _first_difference(here.get(key), there.get(key), f"{path}/{key}")
    if isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        for index, (one, other) in enumerate(zip(here, there, strict=True)):
            if one != other:
                return _first_difference(one, other, f"{path}/{index}")
    return f"{path}: {str(here)[:200]} / {str(there)[:200]}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the page with CPython over every published table.")
    parser.add_argument("folder", nargs="?", type=Path, help="workbooks of one's own")
    folder: Path | None = parser.parse_args().folder
    found: list[str] = []
    files = [(f"{path.stem}.xlsx", workbook_of(path)) for path in TABLES]
    files += [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())] if folder else []
    with tempfile.TemporaryDirectory() as made, browsing() as context:
        screen = Screen(context.new_page()).start(built(Path(made)))
        for name, data in files:
            told = list(differences(screen, name, data))
            print("\n".join(told) or f"{name}: the same", flush=True)
            found += told
        print(f"{len(files)} files, {len(found)} differences, {len(screen.beyond)} requests beyond the page")
    return 1 if found or screen.beyond else 0


if __name__ == "__main__":
    sys.exit(main())
