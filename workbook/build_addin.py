#!/usr/bin/env python3
"""Build the add-in, which brings the ribbon's actions to any workbook.

python workbook/build_addin.py              writes workbook/perfeval.xlam
python workbook/build_addin.py --out FILE   writes FILE
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter
from assemble import add_texts, macro_enabled

from perfeval_xl.files import write_atomically

COMMITTED = Path(__file__).resolve().parent / "perfeval.xlam"
CREATED = datetime(2024, 5, 30, 9, 0, 0)
LINES = (
    "绩效自评加载项：在功能区“绩效自评（加载项）”中校验当前打开的工作簿。",
    "本表不显示，也不保存任何数据。",
)


def build() -> bytes:
    """The add-in: a workbook of one sheet that is never shown, with macros and ribbon."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": "绩效自评加载项", "created": CREATED})
        workbook.set_vba_name("ThisWorkbook")
        sheet = workbook.add_worksheet("说明")
        sheet.set_vba_name("Sheet1")
        sheet.write_column(0, 0, LINES)
        add_texts(workbook, "addin")
    return macro_enabled(stream.getvalue(), "addin")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=COMMITTED)
    write_atomically(parser.parse_args(arguments).out, build())
    return 0


if __name__ == "__main__":
    sys.exit(main())
