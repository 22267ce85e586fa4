"""The flow in one direction: host → Grid → Forms → Rules → Findings → Report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict, Unpack

from perfeval_xl.findings import Report
from perfeval_xl.forms import read_forms
from perfeval_xl.forms.named import filled
from perfeval_xl.forms.records import Forms, Unread
from perfeval_xl.grid import Book
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.reading.loading import Source, open_source, read_book, read_source
from perfeval_xl.policy import Policy, bundled, load_policy
from perfeval_xl.rules import choosing
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.engine import run
from perfeval_xl.rules.registry import RULES
from perfeval_xl.version import __version__

from . import accepted

DEFAULT_POLICY = "national-2020"


def check(
    path: str | Path | Source,
    *,
    policy: str | Policy | None = None,
    host: str | None = None,
    limits: Limits = LIMITS,
    recalculate: bool = False,
    previous: str | Path | None = None,
    reasons: Mapping[str, str] | None = None,
    own_reasons: bool = True,
    select: choosing.Words = (),
    ignore: choosing.Words = (),
) -> Report:
    """Check one workbook: a path, or a file that ``open_source`` opened, of which more is to be made than the check.

    ``policy`` is a bundled id, a TOML file or a loaded policy; without it the one the workbook names holds, else
    national-2020. ``reasons`` are accepted findings by fingerprint; with ``own_reasons`` also those written in
    the workbook's 校验结果. ``limits`` bound what a file may ask of the machine; ``recalculate`` takes the values of
    formulas from LibreOffice. ``previous`` is last year's file, to compare with. ``select`` and ``ignore`` are rules by
    code, name (rates.staff), family (totals) or pattern (rates.*), in a list or one text. Raises ``Unreadable`` for a file that
    cannot be read, ``PolicyError`` for a bad policy, ``ChoiceError`` for a word that fits no rule.
    """
    source = path if isinstance(path, Source) else open_source(path, limits)
    return check_book(
        read_source(source, host, limits, recalculate),
        previous=None if previous is None else read_book(Path(previous), None, limits),
        policy=policy,
        reasons=reasons,
        own_reasons=own_reasons,
        select=select,
        ignore=ignore,
        name=source.name,
    )


class Choices(TypedDict, total=False):
    """How a workbook that was read is checked, as ``check`` says; ``name`` is what the report calls it."""

    previous: Book | None
    policy: str | Policy | None
    reasons: Mapping[str, str] | None
    own_reasons: bool
    select: choosing.Words
    ignore: choosing.Words
    name: str | None


def check_book(book: Book, **choices: Unpack[Choices]) -> Report:
    """Check a workbook that a host has read."""
    return check_read(book, read_forms(book), **choices)


def check_read(
    book: Book,
    forms: Forms,
    *,
    previous: Book | None = None,
    policy: str | Policy | None = None,
    reasons: Mapping[str, str] | None = None,
    own_reasons: bool = True,
    select: choosing.Words = (),
    ignore: choosing.Words = (),
    name: str | None = None,
) -> Report:
    """Check a workbook whose ``forms`` were read."""
    kept = choosing.chosen(select, ignore, RULES.values())
    # A {{名称}} in a text is checked as what it will say once it is published.
    said = filled(book, forms)
    book, forms = said.book, said.forms
    named = forms.policy if forms.policy in bundled() else None  # a checked file never names a path to open
    chosen = policy if isinstance(policy, Policy) else load_policy(policy or named or DEFAULT_POLICY)
    before = None if previous is None else Context(read_forms(previous), chosen, previous.grids)
    context = Context(forms, chosen, book.grids, before)
    outcome = run(context)
    findings = tuple(finding for finding in outcome.findings if finding.rule in kept)
    given = dict(accepted.in_workbook(book)) if own_reasons else {}
    given.update(reasons or {})
    return Report(
        workbook=name or book.name,
        version=__version__,
        policy_id=chosen.id,
        policy_title=chosen.title,
        unit=_unit(forms),
        year=context.year,
        summaries=tuple(form.summary for form in forms),
        findings=accepted.accept(findings, given),
        skipped=tuple(skip for skip in outcome.skipped if skip.rule in kept),
        unread=(*forms.unread, *(Unread("", note) for note in book.notes)),
        checked=outcome.checked,
        forms=forms,
        grids=book.grids,
    )


def _unit(forms: Forms) -> str | None:
    return next(
        (form.unit_name.text for form in forms if form.unit_name is not None and form.unit_name.filled), None
    )
