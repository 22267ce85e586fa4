"""The flow in one direction: host → Grid → Forms → Rules → Findings → Report."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from pathlib import Path

from perfeval_xl.findings import Finding, Report
from perfeval_xl.forms import read_forms
from perfeval_xl.forms.named import filled
from perfeval_xl.forms.records import Forms, Unread
from perfeval_xl.grid import Book
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.policy import Policy, bundled, load_policy
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.engine import run
from perfeval_xl.version import __version__

from . import accepted

DEFAULT_POLICY = "national-2020"


def check(
    path: str | Path,
    *,
    policy: str | Policy | None = None,
    host: str | None = None,
    limits: Limits = LIMITS,
    recalculate: bool = False,
    previous: str | Path | None = None,
    reasons: Mapping[str, str] | None = None,
    own_reasons: bool = True,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> Report:
    """Check one workbook.

    ``policy`` is a bundled id, a TOML file or a loaded policy; without it the one the workbook names holds, else
    national-2020. ``reasons`` are accepted findings by fingerprint; with ``own_reasons`` also those written in
    the workbook's 校验结果. ``limits`` bound what a file may ask of the machine; ``recalculate`` takes the values of
    formulas from LibreOffice. ``previous`` is last year's file, to compare with. ``select`` and ``ignore`` are rule codes or patterns. Raises
    ``perfeval_xl.hosts.reading.loading.Unreadable`` for a file that cannot be read, ``PolicyError`` for a bad policy.
    """
    book = read_book(Path(path), host, limits, recalculate)
    return check_book(
        book,
        previous=None if previous is None else read_book(Path(previous), None, limits),
        policy=policy,
        reasons=reasons,
        own_reasons=own_reasons,
        select=select,
        ignore=ignore,
        name=str(path),
    )


def check_book(
    book: Book,
    *,
    previous: Book | None = None,
    policy: str | Policy | None = None,
    reasons: Mapping[str, str] | None = None,
    own_reasons: bool = True,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    name: str | None = None,
) -> Report:
    """Check a workbook that a host has read."""
    # A {{名称}} in a text is checked as what it will say once it is published.
    said = filled(book, read_forms(book))
    book, forms = said.book, said.forms
    named = forms.policy if forms.policy in bundled() else None  # a checked file never names a path to open
    chosen = policy if isinstance(policy, Policy) else load_policy(policy or named or DEFAULT_POLICY)
    before = None if previous is None else Context(read_forms(previous), chosen, previous.grids)
    context = Context(forms, chosen, book.grids, before)
    outcome = run(context)
    findings = _chosen(outcome.findings, tuple(select), tuple(ignore))
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
        skipped=tuple(
            skip for skip in outcome.skipped if _is_chosen(skip.rule, tuple(select), tuple(ignore))
        ),
        unread=(*forms.unread, *(Unread("", note) for note in book.notes)),
        checked=outcome.checked,
        forms=forms,
        grids=book.grids,
    )


def _is_chosen(code: str, select: tuple[str, ...], ignore: tuple[str, ...]) -> bool:
    selected = not select or any(fnmatch.fnmatchcase(code, pattern) for pattern in select)
    return selected and not any(fnmatch.fnmatchcase(code, pattern) for pattern in ignore)


def _chosen(
    findings: Iterable[Finding], select: tuple[str, ...], ignore: tuple[str, ...]
) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if _is_chosen(finding.rule, select, ignore))


def _unit(forms: Forms) -> str | None:
    return next(
        (form.unit_name.text for form in forms if form.unit_name is not None and form.unit_name.filled), None
    )
