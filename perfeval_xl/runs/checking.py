"""The flow in one direction: host → Grid → Forms → Rules → Findings → Report."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypedDict, Unpack

from perfeval_xl.bounds import BOUNDS, Bounds
from perfeval_xl.coverage import ONLY_CHOSEN, Expected, cover, explained
from perfeval_xl.errors import Unreadable
from perfeval_xl.findings import Finding, Report, Skipped
from perfeval_xl.forms import particulars, read_forms
from perfeval_xl.forms.named import filled
from perfeval_xl.forms.records import FORM_WORD, Form, Forms, Kind, Unread
from perfeval_xl.grid import Book
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.reading.loading import Source, judged, open_source, read_book, read_source
from perfeval_xl.own_sheets import RULES_SHEET
from perfeval_xl.policy import DEFAULT_POLICY, Policy, bundled, load_policy
from perfeval_xl.records import replace
from perfeval_xl.rules import choosing
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.engine import run
from perfeval_xl.rules.families import resting
from perfeval_xl.rules.families.narrative.facts import stated_funds
from perfeval_xl.rules.registry import RULES, Rule
from perfeval_xl.text import clean
from perfeval_xl.version import __version__

from . import accepted
from .accepted import NOTHING, Remarks
from .submission import in_files, together

if TYPE_CHECKING:
    from perfeval_xl.rules.book.records import Book as RuleBook

#: A file to check: a path, its bytes, a binary file that is open, or what ``open_source`` opened.
Given = str | Path | bytes | BinaryIO | Source


def check(
    given: Given | Sequence[Given],
    *,
    name: str | None = None,
    policy: str | Policy | None = None,
    host: str | None = None,
    limits: Limits = LIMITS,
    recalculate: bool = False,
    previous: str | Path | None = None,
    reasons: Mapping[str, str] | None = None,
    carried: Remarks = NOTHING,
    own_reasons: bool = True,
    select: choosing.Words = (),
    ignore: choosing.Words = (),
    partial: bool = False,
    rules: Sequence[str | Path | RuleBook] = (),
) -> Report:
    """Check one submission: a path, the bytes of a file or a binary file (``name`` is what it is called), a file that
    ``open_source`` opened; or a list of these, which are checked together as one (tables in Excel, the report in Word).

    ``policy`` is a bundled id, a TOML file or a loaded policy; without it the one the workbook names holds, else
    national-2020. ``reasons`` are accepted findings by fingerprint; with ``own_reasons`` also those written in
    the workbook's 校验结果; ``carried`` is what was written into a marked copy that is to be replaced. ``limits`` bound what a file may ask of the machine; ``recalculate`` takes the values of
    formulas from LibreOffice. ``previous`` is last year's file, to compare with. ``select`` and ``ignore`` are rules by
    code, name (rates.staff), family (totals) or pattern (rates.*), in a list or one text; a run that leaves rules out is never a pass.
    With ``partial`` only the forms that are there are due. ``rules`` are a bureau's own rule books: paths, or books that
    ``load_books`` read. Raises ``Unreadable`` for a file that
    cannot be read, ``PolicyError`` for a bad policy, ``ChoiceError`` for a word that fits no rule,
    ``RuleBookError`` for a book that cannot be used.
    """
    own: tuple[RuleBook, ...] = ()
    if rules:
        from .rulebook import load_books

        own = load_books(rules)
    several = isinstance(given, Sequence) and not isinstance(given, str | bytes)
    sources = [_opened(one, limits, None) for one in given] if several else [_opened(given, limits, name)]  # type: ignore[arg-type, union-attr]
    books = [
        (source.file_name, read_source(source, host, limits, recalculate, whole=True)) for source in sources
    ]
    if several and own_reasons:
        carried = functools.reduce(Remarks.__or__, (accepted.in_workbook(book) for _, book in books), carried)
    submission = together(books) if several else None
    report = check_book(
        books[0][1] if submission is None else submission.book,
        previous=None if previous is None else read_book(Path(previous), None, limits),
        policy=policy,
        reasons=reasons,
        carried=carried,
        own_reasons=own_reasons,
        select=select,
        ignore=ignore,
        partial=partial,
        rules=own,
        name=name or "、".join(source.name for source in sources),
        bounds=limits,
    )
    return report if submission is None else in_files(report, submission)


def _opened(given: Given, limits: Limits, name: str | None) -> Source:
    if isinstance(given, Source):
        return given
    if isinstance(given, str | Path):
        return open_source(given, limits)
    data = given if isinstance(given, bytes) else given.read(limits.file_bytes + 1)
    called = name or str(getattr(given, "name", "") or "文件")
    if len(data) > limits.file_bytes:
        raise Unreadable(called, "文件太大", "请删去无关的工作表、图片，另存后再检查")
    return judged(called, data, limits)


class Choices(TypedDict, total=False):
    """How a workbook that was read is checked, as ``check`` says; ``name`` is what the report calls it."""

    previous: Book | None
    policy: str | Policy | None
    reasons: Mapping[str, str] | None
    carried: Remarks
    own_reasons: bool
    select: choosing.Words
    ignore: choosing.Words
    partial: bool
    rules: tuple[RuleBook, ...]
    name: str | None


def check_book(book: Book, *, bounds: Bounds = BOUNDS, **choices: Unpack[Choices]) -> Report:
    """Check a workbook that a host has read; ``bounds`` say how large its forms may be."""
    return check_read(book, read_forms(book, bounds), **choices)


def check_read(
    book: Book,
    forms: Forms,
    *,
    previous: Book | None = None,
    policy: str | Policy | None = None,
    reasons: Mapping[str, str] | None = None,
    carried: Remarks = NOTHING,
    own_reasons: bool = True,
    select: choosing.Words = (),
    ignore: choosing.Words = (),
    partial: bool = False,
    rules: tuple[RuleBook, ...] = (),
    name: str | None = None,
) -> Report:
    """Check a workbook whose ``forms`` were read; ``rules`` are the bureau's own books beside the one it may hold itself."""
    own, books, remarks = _own_rules(book, rules)
    everything = {rule.code: rule for rule in own} | RULES
    kept = choosing.chosen(select, ignore, everything.values())
    # A {{名称}} in a text is checked as what it will say once it is published.
    read = book.grids
    said = filled(book, forms)
    book, forms = said.book, said.forms
    named = forms.policy if forms.policy in bundled() else None  # a checked file never names a path to open
    chosen = policy if isinstance(policy, Policy) else load_policy(policy or named or DEFAULT_POLICY)
    before = None if previous is None else Context(read_forms(previous, forms.bounds), chosen, previous.grids)
    context = Context(forms, chosen, book.grids, before, own)
    outcome = run(context)
    written = carried | (accepted.in_workbook(book) if own_reasons else NOTHING)
    settled = accepted.accept(outcome.findings, {**written.reasons, **(reasons or {})})
    answering = {key for finding in settled for key in (finding.fingerprint, finding.former)}
    found = tuple(finding for finding in settled if finding.rule in kept)
    told = _first(found, forms.bounds.findings)
    forms = replace(forms, unread=(*forms.unread, *_more_findings(len(found), len(told))))
    covered = cover(forms, context.is_empty, _expected(context, settled, partial))
    skipped = [skip for skip in outcome.skipped if skip.rule in kept]
    covered, unchecked = explained(covered, (*skipped, *_left_out(everything, kept, chosen)))
    return Report(
        workbook=name or book.name,
        version=__version__,
        policy_id=chosen.id,
        policy_title=chosen.title,
        unit=_unit(forms),
        year=context.year,
        summaries=tuple(form.summary for form in forms),
        papers=forms.papers,
        findings=told,
        skipped=unchecked,
        unread=(
            *forms.unread,
            *(Unread("", note) for note in (*book.notes, *_of_template(context, book))),
            *(Unread("", note) for note in _of_policy(context, said_by_user=policy is not None)),
            *(Unread(RULES_SHEET, note) for note in remarks),
        ),
        checked=outcome.checked,
        forms=forms,
        grids=book.grids,
        read=read,
        lapsed=tuple((key, reason) for key, reason in written.reasons.items() if key not in answering),
        done=written.done & answering,
        coverage=covered,
        rules=tuple(one.stamp for one in books),
        reason=_reason(forms, book) or (None if len(kept) == len(everything) else ONLY_CHOSEN),
    )


