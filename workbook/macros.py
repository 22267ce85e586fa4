"""The VBA modules of template, add-in and test twin: read from ``vba/``, taken from xlwings, or generated.

Nothing here is Chinese once it is VBA, so that the project reads the same under any code page: texts stand on a hidden sheet
(``texts``). Comments stay here: what is left of a project are its code and its licences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import xlwings_source
from vba_project import Module, ProjectError, read_module
from xlwings_source import without_comment

from perfeval_xl.excel.actions import ACTIONS, Action
from perfeval_xl.excel.udfs import CATEGORY, UDFS, Argument, Udf
from perfeval_xl.installing.settings import UDF_MODULE

#: ``template`` is the clerk's workbook, ``addin`` acts on the active workbook, ``twin`` is the template for Calc.
Edition = Literal["template", "addin", "twin"]

SOURCES = Path(__file__).resolve().parent / "vba"
RIBBON_CALLBACK = "PE_Ribbon"

#: What the clerk is told when Python cannot be started. One line: what is wrong and what to do.
MESSAGES: dict[str, str] = {
    "title": "绩效自评",
    "wps": "按钮在 WPS 里不能用，您填的内容没有改动。请存盘，再把文件拖到“绩效自评”文件夹里的“把文件拖到这里检查”上。",
    "calc": "按钮在 LibreOffice 里要这样用：存盘，关闭，再运行“perfeval-xl live 文件名”，打开后旁边有同样的按钮。",
    "cloud": "本文件在 OneDrive 或网络位置上，不能校验。请另存到本机文件夹（如“文档”）后再打开。",
    "not_set_up": "还没有安装校验程序。请先运行“perfeval-xl install”（见使用手册），再点按钮。",
    "python_gone": "原来安装的校验程序找不到了（可能被移动或删除）。请重新运行“perfeval-xl install”。",
    "not_installed": "校验程序不完整或版本太旧。请重新运行“perfeval-xl install”。",
    "version": "校验程序的版本与本文件不一致。请重新运行“perfeval-xl install”。",
    "failed": "校验程序没有运行成功。请再点一次；仍不行，把下面的记录发给管理员。",
    "blocked": "Excel 不能启动校验程序（多半是被安全软件或单位的策略拦住了），您填的内容没有改动。请联系管理员，或改用命令行校验。",
    "settings": "校验程序的设置读不出来。请重新运行“perfeval-xl install”。",
    "mac": "Excel 还不能启动校验程序。请在“终端”里运行一次“xlwings runpython install”，再点按钮。",
    "running": "正在运行，请稍候……",
    "no_workbook": "没有打开的工作簿。请先打开要校验的文件（受保护的视图要先点“启用编辑”）。",
    "log": "记录在：",
    "category": CATEGORY,
}


def modules(edition: Edition) -> list[Module]:
    """All code modules of an edition, in the order they are stored."""
    actions = [action for action in ACTIONS if edition != "addin" or action.in_addin]
    own = [
        actions_module(actions, functions=edition != "addin"),
        *map(_own, ("PE_Guard.bas", "PE_Settings.bas")),
    ]
    if edition == "twin":
        stand_ins = [_own(f"twin/{path.name}") for path in sorted((SOURCES / "twin").iterdir())]
        return [*own, *stand_ins, udf_module()]
    whole = [*own, _own("PE_System.bas"), xlwings_module(edition)]
    return whole if edition == "addin" else [*whole, udf_module()]


def _own(name: str) -> Module:
    """A module of ours, as code alone: a scanner reads words in comments, too."""
    lines = (SOURCES / name).read_text(encoding="ascii").splitlines()
    return read_module("".join(f"{line}\n" for line in map(without_comment, lines) if line))


def _module(name: str, lines: Iterable[str]) -> Module:
    return read_module("\n".join([f'Attribute VB_Name = "{name}"', "Option Explicit", "", *lines, ""]))


# --- macros --------------------------------------------------------------------------------------------------


def actions_module(actions: Sequence[Action], *, functions: bool) -> Module:
    """A macro an action for the buttons, and the one callback of the ribbon. Where there are ``functions``, the first press tells
    Excel what they are for: nothing is done when the workbook is opened."""
    describing = ["    PE_Describe"] if functions else []
    lines: list[str] = []
    for action in actions:
        lines += [
            f"Public Sub {action.macro}()",
            "    If Not PE_Ready() Then Exit Sub",
            *describing,
            f"    On Error Resume Next: RunPython \"import perfeval_xl.excel; perfeval_xl.excel.run('{action.id}')\"",
            "    PE_Report Err.Number",
            "End Sub",
            "",
        ]
    lines += [f"Public Sub {RIBBON_CALLBACK}(control As Object)", "    Select Case control.ID"]
    for action in actions:
        lines += [f'        Case "{action.id}"', f"            {action.macro}"]
    return _module("PE_Actions", [*lines, "    End Select", "End Sub"])


# --- texts ---------------------------------------------------------------------------------------------------


def texts(edition: Edition) -> Mapping[str, str]:
    """What the macros say, by key: the rows of the hidden sheet from which they read it."""
    return MESSAGES if edition == "addin" else MESSAGES | _udf_texts()


# --- functions for cells ---------------------------------------------------------------------------------------


def udf_module() -> Module:
    """The wrappers of the functions for cells, named as xlwings names its own, so that its import would replace them.

    Blank cells never reach Python. Once it could not be reached, and on macOS, the functions give #N/A at once.
    """
    wrappers = [line for udf in UDFS.values() for line in _wrapper(udf)]
    return _module("xlwings_udfs", [*wrappers, *_REACHING, *_describing()])


def _wrapper(udf: Udf) -> list[str]:
    signature = ", ".join(_parameter(argument) for argument in udf.arguments)
    blank = " Or ".join(
        f"IsBlankArgument({argument.name})" for argument in udf.arguments if not argument.optional
    )
    names = ", ".join(argument.name for argument in udf.arguments)
    return [
        f"Public Function {udf.name}({signature}) As Variant",
        f"    If {blank} Then",
        f'        {udf.name} = ""',
        "    Else",
        f'        {udf.name} = Answer("{udf.name}", Array({names}))',
        "    End If",
        "End Function",
        "",
    ]


def _parameter(argument: Argument) -> str:
    return f"Optional {argument.name} As Variant" if argument.optional else f"{argument.name} As Variant"


_REACHING = f'''\
Private Function Answer(name As String, arguments As Variant) As Variant
    Dim python As Object
    Answer = CVErr(xlErrNA)
    Set python = PE_Python()
    If python Is Nothing Then Exit Function
    On Error GoTo failed
    Answer = python.CallUDF("{UDF_MODULE}", name, (arguments), ThisWorkbook, Application.Caller)
    Exit Function
failed:
    PE_Unreachable
End Function

Private Function IsBlankArgument(argument As Variant) As Boolean
    Dim content As Variant
    If IsObject(argument) Then
        If argument.Cells.Count > 1 Then
            IsBlankArgument = (Application.WorksheetFunction.CountA(argument) = 0)
            Exit Function
        End If
        content = argument.Value
    Else
        content = argument
    End If
    If IsArray(content) Or IsError(content) Then Exit Function
    IsBlankArgument = (Len(content & "") = 0)
End Function
'''.splitlines()


def _udf_texts() -> dict[str, str]:
    texts = {udf.name: udf.doc for udf in UDFS.values()}
    return texts | {
        f"{udf.name}.{argument.name}": argument.doc for udf in UDFS.values() for argument in udf.arguments
    }


def _describing() -> list[str]:
    """A sub that gives Excel's function wizard the descriptions, once; the workbook does not count as changed by it."""
    lines = ["", "Public Sub PE_Describe()", "    Static done As Boolean", "    Dim saved As Boolean"]
    lines += ["    If done Then Exit Sub", "    done = True", "    saved = ThisWorkbook.Saved"]
    lines += [f'    Describe "{udf.name}", Array({_described(udf)})' for udf in UDFS.values()]
    return [
        *lines,
        "    ThisWorkbook.Saved = saved",
        "End Sub",
        "",
        "Private Sub Describe(name As String, arguments As Variant)",
        "    Dim macro As String",
        '    macro = "\'" & Replace(ThisWorkbook.Name, "\'", "\'\'") & "\'!" & name',
        "    On Error Resume Next",
        "    Application.MacroOptions Macro:=macro, Description:=PE_Text(name), _",
        '        Category:=PE_Text("category"), ArgumentDescriptions:=arguments',
        "End Sub",
    ]


