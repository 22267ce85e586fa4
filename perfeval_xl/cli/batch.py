"""``batch``: everything that lies on a bureau's desk, checked, kept and summed up."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .ending import INTERRUPTED, OK
from .parsing import Command, Parser, add_limit
from .saying import UsageError, add_force, add_rules, expanded, installed, limits_of, refuse_suffix
from .streams import complain, say

if TYPE_CHECKING:
    from perfeval_xl.desk import LeftOut
    from perfeval_xl.runs.batch import Job, Progress, Summary
    from perfeval_xl.runs.bounding import Limits
    from perfeval_xl.runs.noticing import Notice

#: So many lines are told of a kind; the store and the outputs hold all of them.
_TOLD = 20


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "given",
        nargs="+",
        metavar="文件夹|文件|压缩包",
        type=Path,
        help="收到的材料：子文件夹或压缩包是一个单位的报送，单独的文件各是一份",
    )
    add(
        "--out",
        metavar="文件夹",
        type=Path,
        required=True,
        help="结果放在哪里；下次还用这个文件夹，只查有变化的",
    )
    add(
        "--policy",
        metavar="政策|文件.toml",
        help="按哪个政策检查（默认按各工作簿写明的，否则 national-2020）",
    )
    add_rules(parser)
    add("--units", metavar="名单.xlsx", type=Path, help="应报单位名单（有一列“单位名称”），列出谁还没有报")
    add("--jobs", metavar="个数", type=_count, default=0, help="同时用几个处理器核心（默认全部）")
    add("--each-file", action="store_true", help="每个文件各是一份报送，不按文件夹合在一起")
    add("--marked", action="store_true", help="每份都另存标注副本，放在“标注”文件夹里")
    add("--audit", action="store_true", help="每份都写审核报告（.docx），放在“审核报告”文件夹里")
    add("--notice", action="store_true", help="没有通过的每份写一封退回通知（.docx），放在“退回通知”文件夹里")
    add(
        "--notice-template",
        metavar="模板.docx",
        type=Path,
        help="退回通知用本单位自己的模板（先写出一份来改，见使用手册“收件多的财政局”）",
    )
    add("--deadline", metavar="日期", type=_date, help="退回通知里要求重新报送的期限，如 2024-05-20")
    add(
        "--store",
        metavar="数据库",
        help="结果库的地址，SQLite 或 PostgreSQL（默认是结果文件夹里的“结果.db”）",
    )
    add("--scheduler", metavar="主机:端口", help="交给 Dask 集群检查，结果与本机的相同")
    add("--again", action="store_true", help="全部重新检查，不用以前的结果")
    add_limit(parser)  # each file is bounded in a process of its own
    add_force(parser)


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= 1024:
        raise argparse.ArgumentTypeError(f"应是 1 到 1024 之间的整数，不是“{text}”")
    return number


def _date(text: str) -> str:
    from perfeval_xl.report.notice import deadline_in_words

    try:
        return deadline_in_words(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"应是日期，如 2024-05-20，不是“{text}”") from None


def _run(options: argparse.Namespace) -> int:
    job = _job(options)
    from perfeval_xl.runs.batch import batch

    last: list[Progress] = []
    try:
        with _shown() as show:
            summary = batch(job, lambda progress: _heard(progress, last, show))
    except KeyboardInterrupt:
        done = f"已检查 {last[-1].done}/{last[-1].total} 份，" if last else ""
        complain(f"已中断：{done}结果都已保存；再运行一次，接着检查剩下的")
        return INTERRUPTED
    _tell(summary)
    return OK


def _heard(progress: Progress, last: list[Progress], show: Callable[[Progress], None]) -> None:
    last[:] = [progress]
    show(progress)


def _job(options: argparse.Namespace) -> Job:
    """The job as it was asked for; UsageError where the libraries for it are not installed."""
    with installed("batch", "batch", ("sqlalchemy", "alembic")):
        from perfeval_xl.runs.batch import Job
    if options.scheduler is not None:
        with installed("batch", "dask", ("dask", "distributed")):
            import perfeval_xl.runs.desk.cluster  # noqa: F401 - is it there at all
    from perfeval_xl.policy import load_policy
    from perfeval_xl.runs.desk.terms import Terms
    from perfeval_xl.runs.rulebook import load_books

    policy = None if options.policy is None else load_policy(options.policy)
    limits = limits_of(options)
    books = load_books(options.rules, limits)
    return Job(
        given=[Path(name) for name in expanded([str(name) for name in options.given])],
        out=options.out,
        terms=Terms(
            policy,
            limits,
            marked=options.marked,
            audit=options.audit,
            notice=_notice(options, limits),
            rules=books,
        ),
        units=options.units,
        each_file=options.each_file,
        jobs=options.jobs,
        store=options.store,
        scheduler=options.scheduler,
        again=options.again,
        force=options.force,
    )


def _notice(options: argparse.Namespace, limits: Limits) -> Notice | None:
    """How letters are written, where they are asked for."""
    if not (options.notice or options.notice_template):
        if options.deadline is not None:
            raise UsageError("--deadline 是退回通知里的期限，要和 --notice 或 --notice-template 一起用")
        return None
    from perfeval_xl.report.notice import BLANK_DATE
    from perfeval_xl.runs.noticing import Notice, default_template, load_template

    own = options.notice_template
    template = default_template() if own is None else load_template(own, limits)
    return Notice(template, options.deadline or BLANK_DATE)


@contextmanager
def _shown() -> Iterator[Callable[[Progress], None]]:
    """Shows how far it is, with the rate and the time that is left; on a terminal only, and never among the results."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("检查"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("还要"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, rate="")

        def show(progress: Progress) -> None:
            speed = bar.tasks[task].speed
            rate = f"{speed:.1f} 份/秒" if speed else ""
            if bar.tasks[task].total is None:  # what was in the store says nothing of the rate
                bar.reset(task, total=progress.total, completed=progress.done, rate=rate)
            bar.update(task, completed=progress.done, rate=rate)

        yield show


