"""The guard run by an interpreter of VBA: what it says for each set-up, and what the functions then answer.

Here stand the cases that Calc cannot be brought into: a file in the cloud, settings that do not read, a Python that
answers and then dies. xlwings is played by a module of the same names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import macros
import pytest
from pyopenvba.interpreter import (
    EMPTY,
    NOTHING,
    HostBridge,
    Interpreter,
    VBAErrorValue,
    VBAObject,
    VBARuntimeError,
    member,
)

from perfeval_xl.own_sheets import TEXTS_SHEET

XLWINGS = """Attribute VB_Name = "xlwings"
Option Explicit
Public Const XLWINGS_VERSION As String = "0.37.8"
Public Interpreter As String, Server As String, Fails As Boolean, ServerRaises As Boolean, Connections As Long, Commands As String
Public Answers As Object

Public Function GetConfigFilePath() As String
    GetConfigFilePath = "here"
End Function

Public Function GetConfigFromFile(sFile As String, sName As String, Optional sValue As String) As Boolean
    If Fails Then Err.Raise 62
    If sName = "INTERPRETER_WIN" Then sValue = Interpreter
    If sName = "USE UDF SERVER" Then sValue = Server
    GetConfigFromFile = (sValue <> "")
End Function

Public Function ExpandEnvironmentStrings(ByVal s As String)
    ExpandEnvironmentStrings = s
End Function

Public Function FileExists(ByVal FileSpec As String) As Boolean
    FileExists = (InStr(FileSpec, "here") > 0)
End Function

Public Function ParentFolder(ByVal Folder As String) As String
    ParentFolder = Left(Folder, InStrRev(Folder, "\\") - 1)
End Function

Public Function ReadFile(ByVal FileName As String) As String
    ReadFile = "Traceback"
End Function

Public Function RunPython(PythonCommand As String)
    Commands = Commands & PE_UsesServer() & " " & PythonCommand
End Function

Public Function XLPy() As Object
    Connections = Connections + 1
    If ServerRaises Then Err.Raise 53
    Set XLPy = Answers
End Function

Public Sub SetUp(path As String, wanted As String, broken As Boolean, serverBroken As Boolean, answering As Object)
    Interpreter = path
    Server = wanted
    Fails = broken
    ServerRaises = serverBroken
    Set Answers = answering
End Sub

Public Function Asked() As Long
    Asked = Connections
End Function

Public Function Started() As String
    Started = Commands
    Commands = ""
End Function
"""
CALL = """Attribute VB_Name = "Caller"
Public Function Rate(num As Variant, den As Variant) As Variant
    Rate = PE_RATE(num, den)
