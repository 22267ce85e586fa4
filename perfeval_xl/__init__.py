"""perfeval-xl: checks and recomputes 部门整体支出绩效自评 workbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .errors import (
        AcceptError,
        ChoiceError,
        CorrectError,
        OutputError,
        PerfevalError,
        PolicyError,
        Unreadable,
    )
    from .findings import Report, to_dict, to_json
    from .runs.checking import check
    from .runs.comparing import compare
    from .runs.correcting import recalc, undo
    from .targets import judge

__all__ = [
    "AcceptError",
    "ChoiceError",
    "CorrectError",
    "OutputError",
    "PerfevalError",
    "PolicyError",
    "Report",
    "Unreadable",
    "__version__",
    "check",
    "compare",
    "judge",
    "recalc",
    "to_dict",
    "to_json",
    "undo",
]

_WHERE = {
    "AcceptError": "errors",
    "ChoiceError": "errors",
    "CorrectError": "errors",
    "OutputError": "errors",
    "PerfevalError": "errors",
    "PolicyError": "errors",
    "Report": "findings",
    "Unreadable": "errors",
    "check": "runs.checking",
    "compare": "runs.comparing",
    "judge": "targets",
    "recalc": "runs.correcting",
    "to_dict": "findings",
    "to_json": "findings",
    "undo": "runs.correcting",
}


def __getattr__(name: str) -> Any:
    """The library's names, imported when first used so that the command line starts at once."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_WHERE[name]}", __name__), name)
