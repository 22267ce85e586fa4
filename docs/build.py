#!/usr/bin/env python3
"""Generate docs/rules.md from the rules' own docstrings, docs/targets.md from the indicator language's tables,
docs/precision.md from what was read by eye on published tables and docs/objections.md from what reviewers object to.

python docs/build.py           writes the pages
python docs/build.py --check   exits 1 if a committed page is not what would be written
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import yaml

from perfeval_xl.findings import FAMILY_WORD, SEVERITY_WORD
from perfeval_xl.rules.families import load
from perfeval_xl.rules.pages import render
from perfeval_xl.rules.registry import FAMILIES, Rule
from perfeval_xl.targets import judge, tables

FOLDER = Path(__file__).parent


def rules_page() -> str:
    """The rule book: a table of all rules, then every rule's own page."""
    lines = [
        "<!-- 由 python docs/build.py 生成，不要手改 -->",
        "# 检查规则",
        "",
        "每条规则的编号固定不变。级别可以由政策文件调整。",
        "",
        "| 编号 | 级别 | 检查什么 |",
        "|---|---|---|",
        *(
            f"| [{rule.code}](#{rule.code.lower()}) | {SEVERITY_WORD[rule.severity]} | {rule.title} |"
            for rule in _rules()
        ),
    ]
    for digit, family in FAMILIES.items():
        codes = [rule.code for rule in _rules() if rule.family == family]
        if codes:
            lines += ["", f"## {FAMILY_WORD[family]}（PE{digit}xx）"]
            for code in codes:
                lines += ["", f'<a id="{code.lower()}"></a>', "", render(code, "markdown")]
    return "\n".join(lines) + "\n"


def _rules() -> list[Rule]:
    rules = load()
    return [rules[code] for code in sorted(rules)]


_PUBLISHED = FOLDER.parent / "tests" / "published"


