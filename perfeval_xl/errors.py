"""Every error a user is told of, in one line; all derive from ``PerfevalError``."""

from __future__ import annotations


class PerfevalError(Exception):
    """What was asked for cannot be done; the message is one Chinese line: what, which file, what to do."""


class Exhausted(BaseException):
    """The processor time of a run is used up; the message is one Chinese line. No ``Exception``: who goes on after
    any other error does not go on after this one."""


class PackageError(PerfevalError):
    """The file is no package we can edit safely; the message is one line for the user."""


class TemplateError(PerfevalError):
    """The workbook is not the template, or the template is not installed; one line for the user."""


class Unreadable(PerfevalError):
    """A file that cannot be read: one Chinese line saying which file, what is wrong and what to do."""

    def __init__(self, name: str, problem: str, advice: str) -> None:
        super().__init__(f"{_one_line(name)}：{problem}。{advice}。")


def _one_line(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name)


class LiveError(PerfevalError):
    """What was asked for cannot be done in the open workbook; one Chinese line says why and what to do."""


class Cancelled(LiveError):
    """The clerk pressed 取消 in a dialog."""

    def __init__(self) -> None:
        super().__init__("已取消，工作簿没有改动")


class NoMarks(PerfevalError):
    """There are no marks of ours; one line for the user."""


class PageError(PerfevalError):
    """What cannot stand on a page of Word; one Chinese line says what."""


class PolicyError(PerfevalError, ValueError):
    """A policy cannot be used; one Chinese line names the file, the line and what is wrong."""


class RuleBookError(PerfevalError, ValueError):
    """A rule book cannot be used; one Chinese line names the file, the row, what is wrong and what would be right."""


class ChoiceError(PerfevalError, ValueError):
    """A word that was to choose rules fits none; one Chinese line names it and what it is like."""


class AcceptError(PerfevalError, ValueError):
    """The file of accepted findings cannot be used; one Chinese line says why."""


class CorrectError(PerfevalError):
    """The correction asked for cannot be made; the message is one line for the user."""


class CsvError(PerfevalError, ValueError):
    """The table cannot be judged; one Chinese line says why."""


class ExportError(PerfevalError):
    """The workbook cannot be published as it is; one Chinese line says why and what to do."""


class ImportFailure(PerfevalError):
    """Nothing was imported; one line says why."""


class CarryError(PerfevalError):
    """Nothing was carried over; one line says why and what to do."""


class YearUnknown(CarryError):
    """The file does not say its year, and none was given."""


class OutputError(PerfevalError):
    """A result could not be written; the message is one line for the user."""


class Occupied(OutputError):
    """What stands where a result goes would be lost; another name will do."""


class StoreError(PerfevalError):
    """The database of results cannot be used; one Chinese line says which, why and what to do."""


class BatchError(PerfevalError):
    """A batch cannot be run as it was asked for; one Chinese line says why and what to do."""
