"""What recomputing changes in a workbook, and why; pure: it reads a book and a check, and writes nothing."""

from perfeval_xl.errors import CorrectError

from .entering import Entered, entered
from .planning import Change, Plan, changed, followed, net, plan, take

__all__ = [
    "Change",
    "CorrectError",
    "Entered",
    "Plan",
    "changed",
    "entered",
    "followed",
    "net",
    "plan",
    "take",
]
