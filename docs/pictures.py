#!/usr/bin/env python3
"""Makes the pictures of the manual from a real workbook: the example, filled into the template, checked and marked.

    python docs/pictures.py

Needs LibreOffice and poppler's pdftoppm. The pictures are generated; their names are what the manual shows.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from perfeval_xl.checking import check  # noqa: E402
from perfeval_xl.forms import read_forms  # noqa: E402
from perfeval_xl.hosts.filling import fill  # noqa: E402
from perfeval_xl.hosts.highlight import highlight  # noqa: E402
from perfeval_xl.hosts.libreoffice import convert  # noqa: E402
from perfeval_xl.hosts.limits import LIMITS  # noqa: E402
from perfeval_xl.hosts.loading import read_book  # noqa: E402
from perfeval_xl.hosts.template import Template, shipped  # noqa: E402

FOLDER = ROOT / "docs" / "pictures"
#: What a page is known by (a text that stands on it), and the picture it becomes.
PAGES = {"图例": "guide", "预算单位整体支出绩效自评表": "marked-form", "绩效自评校验结果": "results"}
DOTS_PER_INCH = 70


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


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        pdf = Path(name) / "示例.pdf"
        pdf.write_bytes(convert(marked_example(Path(name)), ".xlsx", "pdf", LIMITS))
        for text, picture in PAGES.items():
            page = str(page_of(pdf, text))
            size = ["-r", str(DOTS_PER_INCH), "-f", page, "-l", page, "-singlefile", "-png"]
            subprocess.run(["pdftoppm", *size, str(pdf), str(FOLDER / picture)], check=True)


if __name__ == "__main__":
    main()
