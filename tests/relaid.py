"""One clean form laid out in ways no bureau's table was copied from: other words, orders, splits and merges of the same content.

``python -m tests.relaid --layouts 200`` draws layouts, prints by habit how often every row was read as it was written and
what is said of the clean form (nothing should be), then plants the slips of ``tests.slips_elsewhere`` in each; -v lists what
was misread, false or missed. The content is invented; the habits are those that published tables show one at a time.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from perfeval_xl.forms import read_forms
from perfeval_xl.grid import Book
from perfeval_xl.runs.checking import check_book
from tests.slips_elsewhere import KINDS, Told, outcome, pairs, said, slips
from tests.support import book_of

#: level 1, level 2, name, sign, figure, unit, actual, weight; words have neither sign nor unit.
Row = tuple[str, str, str, str, str, str, str, int]


@dataclass(frozen=True, slots=True)
class Content:
    """What a form says, however it is laid out: points of the execution rate first."""

    year: int
    project: str
    unit: str
    money: tuple[float, float, float]
    points: int
    rows: tuple[Row, ...]
    goal: str
    done: str


CONTENTS = (
    Content(2023, "农村公路养护工程", "清河县交通运输局", (320, 320, 320), 10, (
        ("产出指标", "数量指标", "养护农村公路里程", "≥", "120", "公里", "126", 15),
        ("产出指标", "数量指标", "清理边沟", "≥", "80", "处", "84", 10),
        ("产出指标", "质量指标", "养护工程验收合格率", "=", "100", "%", "100", 10),
        ("产出指标", "时效指标", "工程完成时间", "", "2023年11月底前", "", "2023年10月", 5),
        ("产出指标", "成本指标", "养护工程总成本", "≤", "320", "万元", "320", 10),
        ("效益指标", "社会效益指标", "群众出行条件", "", "有效改善", "", "有效改善", 15),
        ("效益指标", "可持续影响指标", "公路管养长效机制", "", "基本建立", "", "基本建立", 15),
        ("满意度指标", "服务对象满意度指标", "沿线群众满意度", "≥", "90", "%", "95.6", 10),
    ), "养护农村公路120公里,改善群众出行条件。", "养护农村公路126公里,群众出行条件得到改善。"),
    Content(2023, "困难群众救助", "东湖区民政局", (86, 100, 96.5), 10, (
        ("产出指标", "数量指标", "救助困难群众人次", "≥", "1500", "人次", "1620", 20),
        ("产出指标", "数量指标", "入户探访次数", "≥", "300", "次", "312", 10),
        ("产出指标", "质量指标", "救助对象认定准确率", "≥", "98", "%", "99.2", 10),
        ("产出指标", "时效指标", "救助金发放及时率", "=", "100", "%", "100", 10),
        ("效益指标", "社会效益指标", "困难家庭基本生活", "", "得到保障", "", "得到保障", 20),
        ("效益指标", "社会效益指标", "政策知晓率", "≥", "85", "%", "88", 10),
        ("满意度指标", "服务对象满意度指标", "救助对象满意度", "≥", "95", "%", "97", 10),
    ), "救助困难群众1500人次。", "救助困难群众1620人次,基本生活得到保障。"),
    Content(2023, "全民健身活动", "海州市体育局", (150, 150, 150), 20, (
        ("产出指标", "数量指标", "举办健身赛事", "≥", "12", "场", "13", 20),
        ("产出指标", "数量指标", "培训社会体育指导员", "≥", "200", "人", "215", 10),
        ("产出指标", "质量指标", "赛事安全事故", "=", "0", "起", "0", 10),
        ("产出指标", "时效指标", "赛事按期举办率", "≥", "95", "%", "100", 10),
        ("效益指标", "社会效益指标", "参与健身活动人数", "≥", "2", "万人", "2.2", 20),
        ("满意度指标", "服务对象满意度指标", "参赛群众满意度", "≥", "90", "%", "94", 10),
    ), "举办健身赛事12场。", "举办健身赛事13场,参与群众2.2万人。"),
)  # fmt: skip

#: Words of the columns by habit.
WORDS: dict[str, tuple[str, ...]] = {
    "level1": ("一级指标", "一级指标", "一级", "一级指标名称"),
    "level2": ("二级指标", "二级指标", "二级", "二级指标名称"),
    "name": ("三级指标", "指标名称", "三级指标名称", "绩效指标", "具体指标"),
    "sign": ("指标性质", "计算符号", "运算符号", "比较符"),
    "target": ("年度指标值", "指标值", "目标值", "年初目标值(A)", "计划完成值", "预期指标值", "年度目标", "计划值", "绩效目标值"),
    "unit": ("度量单位", "计量单位", "单位"),
    "actual": ("实际完成值", "完成值", "实际值", "全年实际完成值", "实际完成值(B)", "全年完成情况", "实际完成情况", "年末完成值", "实际完成"),
    "weight": ("分值", "权重", "标准分值", "权重(分)", "指标分值", "满分", "分值(权重)"),
    "score": ("得分", "自评得分", "自评分", "指标得分", "单位自评得分", "实际得分"),
    "reason": (
        "偏差原因分析及改进措施", "未完成原因分析", "偏差原因", "原因说明", "未完成原因及改进措施", "偏差原因分析", "偏离原因及改进措施", "未达标原因分析",
    ),
}  # fmt: skip
#: Orders of the columns behind the name.
ORDERS = (
    ("target", "actual", "weight", "score", "reason"),
    ("weight", "target", "actual", "score", "reason"),
    ("target", "weight", "actual", "score", "reason"),
    ("weight", "target", "actual", "reason", "score"),
    ("target", "actual", "reason", "weight", "score"),
)
TITLES = (
    "{year}年度项目支出绩效自评表",
    "项目支出绩效自评表\n({year}年度)",
    "项目绩效自评表",
    "{year}年{project}绩效目标自评表",
    "专项资金绩效自评价表",
)
#: What every layout draws besides its words.
HABITS = (
    "order",
    "split",
    "levels",
    "points",
    "funds",
    "reason",
    "total",
    "filler",
    "lead",
    "title",
    "head",
    "goals",
    "prefix",
    "extra",
    "header",
)


@dataclass(slots=True)
class Layout:
    """The habits a layout is made of, drawn one by one."""

    dice: random.Random
    words: dict[str, str] = field(default_factory=dict)
    drawn: dict[str, str] = field(default_factory=dict)

    def choose(self, habit: str, choices: Sequence[Any]) -> Any:
        chosen = self.dice.randrange(len(choices))
        self.drawn[habit] = f"{habit}={chosen}"
        return choices[chosen]


@dataclass(frozen=True, slots=True)
class Laid:
    """A laid-out form: its rows, merges, and the values that are to be read of each indicator."""

    rows: list[list[Any]]
    merges: list[str]
    expected: list[tuple[str, str, str]]
    drawn: dict[str, str]


def lay(content: Content, dice: random.Random) -> Laid:
    """One drawn layout of a content; now and then with a second form below it on the sheet."""
    first = _one(content, dice)
    if dice.random() < _TWO_FORMS:
        second = _one(dice.choice([one for one in CONTENTS if one is not content]), dice)
        return _below(first, second)
    return first


#: How often a sheet holds two forms.
_TWO_FORMS = 0.2


def _below(first: Laid, second: Laid) -> Laid:
    """Two forms one under the other, with a blank row between them."""
    down = len(first.rows) + 1
    width = max(len(first.rows[0]), len(second.rows[0]))
    rows = [[*row, *[None] * (width - len(row))] for row in (*first.rows, [], *second.rows)]
    moved = [re.sub(r"\d+", lambda match: str(int(match[0]) + down), area) for area in second.merges]
    return Laid(rows, [*first.merges, *moved], [*first.expected, *second.expected], first.drawn)


def _one(content: Content, dice: random.Random) -> Laid:
    layout = Layout(dice)
    words = {role: layout.choose(f"word {role}", choices) for role, choices in WORDS.items()}
    split = layout.choose("split", ("joined", "joined", "unit", "sign and unit"))
    order = list(layout.choose("order", ORDERS))
    points = layout.choose("points", ("column", "column", "column", "labels too", "names", "none"))
    with_reason = layout.choose("reason", (True, True, True, False))
    if not with_reason and points != "none":
        order.remove("reason")
    order = [role for role in order if role not in _LEFT_OUT.get(points, ())]
    columns = ["level1", "level2", "name"]
    columns += _spread(order, split)
    extra = layout.choose("extra", ("", "", "", "index", "remark", "reviewed", "without level2"))
    if extra == "index":
        columns.insert(0, "index")
    elif extra == "remark":
        columns.append("remark")
    elif extra == "reviewed" and "score" in columns:
        columns.insert(columns.index("score") + 1, "reviewed")
    elif extra == "without level2":
        columns.remove("level2")
    lead = layout.choose("lead", (0, 1))
    width = lead + len(columns) + 1
    rows: list[list[Any]] = []
    merges: list[str] = []
    _head(content, layout, rows)
    _funds(content, layout, rows)
    header = len(rows)
    labels = [{**words, **_EXTRA}[name] for name in columns]
    before = ["绩效指标"] if lead else []
    if "sign" in columns and layout.choose("header", ("one row", "two rows")) == "two rows":
        split_up = columns[columns.index("sign") : columns.index("sign") + 3]
        rows.append(
            [
                *before,
                *(
                    None if name in split_up[1:] else labels[at] if name != "sign" else "年度指标值"
                    for at, name in enumerate(columns)
                ),
            ]
        )
        rows.append(
            [
                *([None] if lead else []),
                *(labels[at] if name in split_up else None for at, name in enumerate(columns)),
            ]
        )
        header += 1
    else:
        rows.append([*before, *labels])
    expected = _indicators(content, layout, rows, merges, columns, lead, split, points)
    _total(content, layout, rows, columns, lead)
    if lead:
        merges.append(f"A{header + 1}:A{header + 1 + len(expected)}")
    padded = [[*row, *[None] * (width - len(row))] for row in rows]
    return Laid(padded, merges, expected, layout.drawn)


#: Columns besides those of every form.
_EXTRA = {"index": "序号", "remark": "备注", "reviewed": "复核得分"}
#: Columns that a form lacks whose points stand in the names alone, or that gives none.
_LEFT_OUT = {"names": ("weight",), "none": ("weight", "score")}


def _spread(order: Sequence[str], split: str) -> Iterator[str]:
    for role in order:
        if role == "target" and split == "sign and unit":
            yield from ("sign", "target", "unit")
        elif role == "target" and split == "unit":
            yield from ("target", "unit")
        else:
            yield role


def _head(content: Content, layout: Layout, rows: list[list[Any]]) -> None:
    title = layout.choose("title", TITLES).format(year=content.year, project=content.project)
    rows.append([title])
    if str(content.year) not in title:
        rows.append([f"({content.year}年度)"])
    if layout.choose("head", (True, False)):
        rows.append(["项目名称", content.project])
        rows.append(["主管部门", content.unit, None, "实施单位", content.unit])
    else:
        rows.append([f"项目名称:{content.project}"])
        rows.append([f"填报单位:{content.unit}", None, None, f"填报日期:{content.year + 1}年3月15日"])


def _funds(content: Content, layout: Layout, rows: list[list[Any]]) -> None:
    initial, budget, executed = content.money
    rate = f"{executed / budget:.2%}"
    score = round(executed / budget * content.points, 2)
    match layout.choose("funds", ("table", "AB", "points in label", "sources first")):
        case "table":
            rows.append(
                ["项目资金(万元)", None, "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"]
            )
            rows.append([None, "年度资金总额", initial, budget, executed, content.points, rate, score])
            rows.append([None, "其中:当年财政拨款", initial, budget, executed])
            rows.append([None, "其他资金"])
        case "AB":
            rows.append(
                ["资金情况(万元)", None, "全年预算数(A)", "全年执行数(B)", "分值", "执行率(B/A)", "得分"]
            )
            rows.append([None, "年度资金总额:", budget, executed, content.points, rate, score])
            rows.append([None, "其中:本年财政拨款", budget, executed])
        case "points in label":
            rows.append(
                [
                    f"预算执行情况(万元)\n({content.points}分)",
                    None,
                    "预算数(A)",
                    "执行数(B)",
                    "执行率(B/A)",
                    f"得分\n({content.points}分*执行率)",
                ]
            )
            rows.append([None, "年度财政资金总额", budget, executed, rate, score])
        case _:
            rows.append(
                ["资金来源", "年初预算数(万元)", "调整预算数(万元)", "执行数(万元)", "分值", "执行率", "得分"]
            )
            rows.append(["资金总额", initial, budget, executed, content.points, rate, score])
            rows.append(["一般公共预算", initial, budget, executed])
    if layout.choose("goals", (True, True, False)):
        rows.append(["年度总体目标", "预期目标", None, None, "实际完成情况"])
        rows.append([None, content.goal, None, None, content.done])


def _indicators(
    content: Content, layout: Layout, rows: list[list[Any]], merges: list[str], columns: Sequence[str], lead: int, split: str, points: str,
) -> list[tuple[str, str, str]]:  # fmt: skip
    levels = layout.choose("levels", ("merged", "merged", "repeated", "first only"))
    prefix = layout.choose("prefix", (False, False, True))
    filler = layout.choose("filler", (False, False, True))
    bare = layout.choose("bare actual", (False, True)) if split == "joined" else True
    groups = Counter(row[0] for row in content.rows)
    sums = {group: sum(row[7] for row in content.rows if row[0] == group) for group in groups}
    expected: list[tuple[str, str, str]] = []
    first = len(rows) + 1
    above: tuple[str, str] = ("", "")
    for number, (level1, level2, name, sign, figure, unit, actual, weight) in enumerate(content.rows, 1):
        shown1 = f"{level1}({sums[level1]}分)" if points == "labels too" else level1
        shown = f"{name}({weight}分)" if points == "names" else name
        answer = actual if (bare and split != "joined") or not unit else f"{actual}{unit}"
        values: dict[str, Any] = {
            "level1": shown1 if levels == "repeated" or level1 != above[0] else None,
            "level2": level2 if levels == "repeated" or (level1, level2) != above else None,
            "name": f"指标{number}:{shown}" if prefix else shown,
            "sign": sign, "unit": unit,
            "target": figure if split == "sign and unit" else f"{sign}{figure}" if split == "unit" else f"{sign}{figure}{unit}",
            "actual": answer, "weight": weight, "score": weight, "reason": None, "index": number,
            "remark": None, "reviewed": None,
        }  # fmt: skip
        rows.append([*([None] if lead else []), *(values[role] for role in columns)])
        expected.append((shown, "" if points == "none" else str(weight), actual))
        if filler and level2 == "成本指标":
            rows.append([*([None] if lead else []), *("……" if role == "name" else None for role in columns)])
            expected.append(("……", "", ""))
        above = (level1, level2)
    if levels == "merged":
        merges += _merged(
            rows, first, [lead + columns.index(role) for role in ("level1", "level2") if role in columns]
        )
    return [one for one in expected if one[0] != "……"]


def _merged(rows: Sequence[Sequence[Any]], first: int, columns: Sequence[int]) -> Iterator[str]:
    """Ranges over the blank cells below each name of a level."""
    for column in columns:
        letter = "ABCDE"[column]
        starts = [number for number in range(first, len(rows) + 1) if rows[number - 1][column] is not None]
        for start, after in zip(starts, [*starts[1:], len(rows) + 1], strict=True):
            if after - start > 1:
                yield f"{letter}{start}:{letter}{after - 1}"


def _total(
    content: Content, layout: Layout, rows: list[list[Any]], columns: Sequence[str], lead: int
) -> None:
    word = layout.choose("total", ("总分", "合计", "总 分", "自评总分", None))
    score = sum(row[7] for row in content.rows) + round(
        content.money[2] / content.money[1] * content.points, 2
    )
    if word is None or "score" not in columns:
        return
    values: dict[str, Any] = {"level1": word, "weight": 100, "score": score}
    row = [values.get(role) for role in columns]
    rows.append([word, *([None] if lead else []), *row[1:]])


def books(count: int, seed: int = 7) -> Iterator[tuple[str, Book, Laid]]:
    """Drawn layouts as workbooks, named by number and content."""
    for number in range(count):
        dice = random.Random(seed * 1000 + number)
        content = dice.choice(CONTENTS)
        laid = lay(content, dice)
        yield f"{number} {content.project}", book_of({"Sheet1": laid.rows}, {"Sheet1": laid.merges}), laid


def misread(book: Book, laid: Laid) -> list[str]:
    """What was not read as it was written: rows by their names, weights and scores."""
    forms = read_forms(book)
    read = [row for form in (*forms.overall, *forms.projects) for row in form.indicators]
    names = [row.name.text.split(":")[-1] for row in read if row.name.text != "……"]
    if names != [name for name, _, _ in laid.expected]:
        return [f"rows {names}"]
    wrong = []
    for row, (name, weight, actual) in zip(
        (one for one in read if one.name.text != "……"), laid.expected, strict=True
    ):
        points = [one.text if one is not None else "" for one in (row.weight, row.score)]
        if points != [weight, weight] or actual not in row.actual_text:
            wrong.append(f"{name}: weight and score {points}, actual {row.actual_text}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layouts", type=int, default=100, metavar="N")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--slips", type=int, default=6, metavar="N", help="so many slips a layout")
    parser.add_argument("--pairs", type=int, default=1, metavar="N", help="so many pairs a layout")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    wrong: Counter[str] = Counter()
    loud: list[str] = []
    told: list[Told] = []
    twice: list[bool] = []
    for name, book, laid in books(options.layouts, options.seed):
        bad = misread(book, laid)
        findings = check_book(book, policy="national-2020").findings
        false = [one for one in findings if one.severity != "info"]
        loud += [f"{name} {one.rule} {one.place} {one.message[:80]} | {laid.drawn}" for one in false]
        if bad:
            wrong.update(laid.drawn.values())
            if options.verbose:
                print("misread", name, bad[:2], laid.drawn)
        before = said(findings)
        every = list(slips(book))
        chosen = random.Random(name).sample(every, min(options.slips, len(every)))
        found = [outcome(name, book, slip, before) for slip in chosen]
        told += found
        for one in found if options.verbose else ():
            if not one.pointed or one.unrelated:
                print("  told elsewhere" if one.told else "  missed", one.table, one.slip, *(f"{two.rule} {two.place}" for two in one.unrelated))  # fmt: skip
        for first, second, both in pairs(book, options.pairs, random.Random(name)):
            twice.append(both)
            if not both and options.verbose:
                print("  not both", name, first, "|", second)
    print("misread by habit:", wrong.most_common(12))
    print(f"clean forms: {len(loud)} false findings in {options.layouts} layouts")
    for line in loud if options.verbose else loud[:5]:
        print("  false", line)
    for kind in (*KINDS, ""):
        rows = [row for row in told if kind in ("", row.slip.kind)]
        if rows:
            print(
                f"{kind or '合计'}: {len(rows)} slips, told {sum(row.told for row in rows) / len(rows):.1%}, "
                f"pointed at {sum(row.pointed for row in rows) / len(rows):.1%}, "
                f"unrelated {sum(len(row.unrelated) for row in rows) / len(rows):.1%}"
            )
    print(f"pairs: {len(twice)}, both pointed at {sum(twice) / max(1, len(twice)):.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
