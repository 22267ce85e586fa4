"""The VBA of template, add-in and twin: ASCII, readable by a parser of VBA, and as safe as it is meant to be."""

from __future__ import annotations

import re

import macros
import pytest
import xlwings_source
from pyopenvba.interpreter import parse_module
from vba_project import ProjectError

from perfeval_xl.excel.actions import ACTIONS, Action
from perfeval_xl.excel.udfs import UDFS, Udf

EDITIONS: tuple[macros.Edition, ...] = ("template", "addin", "twin")
NOT_OURS = {"xlwings"}


def text(edition: macros.Edition, name: str) -> str:
    return next(module.source for module in macros.modules(edition) if module.name == name)


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_module_of_ours_is_explicit_and_parses(edition: macros.Edition) -> None:
    for module in macros.modules(edition):
        assert module.source.isascii()
        parse_module(module.source)
        if module.name not in NOT_OURS or edition == "twin":
            assert "\r\nOption Explicit\r\n" in module.source


@pytest.mark.parametrize("edition", EDITIONS)
def test_no_procedure_is_public_twice(edition: macros.Edition) -> None:
    homes: dict[str, set[str]] = {}  # xlwings itself has some twice, for other Office programs
    for module in macros.modules(edition):
        if module.kind == "standard":
            for name in re.findall(r"^(?:Public )?(?:Function|Sub) (\w+)", module.source, re.MULTILINE):
                homes.setdefault(name.lower(), set()).add(module.name)
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


@pytest.mark.parametrize("edition", EDITIONS)
def test_whatever_is_called_is_there(edition: macros.Edition) -> None:
    """Office compiles a module when it is first used: a name that is missing would be found by a clerk."""
    code = [
        re.sub(r"'.*|\"[^\"]*\"", "", line)
        for module in macros.modules(edition)
        for line in module.source.split("\r\n")
    ]
    used = set(re.findall(r"\b(PE_\w+|ShowError|XLPy|RunPython|WScript)\b", "\n".join(code)))
    public = r"^\s*(?:Public |Private )?(?:Declare PtrSafe )?(?:Function|Sub|Const) (\w+)"
    assert used <= {name for line in code for name in re.findall(public, line)}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_a_macro_is_guard_start_and_message(action: Action) -> None:
    macro = re.search(
        rf"Public Sub {action.macro}\(\)\r\n(.*?)End Sub", text("template", "PE_Actions"), re.DOTALL
    )
    assert macro is not None
    guard, describing, start, message = macro[1].strip().split("\r\n")
    assert "PE_Ready" in guard
    assert describing.strip() == "PE_Describe"
    assert f"RunPython \"import perfeval_xl.excel; perfeval_xl.excel.run('{action.id}')\"" in start
    assert "PE_Report" in message


def test_the_ribbon_calls_every_macro() -> None:
    callback = text("template", "PE_Actions").partition("Public Sub PE_Ribbon(control As Object)")[2]
    assert re.findall(r'Case "(\w+)"\r\n\s+(\w+)', callback) == [
        (action.id, action.macro) for action in ACTIONS
    ]


def test_the_addin_leaves_the_forms_alone_and_has_no_functions() -> None:
    actions = text("addin", "PE_Actions")
    assert "PE_add_project" not in actions
    assert "PE_check_all" in actions
    assert "xlwings_udfs" not in {module.name for module in macros.modules("addin")}


def test_every_text_that_is_asked_for_is_there() -> None:
    for edition in EDITIONS:
        asked = {
            key
            for module in macros.modules(edition)
            for key in re.findall(
                r'(?:PE_Text\(|PE_Problem = |PE_Cause = |mFailure = |problem = |PE_Office = )"([\w.]+)"',
                module.source,
            )
        }
        assert {"log", "wps", "calc", "not_set_up"} <= asked | {"wps", "calc"}
        assert asked - {"excel"} <= macros.texts(edition).keys()


def test_no_text_stands_in_the_code() -> None:
    for edition in EDITIONS:
        assert not [
            module.name for module in macros.modules(edition) if re.search(r"\bChrW?\b", module.source)
        ]


@pytest.mark.parametrize("message", macros.MESSAGES.values())
def test_messages_are_one_plain_line(message: str) -> None:
    assert "\n" not in message
    assert "Traceback" not in message
    assert len(message) <= 70