End Function
"""
HERE = r"C:\here\python.exe"


class Entry(VBAObject):
    """A cell of a hidden sheet."""

    def __init__(self, value: str) -> None:
        super().__init__()
        self.value = value

    @member(name="Value")
    def content(self) -> str:
        return self.value


class Page(VBAObject):
    """The hidden sheet with what the macros say."""

    @member(name="Name")
    def title(self) -> str:
        return TEXTS_SHEET

    @member(name="Cells", kind="method")
    def cell(self, row: int, column: int) -> Entry:
        rows = list(macros.texts("template").items())
        return Entry(rows[row - 1][column - 1] if row <= len(rows) else "")


class Pages(VBAObject):
    def vba_iterate(self) -> Iterator[Page]:
        yield Page()


class Book(VBAObject):
    """A workbook that knows where it is."""

    def __init__(self, full_name: str) -> None:
        super().__init__()
        self.full_name = full_name

    @member(name="Sheets")
    def sheets(self) -> Pages:
        return Pages()

    @member(name="FullName")
    def path(self) -> str:
        return self.full_name


class Application(VBAObject):
    @member(name="Caller")
    def caller(self) -> str:
        return "caller"


class Python(VBAObject):
    """A Python that answers so many times and then is gone."""

    def __init__(self, answers: int = 100) -> None:
        super().__init__()
        self.answers = answers

    @member(name="CallUDF", kind="method")
    def call_udf(self, *_arguments: object) -> float:
        self.answers -= 1
        if self.answers < 0:
            raise VBARuntimeError(462, "the server is gone")
        return 0.25


class Excel(HostBridge):
    def __init__(self, full_name: str, active: bool) -> None:
        self.book, self.active, self.application = Book(full_name), active, Application()

    def global_object(self, name: str) -> object:
        known = {
            "thisworkbook": self.book,
            "activeworkbook": self.book if self.active else NOTHING,
            "application": self.application,
        }
        return known.get(name.lower(), super().global_object(name))

    def constant(self, name: str) -> object:
        return 2042 if name.lower() == "xlerrna" else super().constant(name)


class Session:
    """One session of Excel with the macros of the template."""

    def __init__(
        self, *, path: str = r"C:\文档\单位.xlsm", interpreter: str = HERE, server: str = "", broken: bool = False,
        server_broken: bool = False, active: bool = True, python: Python | None = None, office: str = "excel",
    ) -> None:  # fmt: skip
        self.vba = Interpreter(Excel(path, active))
        system = (macros.SOURCES / "twin" / "PE_System.bas").read_text(encoding="ascii")
        system = system.replace('Environ("PERFEVAL_TWIN_OFFICE")', f'"{office}"')
        for module in macros.modules("template"):
            if module.name not in ("xlwings", "PE_System"):
                # The interpreter knows no MacroOptions; Calc runs that line.
                self.vba.add_module(module.source.replace("    PE_Describe\r\n", ""))
        for source in (system, XLWINGS, CALL):
            self.vba.add_module(source.replace("\n", "\r\n"))
        self.vba.run("SetUp", [interpreter, server, broken, server_broken, python or Python()])

    def press(self) -> str:
        self.vba.run("PE_check_all")
        return str(self.vba.run("TwinShown")).split("\r\n")[0]

    def rate(self, values: Sequence[object] = (1, 4)) -> object:
        return self.vba.run("Rate", list(values))

    def asked(self) -> object:
        return self.vba.run("Asked")

    def started(self) -> str:
        return str(self.vba.run("Started"))


@pytest.mark.parametrize(
    ("setting", "key"),
    [
        ({"path": "https://unit-my.sharepoint.com/personal/x/Documents/单位.xlsm"}, "cloud"),
        ({"interpreter": ""}, "not_set_up"),
        ({"interpreter": r"C:\gone\python.exe"}, "python_gone"),
        ({"broken": True}, "settings"),
        ({"active": False}, "no_workbook"),
        ({"office": "wps"}, "wps"),
        ({"office": "calc"}, "calc"),
    ],
)
def test_nothing_is_started_and_one_line_is_said(setting: dict[str, Any], key: str) -> None:
    session = Session(**setting)
    assert session.press() == macros.MESSAGES[key]
    assert session.started() == ""
    assert session.asked() == 0


def test_a_press_uses_the_running_python_if_it_answers_and_is_wanted() -> None:
    command = "import perfeval_xl.excel; perfeval_xl.excel.run('check_all')"
    for setting, server in (({}, True), ({"server": "False"}, False), ({"server_broken": True}, False)):
        session = Session(**setting)
        assert session.press() == ""
        assert session.started() == f"{server} {command}"


def is_not_available(value: object) -> bool:
    return isinstance(value, VBAErrorValue)


def test_functions_keep_one_connection() -> None:
    session = Session()
    assert [session.rate() for _ in range(3)] == [0.25] * 3
    assert session.asked() == 1


@pytest.mark.parametrize(
    "setting", [{"interpreter": ""}, {"path": "https://x/y.xlsm"}, {"server_broken": True}]
)
def test_functions_give_an_error_value_at_once_where_python_is_not_reached(
    setting: dict[str, Any],
) -> None:
    session = Session(**setting)
    assert all(is_not_available(session.rate()) for _ in range(3))
    assert session.asked() == (1 if "server_broken" in setting else 0)


def test_functions_end_when_python_does() -> None:
    session = Session(python=Python(answers=1))
    assert session.rate() == 0.25
    assert is_not_available(session.rate())
    assert is_not_available(session.rate())
    assert session.asked() == 1


@pytest.mark.parametrize("values", [("", 4), (1, EMPTY), (EMPTY, EMPTY)])
def test_blank_arguments_ask_nobody(values: tuple[object, object]) -> None:
    session = Session()
    assert session.rate(values) == ""
    assert session.asked() == 0
