"""What had to be handed in and looked at, and what of it was not: silence is never taken for approval.

Due is what the policy lists (or the template's cell 本次上报哪些表), every form in which something was typed, every form that
stands there empty although another form or the text gives it money, 附件4 to 附件6 only where money is stated for them, and a
附件3 for each project line of 附件1 that has money and no form. Everything here is pure: forms in, gaps out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from . import patterns as re
from .findings import VERDICT_WORD, CellCounts, Coverage, Due, Gap, Report, Skipped, State, Why
from .forms.records import (
    FORM_WORD,
    BasicForm,
    BudgetLine,
    Field,
    Form,
    Forms,
    FundTable,
    IndicatorForm,
    Kind,
    Missed,
    Narrative,
    Unread,
)
from .forms.required import Required, amounts, is_mark, required
from .records import dataclass, replace
from .text import clean, run_together

FUND_KINDS: tuple[Kind, ...] = ("gov_fund", "state_capital", "social_insurance")
ONLY_CHOSEN = "只查了所选规则"
NOTHING_TYPED = "还没有填写"
EMPTY, NO_ANSWER, NO_FIGURE, NOT_CALCULATED, ERROR_VALUE = (
    "空着",
    "没有填内容",
    "不是数字",
    "的公式没有结果",
    "是错误值",
)

_THIS_YEAR = ("budget", "final")
#: Lines of 附件1 that are no single project: what runs the unit, and names that list several.
_RUNNING = re.compile("(业务|日常)(工作|运转|运行)|运行维护|运转|公用|办公|工作经费$|^其他|待分配|预备费")
_COMBINED = re.compile("[、,，;；+]|一个专项一行|等.{0,4}(项目|经费|专项|支出|资金)?$")
#: What sends the reader elsewhere, or says that the answer is still to come.
_ELSEWHERE = re.compile(
    r"(详|具体)?(见|参见|参照)(附件|附表|附页|报告|正文|明细|说明|上|下|后)[^。]{0,8}|略|同上|另附|另行上报|(待|未)(填|补|报|定|统计)[报充]?"
)
_MONEY_IN_TEXT = re.compile(r"(?<![\d.])(?!0+(\.0+)?[万亿]?元)\d+(\.\d+)?[万亿]?元")
#: Reads as "附件2 F6 空着": nothing stands between.
_MOST_CELLS, _MOST_PARTS = 4, 6


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run was to look at.

    ``due`` are the kinds that had to be there; ``partial`` says that only what is there is due. ``lines`` are the project
    lines of 附件1 for which a 附件3 was missed and nobody explained it; ``stated`` are the kinds of funds the text states
    money of. Which rules could not be checked without something: ``rules`` by the kind of form they are run on, ``rests_on``
    by the kind of required cell, ``amounts`` by the kind of form whose amounts they need, ``all_projects`` those that need every
    project's form.
    """

    due: frozenset[Kind]
    partial: bool
    lines: tuple[BudgetLine, ...]
    stated: frozenset[Kind]
    rules: Mapping[Kind, tuple[str, ...]]
    rests_on: Mapping[str, tuple[str, ...]]
    amounts: Mapping[Kind, tuple[str, ...]]
    all_projects: tuple[str, ...]


