#!/usr/bin/env python3
"""Check Word documents of 75, 150 and 300 pages: time against the smallest one, and the peak of memory.

    python bench/word_document.py

Every page has a table of 40 rows by 9 columns and two paragraphs with figures. Numbers are printed, never asserted.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PAGES = (75, 150, 300)
HEADER = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因", "备注")
CHILD = """
import resource, sys, time
from perfeval_xl.runs.checking import check
start = time.perf_counter()
report = check(sys.argv[1])
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, len(report.summaries))
"""


def paragraph(text: str) -> str:
    return f'<w:p><w:pPr><w:jc w:val="left"/></w:pPr><w:r><w:rPr><w:sz w:val="21"/></w:rPr><w:t>{text}</w:t></w:r></w:p>'


def row(texts: tuple[str, ...]) -> str:
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="900" w:type="dxa"/></w:tcPr>{paragraph(text)}</w:tc>' for text in texts
    )
    return f"<w:tr>{cells}</w:tr>"


def page(number: int) -> str:
    rows = [row(("项目名称", f"第{number}项工作经费", "", "", "", "", "", "", "")), row(HEADER)]
    rows += [
        row(
            (
                "产出指标",
                "数量指标",
                f"第{number}项事项{line}完成",
                f"≥{line}件",
                f"{line + 2}件",
                "2",
                "2",
                "",
                "",
            )
        )
        for line in range(38)
    ]
    text = f"第{number}项工作支出{number}.5万元，其中甲{number}万元，乙0.5万元，完成目标任务的105%。"
    return (
        paragraph(f"附件3-{number}")
        + paragraph("2023年度项目支出绩效自评表")
        + f"<w:tbl>{''.join(rows)}</w:tbl>"
        + paragraph(text) * 2
    )


def document(pages: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        body = paragraph("2023年度甲局整体支出绩效自评报告") + "".join(
            page(number) for number in range(1, pages + 1)
        )
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
        )
    return target.getvalue()


def main() -> int:
    baseline = None
    with tempfile.TemporaryDirectory() as folder:
        for pages in PAGES:
            path = Path(folder) / f"{pages}.docx"
            path.write_bytes(document(pages))
            started = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=False
            )
            if done.returncode:
                print(done.stderr)
                return 1
            seconds, memory, forms = done.stdout.split()
            baseline = baseline or float(seconds)
            print(
                f"{pages:4} pages, {forms} forms: {float(seconds):6.2f} s, {float(seconds) / baseline:5.2f} × {PAGES[0]} pages, "
                f"{memory} MB, process {time.perf_counter() - started:.2f} s"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
