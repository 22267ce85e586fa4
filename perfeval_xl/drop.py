"""`perfeval-xl-drop FILE…`: for whoever drops files on an icon. Each is checked; a marked copy and a page come to lie
beside it; what is told is one line a file, and the window waits to be read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from . import patterns as re
from .installing.machine import DROPPED_VARIABLE
from .records import dataclass

if TYPE_CHECKING:
    from .findings import Report
    from .installing.telling import Line
    from .runs.accepted import Remarks
    from .runs.opening import Source
    from .runs.outputs import Output

MARKED, PAGE = "-已标注", "-校验报告"
_SCRIPT = re.compile(r'\.cmd"?\s+', re.IGNORECASE)
_WORD = re.compile(r'"([^"]*)"|(\S+)')
#: A name that was made by us, so that a marked copy of a marked copy is not called that twice.
_OURS = re.compile(rf"{MARKED}(（\d+）)?$")
_MOST_OPENED = 3
_NONE = "把要检查的文件（Excel、WPS 表格或 Word）拖到这个窗口里，按回车："


@dataclass(frozen=True, slots=True)
class Desk:
    """Where this runs: environment, console, and how a page is opened (None: not at all)."""

    environ: Mapping[str, str]
    windows: bool
    output: TextIO
    ask: Callable[[str], str] | None
    open_page: Callable[[Path], None] | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what was dropped; the exit code is that of ``perfeval-xl check`` for the worst of the files."""
    from .cli.ending import ended

    given = list(sys.argv[1:] if arguments is None else arguments)
    return ended(lambda: _run(given))


def _run(given: Sequence[str]) -> int:
    wait = "--wait" in given
    names = [name for name in given if name != "--wait"]
    if names in (["-h"], ["--help"]):
        print("用法：perfeval-xl-drop 文件……　在每个文件旁边写出标注副本和网页报告，原文件不动")
        return 0
    desk = this_desk()
    code = run(desk, names)
    if desk.ask is not None and (wait or desk.windows):
        _asked(desk.ask, "\n按回车键关闭窗口")
    return code


def this_desk() -> Desk:
    """The computer this runs on."""
    from .installing.machine import this_machine

    machine = this_machine()
    interactive = sys.stdin is not None and sys.stdin.isatty()
    return Desk(
        environ=os.environ,
        windows=machine.windows,
        output=sys.stdout,
        ask=input if interactive else None,
        open_page=_open_page if machine.windows else None,
    )


def _open_page(page: Path) -> None:
    if sys.platform == "win32":
        os.startfile(page)


def run(desk: Desk, arguments: Sequence[str]) -> int:
    """Check every file and tell of each; nothing is raised for what is wrong with a file."""
    from .cli.ending import FOUND, INCOMPLETE, OK, UNUSABLE, worst
    from .installing.telling import Line

    files = dropped(arguments, desk.environ)
    if not files and desk.ask is not None:
        files = [Path(name) for name in words(_asked(desk.ask, _NONE), desk.windows)]
    if not files:
        _tell(desk, Line("bad", "没有文件：请把要检查的文件拖到图标上"))
        return UNUSABLE
    codes = [_one(desk, file, show=len(files) <= _MOST_OPENED) for file in files]
    if len(files) > 1:
        counts = f"有错误 {codes.count(FOUND)} 个，没有查全 {codes.count(INCOMPLETE)} 个，没有错误 {codes.count(OK)} 个，无法检查 {codes.count(UNUSABLE)} 个"
        _tell(desk, Line("note", f"共 {len(files)} 个文件：{counts}"))
    return worst(codes)


def _asked(ask: Callable[[str], str], question: str) -> str:
    try:
        return ask(question)
    except (EOFError, KeyboardInterrupt):
        return ""


# -- which files ----------------------------------------------------------------------------------------------


def dropped(arguments: Sequence[str], environ: Mapping[str, str]) -> list[Path]:
    """The dropped files: from the command line that Windows gave to the script where it says them, else the arguments."""
    line = environ.get(DROPPED_VARIABLE, "")
    script = _SCRIPT.search(line)
    if script is not None:
        # The prompt was given the whole in one more pair of quotation marks.
        rest = line[script.end() :].rstrip()
        rest = rest.removesuffix('"') if rest.count('"') % 2 else rest
        if found := _existing(rest):
            return found
    return [Path(name) for name in arguments]


def _existing(text: str) -> list[Path]:
    """The files that a line names; none unless every one is there."""
    found = [Path(name) for name in words(text, windows=True)]
    return found if found and all(path.exists() for path in found) else []


def words(text: str, windows: bool) -> list[str]:
    """What is dropped into a window: names apart by spaces, those with spaces quoted as the system does it."""
    if not windows:
        import shlex

        try:
            return shlex.split(text)
        except ValueError:
            return [text.strip()]
    return [quoted or plain for quoted, plain in _WORD.findall(text)]


