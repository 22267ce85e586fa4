"""The functions that answer in cells while a clerk types: PE_RATE, PE_GROWTH, PE_SUM, PE_SCORE and others.

Every function is pure: it takes cells as rows of values (one value counts as one cell) and gives rows of the same
shape, "" where something is blank, and a short Chinese text where nothing can be worked out. It never raises. The
meaning of figures, targets, scores and grades is that of the checks themselves.

In Excel xlwings' UDF server serves this module; the VBA wrappers are generated from ``UDFS``. Without xlwings the
functions work all the same.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from perfeval_xl.equations import HUNDRED, execution_due, per_cent
from perfeval_xl.numberformat import as_decimal, make_cell
from perfeval_xl.policy import DEFAULT_POLICY, Policy, bundled, load_policy
from perfeval_xl.records import dataclass
from perfeval_xl.targets import Judgement, Measure, Outcome, judge, read
from perfeval_xl.text import is_dash, one_line, plain, read_number, shortened

CATEGORY = "绩效自评"

Value = object
Cells = Sequence[Sequence[Value]]
Answer = float | str
Answers = list[list[Answer]]

#: What PE_JUDGE says, and PE_SCORE where no score follows.
WORDS: dict[Outcome, str] = {
    "met": "达标",
    "exceeded": "达标，超出较多",
    "not_met": "未达标",
    "qualitative": "定性，按完成程度评分",
    "unit_mismatch": "单位不符",
    "vacuous": "指标值没有约束",
    "unparseable": "不能自动比较",
    "blank": "",
}
#: Figures beyond this are typing errors.
_LARGEST = Decimal(10) ** 15


# --- what xlwings and the build are told --------------------------------------------------------------------------

Reading = Literal["figures", "texts"]


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument with its Chinese description; ``reading``: whether its cells count as figures or as shown."""

    name: str
    doc: str
    reading: Reading
    optional: bool


@dataclass(frozen=True, slots=True)
class Udf:
    """A function for cells, with what Excel's function wizard shows."""

    name: str
    doc: str
    arguments: tuple[Argument, ...]


UDFS: dict[str, Udf] = {}


def udf(
    doc: str, *, texts: Sequence[str] = (), **arguments: str
) -> Callable[[Callable[..., Answers]], Callable[..., Answers]]:
    """Register a function with its Chinese description and those of its arguments; ``texts`` are read as shown."""

    def registered(function: Callable[..., Answers]) -> Callable[..., Answers]:
        parameters = inspect.signature(function).parameters
        described = tuple(
            Argument(
                name,
                arguments[name],
                "texts" if name in texts else "figures",
                parameter.default is not inspect.Parameter.empty,
            )
            for name, parameter in parameters.items()
        )
        record = UDFS[function.__name__] = Udf(function.__name__, doc, described)
        return _served(function, record)

    return registered


def _served(function: Callable[..., Answers], record: Udf) -> Callable[..., Answers]:
    """The function as xlwings' UDF server wants it; unchanged where there is no xlwings, or no UDFs (not Windows)."""
    try:
        import xlwings
    except ImportError:
        return function
    for argument in record.arguments:
        # Named, since xlwings would else take its converter from the annotation.
        convert = _as_shown() if argument.reading == "texts" else list
        function = xlwings.arg(argument.name, convert, ndim=2, err_to_str=True, doc=argument.doc)(function)
    return xlwings.func(category=CATEGORY)(function)


def _as_shown() -> type:
    """A converter that gives the text a cell shows: 0.98 under the format 0% is "98%", as the checks read it."""
    from xlwings.conversion import ValueAccessor

    class AsShown(ValueAccessor):
        @staticmethod
        def reader(options: Any) -> Any:
            return ValueAccessor.reader(options).append_stage(_show)  # type: ignore[no-untyped-call]

    return AsShown


def _show(context: Any) -> None:
    """xlwings' last stage of reading: values become shown texts. One more call to Excel a range of one number format."""
    area = context.range
    uniform = None if area is None else area.number_format
    mixed = area is not None and uniform is None
    context.value = [
        [
            _text(value, area[row, column].number_format if mixed and not isinstance(value, str) else uniform)
            for column, value in enumerate(values)
        ]
        for row, values in enumerate(context.value)
    ]


# --- reading cells -------------------------------------------------------------------------------------------


