"""What to mend first, and what is said in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from perfeval_xl import check
from perfeval_xl.findings import Finding, Report, in_working_order
from perfeval_xl.grid import Place
from perfeval_xl.worklist import (
    FIRST,
    Step,
    group_line,
    in_list,
    kind_notes,
    places_in_one_line,
    step_line,
    steps,
    worklist,
)
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
    assert (
        step_line(step) == "附件3-1 F16（通过率）：题，100% 应为 ≤55%；附件2 F30 同改，另外 2 处核对随之对上"
    )


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
    line = places_in_one_line([Place("附件2", 1, 1), *places])
    assert (
        line == "附件2 A1；附件3-1、3-2、3-3、3-4、3-5、3-6、3-7 的 D1、D2、D3、D4、D5、D6 等 8 格 等 11 张表"
    )


def test_one_kind_in_several_projects_is_one_sentence() -> None:
    places = [Place(f"附件3-{sheet}", 6, 5) for sheet in (3, 4, 5, 7)]
    assert places_in_one_line(places) == "附件3-3、3-4、3-5、3-7 的 E6"
    assert places_in_one_line([Place("表一", 1, 1), Place("附件2", 1, 1)]) == "表一、附件2 的 A1"


def test_a_list_begins_with_the_steps_and_ends_with_what_was_explained() -> None:
    same = {"row_label": "通过率", "expected": "≤55%", "actual": "100%"}
    warning, info = (replace(at("附件3-1", 9), severity=one, rule="PE405") for one in ("warning", "info"))
    found = in_working_order(
        (
            info,
            warning,
            at("附件2", 30, **same),
            replace(warning, accepted="因"),
            at("附件3-1", 16, **same, mends=3),
        )
    )
    report = samples.report(*found)
    listed = in_list(report)
    assert [(one.severity, one.accepted, one.place and one.place.row) for one in listed] == [
        ("error", None, 16), ("error", None, 30), ("warning", None, 9), ("info", None, 9), ("warning", "因", 9),
    ]  # fmt: skip
    assert kind_notes(report) == {id(listed[0]): "同一种问题共 2 格：附件3-1 F16；附件2 F30"}


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


Entries = Mapping[tuple[str, str], Any]


def report_of(entries: Entries) -> Report:
    """The example with some of its cells mended, or spoilt."""
    builder = example_builder()
    return check(builder.written("own", builder.mended_forms(dict(entries))), name="示例.xlsx")


def test_whoever_follows_the_head_comes_to_a_clean_workbook() -> None:
    """From the example to its clean twin."""
    true = example_builder().mended_cells()
    assert len(worklist(report_of({})).first) == FIRST
    assert len(walked({}, true)) > FIRST


#: Figures of the clean twin that others hang on.
_SPOILT = {("附件1", "F13"): "763.65", ("附件1", "D14"): "13", ("附件1", "F14"): "1079.6"}


@pytest.mark.parametrize("cells", [[cell] for cell in _SPOILT] + [[("附件1", "F13"), ("附件1", "D14")]])
def test_what_goes_with_a_step_is_gone_after_it(cells: list[tuple[str, str]]) -> None:
    """Slips that break several checks: the head names their cells and says so, and a step each is all it takes."""
    builder = example_builder()
    true = builder.mended_cells()
    was = {(form.sheet, cell.address): cell.value for form in builder.example_forms() for cell in form.cells}
    assert not set(cells) & true.keys()
    spoilt = true | {cell: {"was": was[cell], "becomes": _SPOILT[cell]} for cell in cells}
    right = true | {cell: {"was": was[cell], "becomes": was[cell]} for cell in cells}
    taken = walked(spoilt, right)
    assert len(taken) == len(cells)
    for step in taken:
        assert step.mends > len(step.findings)
        assert f"另外 {step.mends - len(step.findings)} 处核对随之对上" in step_line(step)


def walked(start: Entries, right: Entries) -> list[Step]:
    """Does what the head names first, reads the head again, until nothing is named: the steps that it took. Whatever a step says
    is gone each time; an error that comes up is one that the head names, or is about a cell just mended."""
    done, taken = dict(start), list[Step]()
    report = report_of(done)
    while first := worklist(report).first:
        step = first[0]
        named = {(place.sheet, place.cell) for place in step.places}.union(*map(cells_of, step.findings))
        mended = {cell: right[cell] for cell in named & right.keys() if done.get(cell) != right[cell]}
        assert mended, step_line(step)
        done |= mended
        before, report = report, report_of(done)
        said = told_by(worklist(report).first)
        assert not told_by([step]) & {(one.rule, one.place) for one in report.findings}, step_line(step)
        new = [
            one for one in report.findings if (one.rule, one.place) in errors(report) - errors(before) - said
        ]
        assert all(cells_of(one) & mended.keys() for one in new), step_line(step)
        taken.append(step)
    assert not errors(report)
    assert report.verdict == "pass"
    return taken


def cells_of(finding: Finding) -> set[tuple[str, str]]:
    """The cell that a finding is about, and those that have a part in it."""
    places = (finding.place, *finding.related)
    return {(place.sheet, place.cell) for place in places if place is not None}


Said = set[tuple[str, Place | None]]


def told_by(steps: Iterable[Step]) -> Said:
    return {(one.rule, one.place) for step in steps for one in step.findings}


def errors(report: Report) -> Said:
    """Where which rule says that something is wrong."""
    return {(one.rule, one.place) for one in report.findings if one.severity == "error"}