def _described(udf: Udf) -> str:
    return ", ".join(f'PE_Text("{udf.name}.{argument.name}")' for argument in udf.arguments)


# --- what comes from xlwings -----------------------------------------------------------------------------------

#: Lines of xlwings.bas that are changed, each found exactly so often. A Python that already runs is used if it answers; the
#: workbook's folder is no place to load code from; what a start that failed has said stays in our log. What is told is Chinese.
_CHANGED: tuple[tuple[str, str, int], ...] = (
    (
        "    MsgBox \"To enable RunPython, please run 'xlwings runpython install' in a terminal once and try again.\", vbCritical",
        '    PE_Popup PE_Text("mac")',
        1,
    ),
    (
        'OPTIMIZED_CONNECTION = GetConfig("USE UDF SERVER", False)',
        "OPTIMIZED_CONNECTION = PE_UsesServer()",
        1,
    ),
    ('Application.StatusBar = "Running..."', 'Application.StatusBar = PE_Text("running")', 1),
    (
        'GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "true")',
        'GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "false")',
        2,
    ),
    ('    TempDir = GetConfig("TEMP DIR", Environ("Temp"))\n', "", 1),
    ('LOG_FILE = TempDir & "\\xlwings-" & CreateGUID() & ".log"', "LOG_FILE = PE_LogPath()", 1),
    (
        "        ExecuteWindows = -1\n    End If\n    On Error Resume Next\n        Kill LOG_FILE\n    On Error GoTo 0\n",
        "        ExecuteWindows = -1\n    End If\n",
        1,
    ),
    ("    On Error Resume Next\n            Kill LOG_FILE\n    On Error GoTo 0\n", "", 1),
    ("Call ShowError(LOG_FILE)", "ShowError LOG_FILE", 2),
    ("Chr(34)", '""""', 27),
)
#: What is for code inside a workbook, which ours never has, for who mends xlwings itself, and for Excel 2011: from the first to the
#: last of these lines, and what stands there instead.
_CUT: tuple[tuple[str, str, str], ...] = (
    ("    uses_embedded_code = False\n", "    Next i\n", ""),
    (
        "    If uses_embedded_code = True Then\n        AddExcelDir = ",
        "    End If\n",
        '    AddExcelDir = GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "false")\n',
    ),
    ("    If uses_embedded_code = True Then\n        licenseKey = ", "        End If\n    End If\n", ""),
    ('    DEBUG_UDFS = GetConfig("DEBUG UDFS", False)\n', "\n", ""),
    ("    If DEBUG_UDFS = True Then\n", "    Else\n", "    If True Then\n"),
    ("    If Val(Application.VERSION) < 15 Then\n", "    Else\n", "    If True Then\n"),
)
#: For the add-in only: what Python is told to work on. Settings stay those of the add-in itself, since a sheet or a
#: file beside a workbook that is being checked must not choose the interpreter.
_ACTIVE: tuple[tuple[str, str, int], ...] = (
    ('"BOOK_CALLER", ThisWorkbook', '"BOOK_CALLER", ActiveWorkbook', 1),
    ('" --wb=" & """" & ThisWorkbook.Name', '" --wb=" & """" & ActiveWorkbook.Name', 1),
    ('ParameterString + "|" + ThisWorkbook.Name', 'ParameterString + "|" + ActiveWorkbook.Name', 1),
)


@cache
def xlwings_module(edition: Edition) -> Module:
    """What our macros call of the pinned xlwings, with the changes above; ProjectError where its text is another."""
    code = xlwings_source.code()
    for old, new, times in (*_CHANGED, *(_ACTIVE if edition == "addin" else ())):
        if code.count(old) != times:
            raise ProjectError(f"xlwings.bas has {code.count(old)} times {old!r}, not {times}")
        code = code.replace(old, new)
    for first, last, instead in _CUT:
        start = code.find(first)
        end = code.find(last, start) + len(last)
        if start < 0 or end < start + len(last):
            raise ProjectError(f"xlwings.bas has no lines from {first!r} to {last!r}")
        code = code[:start] + instead + code[end:]
    return read_module(xlwings_source.module(code))
