"""Files made to hurt, among good ones: every good submission's result stays as it was."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl

from perfeval_xl.policy import load_policy
from perfeval_xl.runs.batch import Job, batch
from perfeval_xl.runs.desk.terms import Terms
from perfeval_xl.runs.noticing import Notice, default_template
from tests.hosts.reading.hostile import HOSTILE
from tests.report.test_summary import Page

from .intake import EXECUTED, desk, workbook

#: Names that mean something to a page, a shell, a workbook or a terminal.
_NAMES = ("<script>alert(1)</script>", "=cmd|' ‮ C'!A1", "$(reboot)", "%s{0}{{x}}")


#: Cells whose text findings and letters quote.
_CELLS = ("附件2 / 办证数 / 实际完成值", "附件2 / 新书上架时间 / 年度指标值")


def lines(job: Job) -> dict[str, dict[str, Any]]:
    text = (job.out / "结果.jsonl").read_text(encoding="utf-8")
    return {report["workbook"]: report for report in map(json.loads, text.splitlines())}


def nothing_live(out: Path) -> None:
    """Nothing of a file has become a script, a handler or a formula in the summaries."""
    page = Page((out / "汇总.html").read_text(encoding="utf-8"))
    assert sum(tag == "script" for tag, _ in page.tags) == 2  # the page's own
    assert not [name for _, found in page.tags for name in found if name.startswith("on")]
    book = openpyxl.load_workbook(out / "汇总.xlsx")
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_hostile_files_among_good_ones(tmp_path: Path) -> None:
    folder = desk(tmp_path / "收件")
    job = Job([folder], tmp_path / "结果", Terms(load_policy("hunan-2023")), jobs=2)
    batch(job)
    before = lines(job)
    for what, (build, _) in HOSTILE.items():
        (folder / f"坏 {what.replace('/', '_')}.xlsx").write_bytes(build())
    with zipfile.ZipFile(folder / "炸弹.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("炸弹/表.xlsx", b"\0" * 150_000_000)
    with zipfile.ZipFile(folder / "套.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "炸弹.zip", "套/炸弹.zip")
        archive.writestr("../../套/外面.xlsx", b"PK\x03\x04")
    for name in _NAMES:
        texts = {"附件2 / 预算单位名称": name, **dict.fromkeys(_CELLS, name)}
        workbook(folder / f"{name}.xlsx", {EXECUTED: 310, **texts})
    notice = Notice(default_template())
    summary = batch(replace(job, terms=replace(job.terms, marked=True, audit=True, notice=notice)))
    after = lines(job)
    assert {name: after[name] for name in before} == before
    assert summary.verdicts["unreadable"] == len(HOSTILE) + 2
    assert "套/套/炸弹.zip" in {one.path for one in summary.left_out}
    assert "文件太大" in after["炸弹"]["reason"]
    assert len(after) == len(before) + len(HOSTILE) + 2 + len(_NAMES)
    assert not summary.faults
    written = [path.relative_to(job.out).parts for path in (job.out / "标注").rglob("*.xlsx")]
    assert len(written) == 5 + len(_NAMES)
    assert len(list((job.out / "审核报告").iterdir())) == len(before) + len(_NAMES)
    assert len(list((job.out / "退回通知").iterdir())) == len(after) - summary.verdicts["pass"]
    nothing_live(job.out)
    assert all(parts[0] == "标注" and not set("<>|\u202e") & set("".join(parts)) for parts in written)
