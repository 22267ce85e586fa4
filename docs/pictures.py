#!/usr/bin/env python3
"""Makes the pictures of the manual from a real workbook: the example, filled into the template, checked and marked.

    python docs/pictures.py

Needs LibreOffice and poppler's pdftoppm. The pictures are generated; their names are what the manual shows.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from perfeval_xl.files import sha256  # noqa: E402
from perfeval_xl.forms import read_forms  # noqa: E402
from perfeval_xl.hosts.libreoffice import convert  # noqa: E402
from perfeval_xl.hosts.limits import LIMITS  # noqa: E402
from perfeval_xl.hosts.marks.workbook import highlight  # noqa: E402
from perfeval_xl.hosts.reading.loading import read_book  # noqa: E402
from perfeval_xl.hosts.template.filling import fill  # noqa: E402
from perfeval_xl.hosts.template.template import Template, shipped  # noqa: E402
from perfeval_xl.runs.auditing import audit_report  # noqa: E402
from perfeval_xl.runs.checking import check  # noqa: E402
from perfeval_xl.runs.rulebook import new_book  # noqa: E402

FOLDER = ROOT / "docs" / "pictures"
#: What a page is known by (a text that stands on it), and the picture it becomes.
PAGES = {"图例": "guide", "预算单位整体支出绩效自评表": "marked-form", "绩效自评校验结果": "results"}
#: Of a new rule book, on paper of A3.
BOOK = {"例01": "rule-book", "附件1[编制数]": "rule-book-names"}
#: Of a wide page its part that is worth seeing: dots per inch, then left, top, width and height in dots.
PARTS = {"rule-book": (130, 90, 120, 1330, 230), "rule-book-names": (90, 60, 85, 900, 420)}
AUDIT = {"部门整体支出绩效自评审核报告": "audit-report"}
DOTS_PER_INCH = 70
#: When the check in the picture was, so that the picture says the same each time it is made.
WHEN = dt.datetime(2024, 5, 31, 15, 0)


def marked_example(folder: Path) -> bytes:
    """The example in the template, with its findings marked."""
    template = Template(shipped(".xlsx"))
    fill(template, read_forms(read_book(ROOT / "workbook" / "example-2023.xlsx")))
    path = folder / "示例.xlsx"
    path.write_bytes(template.to_bytes())
    return highlight(path, check(path)).data


def page_of(pdf: Path, text: str) -> int:
    """The first page with a text; ValueError if there is none."""
    pages = (
        subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, check=True)
        .stdout.decode()
        .split("\f")
    )
    for number, page in enumerate(pages, 1):
        if text in page.replace(" ", "").replace("\n", ""):
            return number
    raise ValueError(f"no page says {text}")


def audited_example() -> bytes:
    """The 审核报告 of the example, as PDF."""
    path = ROOT / "workbook" / "example-2023.xlsx"
    return audit_report(check(path, policy="hunan-2023"), ".pdf", when=WHEN, hashes=[sha256(path)])


def draw(data: bytes, pages: Mapping[str, str], folder: Path) -> None:
    """A picture of each of these pages of a PDF."""
    pdf = folder / "页面.pdf"
    pdf.write_bytes(data)
    for text, picture in pages.items():
        page = str(page_of(pdf, text))
        dots, *part = PARTS.get(picture, (DOTS_PER_INCH,))
        crop = [word for pair in zip(("-x", "-y", "-W", "-H"), map(str, part), strict=False) for word in pair]
        size = ["-r", str(dots), *crop, "-f", page, "-l", page, "-singlefile", "-png"]
        subprocess.run(["pdftoppm", *size, str(pdf), str(FOLDER / picture)], check=True)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(convert(marked_example(folder), ".xlsx", "pdf", LIMITS), PAGES, folder)
        draw(audited_example(), AUDIT, folder)
        draw(convert(new_book(), ".xlsx", "pdf", LIMITS), BOOK, folder)


if __name__ == "__main__":
    main()