# -- one file -------------------------------------------------------------------------------------------------


def _one(desk: Desk, file: Path, *, show: bool) -> int:
    """Check one file; its exit code as of ``perfeval-xl check``."""
    from .cli.ending import UNUSABLE, code_of, told
    from .cli.streams import Unheard
    from .errors import Exhausted, PerfevalError
    from .installing.telling import Line
    from .runs.bounding import LIMITS, bounded_time
    from .runs.marking import suffix_of
    from .runs.opening import open_source

    page: Path | None = None
    report: Report | None = None
    try:
        with bounded_time(LIMITS, file.name):
            source = open_source(file)
            copy = _place(file, MARKED, suffix_of(source))
            report = _checked(desk, source, copy.written)
            if report.summaries:
                page = _page(desk, file, report)
                _copy(desk, copy, source, report)
    except (PerfevalError, Exhausted) as error:
        _tell(desk, Line("bad", str(error)))
    except Unheard:
        raise
    except Exception as error:
        _tell(desk, Line("bad", f"{file.name}：{told(error)}"))
    else:
        if show and page is not None and desk.open_page is not None:
            _opened(desk, desk.open_page, page)
        return UNUSABLE if page is None else code_of(report)
    return UNUSABLE


def _opened(desk: Desk, open_page: Callable[[Path], None], page: Path) -> None:
    from .installing.telling import Line

    try:
        open_page(page)
    except OSError:
        _tell(desk, Line("note", f"没有打开网页报告，请自己打开：{page}"))


def _checked(desk: Desk, source: Source, written: Remarks) -> Report:
    from .coverage import headline
    from .findings import SEVERITIES, SEVERITY_WORD, VERDICT_WORD
    from .installing.telling import Level, Line
    from .runs.checking import check

    report = check(source, carried=written)
    if not report.summaries:
        _tell(desk, Line("bad", f"{source.file_name}：没有认出任何附件表，无法检查"))
        return report
    counts = "，".join(
        f"{SEVERITY_WORD[severity]} {report.count(severity)} 条"
        for severity in SEVERITIES
        if report.count(severity)
    )
    nothing = "已查的部分没有发现问题" if report.verdict == "incomplete" else "没有发现问题"
    level: Level = "bad" if report.verdict == "fail" else "ok" if report.verdict == "pass" else "note"
    _tell(desk, Line(level, f"{source.file_name}：{VERDICT_WORD[report.verdict]}　{counts or nothing}"))
    if first := headline(report):
        _tell(desk, Line("note", first))
    return report


def _page(desk: Desk, file: Path, report: Report) -> Path:
    from .report.html import to_html

    place = _place(file, PAGE, ".html")
    place.write(to_html(report).encode("utf-8", "replace"))
    _tell_written(desk, "网页报告", place)
    return place.path


def _copy(desk: Desk, place: Output, source: Source, report: Report) -> None:
    from .installing.telling import Line
    from .runs.marking import marked_copy

    marked = marked_copy(source, report)
    place.write(marked.data, as_it_is=True)
    _tell_written(desk, "标注副本", place)
    for note in marked.notes:
        _tell(desk, Line("note", note))


def _place(file: Path, ending: str, suffix: str) -> Output:
    """Where a result goes beside the file: over the last one where nothing is lost with it, else under a number."""
    from .runs.outputs import free_output

    folder, stem = file.absolute().parent, _stem(file.absolute(), ending)
    names = (f"{stem}{ending}{f'（{n}）' if n > 1 else ''}{suffix}" for n in count(1))
    return free_output((folder / name for name in names), [file])


def _stem(file: Path, ending: str) -> str:
    """What results of a file are called after: its name, told apart from that of a file beside it with another extension, or of
    the one that a marked copy was made from."""
    from .runs.desk.submissions import OFFICE

    stem = _OURS.sub("", file.stem)
    beside = (one for one in file.parent.iterdir() if one.stem == stem and one.suffix.lower() in OFFICE)
    if not any(one.name != file.name for one in beside):
        return stem
    if stem != file.stem:
        return stem if ending == MARKED else file.stem
    return f"{stem}（{file.suffix[1:]}）"


def _tell_written(desk: Desk, what: str, place: Output) -> None:
    from .installing.telling import Line

    _tell(desk, Line("ok", f"{what}：{place.path}"))


def _tell(desk: Desk, line: Line) -> None:
    """At once: a big file takes its time, and the one before it is done."""
    from .installing.telling import rendered
    from .report.plain import encoding_of, shown_on

    desk.output.write(shown_on(desk.output, rendered([line], encoding_of(desk.output))))
    desk.output.flush()


if __name__ == "__main__":
    sys.exit(main())
