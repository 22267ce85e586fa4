"""What recomputing changes in a workbook, and why; pure: it reads a book and a check, and writes nothing."""

from perfeval_xl.errors import CorrectError

from .entering import Entered, as_typed, entered
from .planning import Change, Plan, changed, followed, net, plan, take

__all__ = [
    "Change",
    "CorrectError",
    "Entered",
    "Plan",
    "as_typed",
    "changed",
    "entered",
    "followed",
    "net",
    "plan",
    "take",
]
