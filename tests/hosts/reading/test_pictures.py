"""Pictures and embedded objects on the sheets of a workbook: named where they stand for a form, else nothing."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.runs.checking import check
from tests.rules.test_rules import BASE


def _picture() -> io.BytesIO:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


def workbook(tmp_path: Path, draw: Callable[[Any, Any], None], without: str = "") -> Path:
    """The clean workbook, less one form; ``draw`` adds to it."""
    path = tmp_path / "自评.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in BASE.items():
            if name == without:
                continue
            sheet = book.add_worksheet(name)
            for row, values in enumerate(rows):
                for column, value in enumerate(values):
                    if value is not None:
                        sheet.write(row, column, float(value) if not isinstance(value, str) else value)
        draw(book, book.add_worksheet)
    return path


def _insert(sheet: Any) -> None:
    sheet.insert_image(2, 1, "章.png", {"image_data": _picture()})


def _alone(name: str) -> Callable[[Any, Any], None]:
    return lambda _, add: _insert(add(name))


def _titled(_: Any, add: Any) -> None:
    sheet = add("表五")
    sheet.write(0, 0, "附件3-4")
    sheet.write(1, 0, "2023年度项目支出绩效自评表")
    sheet.write(2, 0, "项目名称")
    sheet.write(3, 0, "见下图")
    _insert(sheet)


def _in_cell(_: Any, add: Any) -> None:
    sheet = add("附件3-4")
    sheet.write_formula(0, 0, '=_xlfn.DISPIMG("ID_1",1)', None, "=DISPIMG(1)")


HIDING = {
    "a form's name": _alone("附件3-4"),
    "the base form's name": _alone("基础数据表"),
    "no name": _alone("Sheet9"),
    "a title over it": _titled,
    "in a cell of WPS": _in_cell,
}


@pytest.mark.parametrize("draw", HIDING.values(), ids=HIDING)
def test_a_picture_in_place_of_a_form_is_named(tmp_path: Path, draw: Callable[[Any, Any], None]) -> None:
    report = check(workbook(tmp_path, draw, without="附件3-4"))
    assert any("图片" in one.reason and one.hides for one in report.unread)
    assert report.verdict in ("incomplete", "fail")
    assert "PE901" not in {finding.rule for finding in report.findings}
    assert any("图片" in gap.reason for gap in report.coverage.gaps)


def _seal(book: Any, _: Any) -> None:
    _insert(book.get_worksheet_by_name("附件3-1"))


def _chart(book: Any, add: Any) -> None:
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='附件1'!$B$6:$D$6"})
    add("图表").insert_chart("B2", chart)


def _comment(book: Any, _: Any) -> None:
    book.get_worksheet_by_name("附件3-1").write_comment("A1", "已核")


SILENT = {
    "a seal on a form": _seal,
    "photographs": _alone("现场照片"),
    "a chart": _chart,
    "a comment": _comment,
    "a vouchers' sheet": _alone("票据扫描件"),
}


@pytest.mark.parametrize("draw", SILENT.values(), ids=SILENT)
def test_other_pictures_hide_nothing(tmp_path: Path, draw: Callable[[Any, Any], None]) -> None:
    report = check(workbook(tmp_path, draw))
    assert not any(one.hides for one in report.unread)
    assert report.coverage.gaps == ()


def test_an_embedded_object_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path, lambda _, add: add("附件3-4"), without="附件3-4")
    with_object = tmp_path / "对象.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(with_object, "w") as made:
        for name in source.namelist():
            made.writestr(name, source.read(name))
        number = len(BASE)
        relations = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/package" '
            'Target="../embeddings/1.xlsx"/></Relationships>'
        )
        made.writestr(f"xl/worksheets/_rels/sheet{number}.xml.rels", relations)
    (grid,) = [grid for grid in read_book(with_object).grids if grid.sheet == "附件3-4"]
    assert grid.instead == "嵌入对象"
    assert any("嵌入对象" in one.reason and one.hides for one in check(with_object).unread)
