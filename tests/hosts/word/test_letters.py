"""Letters: fields of a Word document filled in, wherever they stand and however Word has cut them."""

from __future__ import annotations

import io
from collections.abc import Sequence

import docx
import pytest

from perfeval_xl.errors import PackageError
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.word.letters import fields_of, filled


def document(*paragraphs: Sequence[str], table: str = "", header: str = "") -> bytes:
    """Paragraphs of runs, a table of one cell, a header."""
    made = docx.Document()
    for runs in paragraphs:
        paragraph = made.add_paragraph()
        for number, run in enumerate(runs):
            paragraph.add_run(run).bold = number == 0
    if table:
        made.add_table(1, 1).cell(0, 0).text = table
    if header:
        made.sections[0].header.paragraphs[0].text = header
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def texts(data: bytes) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs]


def test_a_field_that_word_cut_into_runs() -> None:
    made = filled(document(["致{", "{单", "位}}", "：{{ 年 度 }}"]), {"单位": "甲局", "年度": "2023年度"})
    assert texts(made) == ["致甲局：2023年度"]
    runs = docx.Document(io.BytesIO(made)).paragraphs[0].runs
    assert [(run.text, run.bold) for run in runs] == [
        ("致甲局", True),
        ("", False),
        ("", False),
        ("：2023年度", False),
    ]


def test_a_list_repeats_its_paragraph_and_what_says_nothing_is_left_out() -> None:
    letter = document(
        ["{{序}}、缺（{{项数}}）"],
        ["{{号}}.{{缺}}"],
        ["{{序}}、改"],
        ["{{号}}.{{改}}。"],
        ["{{序}}、完"],
        ["第{{错}}处"],
    )
    values = {"项数": "", "缺": (), "改": ("甲", "乙"), "错": "0"}
    assert texts(filled(letter, values)) == ["一、改", "1.甲。", "2.乙。", "二、完", "第0处"]


def test_tables_and_headers_are_filled_in_too_and_a_cell_keeps_a_paragraph() -> None:
    letter = document(["文"], table="{{缺}}", header="{{单位}}")
    made = docx.Document(io.BytesIO(filled(letter, {"缺": (), "单位": "甲局"})))
    assert made.tables[0].cell(0, 0).text == ""
    assert made.sections[0].header.paragraphs[0].text == "甲局"
    whole = docx.Document(io.BytesIO(filled(letter, {"缺": ("一", "二"), "单位": "甲局"})))
    assert [one.text for one in whole.tables[0].cell(0, 0).paragraphs] == ["一", "二"]


def test_a_text_is_text_and_no_field_of_it_is_filled_in() -> None:
    hostile = "</w:t><w:p>&{{年度}}\x01"
    assert texts(filled(document(["{{单位}}"]), {"单位": hostile, "年度": "2023"})) == [
        "</w:t><w:p>&{{年度}}"
    ]


def test_what_is_not_a_field_stays_byte_for_byte() -> None:
    letter = document(["{{单位}}"], header="没有")
    before, after = Package(letter), Package(filled(letter, {"单位": "甲局"}))
    assert before.names == after.names
    assert [name for name in before.names if before.read(name) != after.read(name)] == ["word/document.xml"]


def test_fields_and_braces_without_a_counterpart() -> None:
    found = fields_of(document(["{{单位}}{{ 年 度 }}"], ["{{单位}}、{{没完"], table="{{单位}}"))
    assert found.names == ("单位", "年度")
    assert found.unpaired == ("{{单位}}、{{没完",)
    with pytest.raises(PackageError):
        fields_of(b"no document")


def test_numbers_in_words() -> None:
    letter = document(*[["{{序}}"]] * 21)
    said = texts(filled(letter, {}))
    assert (said[0], said[9], said[10], said[19], said[20]) == ("一", "十", "十一", "二十", "二十一")
