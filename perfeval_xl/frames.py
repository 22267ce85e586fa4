"""Rows as a pandas DataFrame. pandas is imported here only (the ``pandas`` extra)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas


def frame(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> pandas.DataFrame:
    """Rows under columns; ImportError that says what to install where pandas is missing."""
    try:
        import pandas
    except ImportError:
        raise ImportError('pandas is not installed: pip install "perfeval-xl[pandas]"') from None
    return pandas.DataFrame(list(rows), columns=list(columns))
