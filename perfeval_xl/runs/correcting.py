"""Recomputing a workbook and taking it back: read, plan, write; the whole run as the command line and a library call it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from perfeval_xl.bounds import BOUNDS, Bounds
from perfeval_xl.correct import Change, CorrectError, Plan, plan
from perfeval_xl.correct.formulas import PLAIN
from perfeval_xl.findings import Finding
from perfeval_xl.forms import read_again, read_forms
from perfeval_xl.grid import Book, Place
from perfeval_xl.hosts.corrections import cells as correcting
from perfeval_xl.hosts.corrections.log import DONE, Entry, read_log
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading.loading import Source, open_source, read_source
from perfeval_xl.hosts.template import formulas as template_formulas
from perfeval_xl.hosts.template.formulas import Known
from perfeval_xl.own_sheets import CORRECTIONS_SHEET
from perfeval_xl.policy import Policy
from perfeval_xl.records import dataclass, replace

from .checking import check_read
from .outputs import output
from .submission import together


@dataclass(frozen=True, slots=True)
class Recalculated:
    """What recomputing did. ``changes`` in the order they were made; ``notes`` say what was left, and why."""

    data: bytes
    changes: tuple[Change, ...]
    notes: tuple[str, ...]


def recalc(
    path: str | Path,
    out: str | Path | None = None,
    *,
    apply: Iterable[str] = (),
    policy: str | Policy | None = None,
    formulas: Mapping[Place, str] | None = None,
    when: dt.datetime | None = None,
    force: bool = False,
    limits: Limits = LIMITS,
) -> Recalculated:
    """Recompute rates, totals and scores that a check objects to, into ``out`` (or only into the result's ``data``).

    ``apply`` are fingerprints of findings whose proposal is taken as well, input figures included. The input file is never
    written, nor a file at ``out`` that is not ours or was changed since, but with ``force``. CorrectError for what cannot be corrected (a Word file, an unknown fingerprint), Unreadable for what
    cannot be read, OutputError for what cannot be written.
    """
    place = None if out is None else output(Path(out), [Path(path)], force=force)
    source = _opened(Path(path), out, limits)
    book, data = read_source(source, limits=limits), source.data
    planned = planner(
        book, lambda: Workbook(Package.open(data)).own_names, policy=policy, formulas=formulas, bounds=limits
    )(apply)
    written = correcting.correct(data, book, planned.changes, when or dt.datetime.now())
    if place is not None:
        place.write(written.data, as_it_is=written.data == data)
    return Recalculated(written.data, written.changes, (*planned.notes, *written.notes))


def recalc_together(
    paths: Sequence[str | Path],
    folder: str | Path,
    *,
    apply: Iterable[str] = (),
    policy: str | Policy | None = None,
    when: dt.datetime | None = None,
    force: bool = False,
    limits: Limits = LIMITS,
) -> tuple[tuple[Path, Recalculated], ...]:
    """Recompute the files of one submission, each held against the others, into ``folder``: one copy a workbook, named
    "单位-已更正.xlsx". A Word file is read for what it says and not written.

    Errors as of ``recalc``; CorrectError too where none of the files is a workbook, or two are made from the template.
    """
    inputs = [Path(path) for path in paths]
    sources = [open_source(path, limits) for path in paths]
    read = [(source, read_source(source, limits=limits)) for source in sources]
    workbooks = [(source, book) for source, book in read if source.kind not in ("docx", "doc")]
    for source, _ in workbooks:
        _refuse(source)
    if not workbooks:
        raise CorrectError("这几个文件都是 Word 文件，程序不改动 Word 文件；请按检查结果在 Word 中修改")
    templates = [source for source, book in workbooks if template_formulas.is_template(book)]
    if len(templates) > 1:
        raise CorrectError("有两个以上的填报工作簿，不能当作同一份报送一起更正；请一次更正一个")
    # The template first: its sheets keep the names that its formulas know.
    read.sort(key=lambda one: one[0] not in templates)
    whole = together((source.file_name, book) for source, book in read)
    names = [Workbook(Package.open(source.data)).own_names for source in templates]
    planned = planner(whole.book, (lambda: names[0]) if names else None, policy=policy, bounds=limits)(apply)
    copies = _copies(folder, [Path(source.name) for source, _ in workbooks])
    outs = [output(copy, inputs, force=force) for copy in copies]
    done = []
    for (source, book), out in zip(workbooks, outs, strict=True):
        own = [
            replace(change, place=replace(whole.in_its_file(change.place), file=None))
            for change in planned.changes
            if whole.sheets[change.place.sheet][0] == source.file_name
        ]
        written = correcting.correct(source.data, book, own, when or dt.datetime.now())
        told = tuple(replace(one, place=replace(one.place, file=source.file_name)) for one in written.changes)
        done.append((out, Recalculated(written.data, told, written.notes), written.data == source.data))
    for out, one, unchanged in done:
        out.write(one.data, as_it_is=unchanged)
    first, *others = [(out.path, one) for out, one, _ in done]
    return (first[0], replace(first[1], notes=(*planned.notes, *first[1].notes))), *others


def _copies(folder: str | Path, paths: Sequence[Path]) -> list[Path]:
    """Where the corrected copies go; files of one name are counted."""
    seen: Counter[str] = Counter()
    outs = []
    for path in paths:
        seen[path.name.casefold()] += 1
        number = seen[path.name.casefold()]
        outs.append(Path(folder) / f"{path.stem}-已更正{f'（{number}）' if number > 1 else ''}{path.suffix}")
    return outs


def planner(
    book: Book,
    names: Callable[[], Mapping[str, str]] | None,
    *,
    policy: str | Policy | None = None,
    formulas: Mapping[Place, str] | None = None,
    bounds: Bounds = BOUNDS,
) -> Callable[[Iterable[str]], Plan]:
    """Plans of what to change in a workbook, each with the findings whose proposals are taken, by their fingerprints.

    ``names`` gives the defined names of a workbook that may be made from the template, with what they refer to; it is
    asked once. ``formulas`` stand in the place of those that belong into computed cells. ``bounds`` are those of forms.
    """
    forms = read_forms(book, bounds)

    def check(given: Book) -> Sequence[Finding]:
        return check_read(given, read_again(given, book, forms), policy=policy).findings

    known = understood(book, names)
    own = known.formulas if formulas is None else formulas
    return lambda chosen: plan(book, check, chosen, own, known.language)


def understood(book: Book, names: Callable[[], Mapping[str, str]] | None) -> Known:
    """Which formulas belong into the computed cells of a workbook (none, unless it was made from the template), and how its
    formulas are understood; ``names`` as for ``planner``."""
    template = None if names is None else template_formulas.known(book, names)
    return Known({}, PLAIN) if template is None else template


def undo(
    path: str | Path, out: str | Path | None = None, *, force: bool = False, limits: Limits = LIMITS
) -> Recalculated:
    """Take back what 更正记录 lists, into ``out`` (``force`` as of ``recalc``); CorrectError where nothing is listed."""
    place = None if out is None else output(Path(out), [Path(path)], force=force)
    source = _opened(Path(path), out, limits)
    book = read_source(source, limits=limits)
    entries = to_undo(book)
    if not entries:
        raise CorrectError(f"{source.name}：“{CORRECTIONS_SHEET}”里没有可以撤销的更正")
    written = correcting.undo(source.data, book)
    if place is not None:
        place.write(written.data)
    return Recalculated(written.data, written.changes, written.notes)


def to_undo(book: Book) -> list[Entry]:
    """What 更正记录 lists and was not taken back, in its order."""
    return [entry for entry in read_log(book) if entry.status == DONE]


def _opened(path: Path, out: str | Path | None, limits: Limits) -> Source:
    """The file to be corrected. CorrectError for files that are read but not written (Word, the old and other formats),
    and for a name by which Excel would not open the result."""
    suffix = path.suffix.lower()
    if out is not None and suffix in (".xlsx", ".xlsm") and Path(out).suffix.lower() != suffix:
        raise CorrectError(f"{out}：输出文件名应与原文件一样以 {suffix} 结尾，否则 Excel 打不开")
    source = open_source(path, limits)
    _refuse(source)
    return source


def _refuse(source: Source) -> None:
    if source.kind in ("docx", "doc"):
        raise CorrectError(
            f"{source.name}：这是 Word 文件，程序不改动 Word 文件；请按检查结果在 Word 中修改，或把表格做成 .xlsx 后再更正"
        )
    if source.kind == "other":
        raise CorrectError(
            f"{source.name}：只能更正 .xlsx、.xlsm 工作簿，请在 Excel 或 WPS 中另存为 .xlsx 再试"
        )
