"""A bureau's own rules: loaded for a check, made new, named, tried on their samples and on last year's files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from perfeval_xl.errors import PerfevalError, RuleBookError
from perfeval_xl.files import Unsettled, settings_text
from perfeval_xl.findings import SEVERITY_WORD
from perfeval_xl.forms import read_forms
from perfeval_xl.forms.records import Form
from perfeval_xl.grid import Book as Workbook
from perfeval_xl.grid import Grid
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.reading.loading import Source, open_source, read_source
from perfeval_xl.own_sheets import RULES_SHEET
from perfeval_xl.policy import DEFAULT_POLICY, load_policy
from perfeval_xl.records import dataclass, replace
from perfeval_xl.rules.book.compiling import Verdict, verdicts_of
from perfeval_xl.rules.book.names import cells_of_form
from perfeval_xl.rules.book.records import COLUMNS, Book, BookRule, Remark
from perfeval_xl.rules.book.samples import count, tried
from perfeval_xl.rules.book.scene import WorkbookScene
from perfeval_xl.rules.book.sheet import read_sheet, rows_of_sheet, sheet_of
from perfeval_xl.rules.book.starting import CHOICES, HINT, NAME_COLUMNS, PROMPTS, TITLE, examples, name_lines
from perfeval_xl.rules.book.toml import read_toml, rows_of_toml, write_toml
from perfeval_xl.rules.context import Context
from perfeval_xl.text import one_line

#: So many remarks a refusal quotes; the command ``rules --book`` tells them all.
_QUOTED = 2


# -- loading --------------------------------------------------------------------------------------------------


def load_books(given: Sequence[str | Path | Book], limits: Limits = LIMITS) -> tuple[Book, ...]:
    """Rule books for a check, each read, hashed and understood once. RuleBookError for one that cannot be used, and for a
    number that two of them use."""
    books = tuple(
        one if isinstance(one, Book) else _usable(read_rule_book(Path(one), limits), Path(one))
        for one in given
    )
    owners: dict[str, Book] = {}
    for book in books:
        for rule in book.rules:
            other = owners.setdefault(rule.code, book)
            if other is not book:
                raise RuleBookError(f"编号 {rule.code} 在“{other.title}”和“{book.title}”里都有，请改掉一个")
    return books


def _usable(book: Book, path: Path) -> Book:
    wrong = [remark for remark in book.remarks if remark.serious]
    if wrong:
        more = f"等 {len(wrong)} 处" if len(wrong) > _QUOTED else ""
        said = "；".join(map(str, wrong[:_QUOTED]))
        raise RuleBookError(f"{path}：{said}{more}。用 perfeval-xl rules --book {path.name} 逐条查看")
    if not book.rules:
        raise RuleBookError(f"{path}：里面没有规则")
    return book


def read_rule_book(path: Path, limits: Limits = LIMITS) -> Book:
    """A rule book from a workbook or a TOML file, with all that is to be told its author. RuleBookError where the file
    cannot be read, or holds no book."""
    identity = path.stem
    if path.suffix.lower() == ".toml":
        text, sha256 = _toml_of(path)
        return read_toml(text, identity, sha256)
    grid, sha256 = _sheet(path, limits)
    return read_sheet(grid, identity, sha256)


def _toml_of(path: Path) -> tuple[str, str]:
    try:
        return settings_text(path)
    except Unsettled as error:
        raise RuleBookError(f"{path}：{error}") from None


def _sheet(path: Path, limits: Limits) -> tuple[Grid, str]:
    source = open_source(path, limits)
    grid = sheet_of(read_source(source, None, limits).grids)
    if grid is None:
        raise RuleBookError(
            f"{path}：没有“审核公式”这张表，不是审核规则；新建一本用 perfeval-xl rules --new 审核规则.xlsx"
        )
    return grid, source.sha256


@dataclass(frozen=True, slots=True)
class Inside:
    """The rules that a checked workbook holds itself, and what is to be said of them."""

    books: tuple[Book, ...]
    notes: tuple[str, ...]


def book_of(source: Source, workbook: Workbook) -> Book | None:
    """A workbook that was handed in beside a submission as the rule book it is: with the sheet 审核公式 and no form. None for any
    other; RuleBookError for a book that cannot be used."""
    grid = sheet_of(workbook.grids)
    if grid is None or read_forms(workbook):
        return None
    path = Path(source.file_name)
    return _usable(read_sheet(grid, path.stem, source.sha256), path)


def book_inside(book: Workbook, others: Sequence[Book]) -> Inside:
    """The sheet 审核公式 of a checked workbook as a book. A rule whose number another book has gives way to it; a sheet that
    cannot be understood is said and left out."""
    grid = next((one for one in book.grids if one.sheet == RULES_SHEET and one.cells), None)
    if grid is None:
        return Inside((), ())
    held = read_sheet(grid, RULES_SHEET, _hash_of(grid))
    wrong = [remark for remark in held.remarks if remark.serious]
    if wrong:
        return Inside((), (f"{wrong[0]}（这张表里的规则都没有用）",))
    taken = {rule.code for other in others for rule in other.rules}
    rules = tuple(rule for rule in held.rules if rule.code not in taken)
    notes = () if len(rules) == len(held.rules) else ("编号与审核规则相同的，按审核规则的",)
    return Inside((replace(held, title="工作簿里的审核公式", rules=rules),) if rules else (), notes)


def _hash_of(grid: Grid) -> str:
    """Of what the sheet says, since it is no file of its own."""
    cells = (f"{cell.row}\x1f{cell.column}\x1f{cell.text}" for _, row in grid.rows() for cell in row)
    return hashlib.sha256("\x1e".join(cells).encode("utf-8", "replace")).hexdigest()


# -- exchanging -----------------------------------------------------------------------------------------------


def texts_of(path: Path, limits: Limits = LIMITS) -> tuple[str, list[Mapping[str, str]]]:
    """The title of a book and its rows as they are written, whatever is wrong with them."""
    if path.suffix.lower() == ".toml":
        return rows_of_toml(_toml_of(path)[0], path.stem)
    return rows_of_sheet(_sheet(path, limits)[0], path.stem)


def as_toml(path: Path, limits: Limits = LIMITS) -> bytes:
    """A book as TOML."""
    title, rows = texts_of(path, limits)
    return write_toml(path.stem, title, rows).encode()


def new_book() -> bytes:
    """A workbook to write rules in: examples, lists to choose from, all names, a page for changes."""
    return _workbook(TITLE, examples())


def as_workbook(path: Path, limits: Limits = LIMITS) -> bytes:
    """A book as such a workbook."""
    title, rows = texts_of(path, limits)
    return _workbook(title, rows)


_WIDTHS: Mapping[str, float] = {"名称": 22, "范围": 18, "条件": 30, "公式": 52, "提示": 36, "怎么改": 28, "依据": 22, "应过样例": 34, "应错样例": 34}  # fmt: skip


def _workbook(title: str, rows: Sequence[Mapping[str, str]]) -> bytes:
    from perfeval_xl.hosts.rulebook import Column, Page, workbook_of

    columns = [Column(name, _WIDTHS.get(name, 9), PROMPTS[name], CHOICES.get(name, ())) for name in COLUMNS]
    names = Page("名称表", NAME_COLUMNS, (22, 48, 10, 70), list(name_lines()))
    changes = Page("变更记录", ("日期", "编号", "改了什么", "为什么改", "谁改的"), (14, 12, 48, 48, 14), [])
    return workbook_of(RULES_SHEET, title, HINT, columns, rows, (names, changes))


# -- trying ---------------------------------------------------------------------------------------------------


def try_samples(book: Book) -> tuple[list[Remark], int]:
    """What the examples of a book say that its author did not mean, and how many there are."""
    return list(tried(book, load_policy(DEFAULT_POLICY))), count(book)


# -- names ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    """A cell by the name a rule calls it, with what stands in it."""

    name: str
    value: str
    place: str


def names_of(path: Path, limits: Limits = LIMITS) -> Iterator[Name]:
    """Every cell of a workbook that a rule may speak of."""
    for form in read_forms(read_source(open_source(path, limits), None, limits)):
        yield from names_of_form(form)


def names_of_form(form: Form) -> Iterator[Name]:
    """The cells of a form by their names; one whose labels another has too is told with both."""
    table = cells_of_form(form)
    caption = "自评报告" if form.kind == "narrative" else form.caption
    for entry in table.entries:
        if entry.field is None:
            continue
        labels = next((one for one in (entry.short, entry.name) if len(table.find(one)) == 1), entry.name)
        several = "（有同名的，认不出是哪一格）" if len(table.find(labels)) > 1 else ""
        shown = one_line(entry.field.text) or "（空）"
        yield Name(f"{caption}[{', '.join(labels)}]{several}", shown, str(entry.field.place))


# -- last year's files ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule did to the files of a folder: on how many of its places it applied, on which files it spoke and how often,
    and the reasons for which it was skipped."""

    rule: BookRule
    applied: int
    spoke: Mapping[str, int]
    lacking: Mapping[str, int]

    @property
    def line(self) -> str:
        """In one line: how often, on whom."""
        rule = self.rule
        head = f"{rule.code}  {SEVERITY_WORD[rule.severity]}  {rule.title}："
        if not rule.enabled:
            return f"{head}停用"
        if not self.applied:
            why = next(iter(self.lacking), "条件从来没有成立")
            return f"{head}从来没有用上（{why}）"
        if not self.spoke:
            return f"{head}用了 {self.applied} 次，没有报过"
        whom = "、".join(f"{name} {count} 次" for name, count in list(self.spoke.items())[:8])
        more = f"等 {len(self.spoke)} 个文件" if len(self.spoke) > 8 else ""
        return f"{head}用了 {self.applied} 次，报了 {sum(self.spoke.values())} 次：{whom}{more}"


