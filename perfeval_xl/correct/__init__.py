"""What recomputing changes in a workbook, and why; pure: it reads a book and a check, and writes nothing."""

from perfeval_xl.errors import CorrectError

from .planning import Change, Plan, plan

__all__ = ["Change", "CorrectError", "Plan", "plan"]
