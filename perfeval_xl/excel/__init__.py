"""What the workbook's buttons and functions call."""

from __future__ import annotations


def run(action: str) -> None:
    """Carry out an action by its id in the workbook that called, or in the active one.

    Never raises: whatever happens is told in a message box and written to the log.
    """
    from .running import run_action

    run_action(action)
