#!/usr/bin/env python3
"""Generate docs/rules.md from the rules' own docstrings.

python docs/build.py           writes the page
python docs/build.py --check   exits 1 if the committed page is not what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

from perfeval_xl.findings import SEVERITY_WORD
from perfeval_xl.rules.book import render
from perfeval_xl.rules.registry import FAMILIES, RULES

PAGE = Path(__file__).parent / "rules.md"
NAMES = {
    "totals": "合计（PE1xx）：一张表之内的加总",
    "rates": "比率（PE2xx）",
    "scores": "分值与得分（PE3xx）",
    "targets": "指标值与完成值（PE4xx）",
    "cross": "表与表之间（PE5xx）",
    "narrative": "报告文字（PE6xx）",
    "completeness": "填写是否完整（PE7xx）",
    "reading": "读取（PE9xx）",
}


def page() -> str:
    """The whole page: a table of all rules, then every rule's own page."""
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
    for family in FAMILIES.values():
        codes = [rule.code for rule in _rules() if rule.family == family]
        if codes:
            lines += ["", f"## {NAMES[family]}"]
            for code in codes:
                lines += ["", f'<a id="{code.lower()}"></a>', "", render(code, "markdown")]
    return "\n".join(lines) + "\n"


def _rules() -> list:  # type: ignore[type-arg]
    return [RULES[code] for code in sorted(RULES)]


def main() -> int:
    text = page()
    if "--check" in sys.argv[1:]:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
            print(f"{PAGE.name} is stale: run python docs/build.py", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
