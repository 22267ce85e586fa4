"""Findings and forms as pandas DataFrames, and pandas only where they are asked for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Hashable
from decimal import Decimal
from functools import lru_cache

import pytest

from perfeval_xl.findings import FINDING_COLUMNS, Report, findings_frame
from perfeval_xl.runs.checking import check
from tests.report import samples
from tests.support import ROOT, TESTS, check_rows, read_yaml

pandas = pytest.importorskip("pandas")

EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
COLUMNS = {
    "lines": ["form", "role", "line", "last_final", "budget", "final"],
    "funds": ["form", "project", "row", "initial", "budget", "executed", "weight", "rate", "score"],
    "indicators": [
        "form", "project", "level1", "level2", "name", "target", "actual", "weight", "score", "reason", "cell",
    ],
    "tables": ["form", "row", "column", "value"],
}  # fmt: skip
FIGURES = {
    "lines": ["last_final", "budget", "final"],
    "funds": ["initial", "budget", "executed", "weight", "rate", "score"],
    "indicators": ["weight", "score"],
    "tables": ["value"],
}


@lru_cache(maxsize=1)
def example() -> Report:
    return check(EXAMPLE, policy="hunan-2023")


def test_findings() -> None:
    report = example()
    frame = report.to_frame()
    assert list(frame.columns) == list(FINDING_COLUMNS)
    assert len(frame) == len(report.findings) > 30
    for finding, row in zip(report.findings, frame.to_dict("records"), strict=True):
        assert finding.place is not None
        assert (row["rule"], row["severity"], row["message"]) == (
            finding.rule,
            finding.severity,
            finding.message,
        )
        assert (row["sheet"], row["cell"]) == (finding.place.sheet, finding.place.cell)
        assert row["fingerprint"] == finding.fingerprint
        assert len([part for part in row["related"].split(", ") if part]) == len(finding.related)
    assert frame["fingerprint"].is_unique
    assert frame["accepted"].isna().all()


def test_accepted_findings_have_their_reason() -> None:
    report = check_rows(read_yaml(TESTS / "rules" / "base.yaml"))
    reasons = {finding.fingerprint: "因" for finding in report.findings}
    assert reasons
    frame = check_rows(read_yaml(TESTS / "rules" / "base.yaml"), reasons=reasons).to_frame()
    assert set(frame["accepted"]) == {"因"}


def test_no_findings_keep_the_columns() -> None:
    frame = check(EXAMPLE, select=["PE903"]).to_frame()
    assert list(frame.columns) == list(FINDING_COLUMNS)
    assert len(frame) == 0


def test_without_pandas_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"perfeval-xl\[pandas\]"):
        example().to_frame()


def test_a_finding_as_a_row() -> None:
    report = samples.county()
    rows = findings_frame(report).to_dict("records")
    assert [row["rule"] for row in rows] == [finding.rule for finding in report.findings]
    assert pandas.isna(rows[0]["sheet"])
    assert pandas.isna(rows[0]["cell"])
    assert rows[0]["related"] == ""
    row = rows[4]
    assert (row["severity"], row["sheet"], row["cell"]) == ("error", "附件1", "D8")
    assert (row["expected"], row["actual"]) == ("673.65", "637.65")
    assert pandas.isna(row["accepted"])
    assert row["related"] == "附件1!D9, 附件1!D10, 附件1!D11, 附件1!D12, 附件2!F4"
    assert rows[2]["accepted"] == "军转干部1人带编下达，文件〔2023〕8号"


def test_columns_and_rows_of_the_forms() -> None:
    forms = example().forms
    frames = forms.to_frames()
    assert {name: list(frame.columns) for name, frame in frames.items()} == COLUMNS
    indicator_forms = (*forms.overall, *forms.projects)
    assert len(frames["lines"]) == sum(len(form.lines) for form in forms.basic) > 10
    assert len(frames["indicators"]) == sum(len(form.indicators) for form in indicator_forms) > 30
    assert len(frames["funds"]) == sum(len(form.funds.rows) for form in indicator_forms if form.funds) > 8
    assert set(frames["indicators"]["form"]) == {form.caption for form in indicator_forms}


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_figures_are_decimal_or_none(name: str) -> None:
    frame = example().forms.to_frames()[name]
    for column in FIGURES[name]:
        for value in frame[column]:
            assert value is None or isinstance(value, Decimal), (column, value)


def line(row: dict[Hashable, object], *names: str) -> list[object]:
    return [row[name] for name in names]


def test_figures_of_a_form() -> None:
    frames = check_rows(read_yaml(TESTS / "rules" / "base.yaml")).forms.to_frames()
    lines = frames["lines"].set_index("line").to_dict("index")
    assert line(lines["公用经费"], "last_final", "budget", "final") == [
        Decimal("30"),
        Decimal("28"),
        Decimal("26.5"),
    ]
    assert line(lines["阅读推广"], "last_final", "budget", "final") == [Decimal("20"), None, Decimal("15")]
    funds = frames["funds"]
    total = funds[(funds["form"] == "附件3-4") & (funds["row"] == "年度资金总额")].to_dict("records")
    assert len(total) == 1
    assert line(total[0], "initial", "budget", "executed", "weight", "score") == [
        Decimal("0"), Decimal("15"), Decimal("15"), Decimal("10"), Decimal("10"),
    ]  # fmt: skip
    assert total[0]["project"] == "县级专项资金（阅读推广）"
    indicators = frames["indicators"]
    readers = indicators[indicators["name"] == "接待读者人次"].to_dict("records")
    assert len(readers) == 1
    assert line(readers[0], "level2", "target", "actual", "weight") == [
        "数量指标", "≥80000人次", "86000人次", Decimal("20"),
    ]  # fmt: skip
    assert not frames["tables"].empty
    assert set(frames["tables"]["form"]) == {"附件4"}


def loaded(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=True,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_the_package_imports_nothing_heavy() -> None:
    assert not loaded("import perfeval_xl") & {"pandas", "numpy", "openpyxl", "lxml", "jinja2", "rich"}


def test_checking_does_not_import_pandas() -> None:
    modules = loaded(f"from perfeval_xl import check\ncheck({str(EXAMPLE)!r})")
    assert not modules & {"pandas", "numpy", "openpyxl"}