def _text(value: Value, number_format: str | None = None) -> str:
    """A cell's value as it is shown; "" for nothing."""
    if value is None:
        return ""
    try:
        return make_cell(1, 1, value, number_format).text  # type: ignore[arg-type]
    except (ValueError, TypeError, AttributeError):
        return str(value)


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure with its unit: ``size`` turns ``value`` into the base unit of ``dimension`` (None: no unit)."""

    value: Decimal
    size: Decimal = Decimal(1)
    dimension: str | None = None
    unit: str = ""

    @property
    def base(self) -> Decimal:
        return self.value * self.size


def _figure(value: Value) -> _Figure | str | None:
    """The figure in a cell; None for a blank or a dash, a text that says why for anything else."""
    if value is None:
        return None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        try:
            return _sensible(_Figure(as_decimal(value)))
        except ValueError:
            return "数太大"
    text = _text(value)
    if text.startswith("#"):
        return f"引用的格子是错误值 {shortened(one_line(text), 10)}"
    if not text.strip() or is_dash(text):
        return None
    measure = read(text)
    if measure.kind == "number" and measure.value is not None and not measure.growth:
        return _sensible(_of(measure))
    number = read_number(text)
    if number is not None and not number.unit:
        return _sensible(_Figure(number.value))
    return f"“{shortened(one_line(text), 12)}”不是数"


def _of(measure: Measure) -> _Figure:
    value = measure.value or Decimal(0)
    if measure.dimension is None and not measure.unit:
        return _Figure(value * measure.multiplier)
    return _Figure(
        value,
        measure.size,
        measure.dimension,
        f"{measure.unit}/{measure.per}" if measure.per else measure.unit,
    )


def _sensible(figure: _Figure) -> _Figure | str:
    return figure if abs(figure.base) < _LARGEST else "数太大"


def _same_unit(first: _Figure, second: _Figure) -> tuple[Decimal, Decimal] | str:
    """Two figures in one unit; one without a unit is read in the other's."""
    if not first.unit or not second.unit:
        return first.value, second.value
    counted = first.dimension == second.dimension == "count"
    if first.dimension != second.dimension or (counted and first.unit != second.unit):
        return f"单位不同（{first.unit}、{second.unit}）"
    return first.base, second.base


# --- over ranges ---------------------------------------------------------------------------------------------


def _rows(cells: Value) -> list[list[Value]]:
    """Rows of values; one value is one cell."""
    rows = list(cells) if isinstance(cells, list | tuple) else [cells]
    return [list(row) if isinstance(row, list | tuple) else [row] for row in rows or [None]]


def _each(work: Callable[..., Answer], *arguments: Value) -> Answers:
    """The work done cell by cell: ranges of one shape, and single cells that count for all."""
    tables = [_rows(argument) for argument in arguments]
    shapes = {tuple(len(row) for row in table) for table in tables} - {(1,)}
    if len(shapes) > 1:
        return [["各参数的行数、列数应相同"]]
    shape = next(iter(shapes), (1,))
    spread = [
        [table[0] * width for width in shape] if [*map(len, table)] == [1] else table for table in tables
    ]
    return [[work(*cells) for cells in zip(*rows, strict=True)] for rows in zip(*spread, strict=True)]


def _figures(cells: Sequence[Value]) -> list[_Figure] | str:
    """The figures in some cells; "" where one is blank, a text where one is none."""
    found = [_figure(cell) for cell in cells]
    if None in found:
        return ""
    said = [figure for figure in found if isinstance(figure, str)]
    return said[0] if said else [figure for figure in found if isinstance(figure, _Figure)]


# --- the functions -------------------------------------------------------------------------------------------


@udf(
    "比率：分子÷分母，如执行率、控制率。格子用百分比格式显示。",
    num="分子，如全年执行数、实际在职人数",
    den="分母，如全年预算数、编制数",
)
def PE_RATE(num: Cells, den: Cells) -> Answers:
    """Numerator ÷ denominator as a plain number (0.92 is 92 %)."""

    def rate(over: Value, under: Value) -> Answer:
        pair = _divisible(over, under, "分母")
        return pair if isinstance(pair, str) else float(per_cent(*pair) / HUNDRED)

    return _each(rate, num, den)


@udf(
    "变动率：（本期－上期）÷上期，如三公经费变动率。格子用百分比格式显示。",
    now="本期数，如本年决算数",
    before="上期数，如上年决算数",
)
def PE_GROWTH(now: Cells, before: Cells) -> Answers:
    """(now − before) ÷ before as a plain number."""

    def change(new: Value, old: Value) -> Answer:
        pair = _divisible(new, old, "上期数")
        return pair if isinstance(pair, str) else float(per_cent(pair[0] - pair[1], pair[1]) / HUNDRED)

    return _each(change, now, before)


def _divisible(over: Value, under: Value, name: str) -> tuple[Decimal, Decimal] | str:
    """Two figures of which the second divides; ``name`` is what the clerk calls it."""
    figures = _figures((over, under))
    if isinstance(figures, str):
        return figures
    pair = _same_unit(figures[0], figures[1])
    if isinstance(pair, str) or pair[1] > 0:
        return pair
    return f"{name}为0，不能计算" if pair[1] == 0 else f"{name}是负数，请核对"


@udf(
    "合计：区域内各数之和，以文字填写的数也算在内；空格和“—”不算。",
    cells="要加起来的格子",
)
def PE_SUM(cells: Cells) -> Answers:
    """The sum of a range, in the unit its figures are written in; one cell."""
    figures: list[_Figure] = []
    for row, values in enumerate(_rows(cells), 1):
        for column, value in enumerate(values, 1):
            figure = _figure(value)
            if isinstance(figure, str):
                return [[f"第{row}行第{column}列：{figure}"]]
            if figure is not None:
                figures.append(figure)
    units = sorted({figure.unit for figure in figures if figure.unit})
    if len(units) > 1:
        return [[f"单位不一致（{'、'.join(units[:3])}），请先统一"]]
    return [[float(sum(figure.value for figure in figures)) if figures else ""]]


