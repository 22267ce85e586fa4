"""PE513: how many projects, offices and forms there are: the report's own numbers, and those against the forms handed in."""

from __future__ import annotations

from collections.abc import Iterator

from perfeval_xl import patterns as re
from perfeval_xl.forms.records import BudgetLine
from perfeval_xl.prose import Figure
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, Skip, rule

from .measures import is_current, passages_of
from .quoted import quoted
from .stated import Passage
from .sums import listed


@rule(
    "PE513",
    "cross.counts",
    "error",
    "报告写的项目、机构、附表个数前后不一致",
    basis="报告中项目、机构个数应与列出的各项、与报送的附件3一致",
)
def counts(context: Context) -> Iterator[Result]:
    """报告里的项目数、机构数与列出的各项、与报送的附件3核对。

    说明：报告写的项目、机构个数应等于其中各项之和（本级、上级；新建、续建；行政、事业）。本年实施或评价的预算项目总数应等于附件3的张数，或附件1有金额的项目行数，都不符的请核实（几个项目合填一张表的，写明即可）。重点项目、招商项目等别的项目不比。
    错误示例：共实施项目12个，其中本级项目5个，上级项目8个；报送的附件3是7张。
    正确示例：共实施项目7个，其中本级项目5个，上级项目2个；报送的附件3是7张。
    如何改：核对项目清单，改正报告里的个数；漏报附件3的，补报。
    """
    if not context.forms.narratives:
        yield Skip("工作簿中没有自评报告")
        return
    yield from listed(context, "PE513")
    handed_in = len(context.projects)
    if not handed_in:
        yield Skip("工作簿中没有填了的附件3")
        return
    allowed = {handed_in, len(_money_lines(context))}
    for passage in passages_of(context, "report"):
        for index, figure in enumerate(passage.figures):
            if _counts_projects(passage, index, context) and int(figure.value) not in allowed:
                yield _claim(passage, figure, handed_in, context)


def _claim(passage: Passage, figure: Figure, handed_in: int, context: Context) -> Claim:
    return Claim(
        passage.field.place,
        f"报告写{quoted(passage, figure)}，报送的附件3是 {handed_in} 张，个数不符。",
        expected=f"{handed_in}{figure.unit}",
        actual=figure.words,
        suggestion="核对项目清单，改正个数或补报附件3；几个项目合填一张表的，在报告里写明。",
        related=(context.projects[0].title.place,),
        severity="warning",
        label="项目个数",
        figures=(figure.words, str(handed_in)),
    )


def _money_lines(context: Context) -> list[BudgetLine]:
    """The 附件1 lines of projects with money in this year's columns."""
    lines = context.basic.lines if context.basic is not None else ()
    parents = {line.parent for line in lines}
    return [
        line
        for place, line in enumerate(lines)
        if line.role in ("project_line", "detail")
        and place not in parents
        and any(
            (cell := line.cells.get(column)) is not None and cell.number for column in ("budget", "final")
        )
    ]


#: What the unit's own projects of the year are called, and what is done with all of them.
_OWN = r"(?:20\d\d年度?|本年度?|全年|我?[局委院校镇馆]|本?单位|部门|预算|财政|专项|绩效|自评|评价|支出|资金|本次|此次|一般公共|各类|个|的)*"
_DONE = r"(?:共|总共|一共|共计|总计)?(?:对|有|实施|安排|开展|涉及|纳入|参评|评价|自评|编报|填报|报送|上报|执行|管理)(?:了|的|绩效自?评价?|自评|评价)*"
_IN_FRONT = re.compile(
    rf"(?:^|[，,。；;:)况]){_OWN}{_DONE}{_OWN}项目(?:支出)?(?:自评表|绩效目标)?(?:共|共计|共有|有|为|数量?为?|总数为?)*$"
)
_NO_VERB = re.compile(rf"(?:^|[，,。；;:)况]){_OWN}项目(?:支出)?(?:共|共计|共有|总数为?|数量为?)$")
_BEFORE = re.compile(rf"(?:^|[，,。；;:)况]){_OWN}{_DONE}{_OWN}$")
_BEHIND = re.compile(
    r"^(?:预算|专项|支出|财政)*项目(?:支出)?(?:$|[，,。；;:(]|绩效|自评|的?资金|(?:开展|进行)(?:了|绩效|自))"
)


def _counts_projects(passage: Passage, index: int, context: Context) -> bool:
    """A figure is the number of the unit's own projects of the year, all of them."""
    figure = passage.figures[index]
    if figure.unit not in ("个", "项") or figure.bound or figure.decimals or index in passage.prose.wholes:
        return False
    if not is_current(figure, context) or figure.bracket is not None:
        return False
    text = passage.prose.text
    front, behind = text[max(0, figure.start - 40) : figure.start], text[figure.end : figure.end + 12]
    if _IN_FRONT.search(front) or _NO_VERB.search(front):
        return True
    return bool(_BEFORE.search(front) and _BEHIND.search(behind))
