"""The example saved as .xls and .ods: the same findings, but for what those formats cannot tell."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from perfeval_xl.findings import Report
from perfeval_xl.runs.checking import check
from tests.support import example_builder

SOFFICE = shutil.which("soffice")
#: Rules that need to know whether a cell shows 1 or 100%.
NEED_FORMATS = {"PE403", "PE506"}


def told(report: Report) -> set[tuple[str, str, str]]:
    return {(finding.rule, finding.severity, str(finding.place)) for finding in report.findings}


@pytest.mark.skipif(
    SOFFICE is None and not os.environ.get("PERFEVAL_REQUIRE_LIVE"), reason="LibreOffice converts the files"
)
@pytest.mark.parametrize("clean", [False, True], ids=["example", "clean twin"])
@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_the_same_findings_in_another_format(suffix: str, clean: bool, tmp_path: Path) -> None:
    assert SOFFICE is not None, "LibreOffice is required here"
    source = tmp_path / "示例.xlsx"
    source.write_bytes(example_builder().build("own", clean))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [SOFFICE, profile, "--headless", "--convert-to", suffix, "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    usual, other = check(source, policy="hunan-2023"), check(tmp_path / f"示例.{suffix}", policy="hunan-2023")
    missed = told(usual) - told(other)
    assert told(other) <= told(usual)
    assert {rule for rule, _, _ in missed} <= NEED_FORMATS
    assert all("数字格式" in skip.reason for skip in other.skipped if skip.rule == "PE403")
    if clean:
        # What could not be compared for want of number formats is said, and nothing else is missing.
        assert other.verdict == "incomplete"
        assert {gap.reason for gap in other.coverage.gaps} == {"这种格式的文件读不出数字格式，分不清1和100%"}