def _own_rules(
    book: Book, given: tuple[RuleBook, ...]
) -> tuple[tuple[Rule, ...], tuple[RuleBook, ...], tuple[str, ...]]:
    """A bureau's own rules, by the books that were given and the one that the workbook may hold; these books, and what is to
    be said of the latter. What understands them is loaded only where there are some."""
    if not given and all(grid.sheet != RULES_SHEET for grid in book.grids):
        return (), (), ()
    from perfeval_xl.rules.book.compiling import rules_of

    from .rulebook import book_inside

    inside = book_inside(book, given)
    own = (*rules_of(given), *rules_of(inside.books, most="warning"))
    return own, (*given, *inside.books), inside.notes


def _first(findings: tuple[Finding, ...], most: int) -> tuple[Finding, ...]:
    """So many of the findings, the first in working order, left where they are."""
    last = sorted(finding.order for finding in findings)[:most][-1:]
    return tuple(finding for finding in findings if finding.order <= last[0]) if last else ()


def _more_findings(found: int, told: int) -> Iterator[Unread]:
    """That not all findings are told."""
    if found > told:
        reason = (
            f"共有 {found} 个问题，只列出前 {told} 个，先改这些再查；"
            f"要全部列出，放宽限制：--limit findings={found}"
        )
        yield Unread("", reason, hides=True, limit="findings")


