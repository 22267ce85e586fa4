"""Which amounts are listed as parts of which, by their words."""

from __future__ import annotations

import pytest

from perfeval_xl.prose import read

CASES = (
    ("运行费101万元（租金78万元、网络23万元）。", [("101万元", ["78万元", "23万元"], False)]),
    ("运行费101万元（主要是租金78万元、网络20万元）。", [("101万元", ["78万元", "20万元"], True)]),
    ("总支出320万元，其中基本支出210万元，项目支出110万元。", [("320万元", ["210万元", "110万元"], False)]),
    (
        "总支出320万元。其中：基本支出210万元，占65.6%；项目支出110万元。",
        [("320万元", ["210万元", "110万元"], False)],
    ),
    (
        "支出35万元，比上年减少2.28万元。其中：接待费30万元，车辆5万元。",
        [("35万元", ["30万元", "5万元"], False)],
    ),
    (
        "预算总额1969万元，较2024年的2190万元减少221万元；其中：出国40万元，接待242万元。",
        [("1969万元", ["40万元", "242万元"], False)],
    ),
    ("甲项目50万元，乙项目80万元。其中图书30万元，设备60万元。", []),
    ("公积金11万元，其中：基本支出11万元，项目支出0元。", [("11万元", ["11万元", "0元"], False)]),
    ("培训300人（其中男200人、女100人），支出5万元。", []),
    ("支出100万元，其中：房租60万元、水电35万元等。", [("100万元", ["60万元", "35万元"], True)]),
)


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_lists_are_found(text: str, expected: list[tuple[str, list[str], bool]]) -> None:
    prose = read(text)
    found = [
        (prose.figures[item.whole].words, [prose.figures[part].words for part in item.parts], item.partial)
        for item in prose.lists
    ]
    assert found == expected


def test_a_part_knows_its_whole() -> None:
    prose = read("支出20万元（房租12万元、水电8万元），结余3万元。")
    assert [prose.wholes.get(index) for index in range(4)] == [None, 0, 0, None]