@dataclass(frozen=True, slots=True)
class DryRun:
    """A book held against the files of a folder; ``unread`` are those that could not be read, each with its reason."""

    files: int
    tried: tuple[Tried, ...]
    unread: tuple[str, ...]


def dry_run(book: Book, folder: Path, limits: Limits = LIMITS) -> DryRun:
    """What each rule of a book says of every workbook and Word file in a folder, without the built-in rules."""
    applied = {rule.code: 0 for rule in book.rules}
    spoke: dict[str, dict[str, int]] = {rule.code: {} for rule in book.rules}
    lacking: dict[str, dict[str, int]] = {rule.code: {} for rule in book.rules}
    unread: list[str] = []
    files = sorted(path for path in folder.iterdir() if _is_submission(path))
    for path in files:
        try:
            context = _context(path, limits)
        except PerfevalError as error:
            unread.append(str(error))
            continue
        for rule, verdict in verdicts_in(book.rules, context):
            applied[rule.code] += verdict.state == "applied"
            if verdict.state == "applied" and not verdict.holds:
                spoke[rule.code][path.name] = spoke[rule.code].get(path.name, 0) + 1
            if verdict.state == "lacking":
                lacking[rule.code][verdict.reason] = lacking[rule.code].get(verdict.reason, 0) + 1
    tried = (Tried(rule, applied[rule.code], spoke[rule.code], lacking[rule.code]) for rule in book.rules)
    return DryRun(len(files), tuple(tried), tuple(unread))


_SUFFIXES = frozenset((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et", ".docx", ".doc"))


def _is_submission(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES and not path.name.startswith(("~$", ".")) and path.is_file()


def _context(path: Path, limits: Limits) -> Context:
    workbook = read_source(open_source(path, limits), None, limits)
    return Context(read_forms(workbook), load_policy(DEFAULT_POLICY), workbook.grids)


def verdicts_in(rules: Iterable[BookRule], context: Context) -> Iterator[tuple[BookRule, Verdict]]:
    """What rules say of a workbook, place after place; those that are switched off say nothing."""
    scene = WorkbookScene.of(context)
    for rule in rules:
        if not rule.enabled:
            continue
        kind = rule.scope.kind
        forms: list[Form | None] = [None]
        if kind is not None:
            forms = [form for form in context.forms if form.kind == kind and not context.is_empty(form)]
        for form in forms:
            for verdict in verdicts_of(rule, scene, form):
                yield rule, verdict