def cover(forms: Forms, is_empty: Callable[[Form], bool], expected: Expected) -> Coverage:
    """What was due of a submission and what became of it. ``is_empty`` says of a form that nothing was typed in it."""
    typed = [form for form in forms if not _is_empty(form, is_empty)]
    empty = [form for form in forms if _is_empty(form, is_empty)]
    due: list[Due] = []
    gaps: list[Gap] = []
    cells = CellCounts()
    for form in typed:
        found, counts = _cells(form, expected)
        cells = CellCounts(cells.due + counts.due, cells.filled + counts.filled, cells.read + counts.read)
        gaps.extend(found)
        due.append(_due(form, "partly" if found else "checked", found[0].reason if found else None))
    seen = {form.kind for form in typed}
    unread = [*_missed(forms.unreadable), *_hidden_forms(forms.unread)]
    for gap, kind in unread:
        gaps.append(replace(gap, rules=_silenced(kind, seen, expected)))
        if kind is not None:
            due.append(Due(kind, None, "unread", gap.sheet, gap.reason, gap.file))
    known = seen | {kind for _, kind in unread if kind is not None}
    for form in empty:
        if form.kind not in known and _wanted(form, typed, expected):
            gaps.append(Gap(form.sheet, None, NOTHING_TYPED, _silenced(form.kind, seen, expected)))
            due.append(_due(form, "empty", NOTHING_TYPED))
    known |= {form.kind for form in empty}
    absent = (
        []
        if expected.partial
        else [kind for kind in FORM_WORD if kind not in known and _is_missing(kind, typed, expected)]
    )
    for kind in absent:
        reason = f"缺{FORM_WORD[kind]}"
        gaps.append(Gap(None, None, reason, _silenced(kind, seen, expected)))
        due.append(Due(kind, None, "missing", reason=reason))
    for line in () if expected.partial or "project" in absent else _without_form(expected.lines):
        reason = f"缺附件3（{line.name}）"
        gaps.append(Gap(None, None, reason, expected.all_projects))
        due.append(Due("project", line.name, "missing", reason=reason))
    if not typed and not gaps:
        gaps.append(Gap(None, None, f"所有的表都{NOTHING_TYPED}"))
    return Coverage(tuple(due), tuple(gaps), cells)


def _due(form: Form, state: State, reason: str | None) -> Due:
    name = form.name if isinstance(form, IndicatorForm) and form.name else None
    return Due(form.kind, name, state, form.sheet, reason)


def _is_empty(form: Form, is_empty: Callable[[Form], bool]) -> bool:
    if isinstance(form, FundTable):
        return not any(cell.number or cell.state in ("misfit", "error") for cell in amounts(form))
    return is_empty(form)


def _silenced(kind: Kind | None, seen: Collection[Kind], expected: Expected) -> tuple[str, ...]:
    """Rules that are run on a kind of form, where no form of that kind could be checked."""
    return () if kind is None or kind in seen else tuple(expected.rules.get(kind, ()))


# -- what is due ----------------------------------------------------------------------------------------------


def _missed(unreadable: Iterable[Missed]) -> Iterator[tuple[Gap, Kind | None]]:
    for form in unreadable:
        yield Gap(form.title.place.sheet, None, f"没有读出来：{form.reason}"), form.kind


def _hidden_forms(unread: Iterable[Unread]) -> Iterator[tuple[Gap, Kind | None]]:
    """Sheets that were not read although they have a form's name, or hold a picture or an object in a form's place."""
    for sheet in unread:
        if sheet.hides:
            yield Gap(sheet.sheet or None, None, sheet.reason, file=sheet.file), None


def _wanted(form: Form, typed: Iterable[Form], expected: Expected) -> bool:
    """Whether a form that stands there empty had to be filled in."""
    if expected.partial:
        return False
    if form.kind in FUND_KINDS:
        return _states_fund(form.kind, typed, expected)
    if form.kind in expected.due:
        return form.kind != "project" or _may_have_projects(typed)
    return form.kind != "narrative" and any(_gives(other, form.kind) for other in typed)


def _is_missing(kind: Kind, typed: Iterable[Form], expected: Expected) -> bool:
    """Whether a form that is not there had to be."""
    if kind in FUND_KINDS:
        return _states_fund(kind, typed, expected)
    return kind in expected.due and (kind != "project" or _may_have_projects(typed))


def _states_fund(kind: Kind, typed: Iterable[Form], expected: Expected) -> bool:
    if kind in expected.due or kind in expected.stated:
        return True
    return any(
        isinstance(form, IndicatorForm) and form.kind == "overall" and _has_money(form.nature(kind))
        for form in typed
    )


