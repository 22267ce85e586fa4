"""Findings and forms as pandas DataFrames. pandas is imported here only (the ``pandas`` extra)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .findings import Report
from .forms.records import BasicForm, Field, Forms, FundTable, IndicatorForm

if TYPE_CHECKING:
    import pandas

FINDING_COLUMNS = (
    "rule", "family", "severity", "sheet", "cell", "title", "message", "expected", "actual", "explain", "basis",
    "suggestion", "related", "fingerprint", "accepted",
)  # fmt: skip


def _frame(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> pandas.DataFrame:
    try:
        import pandas
    except ImportError:
        raise ImportError("pandas is not installed: pip install 'perfeval-xl[pandas]'") from None
    return pandas.DataFrame(list(rows), columns=list(columns))


def findings_frame(report: Report) -> pandas.DataFrame:
    """One row a finding; ``related`` is a text of cells."""
    return _frame(
        (
            {
                **{name: getattr(finding, name) for name in FINDING_COLUMNS if hasattr(finding, name)},
                "sheet": finding.place.sheet if finding.place is not None else None,
                "cell": finding.place.cell if finding.place is not None else None,
                "related": ", ".join(str(place) for place in finding.related),
            }
            for finding in report.findings
        ),
        FINDING_COLUMNS,
    )


def forms_frames(forms: Forms) -> dict[str, pandas.DataFrame]:
    """``lines`` (附件1), ``funds`` (fund rows of 附件2 and 3), ``indicators``, ``tables`` (附件4–6).

    Figures are ``Decimal`` as written, in their form's money unit; blank and unknown cells are None.
    """
    return {
        "lines": _frame(_lines(forms.basic), ("form", "role", "line", "last_final", "budget", "final")),
        "funds": _frame(_funds((*forms.overall, *forms.projects)), _FUND_COLUMNS),
        "indicators": _frame(_indicators((*forms.overall, *forms.projects)), _INDICATOR_COLUMNS),
        "tables": _frame(_tables(forms.funds), ("form", "row", "column", "value")),
    }


_FUND_COLUMNS = ("form", "project", "row", "initial", "budget", "executed", "weight", "rate", "score")
_INDICATOR_COLUMNS = (
    "form", "project", "level1", "level2", "name", "target", "actual", "weight", "score", "reason", "cell",
)  # fmt: skip


def _number(field: Field | None) -> Any:
    return None if field is None else field.number


def _lines(forms: Iterable[BasicForm]) -> Iterable[Mapping[str, Any]]:
    for form in forms:
        for line in form.lines:
            figures = {column: _number(cell) for column, cell in line.cells.items()}
            yield {"form": form.caption, "role": line.role, "line": line.name, **figures}


def _funds(forms: Iterable[IndicatorForm]) -> Iterable[Mapping[str, Any]]:
    for form in forms:
        for row in form.funds.rows if form.funds is not None else ():
            figures = {column: _number(cell) for column, cell in row.cells.items()}
            yield {"form": form.caption, "project": form.name, "row": row.label.text, **figures}


def _indicators(forms: Iterable[IndicatorForm]) -> Iterable[Mapping[str, Any]]:
    for form in forms:
        for item in form.indicators:
            yield {
                "form": form.caption, "project": form.name, "level1": item.level1, "level2": item.level2,
                "name": item.name.text, "target": item.target_text, "actual": item.actual_text,
                "weight": _number(item.weight), "score": _number(item.score),
                "reason": item.reason.text if item.reason is not None else None, "cell": item.name.place.cell,
            }  # fmt: skip


def _tables(forms: Iterable[FundTable]) -> Iterable[Mapping[str, Any]]:
    for form in forms:
        for row in form.rows:
            for role, cell in row.cells.items():
                yield {
                    "form": form.caption,
                    "row": row.label.text,
                    "column": form.columns[role],
                    "value": cell.number,
                }
