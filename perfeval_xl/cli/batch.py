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
from .saying import add_force, add_rules, expanded, installed, limits_of
from .streams import complain, say

if TYPE_CHECKING:
    from perfeval_xl.runs.batch import Job, Progress, Summary

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
        terms=Terms(policy, limits, marked=options.marked, audit=options.audit, rules=books),
        units=options.units,
        each_file=options.each_file,
        jobs=options.jobs,
        store=options.store,
        scheduler=options.scheduler,
        again=options.again,
        force=options.force,
    )


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
    lines = [
        f"第 {summary.round} 轮：{summary.submissions} 份报送，{counted}",
        f"本次检查 {summary.examined} 份，{summary.submissions - summary.examined} 份没有变化，用以前的结果",
    ]
    lines += _recorded(summary.faults)
    lines += _listed("没有检查的文件", [f"{one.path}（{one.reason}）" for one in summary.left_out])
    lines += _listed("同一个单位报了几份", ["、".join(names) for names in summary.same_unit])
    lines += _listed("还没有报的单位", list(summary.not_handed_in))
    lines += _listed("不在名单上的", list(summary.not_expected))
    lines += list(summary.notes)
    if summary.unchanged:
        lines.append("没有变化，结果文件保持原样")
    lines.append("结果：" + "、".join(map(str, summary.outputs)))
    say("\n".join(map(harmless, lines)))


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


COMMANDS = (Command("batch", "检查收到的全部材料，汇总，并记住每一轮", _arguments, _run, reads_files=False),)
