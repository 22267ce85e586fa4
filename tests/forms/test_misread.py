"""What is said of a text that stands where a figure is due."""

from __future__ import annotations

import pytest

from perfeval_xl.forms.misread import Quantity, looks_mistyped, misread

MEANT: list[tuple[str, Quantity, tuple[str, ...]]] = [
    ("1OO", "money", ("100",)),
    ("lO.5万元", "money", ("10.5万元",)),
    ("９Ｏ％", "rate", ("90%",)),
    ("96,50", "money", ("96.50", "9650")),
    ("10，00", "money", ("10.00", "1000")),
    ("1,03,436", "money", ("103436",)),
    ("96。00", "money", ("96.00",)),
    ("96、5分", "points", ("96.5分",)),
    ("1.034.36", "money", ("1034.36",)),
    ("50+50", "money", ("100",)),
    ("100-4.5=", "money", ("95.5",)),
    ("1E+02", "money", ("100",)),
    ("9.6e1", "money", ("96",)),
    ("玖拾陆", "money", ("96",)),
    ("壹佰零伍万元整", "money", ("1050000",)),
    ("九十六点五", "points", ("96.5",)),
    ("二〇", "persons", ("20",)),
    ("十", "points", ("10",)),
    ("一千零三十四", "money", ("1034",)),
    ("两亿三千万", "money", ("230000000",)),
    ("50×2", "money", ()),
    ("见附件", "money", ()),
    ("优秀", "points", ()),
    ("96亩", "money", ()),
    ("年初100，追加20", "money", ()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "quantity", "meant"), MEANT, ids=[text for text, _, _ in MEANT])
def test_what_was_probably_meant(text: str, quantity: Quantity, meant: tuple[str, ...]) -> None:
    assert misread(text, quantity).likely == meant


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1OO", "字母 O"),
        ("96亩", "单位“亩”不是金额的单位"),
        ("50×2", "算式"),
        ("见附件", "文字"),
        ("年初100，追加20", "不只是一个数"),
    ],
)
def test_why_it_is_no_figure(text: str, why: str) -> None:
    assert why in misread(text, "money").why


def test_words_are_not_mistyped_figures() -> None:
    assert [text for text in ("同上", "—", "见附件", "", "元") if looks_mistyped(text)] == []
    assert all(map(looks_mistyped, ("1OO", "96。0", "50+50", "玖拾", "9,6")))
