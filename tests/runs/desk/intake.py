"""What units hand in, for tests of the desk: small workbooks of the tables that rules are tested with."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.cli.test_cli import write_book
from tests.rules.test_rules import BASE
from tests.support import changed

EXECUTED = "附件2 / 年度资金总额 / 全年执行数"


def workbook(path: Path, changes: Mapping[str, Any] | None = None) -> Path:
    """A unit's workbook with some cells changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_book(path, changed(BASE, changes or {}))


def desk(folder: Path, count: int = 4) -> Path:
    """A folder of ``count`` submissions: 单位1.xlsx and so on, each with other figures; the second one is a folder of two files."""
    for number in range(1, count + 1):
        changes = {EXECUTED: 300 + number}
        if number != 2:
            workbook(folder / f"单位{number}.xlsx", changes)
            continue
        rows = changed(BASE, changes)
        tables = {name: cells for name, cells in rows.items() if name != "自评报告"}
        (folder / "单位2").mkdir(parents=True)
        write_book(folder / "单位2" / "表.xlsx", tables)
        write_book(folder / "单位2" / "报告.xlsx", {"自评报告": rows["自评报告"]})
    return folder


class _Named(zipfile.ZipInfo):
    """A member whose name is written in the encoding of Chinese Windows, which says nothing of it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def zipped(path: Path, files: Mapping[str, bytes], *, windows: bool = False) -> Path:
    """A zip of these files; on ``windows`` its names are not UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(_Named(name) if windows else zipfile.ZipInfo(name), data)
    return path