@udf(
    "应得分：按年度指标值、实际完成值和分值算出这一指标应得的分。",
    texts=("target", "actual", "indicator", "group", "policy"),
    target="年度指标值，如 ≥100人",
    actual="实际完成值，如 374人",
    weight="分值",
    indicator="指标名称（可不填）：没有≥、≤号时据此判断越大越好还是越小越好",
    group="二级指标（可不填），如 时效指标",
    policy="口径（可不填），如 hunan-2023",
)
def PE_SCORE(
    target: Cells, actual: Cells, weight: Cells, indicator: Cells = "", group: Cells = "", policy: Cells = ""
) -> Answers:
    """The score due, or a word where it is a matter of judgement."""

    def scored(aim: Value, done: Value, points: Value, name: Value, level2: Value, rules: Value) -> Answer:
        figures = _figures((points,))
        if isinstance(figures, str):
            return figures
        if figures[0].value < 0:
            return "分值不能是负数"
        judgement = _judged(aim, done, name, level2, rules, figures[0].value)
        if isinstance(judgement, str):
            return judgement
        return WORDS[judgement.outcome] if judgement.due is None else float(judgement.due)

    return _each(scored, target, actual, weight, indicator, group, policy)


@udf(
    "判断实际完成值是否达到年度指标值：达标、未达标、单位不符等。",
    texts=("target", "actual", "indicator", "group", "policy"),
    target="年度指标值，如 ≥100人",
    actual="实际完成值，如 374人",
    indicator="指标名称（可不填）：没有≥、≤号时据此判断越大越好还是越小越好",
    group="二级指标（可不填），如 时效指标",
    policy="口径（可不填），如 hunan-2023",
)
def PE_JUDGE(
    target: Cells, actual: Cells, indicator: Cells = "", group: Cells = "", policy: Cells = ""
) -> Answers:
    """What is to be said of an indicator, in a few words."""

    def judged(aim: Value, done: Value, name: Value, level2: Value, rules: Value) -> Answer:
        judgement = _judged(aim, done, name, level2, rules, None)
        return judgement if isinstance(judgement, str) else WORDS[judgement.outcome]

    return _each(judged, target, actual, indicator, group, policy)


def _judged(
    target: Value, actual: Value, indicator: Value, group: Value, policy: Value, weight: Decimal | None
) -> Judgement | str:
    """The judgement the checks give; "" where target or actual is blank."""
    aim, done = _text(target), _text(actual)
    if not aim.strip() or not done.strip():
        return ""
    chosen = _policy(_text(policy))
    if isinstance(chosen, str):
        return chosen
    return judge(aim, done, indicator=_text(indicator), group=_text(group), weight=weight, policy=chosen)


@lru_cache(maxsize=64)
def _policy(name: str) -> Policy | str:
    """A bundled policy by its id. Never a file: a cell must not make us read one."""
    name = name.strip() or DEFAULT_POLICY
    return load_policy(name) if name in bundled() else f"没有“{shortened(one_line(name), 12)}”这个口径"


@udf(
    "预算执行率得分：执行率×分值，最高不超过分值，保留两位小数。",
    executed="全年执行数",
    budget="全年预算数",
    weight="执行率的分值，通常为10",
)
def PE_EXEC_SCORE(executed: Cells, budget: Cells, weight: Cells) -> Answers:
    """The score of the execution rate, rounded to two decimals."""

    def scored(spent: Value, planned: Value, points: Value) -> Answer:
        pair = _divisible(spent, planned, "预算数")
        figures = _figures((points,))
        if isinstance(figures, str) or isinstance(pair, str):
            return next(said for said in (pair, figures) if isinstance(said, str))
        if pair[0] < 0 or figures[0].value < 0:
            return "执行数和分值不能是负数"
        return float(execution_due(per_cent(*pair), figures[0].value))

    return _each(scored, executed, budget, weight)


@udf(
    "评价等级：按总分给出优、良、中、差。",
    texts=("policy",),
    score="总分（0到100）",
    policy="口径（可不填），如 hunan-2023",
)
def PE_GRADE(score: Cells, policy: Cells = "") -> Answers:
    """The grade of a score out of 100."""

    def graded(points: Value, rules: Value) -> Answer:
        figures = _figures((points,))
        if isinstance(figures, str):
            return figures
        chosen = _policy(_text(rules))
        if isinstance(chosen, str):
            return chosen
        value = figures[0].value
        return (
            chosen.grade_of(value).word
            if 0 <= value <= HUNDRED
            else f"总分应在0到100之间，现为{plain(value)}"
        )

    return _each(graded, score, policy)


#: What functions were called in workbooks that are still in use: their own macros ask for them. A name in _CHANGE looks like an
#: event, which scanners of macros take for code that runs by itself.
_FORMER: dict[str, Callable[..., Answers]] = {"PE_CHANGE": PE_GROWTH}


def __getattr__(name: str) -> Callable[..., Answers]:
    """A function under its former name, which is not listed among the others."""
    if name in _FORMER:
        return _FORMER[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
