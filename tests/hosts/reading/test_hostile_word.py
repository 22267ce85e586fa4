"""Word documents made to hurt: one line or a report, bounded memory and time, as for workbooks."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hosts.reading.test_hostile import ADDRESS_SPACE, CHILD, MEMORY, checked

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CELL = "<w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc>"
PARAGRAPH = "<w:p><w:r><w:t>基本支出1万元，完成目标任务的5%。</w:t></w:r></w:p>"


def document(body: str) -> bytes:
    """Stored unpacked, so that no ratio gives it away."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
        )
    return target.getvalue()


def table(rows: str) -> str:
    return f"<w:tbl>{rows}</w:tbl>"


TITLE = "<w:p><w:r><w:t>2023年度甲局整体支出绩效自评报告</w:t></w:r></w:p>"
#: What it is, the document, the code of the check, and what the one line says ("" for a report).
CASES: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "cells": (lambda: document(table(f"<w:tr>{CELL * 9}</w:tr>" * 60_000)), 2, "太多"),
    "paragraphs": (lambda: document(PARAGRAPH * 300_000), 2, "太多"),
    "empty paragraphs": (lambda: document("<w:p/>" * 5_000_000), 2, "太多"),
    "one long paragraph": (lambda: document(f"<w:p><w:r><w:t>{'甲' * 3_000_000}</w:t></w:r></w:p>"), 2, "没有找到"),
    "a very long text": (lambda: document(f"<w:p><w:r><w:t>{'甲' * 12_000_000}</w:t></w:r></w:p>"), 2, "没有找到"),
    "nested tables": (lambda: document("<w:tbl><w:tr><w:tc>" * 3000 + "</w:tc></w:tr></w:tbl>" * 3000), 2, "XML"),
    "many tables": (lambda: document((table(f"<w:tr>{CELL * 3}</w:tr>" * 3) + "<w:p/>") * 20_000), 2, "没有找到"),
    "merged down": (
        lambda: document(table("<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr></w:tc></w:tr>" * 500_000)), 2, "太多",
    ),
    "figures": (lambda: document(TITLE + PARAGRAPH * 2 + f"<w:p><w:r><w:t>{'支出1万元，' * 50_000}</w:t></w:r></w:p>"), 2, "放宽限制"),
}  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits on Windows")
@pytest.mark.parametrize("what", CASES)
def test_hostile(tmp_path: Path, what: str) -> None:
    build, code, reason = CASES[what]
    path = tmp_path / "报告.docx"
    path.write_bytes(build())
    child = CHILD.replace("perfeval_xl.hosts.reading.xlsx", "perfeval_xl.hosts.reading.word")
    outcome, stderr = checked(path, child)
    assert outcome["code"] == code, stderr
    assert len(stderr.splitlines()) == bool(reason)
    assert reason in stderr
    assert "Traceback" not in stderr
    assert outcome["memory"] <= MEMORY < ADDRESS_SPACE