def _tell(summary: Summary) -> None:
    """What came of it, in a few lines."""
    from perfeval_xl.findings import VERDICT_WORD
    from perfeval_xl.report.plain import harmless

    counted = "，".join(
        f"{word} {summary.verdicts[verdict]}"
        for verdict, word in VERDICT_WORD.items()
        if summary.verdicts[verdict]
    )
    kept = summary.submissions - summary.examined
    lines = [
        f"第 {summary.round} 轮：{summary.submissions} 份报送，{counted}",
        f"本次检查 {summary.examined} 份" + (f"，{kept} 份没有变化，用以前的结果" if kept else ""),
    ]
    lines += _recorded(summary.faults)
    if summary.left_out:
        lines.append(f"没有检查的文件（{len(summary.left_out)}）：{'；'.join(_by_reason(summary.left_out))}")
    lines += _listed("同一个单位报了几份", ["、".join(names) for names in summary.same_unit])
    lines += _listed("还没有报的单位", list(summary.not_handed_in))
    lines += _listed("不在名单上的", list(summary.not_expected))
    lines += list(summary.notes)
    if summary.unchanged:
        lines.append("没有变化，结果文件保持原样")
    lines.append("结果：" + "、".join(map(str, (*summary.outputs, *summary.folders))))
    say("\n".join(map(harmless, lines)))


def _by_reason(left_out: Sequence[LeftOut]) -> list[str]:
    """ "不是 Excel 或 Word 文件 4 个，如 甲局/扫描件.pdf"."""
    found: dict[str, list[str]] = {}
    for one in left_out:
        found.setdefault(one.reason, []).append(one.path)
    return [
        f"{reason} {len(paths)} 个，如 {paths[0]}" if len(paths) > 1 else f"{paths[0]}（{reason}）"
        for reason, paths in found.items()
    ]


def _recorded(faults: Sequence[str]) -> list[str]:
    """Errors of ours go to the log in full; where that is."""
    if not faults:
        return []
    from perfeval_xl.installing.log import keep, log

    path = keep()
    for fault in faults:
        log.error("unforeseen, in a batch\n%s", fault)
    return [f"程序出错 {len(faults)} 次，请把这份记录发给管理员：{path or '（记录写不成）'}"]


def _listed(what: str, items: list[str]) -> list[str]:
    """A line that says how many, and a few of them."""
    if not items:
        return []
    more = f"……等 {len(items)} 个" if len(items) > _TOLD else ""
    return [f"{what}（{len(items)}）：{'；'.join(items[:_TOLD])}{more}"]


# -- the letters' template --------------------------------------------------------------------------------------


def _notice_arguments(parser: Parser) -> None:
    parser.add_argument("output", metavar="模板.docx", type=Path, help="退回通知的模板写到哪里")
    add_force(parser)


def _write_template(options: argparse.Namespace) -> int:
    """Our template, to be made the bureau's own, and what its fields mean."""
    from perfeval_xl.runs.noticing import KNOWN, default_template
    from perfeval_xl.runs.outputs import output

    refuse_suffix(options.output, ".docx")
    output(options.output, force=options.force).write(default_template())
    lines = [
        f"已写好 {options.output}：在 Word 或 WPS 里改成本单位的，然后 batch … --notice-template {options.output.name}",
        "文字、字体、版式随便改；{{ }} 里的字段填成每个单位的内容：",
        *(f"  {{{{{name}}}}}　{meaning}" for name, meaning in KNOWN.items()),
        "列表所在的一段，每一行重复一次；没有内容的字段，所在的一段不出现",
    ]
    say("\n".join(lines))
    return OK


COMMANDS = (
    Command("batch", "检查收到的全部材料，汇总，并记住每一轮", _arguments, _run, reads_files=False),
    Command(
        "notice", "写出退回通知的模板，改成本单位的", _notice_arguments, _write_template, reads_files=False
    ),
)
