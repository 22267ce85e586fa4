"""What to mend first, and what is said in one sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from perfeval_xl import check
from perfeval_xl.findings import Finding, in_working_order
from perfeval_xl.grid import Place
from perfeval_xl.worklist import FIRST, group_line, places_in_one_line, step_line, steps, worklist
from tests.report import samples
from tests.support import example_builder


def at(sheet: str, row: int, **more: object) -> Finding:
    plain = replace(
        samples.finding(severity="error"), row_label="", expected=None, actual=None, related=(), title="题"
    )
    return replace(plain, place=Place(sheet, row, 6), **more)  # type: ignore[arg-type]


def ordered(*findings: Finding) -> list[Finding]:
    return sorted(in_working_order(findings), key=lambda finding: finding.order)


def test_one_cell_is_one_step() -> None:
    first, second = steps(
        ordered(at("附件2", 5), at("附件2", 6), at("附件2", 6, rule="PE102", title="另一题"))
    )
    assert (first.places, first.mends) == ((Place("附件2", 6, 6),), 2)
    assert step_line(first) == "附件2 F6：题；另一题"
    assert step_line(second) == "附件2 F5：题"


def test_one_mistake_in_several_forms_is_one_step() -> None:
    same = {"row_label": "通过率", "expected": "≤55%", "actual": "100%"}
    (step,) = steps(ordered(at("附件2", 30, **same), at("附件3-1", 16, **same, mends=3)))
    assert step.mends == 4
    assert step_line(step) == "附件3-1 F16（通过率）：题，100% 应为 ≤55%；附件2 F30 同改，另外 2 处随之消失"


def test_one_name_with_other_figures_is_another_mistake() -> None:
    one = {"row_label": "通过率", "expected": "≤55%"}
    assert (
        len(steps(ordered(at("附件2", 30, **one, actual="100%"), at("附件3-1", 16, **one, actual="90%"))))
        == 2
    )


def test_a_missing_reason_is_due_in_every_form() -> None:
    assert len(steps(ordered(at("附件2", 30, row_label="甲"), at("附件3-1", 16, row_label="甲")))) == 2


def test_only_what_still_counts_and_errors_before_all() -> None:
    warning = replace(at("附件2", 1), severity="warning", mends=9)
    found = worklist(
        samples.report(
            *in_working_order(
                (warning, at("附件2", 2), replace(at("附件2", 3), accepted="因", acceptable=True))
            )
        )
    )
    assert [step.places for step in found.first] == [(Place("附件2", 2, 6),)]
    assert [group.severity for group in found.groups] == ["error", "warning"]


@pytest.mark.parametrize(("severity", "named"), [("warning", 1), ("info", 0)])
def test_without_errors_what_has_to_be_explained_comes_first(severity: str, named: int) -> None:
    found = worklist(samples.report(*in_working_order((replace(at("附件2", 1), severity=severity),))))  # type: ignore[arg-type]
    assert len(found.first) == named


def test_cells_of_many_sheets_are_counted() -> None:
    places = [Place(f"附件3-{sheet}", row, 4) for sheet in range(1, 11) for row in range(1, 9)]
    line = places_in_one_line(places)
    assert line.startswith("附件3-1 D1、D2、D3、D4、D5、D6 等 8 格；附件3-2 D1")
    assert line.endswith("附件3-8 D1、D2、D3、D4、D5、D6 等 8 格 等 10 张表")


def test_the_examples_first_steps() -> None:
    report = samples.example()
    found = worklist(report)
    assert len(found.first) == FIRST
    assert [step.mends for step in found.first] == sorted((step.mends for step in found.first), reverse=True)
    assert (
        step_line(found.first[1])
        == "附件2 F30（职称评定通过率）：指标没有完成却得满分，100% 应为 ≤55%；附件3-1 F16 同改"
    )
    listed = [finding for group in found.groups for finding in group.findings]
    assert sorted(one.fingerprint for one in listed) == sorted(one.fingerprint for one in report.findings)
    assert group_line(found.groups[0]).startswith(
        "错误 4 处 指标值与实际完成值的单位不能比较（PE403）：附件2 F33；"
    )


def test_whoever_follows_the_steps_comes_to_a_clean_workbook() -> None:
    """The example's first step, mended as in its clean twin, again and again: what was said is gone each time."""
    builder = example_builder()
    true: dict[tuple[str, str], Any] = builder.mended_cells()
    done: dict[tuple[str, str], Any] = {}
    report = check(builder.written("own", builder.mended_forms(done)), name="示例.xlsx")
    while found := worklist(report).first:
        told = found[0].findings
        places = [place for one in told for place in (one.place, *one.related) if place is not None]
        mended = {(place.sheet, place.cell) for place in places} & true.keys() - done.keys()
        assert mended, step_line(found[0])
        done |= {cell: true[cell] for cell in mended}
        report = check(builder.written("own", builder.mended_forms(done)), name="示例.xlsx")
        left = {(one.rule, one.place) for one in report.findings}
        assert left.isdisjoint({(one.rule, one.place) for one in told}), step_line(found[0])
    assert report.verdict == "pass"
