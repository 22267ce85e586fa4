"""Calls the functions for cells through xlwings' own UDF server code, as Excel on Windows would.

Run as a program, since it puts stand-ins for Windows' modules in place. Only these, the engine named "excel" and a
range that answers from memory are ours; the reading of arguments and the writing of answers is xlwings'.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

for name in ("pythoncom", "pywintypes", "win32com", "win32com.client"):
    sys.modules[name] = ModuleType(name)
sys.modules["pythoncom"].CoInitialize = lambda: None  # type: ignore[attr-defined]
sys.modules["pywintypes"].com_error = OSError  # type: ignore[attr-defined]
sys.modules["win32com.client"].Dispatch = lambda value: value  # type: ignore[attr-defined]

import xlwings  # noqa: E402
from xlwings import udfs as server  # noqa: E402

for name, decorator in (("func", server.xlfunc), ("arg", server.xlarg), ("ret", server.xlret)):
    setattr(xlwings, name, decorator)

from perfeval_xl.excel import udfs  # noqa: E402
from perfeval_xl.installing.settings import UDF_MODULE  # noqa: E402

#: What Excel gives through COM for an error in a cell.
ERRORS = {-2146826281: "#DIV/0!"}
MISSING = -2147352572


def cleaned(rows: Any, dates: Any, empty: Any, _numbers: Any, err_to_str: bool) -> list[list[Any]]:
    """As xlwings' Windows engine cleans what COM gives."""
    return [[cleaned_cell(value, dates, empty, err_to_str) for value in row] for row in rows]


def cleaned_cell(value: Any, dates: Any, empty: Any, err_to_str: bool) -> Any:
    if value in ("", None):
        return empty
    if isinstance(value, dt.datetime):
        return dates(year=value.year, month=value.month, day=value.day)
    if isinstance(value, int) and not isinstance(value, bool):
        return ERRORS[value] if err_to_str else None
    return value


class Area:
    """A range in memory that counts what it is asked."""

    def __init__(self, rows: Any, formats: Any = "General") -> None:
        self.rows, self.formats, self.asked = rows, formats, 0
        self.impl = self
        self.max_cells_per_read = None
        self.sheet = SimpleNamespace(book=SimpleNamespace(app=SimpleNamespace(engine=ENGINE)))

    @property
    def raw_value(self) -> Any:
        self.asked += 1
        return self.rows

    @property
    def number_format(self) -> str | None:
        self.asked += 1
        return self.formats if isinstance(self.formats, str) else None

    def __getitem__(self, place: tuple[int, int]) -> Any:
        self.asked += 1
        return SimpleNamespace(number_format=self.formats[place[0]][place[1]])


impl = SimpleNamespace(
    name="excel",
    type="desktop",
    clean_value_data=cleaned,
    prepare_xl_data_element=lambda value, _options: value,
)
xlwings.engines.add(xlwings.Engine(impl=impl))
ENGINE = xlwings.engines["excel"]
SERVER: Any = server  # it has no types
xlwings._xlwindows = SimpleNamespace(  # type: ignore[attr-defined]
    is_range_instance=lambda value: isinstance(value, Area), Range=lambda xl: xl, BOOK_CALLER=None
)
setattr(server, "Range", lambda impl: impl)  # noqa: B010 (its own is a class)
sys.modules["xlwings.com_server"] = SimpleNamespace(loop=None)  # type: ignore[assignment]


def call(name: str, *arguments: Any) -> Any:
    return SERVER.call_udf("perfeval_xl.excel.udfs", name, arguments, None, None)


def expect(found: Any, wanted: Any) -> None:
    assert found == wanted, f"{found!r} is not {wanted!r}"


expect(call("PE_RATE", Area(92.05), 100.0), [[0.9205]])
expect(
    call("PE_RATE", Area(((1.0,), (2.0,), (None,))), Area(((4.0,), (0.0,), (1.0,)))),
    [[0.25], ["分母为0，不能计算"], [""]],
)
expect(call("PE_RATE", Area(-2146826281), 5.0), [["引用的格子是错误值 #DIV/0!"]])
expect(call("PE_SUM", Area((("1,034.36", 2.0), (None, "３"))))[0][0], 1039.36)
expect(call("PE_GRADE", 84.47, MISSING), [["良"]])
expect(call("PE_EXEC_SCORE", Area(920.5), Area(1000.0), 10.0), [[9.21]])

percent = Area(0.98, "0%")
expect(call("PE_JUDGE", Area("≥95%"), percent, MISSING, MISSING, MISSING), [["达标"]])
assert percent.asked == 2, "a range of one format must take two calls: its values, its format"
mixed = Area(((0.9, 374.0), ("98%", dt.datetime(2023, 11, 30))), (("0.0%", "0"), ("@", "yyyy/m/d")))
targets = Area((("≥95%", "≥400人"), ("≥95%", "2023年12月底前")))
expect(
    call("PE_JUDGE", targets, mixed, Area((("", ""), ("", ""))), MISSING, MISSING),
    [["未达标", "未达标"], ["达标", "达标"]],
)
expect(call("PE_SCORE", "≥100人", Area("50人"), 2.0, "职称评定数", "数量指标", "hunan-2023"), [[1.0]])
expect(call("PE_JUDGE", "≥95%", 0.98, MISSING, MISSING, MISSING)[0][0], udfs.PE_JUDGE("≥95%", "0.98")[0][0])

for record in udfs.UDFS.values():
    served = getattr(udfs, record.name).__xlfunc__
    assert served["category"] == udfs.CATEGORY
    assert not served["volatile"]
    assert [argument["doc"] for argument in served["args"]] == [argument.doc for argument in record.arguments]
    assert [("optional" in argument) for argument in served["args"]] == [
        argument.optional for argument in record.arguments
    ]
# What our wrappers hand over is what xlwings' own would.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workbook"))
import macros  # noqa: E402

generated = io.StringIO()
SERVER.generate_vba_wrapper(UDF_MODULE, udfs, generated, SimpleNamespace(Name="template.xlsm"))
own = next(module.source for module in macros.modules("template") if module.name == "xlwings_udfs")
theirs = re.findall(
    r'XLPy\.CallUDF\("([\w.]+)", "(\w+)", (Array\(.*?\)), ThisWorkbook, Application\.Caller\)',
    generated.getvalue(),
)
assert {module for module, _, _ in theirs} == {UDF_MODULE}
expect(
    sorted(re.findall(r'Answer\("(\w+)", (Array\(.*?\))\)', own)),
    sorted((name, array) for _, name, array in theirs),
)
assert f'CallUDF("{UDF_MODULE}", name, (arguments), ThisWorkbook, Application.Caller)' in own
print("all answers as expected")