def _of_template(context: Context, book: Book) -> Iterator[str]:
    """What is to be said of a workbook that was made from a template of an earlier version."""
    if context.from_template and not particulars(book).keys() & {"PE_FORMS"}:
        yield "这是旧版模板，照常检查；可以用 perfeval-xl new 新文件.xlsx --from 本文件 转到新模板"


def _of_policy(context: Context, *, said_by_user: bool) -> Iterator[str]:
    """What is to be said of the policy: that it is for other years, or, where nobody chose one, that there is one for the
    place that the forms name. None is taken of itself."""
    policy, year = context.policy, context.year
    if year is not None and not policy.valid.covers(year):
        until = policy.valid.until or "以后"
        yield f"政策“{policy.title}”适用于 {policy.valid.since}—{until} 年度，这份报送是 {year} 年度的，请确认口径"
    if said_by_user or context.forms.policy in bundled():
        return
    named = clean("".join(text for form in context.forms for text in _places(form)))
    for name in bundled():
        other = load_policy(name)
        fits = year is None or other.valid.covers(year)
        if other.valid.region and other.valid.region in named and fits and name != policy.id:
            yield f"表里写着{other.valid.region}：有适用的政策“{other.title}”，要用请加 --policy {name}"


def _places(form: Form) -> Iterator[str]:
    """Where a form may name its place: its title and its unit."""
    yield form.title.text
    if form.unit_name is not None:
        yield form.unit_name.text


def unreadable(name: str, reason: str, policy: str | Policy | None = None) -> Report:
    """The report of a file that could not be read."""
    chosen = policy if isinstance(policy, Policy) else load_policy(policy or DEFAULT_POLICY)
    return Report(
        workbook=name,
        version=__version__,
        policy_id=chosen.id,
        policy_title=chosen.title,
        unit=None,
        year=None,
        summaries=(),
        findings=(),
        skipped=(),
        unread=(),
        checked=0,
        forms=Forms(),
        reason=reason,
    )


def _reason(forms: Forms, book: Book) -> str | None:
    """Why nothing could be checked; None where there is a form."""
    if forms:
        return None
    missed = [f"{form.title.place.sheet}：{form.reason}" for form in forms.unreadable]
    missed += [f"{unread.sheet}：{unread.reason}" for unread in forms.unread]
    return f"没有找到绩效自评表（{'；'.join((missed or list(book.notes))[:3]) or '没有内容'}）"


def _left_out(rules: Iterable[str], kept: Collection[str], policy: Policy) -> Iterator[Skipped]:
    """Rules that were not run: left out of this check, or switched off by the policy."""
    for code in sorted(rules):
        if code not in kept:
            yield Skipped(code, "", ONLY_CHOSEN, "deselected")
        elif policy.severity.get(code) == "off":
            yield Skipped(code, "", "政策规定不查", "policy")


def _expected(context: Context, findings: Iterable[Finding], partial: bool) -> Expected:
    """What had to be there: by the workbook's own word, else by the policy."""
    named = {
        place
        for finding in findings
        if finding.rule == resting.NAMES_LINES and finding.open
        for place in (finding.place, *finding.related)
    }
    lines = context.matching.unmatched if context.matching is not None else ()
    return Expected(
        due=context.policy.due if context.forms.reported is None else context.forms.reported,
        partial=partial,
        lines=tuple(line for line in lines if line.label.place in named),
        stated=stated_funds(context),
        rules=_rules_by_form(),
        rests_on=resting.RESTS_ON,
        amounts=resting.AMOUNTS_OF,
        all_projects=resting.ALL_PROJECTS,
    )


@cache
def _rules_by_form() -> Mapping[Kind, tuple[str, ...]]:
    return {
        kind: tuple(code for code, rule in sorted(RULES.items()) if kind in rule.forms) for kind in FORM_WORD
    }


def _unit(forms: Forms) -> str | None:
    return next(
        (form.unit_name.text for form in forms if form.unit_name is not None and form.unit_name.filled), None
    )
