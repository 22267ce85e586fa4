"""The 退回通知: what a unit is told when its submission goes back, as texts for the fields of a letter.

Only what is said: the letter itself is a Word template that a bureau may write anew. The words of findings and gaps are those of
every other output.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from perfeval_xl import patterns as re
from perfeval_xl.coverage import gap_lines
from perfeval_xl.findings import SEVERITIES, VERDICT_WORD, Finding, Report, Severity, Verdict
from perfeval_xl.records import dataclass
from perfeval_xl.worklist import Group, groups, places_of, step_line, worklist

from .plain import harmless

#: What stands where no deadline is given: to be filled in by hand.
BLANK_DATE = "　　　　年　　月　　日"
#: The fields of a letter and what stands there. A paragraph with a list is repeated for each of its lines, one with a field of which
#: there is nothing is left out.
FIELDS: Mapping[str, str] = {
    "单位": "填报单位的名称",
    "年度": "2023年度；没有读到年度的写“本年度”",
    "报送": "报送的文件夹或文件的名称",
    "文件": "报送的各个文件",
    "结论": "审核结论：不通过、未查全、需核实、无法检查",
    "事由": "退回改正、退回补齐、核实说明、重新报送，随结论而定",
    "审核情况": "一句话：各级问题几处，缺几项",
    "错误数": "错误的处数",
    "核实数": "需要核实的处数",
    "提示数": "提示的处数",
    "无法检查": "文件为什么读不了；读得了的没有内容",
    "缺少": "列表：缺少的表、空着和没有查到的内容",
    "缺少项数": "上面有几项",
    "先改": "列表：先改的几处，改了它们消除的问题最多",
    "先改处数": "上面有几处",
    "其他错误": "列表：其余的错误，同类的一行",
    "其他错误类数": "上面有几类",
    "需说明": "列表：需要核实说明的问题，同类的一行",
    "需说明类数": "上面有几类",
    "提示": "列表：提示，同类的一行",
    "提示类数": "上面有几类",
    "要求": "改正、补齐、说明、重新报送的要求，随结论而定",
    "附件": "列表：同时生成的标注副本、审核报告",
    "附件数": "上面有几件",
    "期限": "--deadline 给的日期；没有给的留空，手工填写",
    "日期": "生成通知的日期",
    "政策": "审核依据的政策",
}
_MATTER: Mapping[Verdict, str] = {
    "fail": "退回改正",
    "incomplete": "退回补齐",
    "review": "核实说明",
    "unreadable": "重新报送",
}
_TO_MEND, _TO_COMPLETE = "对照本通知逐项改正", "补齐缺少的材料和内容"
_TO_EXPLAIN = (
    "需要核实说明的，填写有误的予以改正，情况属实的在表内“偏差原因分析及改进措施”栏或另附材料说明原因"
)
_TO_SEND_AGAIN = "请检查文件，在电脑上用 Excel 或 WPS 打开后另存一份，确认内容完整、没有密码"
#: What is advised of a file that cannot be read is meant for whoever checks it.
_ADVICE = re.compile("。请[^。]*。?")
#: How many lines a list has; nothing where it has none.
_COUNTS: Mapping[str, str] = {
    "缺少项数": "缺少",
    "先改处数": "先改",
    "其他错误类数": "其他错误",
    "需说明类数": "需说明",
    "提示类数": "提示",
    "附件数": "附件",
}
_DATE = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?")

Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Posting:
    """What the report does not know: the name of the submission, the date of the letter, the deadline (``BLANK_DATE`` where there is none),
    the names of the files that are sent along."""

    name: str
    when: dt.date
    deadline: str
    enclosed: Sequence[str] = ()


def is_due(verdict: Verdict) -> bool:
    """Whether a submission goes back."""
    return verdict != "pass"


def deadline_in_words(text: str) -> str:
    """A date (2024-05-20, 2024年5月20日) as a letter writes it; ValueError for anything else."""
    found = _DATE.fullmatch("".join(text.split()))
    if found is None:
        raise ValueError(text)
    return _in_words(dt.date(*map(int, found.groups())))


def _in_words(date: dt.date) -> str:
    return f"{date.year}年{date.month}月{date.day}日"


def fields(report: Report, posting: Posting) -> Mapping[str, Value]:
    """The text or the lines of every field of ``FIELDS``."""
    steps = worklist(report).first
    begun = {id(finding) for step in steps for finding in step.findings}
    rest = [finding for finding in report.findings if finding.open and id(finding) not in begun]
    lists: dict[str, Sequence[str]] = {
        "缺少": gap_lines(report) if report.summaries else (),
        "先改": [step_line(step) for step in steps],
        "其他错误": _kinds(rest, "error"),
        "需说明": _kinds(rest, "warning"),
        "提示": _kinds(rest, "info"),
        "附件": posting.enclosed,
    }
    counts = {severity: report.count(severity) for severity in SEVERITIES}
    files = report.files or (report.workbook,)
    texts = {
        "单位": report.unit or PurePath(posting.name).stem,
        "年度": f"{report.year}年度" if report.year else "本年度",
        "报送": posting.name,
        "文件": "、".join(PurePath(name).name for name in files),
        "结论": VERDICT_WORD[report.verdict],
        "事由": _MATTER.get(report.verdict, ""),
        "审核情况": _found(report, counts, len(lists["缺少"])),
        "错误数": str(counts["error"]),
        "核实数": str(counts["warning"]),
        "提示数": str(counts["info"]),
        "无法检查": "" if report.summaries else _ADVICE.sub("。", report.reason or "没有认出绩效自评表。"),
        "要求": _demand(report, counts, len(lists["缺少"])),
        "期限": posting.deadline,
        "日期": _in_words(posting.when),
        "政策": report.policy_title,
    }
    texts |= {name: str(len(lists[of])) if lists[of] else "" for name, of in _COUNTS.items()}
    said: dict[str, Value] = {name: harmless(text) for name, text in texts.items()}
    return said | {name: tuple(map(harmless, lines)) for name, lines in lists.items()}


def _found(report: Report, counts: Mapping[Severity, int], missing: int) -> str:
    if not report.summaries:
        return "报送的文件无法检查"
    parts = [
        f"{word}{count}{unit}"
        for word, count, unit in (
            ("错误", counts["error"], "处"),
            ("需要核实说明的问题", counts["warning"], "处"),
            ("缺少或没有查到的内容", missing, "项"),
        )
        if count
    ]
    return "，".join(parts) or "没有发现问题"


def _demand(report: Report, counts: Mapping[Severity, int], missing: int) -> str:
    if not report.summaries:
        return _TO_SEND_AGAIN
    todo = [what for what, asked in ((_TO_MEND, counts["error"]), (_TO_COMPLETE, missing)) if asked]
    parts = [f"请{'，'.join(todo)}"] if todo else []
    return "；".join([*parts, *([_TO_EXPLAIN] if counts["warning"] else [])])


def _kinds(findings: Sequence[Finding], severity: Severity) -> list[str]:
    return [_kind(group) for group in groups(one for one in findings if one.severity == severity)]


def _kind(group: Group) -> str:
    """ "超额完成较多，没有说明原因（4处）：附件2 F15、F23、F24；附件3-1 F14"."""
    places = places_of(group)
    return f"{group.title}（{len(group.findings)}处）" + (f"：{places}" if places else "")
