"""The settings as VBA reads them: our keys are ours, all others stay."""

from __future__ import annotations

import re
import tomllib

from hypothesis import given
from hypothesis import strategies as st
from macros import modules

from perfeval_xl.excel.udfs import UDFS
from perfeval_xl.installing.machine import Machine
from perfeval_xl.installing.settings import UDF_MODULE, changed, parsed, wanted
from perfeval_xl.version import XLWINGS
from tests.support import ROOT

FOREIGN = '"PYTHONPATH","D:\\共享\\py"\n"interpreter_win","C:\\old\\python.exe"\n\n"SHOW CONSOLE","True"\n'


def test_our_keys_are_set_and_foreign_lines_stay() -> None:
    after = changed(FOREIGN, {"INTERPRETER_WIN": "C:\\new\\python.exe", "UDF MODULES": UDF_MODULE})
    assert after.splitlines() == [
        '"PYTHONPATH","D:\\共享\\py"',
        '"INTERPRETER_WIN","C:\\new\\python.exe"',
        '"SHOW CONSOLE","True"',
        f'"UDF MODULES","{UDF_MODULE}"',
    ]


def test_of_a_key_that_comes_twice_the_first_counts_and_one_is_left() -> None:
    text = '"A","1"\n"a","2"\n'
    assert parsed(text) == {"A": "1"}
    assert changed(text, {"A": "3"}) == '"A","3"\n'


def test_where_others_use_xlwings_only_the_interpreter_is_set(windows: Machine) -> None:
    assert set(wanted(windows, {"UDF MODULES": "theirs"})) == {"INTERPRETER_WIN"}


def test_the_template_brings_the_rest_itself() -> None:
    import openpyxl

    sheet = openpyxl.load_workbook(ROOT / "workbook" / "template.xlsm")["xlwings.conf"]
    own = {str(key).upper(): str(value) for key, value in sheet.iter_rows(values_only=True, max_col=2)}
    assert own["ADD_WORKBOOK_TO_PYTHONPATH"].casefold() == "false"


def test_every_key_is_spelt_as_the_macros_read_it(windows: Machine) -> None:
    code = "\n".join(module.source for module in modules("template"))
    read = {key.upper() for key in re.findall(r'GetConfig\("([^"]+)"', code)} | {
        "INTERPRETER_WIN",
        "INTERPRETER_MAC",
    }
    assert set(wanted(windows, {})) <= read


def test_the_functions_are_in_the_module_that_is_named() -> None:
    import importlib

    module = importlib.import_module(UDF_MODULE)
    assert set(UDFS) <= set(dir(module))


def test_the_pinned_xlwings_is_the_one_of_the_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["optional-dependencies"]["excel"] == [f"xlwings=={XLWINGS}"]


words = st.text(
    st.characters(codec="gbk", exclude_characters='",', exclude_categories=["C", "Z"]), min_size=1
)


@given(st.dictionaries(words.map(str.upper), words), st.dictionaries(words.map(str.upper), words))
def test_what_was_changed_reads_back(before: dict[str, str], values: dict[str, str]) -> None:
    text = changed("", dict(before))
    assert parsed(text) == before
    assert parsed(changed(text, dict(values))) == before | values
    assert changed(changed(text, dict(values)), dict(values)) == changed(text, dict(values))
