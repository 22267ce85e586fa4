"""Where filling the template turns: the ten points of the execution rate, and how much the import record lists."""

from __future__ import annotations

from typing import Any

import pytest

from perfeval_xl.forms import read_forms
from perfeval_xl.forms.accounting import Left
from perfeval_xl.grid import Place
from perfeval_xl.hosts.template import import_record
from perfeval_xl.hosts.template.filling import fill
from perfeval_xl.hosts.template.template import Template, shipped
from tests.rules.test_rules import BASE
from tests.support import book_of, changed


@pytest.mark.parametrize(("weight", "kept"), [(19, False), (20, True), (21, False)])
def test_the_execution_rate_has_ten_points_where_just_ten_are_left(weight: int, kept: bool) -> None:
    """The form gives its execution rate no weight, and its indicators 89, 90 or 91 of 100."""
    changes: dict[str, Any] = {"附件3-2 / 年度资金总额 / 分值": None, "附件3-2 / 设备完好率 / 分值": weight}
    template = Template(shipped(".xlsx"))
    fill(template, read_forms(book_of(changed(BASE, changes))))
    part = template.parts["附件3-2"]
    row = next(row for row, text in part.texts(2).items() if text.startswith("年度资金总额"))
    assert bool(part.value(row, 7)) is kept


@pytest.mark.parametrize(("left", "told"), [(1000, 0), (1001, 1)])
def test_a_thousand_cells_of_a_sheet_are_listed(left: int, told: int) -> None:
    cells = [Left(Place("附件1", row, 1), "甲") for row in range(1, left + 1)]
    rows = list(import_record._rows((), cells, ()))
    assert len(rows) == 1000 + told
    assert ("另有" in rows[-1][3]) == bool(told)
