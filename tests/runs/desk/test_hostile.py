"""Files made to hurt, among good ones: every good submission's result stays as it was."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from perfeval_xl.policy import load_policy
from perfeval_xl.runs.batch import Job, batch
from perfeval_xl.runs.desk.terms import Terms
from tests.hosts.reading.hostile import HOSTILE

from .intake import EXECUTED, desk, workbook

#: Names that mean something to a page, a shell, a workbook or a terminal.
_NAMES = ("<script>alert(1)</script>", "=cmd|' ‮ C'!A1", "$(reboot)", "%s{0}{{x}}")


def lines(job: Job) -> dict[str, dict[str, Any]]:
    text = (job.out / "结果.jsonl").read_text(encoding="utf-8")
    return {report["workbook"]: report for report in map(json.loads, text.splitlines())}


def test_hostile_files_among_good_ones(tmp_path: Path) -> None:
    folder = desk(tmp_path / "收件")
    job = Job([folder], tmp_path / "结果", Terms(load_policy("hunan-2023")), jobs=2)
    batch(job)
    before = lines(job)
    for what, (build, _) in HOSTILE.items():
        (folder / f"坏 {what.replace('/', '_')}.xlsx").write_bytes(build())
    with zipfile.ZipFile(folder / "炸弹.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("炸弹/表.xlsx", b"\0" * 150_000_000)
    for name in _NAMES:
        workbook(folder / f"{name}.xlsx", {EXECUTED: 310, "附件2 / 预算单位名称": name})
    summary = batch(replace(job, terms=replace(job.terms, marked=True)))
    after = lines(job)
    assert {name: after[name] for name in before} == before
    assert summary.verdicts["unreadable"] == len(HOSTILE) + 1
    assert "文件太大" in after["炸弹"]["reason"]
    assert len(after) == len(before) + len(HOSTILE) + 1 + len(_NAMES)
    assert not summary.faults
    written = [path.relative_to(job.out).parts for path in (job.out / "标注").rglob("*.xlsx")]
    assert len(written) == 5 + len(_NAMES)
    assert all(parts[0] == "标注" and not set("<>|\u202e") & set("".join(parts)) for parts in written)