def _may_have_projects(typed: Iterable[Form]) -> bool:
    """Not where 附件1 or 附件2 says that no money went to projects."""
    stated = [field for form in typed for field in _project_money(form) if field.number is not None]
    return not stated or any(field.number for field in stated)


def _project_money(form: Form) -> Iterator[Field]:
    if isinstance(form, BasicForm):
        line = form.line("projects")
        if line is not None:
            yield from (line.cells[column] for column in _THIS_YEAR if column in line.cells)
    elif isinstance(form, IndicatorForm) and form.kind == "overall":
        field = form.nature("projects")
        if field is not None:
            yield field


def _gives(form: Form, kind: Kind) -> bool:
    """Whether a form gives an empty one a figure other than 0."""
    if form.kind == kind:
        return False
    if isinstance(form, Narrative):
        return kind in ("basic", "overall") and _MONEY_IN_TEXT.search(clean(form.text)) is not None
    if isinstance(form, IndicatorForm) and form.kind == "project":
        return kind in ("basic", "overall") and _has_money(form.amount("executed"))
    return any(_has_money(field) for field in _project_money(form))


def _has_money(field: Field | None) -> bool:
    return field is not None and bool(field.number)


def _without_form(lines: Iterable[BudgetLine]) -> Iterator[BudgetLine]:
    """Lines that are one project each."""
    return (
        line
        for line in lines
        if not _RUNNING.search(clean(line.name)) and not _COMBINED.search(clean(line.name))
    )


# -- cells ----------------------------------------------------------------------------------------------------


def _cells(form: Form, expected: Expected) -> tuple[list[Gap], CellCounts]:
    """The required cells and the other amounts of a form that is filled in: what is not filled, or could not be read."""
    gaps: dict[Field, Gap] = {}
    due = filled = 0
    counted: set[tuple[int, int]] = set()
    needed = [(cell.field, cell, expected.rests_on.get(cell.kind, ())) for cell in required(form)]
    optional = [
        (field, None, expected.amounts.get(form.kind, ())) for field in amounts(form) if not field.blank
    ]
    for field, cell, rules in [*needed, *optional]:
        at = (field.place.row, field.place.column)
        if at in counted or field.covered:
            continue
        counted.add(at)
        due += 1
        reason = _wrong(field, cell, form)
        filled += reason not in (EMPTY, NO_ANSWER)
        if reason is not None:
            gaps[field] = Gap(form.sheet, field.place.cell, reason, rules)
    return list(gaps.values()), CellCounts(due, filled, due - len(gaps))


def _wrong(field: Field, cell: Required | None, form: Form) -> str | None:
    """Why a cell is not checked; None where it is."""
    if field.state == "unknown":
        return NOT_CALCULATED
    if field.state == "error":
        return ERROR_VALUE
    content = "figure" if cell is None else cell.content
    if field.missing:
        return EMPTY
    if cell is not None and is_mark(cell, form):
        return NO_FIGURE if content == "figure" else NO_ANSWER
    if content != "figure" and _ELSEWHERE.fullmatch(clean(field.text)):
        return NO_ANSWER
    return NO_FIGURE if field.state == "misfit" else None


# -- rules that were skipped ----------------------------------------------------------------------------------


def explained(coverage: Coverage, skipped: Iterable[Skipped]) -> tuple[Coverage, tuple[Skipped, ...]]:
    """The skipped rules with why: those that a gap silenced are ``missing`` or ``unread``. What a rule itself calls unread is
    a gap of its own."""
    skipped = tuple(skipped)
    own: dict[tuple[str, str], dict[str, None]] = {}
    for skip in skipped:
        if skip.why == "unread":
            own.setdefault((skip.sheet, skip.reason), {})[skip.rule] = None
    gaps = [Gap(sheet or None, None, reason, tuple(rules)) for (sheet, reason), rules in own.items()]
    coverage = replace(coverage, gaps=(*coverage.gaps, *gaps))
    return coverage, tuple(replace(skip, why=_why(skip, coverage)) for skip in skipped)