def precision_page() -> str:
    """How often each rule fired on published forms, and what a reader by eye thought of it."""
    verdicts = [
        yaml.safe_load((folder / "reviewed.yaml").read_text(encoding="utf-8"))
        for folder in (_PUBLISHED, _PUBLISHED / "new")
    ]
    not_tables = {"reviewed", "labels"}
    tables_read = sum(path.stem not in not_tables for path in _PUBLISHED.rglob("*.yaml"))
    labelled = sum(path.stem not in not_tables for path in (_PUBLISHED / "new").glob("*.yaml"))
    counts: dict[str, Counter[str]] = {}
    for entry in (entry for reviewed in verdicts for entries in reviewed.values() for entry in entries):
        code, severity, _ = entry["finding"].split(" ", 2)
        counts.setdefault(code, Counter()).update((severity, str(entry["right"]).lower()))
    lines = [
        "<!-- 由 python docs/build.py 生成，不要手改 -->",
        "# 在公开的自评表上准不准",
        "",
        f"对公开的 {tables_read} 份绩效自评表逐条人工核对：属实＝细心的审核人员也会指出；两可＝各人看法不同；误报＝不该说。没有列出的规则在这些表上没有报过。",
        "",
        f"其中 {labelled} 份先由人逐格写明该指出什么、什么看似有错其实没错，再运行程序；指出了多少、漏了多少用 `python -m tests.published.labelled` 查看。",
        "",
        "| 规则 | 检查什么 | 错误 | 核实 | 提示 | 属实 | 两可 | 误报 |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    rules = load()
    columns = ("error", "warning", "info", "true", "debatable", "false")
    for code, found in sorted(counts.items()):
        figures = " | ".join(str(found[column]) for column in columns)
        lines.append(f"| [{code}](rules.md#{code.lower()}) | {rules[code].title} | {figures} |")
    total = sum(counts.values(), Counter[str]())
    lines.append("| 合计 | | " + " | ".join(str(total[column]) for column in columns) + " |")
    return "\n".join(lines) + "\n"


def objections_page() -> str:
    """What reviewers object to most, and the rules that say it."""
    objections = yaml.safe_load(
        (FOLDER.parent / "tests" / "rules" / "objections.yaml").read_text(encoding="utf-8")
    )
    rules = load()
    lines = [
        "<!-- 由 python docs/build.py 生成，不要手改 -->",
        "# 审核人员最常指出的问题",
        "",
        "从能读到的复核底稿、检查清单、平台手册、整改报告和公开的自评表里归并，三处以上提到的都列在这里。“来源”是提到它的材料数，"
        "“出处”是这些材料出自几家；来源不多，只说明先后，不说明比例。每一条都有例子由测试看着报出来；报不出来的写明为什么。",
        "",
        "| 问题 | 来源 | 出处 | 由哪条规则报出 |",
        "|---|---:|---:|---|",
    ]
    for one in objections:
        codes = dict.fromkeys(example["规则"] for example in one.get("例", ()))
        told = "；".join(f"[{code}](rules.md#{code.lower()}) {rules[code].title}" for code in codes)
        lines.append(
            f"| {one['问题']} | {one['来源']} | {one['出处']} | {told or '看不出：' + one['看不出']} |"
        )
    return "\n".join(lines) + "\n"


#: Real target strings and answers to them, judged when the page is made: (target, actual, indicator, level 2).
EXAMPLES = (
    ("≥100人", "374人", "职称评定数", "数量指标"),
    ("90%以上", "100%", "仲裁结案率", "质量指标"),
    ("≤4.5%", "3.5%", "城镇登记失业率", "质量指标"),
    ("38508人", "37442人", "居民健康档案", "数量指标"),
    ("≤30天", "100%", "资金给付及时性", "时效指标"),
    ("2023年12月底前", "2023年11月", "完成时间", "时效指标"),
    ("2023年内完成", "12月31日前完成", "完成时间", "时效指标"),
    ("≤12万元", "11.04万", "预算控制", "成本指标"),
    ("1500元/人·月", "1500元/人·月", "补助标准", "成本指标"),
    ("≥0起", "509起", "受理案件数", "数量指标"),
    ("零事故", "0起", "安全事故", "质量指标"),
    ("有效提升", "有效提升", "服务能力", "社会效益指标"),
    ("有效提升", "100%", "服务能力", "社会效益指标"),
    ("较上年增长5%", "6.2%", "接待人次增长率", "数量指标"),
    ("三百二十人", "330人", "培训人数", "数量指标"),
    ("不超过预算投入", "1034.36万元", "总成本控制", "成本指标"),
    ("A类5个；B类3个", "8个", "评选数", "数量指标"),
)
OUTCOMES = {
    "met": "完成 / reached",
    "exceeded": "超额较多 / far beyond",
    "not_met": "未完成 / missed",
    "qualitative": "定性 / in words",
    "unit_mismatch": "单位不符 / units differ",
    "vacuous": "没有约束 / cannot fail",
    "unparseable": "看不懂 / not understood",
    "blank": "空 / blank",
}


def targets_page() -> str:
    """The indicator language: what is understood, from its own tables, with judged examples."""
    lines = [
        "<!-- 由 python docs/build.py 生成，不要手改 -->",
        "# 指标值的写法 / The indicator language",
        "",
        "年度指标值、实际完成值里，下面的写法都看得懂；看不懂的不猜，判为“看不懂”。",
        "What is understood in a target or an actual value. What is not understood is said, never guessed.",
        "",
        "## 例子 / Examples",
        "",
        "| 年度指标值 target | 实际完成值 actual | 结果 outcome | 说明 explanation |",
        "|---|---|---|---|",
        *(_example(*example) for example in EXAMPLES),
        "",
        "## 方向 / Direction",
        "",
        *_directions("写在数前面 / before the figure", {**tables.SIGNS_BEFORE, **tables.WEAK_SIGNS}),
        *_directions("写在数后面 / behind the figure", tables.SIGNS_AFTER),
        "没有符号时按指标性质 / without a sign, by the kind of indicator:",
        "",
        f"- 越低越好 / better when lower：名称以 {_listed(tables.CEILING_NAMES)} 结尾的；成本指标的金额；"
        f"时效指标的时长（{_listed(tables.CEILING_TIMES)}）",
        f"- 越长越好 / better when longer：{_listed(tables.FLOOR_TIMES)}",
        "- 其余越高越好；相等一律算完成 / everything else better when higher; equal is always reached",
        "",
        "## 单位 / Units",
        "",
        *(f"- {name}：{_listed(units)}" for name, units in tables.UNITS.items()),
        f"- 计数 / counts：{_listed(tables.COUNTS)} 等不超过{tables.LONGEST_COUNT_UNIT}个字的量词",
        f"- 倍数 / multipliers：{_listed(tables.MULTIPLIERS)}",
        "- 带“/”或“每”的复合单位 / compound units：元/人·月、次/年、元/亩",
        "",
        "## 词语 / Words",
        "",
        f"- 按时 / on time：{_listed(sorted(tables.ON_TIME)[:12])} …",
        f"- 完成 / done：{_listed(sorted(tables.DONE)[:12])} …",
        f"- 没完成 / not done：{_listed(sorted(tables.NOT_DONE)[:10])} …",
        f"- 部分完成 / partly：{_listed(tables.PARTLY_DONE)}",
        f"- 以预算、标准为上限 / a ceiling by reference：{_listed(tables.REFERENCE[:8])} … ＋ {_listed(tables.REFERRED[:8])} …",
        f"- 增减 / growth：{_listed(tables.GROWTH)}",
    ]
    return "\n".join(lines) + "\n"


def _example(target: str, actual: str, indicator: str, group: str) -> str:
    judgement = judge(target, actual, indicator=indicator, group=group)
    return f"| {target} | {actual} | {OUTCOMES[judgement.outcome]} | {judgement.explain} |"


def _directions(name: str, signs: Mapping[str, str]) -> list[str]:
    words = {"floor": "下限 ≥ / floor", "ceiling": "上限 ≤ / ceiling", "equal": "不定方向 / says nothing"}
    lines = [f"{name}：", ""]
    for direction, title in words.items():
        found = [sign for sign, meant in signs.items() if meant == direction]
        if found:
            lines.append(f"- {title}：{_listed(found)}")
    return [*lines, ""]


def _listed(words: Iterable[str]) -> str:
    return "、".join(words)


PAGES: Mapping[str, Callable[[], str]] = {
    "rules.md": rules_page,
    "targets.md": targets_page,
    "precision.md": precision_page,
    "objections.md": objections_page,
}


def main() -> int:
    stale = []
    for name, build in PAGES.items():
        path, text = FOLDER / name, build()
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        print(f"stale: {', '.join(stale)}; run python docs/build.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