# --- what comes from xlwings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", ["template", "addin"])
def test_what_is_carried_of_xlwings_is_its_own_text_but_for_listed_lines(edition: macros.Edition) -> None:
    original = {line.strip() for line in xlwings_source.code().splitlines()}
    name, *ours = text(edition, "xlwings").split("\r\n")
    assert name == 'Attribute VB_Name = "xlwings"'
    new = [
        line for line in ours if line.strip() and not line.startswith("'") and line.strip() not in original
    ]
    listed = (*macros._CHANGED, *macros._ACTIVE, *((first, instead, 1) for first, _, instead in macros._CUT))
    told = {made.strip() for _, after, _ in listed for made in after.splitlines()}
    assert [line for line in new if not any(one and one in line for one in told)] == []
    assert "Redistribution and use in source and binary forms" in text(edition, "xlwings")
    starting = [line for line in ours if "prepare_sys_path" in line and "RunCommand" in line]
    assert starting == [
        line
        for line in xlwings_source.code().splitlines()
        if "prepare_sys_path" in line and "RunCommand" in line
    ]


def test_what_nobody_calls_is_not_carried() -> None:
    source = text("template", "xlwings")
    procedures = re.findall(r"^(?:Public |Private )?(?:Function|Sub) (\w+)", source, re.MULTILINE)
    everything = "\n".join(module.source for module in macros.modules("template"))
    for name in procedures:
        called = len(re.findall(rf"\b{name}\b", everything, re.IGNORECASE)) - source.count(f"End {name}")
        assert called > 1 or name == "CleanUp", name  # xlwings' Python calls that on macOS
    assert len(source) < len(xlwings_source.original()) / 2
    assert not {"ImportPythonUDFs", "SaveConfigToFile", "KillPy", "sql", "RunFrozenPython"} & set(procedures)


def test_the_addin_works_on_the_active_workbook_but_takes_no_settings_from_it() -> None:
    source = text("addin", "xlwings")
    uses = [line.strip() for line in source.split("\r\n") if "ActiveWorkbook" in line]
    assert len(uses) == 3
    assert "ActiveWorkbook" not in text("addin", "PE_Settings")
    assert 'ADD_WORKBOOK_TO_PYTHONPATH", "true"' not in source


def test_a_traceback_is_never_shown() -> None:
    for edition in ("template", "addin"):
        source = text(edition, "xlwings")
        assert not re.search(r"^(Public )?Sub ShowError\(", source, re.MULTILINE)
        assert "Public Sub ShowError(FileName As String, Optional Message As String" in text(
            edition, "PE_Guard"
        )


def test_another_xlwings_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlwings_source, "version", lambda _name: "0.38.0")
    with pytest.raises(ProjectError, match=r"0\.37\.8"):
        xlwings_source.original()


def test_a_changed_line_must_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    macros.xlwings_module.cache_clear()
    monkeypatch.setattr(macros, "_CHANGED", (("no such line", "", 1),))
    with pytest.raises(ProjectError, match="no such line"):
        macros.xlwings_module("template")
    macros.xlwings_module.cache_clear()
    monkeypatch.setattr(macros, "_CHANGED", ())
    monkeypatch.setattr(macros, "_CUT", (("no such line", "", ""),))
    with pytest.raises(ProjectError, match="no such line"):
        macros.xlwings_module("template")
    macros.xlwings_module.cache_clear()


# --- functions for cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("udf", UDFS.values(), ids=lambda udf: udf.name)
def test_a_wrapper_passes_every_argument_and_stops_at_blanks(udf: Udf) -> None:
    source = text("template", "xlwings_udfs")
    wrapper = re.search(
        rf"Public Function {udf.name}\((.*?)\) As Variant\r\n(.*?)End Function", source, re.DOTALL
    )
    assert wrapper is not None
    names = [argument.name for argument in udf.arguments]
    assert re.findall(r"(\w+) As Variant", wrapper[1]) == names
    assert f'Answer("{udf.name}", Array({", ".join(names)}))' in wrapper[2]
    required = [argument.name for argument in udf.arguments if not argument.optional]
    assert re.findall(r"IsBlankArgument\((\w+)\)", wrapper[2]) == required


def test_wrappers_answer_an_error_value_on_macos_and_after_a_failure() -> None:
    source = text("template", "xlwings_udfs")
    answer = source[source.index("Private Function Answer") : source.index("Private Function IsBlank")]
    first, *_, last = re.findall(r"Answer = .*|Exit Function|PE_Unreachable|PE_Python\(\)", answer)
    assert first == "Answer = CVErr(xlErrNA)\r"
    assert last == "PE_Unreachable"
    assert "Err.Description" not in answer
    assert 'CallUDF("perfeval_xl.excel.udfs"' in answer
    server = (
        text("template", "PE_System").partition("Function PE_HasServer()")[2].partition("End Function")[0]
    )
    assert re.search(r"#If Mac Then\s+PE_HasServer = False\s+#Else\s+PE_HasServer = True", server)