def _why(skip: Skipped, coverage: Coverage) -> Why:
    if skip.why not in ("absent", "not_due"):
        return skip.why
    for gap in coverage.gaps:
        if gap.sheet is not None and gap.sheet == skip.sheet and skip.rule in gap.rules:
            return "missing" if gap.reason in (EMPTY, NO_ANSWER, NOTHING_TYPED) else "unread"
    for due in coverage.due:
        if due.state in ("empty", "missing", "unread") and FORM_WORD[due.form] in skip.reason:
            return "unread" if due.state == "unread" else "missing"
    return skip.why


# -- in words -------------------------------------------------------------------------------------------------


def gaps_in_one_line(report: Report) -> str:
    """What was not checked, in one line: "缺附件1、自评报告；附件2 F6、F7 不是数字"; "" where nothing is missing."""
    parts = gap_lines(report)
    more = f"；等共 {len(parts)} 处" if len(parts) > _MOST_PARTS else ""
    return "；".join(parts[:_MOST_PARTS]) + more


def gap_lines(report: Report) -> list[str]:
    """All that was not checked, what is of one kind in one line: "缺附件1、自评报告", "附件2 F6、F7 不是数字"."""
    parts = [report.reason] if report.reason is not None and report.summaries else []
    missing = [gap.reason.removeprefix("缺") for gap in report.coverage.gaps if gap.reason.startswith("缺")]
    if missing:
        parts.append("缺" + _few(missing))
    sheets: dict[tuple[str, str], list[str]] = {}
    cells: dict[tuple[str, str, str], list[str]] = {}
    for gap in report.coverage.gaps:
        if gap.reason.startswith("缺"):
            continue
        if gap.cell is None:
            sheets.setdefault((gap.file or "", gap.reason), []).append(gap.sheet or "")
        else:
            cells.setdefault((gap.file or "", gap.sheet or "", gap.reason), []).append(gap.cell)
    for (file, reason), names in sheets.items():
        where = run_together(names) or (f"{file}：" if file else "")
        parts.append(f"{where} {reason}".strip())
    for (_, sheet, reason), places in cells.items():
        parts.append(f"{sheet} {_few(places)} {reason}")
    return parts


def _few(items: list[str]) -> str:
    return "、".join(items[:_MOST_CELLS]) + (
        f" 等{len(items)}{'格' if items[0].isascii() else '张'}" if len(items) > _MOST_CELLS else ""
    )


def headline(report: Report) -> str:
    """What has to be known before anything else, in one line: what was not checked, or that only a part was handed in and
    checked; "" where the whole submission was."""
    if not report.summaries:
        return f"{VERDICT_WORD['unreadable']}：{report.reason}" if report.reason else ""
    gaps = gaps_in_one_line(report)
    if gaps:
        return f"{VERDICT_WORD['incomplete']}：{gaps}"
    seen = {due.form for due in report.coverage.due}
    if report.verdict not in ("pass", "review") or not seen or seen >= _WHOLE:
        return ""
    return f"已查：{checked_in_one_line(report)}"


#: A submission that holds these is a whole one.
_WHOLE: frozenset[Kind] = frozenset({"basic", "overall", "project", "narrative"})


def checked_in_one_line(report: Report) -> str:
    """Which forms were checked: "附件1、附件3-1至附件3-7"."""
    return run_together(_called(report.coverage.due))


def _called(due: Iterable[Due]) -> list[str]:
    """Forms by their sheets, where these have forms' names, else by kind; of several the number."""
    names: list[str] = []
    counts: dict[str, int] = {}
    for one in due:
        word = FORM_WORD[one.form]
        if one.state not in ("checked", "partly"):
            continue
        if one.sheet is not None and clean(one.sheet).startswith(word):
            names.append(one.sheet)
        else:
            counts[word] = counts.get(word, 0) + 1
    counted = [f"{word}（{count}张）" if count > 1 else word for word, count in counts.items()]
    return [*dict.fromkeys(names), *counted]
