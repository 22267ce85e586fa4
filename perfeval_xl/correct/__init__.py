"""What recomputing changes in a workbook, and why; pure: it reads a book and a check, and writes nothing."""

from .planning import Change, CorrectError, Plan, plan

__all__ = ["Change", "CorrectError", "Plan", "plan"]
