"""Submissions whose texts and figures are made to hurt: names, paragraphs and cells of every form, just within the bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.sizes import Rows, Sheets, at, base, packed, rows_of

#: Letters of a name and of a paragraph that are still read.
NAME, PARAGRAPH = 4_900, 32_000


def _with(change: Callable[[Sheets], None]) -> Callable[[], bytes]:
    def build() -> bytes:
        sheets = base()
        change(sheets)
        return packed(sheets)

    return build


def filled(text: str, most: int = NAME) -> str:
    return (text * (most // len(text) + 1))[:most]


def _told(text: str) -> Callable[[], bytes]:
    """A report with one paragraph of it, as far as a cell holds it."""
    return _with(lambda sheets: rows_of(sheets, "报告").append([filled(text, PARAGRAPH)]))


def _replaced(sheets: Sheets, form: str, label: str, new: str) -> None:
    rows = rows_of(sheets, form)
    row = rows[at(rows, label)]
    row[row.index(label)] = new


def _more(rows: Rows, label: str, more: list[list[Any]]) -> None:
    here = at(rows, label)
    rows[here + 1 : here + 1] = more


def _lines(sheets: Sheets, names: Iterator[str]) -> None:
    _more(rows_of(sheets, "附件1"), "阅读推广", [[name, 1, 2, one % 7] for one, name in enumerate(names)])


def _indicators(
    sheets: Sheets, names: Iterator[str], target: str = "≥1000个", actual: str = "1100个"
) -> None:
    more = [[None, None, None, name, target, actual, 1, 1] for name in names]
    _more(rows_of(sheets, "附件2"), "办证数", more)


def _table(title: str, head: list[list[Any]], names: list[str], width: int) -> Rows:
    return [
        [title],
        *head,
        ["合计", None, *[0] * width],
        *([name, name[:9], *range(width)] for name in names),
    ]


def _social(sheets: Sheets) -> None:
    heads = [["项目", "", "上年结转", "本年收入", "本年支出", "年末结转和结余"]]
    sheets["附件6"] = _table(
        "2023年度社会保险基金支出情况表", heads, [filled(f"基金{one}的") for one in range(55)], 4
    )


def _capital(sheets: Sheets) -> None:
    heads = [["科目编码", "科目名称", "上年结转", "本年收入", "本年支出", "年末结转和结余"]]
    sheets["附件5"] = _table(
        "2023年度国有资本经营预算支出情况表", heads, [filled(f"科目{one}、") for one in range(55)], 4
    )


def _named_alike(sheets: Sheets) -> None:
    """A name in the form, and the report that says it and nearly says it, again and again."""
    name = filled("培训（含线上、线下和其他）人数", 900)
    _indicators(sheets, (name[one:] for one in range(100)))
    rows_of(sheets, "报告").extend([f"完成{name[one:]}共{one}个。"] for one in range(100))


def _report_of_names(sheets: Sheets) -> None:
    """Every indicator, line and project has a name of two letters, and the report says them all in each paragraph."""
    letters = [chr(0x4E00 + one) + chr(0x5E00 + one) for one in range(1_300)]
    _indicators(sheets, iter(letters[:1_200]))
    rows_of(sheets, "报告").extend(
        [filled("".join(f"{one}5个，" for one in letters), 9_000)] for _ in range(30)
    )


def _goals(sheets: Sheets) -> None:
    for form in [name for name in sheets if name.startswith("附件3")]:
        rows = sheets[form]
        rows[at(rows, "年度总体目标") + 1][1] = filled("完成培训5人次、支出3万元，其中：", 20_000)
        rows[at(rows, "年度总体目标") + 1][4] = filled("培训6人次（含线上4人次）；", 20_000)


TEXTS: dict[str, Callable[[], bytes]] = {
    "a long name of a line": _with(lambda sheets: _replaced(sheets, "附件1", "阅读推广", filled("阅读推广和古籍"))),
    "fifty long names of lines": _with(lambda sheets: _lines(sheets, (filled(f"专项{one}及") for one in range(55)))),
    "lines numbered without end": _with(lambda sheets: _lines(sheets, (f"（{'一' * one}）、1.{one}" for one in range(700)))),
    "lines within lines": _with(lambda sheets: _lines(sheets, (f"其中：{'　' * one}专项{one}" for one in range(700)))),
    "a long name of a project": _with(lambda sheets: _replaced(sheets, "附件3-1", "业务工作经费", filled("业务工作（经费、"))),
    "long names of unit and office": _with(lambda sheets: _replaced(sheets, "附件3-1", "甲县文旅局", filled("甲县文旅局及"))),
    "a project of all names": _with(
        lambda sheets: _replaced(sheets, "附件3-1", "业务工作经费", "、".join(f"专项{one}" for one in range(900)))
    ),
    "sixty long names of indicators": _with(lambda sheets: _indicators(sheets, (filled(f"培训{one}的") for one in range(55)))),
    "names of signs alone": _with(
        lambda sheets: _indicators(sheets, (filled(sign) for sign in "（、和及/—.％%·()[]{}<>“”《》 　"))
    ),
    "names of brackets within brackets": _with(
        lambda sheets: _indicators(sheets, ("（" * one + "甲" + "）" * one for one in range(300)))
    ),
    "names that begin alike": _with(_named_alike),
    "names of two letters, all in the report": _with(_report_of_names),
    "long names in 附件5": _with(_capital),
    "long names in 附件6": _with(_social),
    "codes of 附件4 without end": _with(
        lambda sheets: _more(rows_of(sheets, "附件4"), "合计", [[f"2{'0' * 90}{one}", filled("基金", 120), *range(6)] for one in range(900)])
    ),
    "goals of every project": _with(_goals),
    "targets of targets": _with(lambda sheets: _indicators(sheets, iter("甲乙丙"), filled("≥5个且≤"), filled("6个且"))),
    "targets of fractions": _with(lambda sheets: _indicators(sheets, iter("甲乙丙"), filled("1/3"), filled("三分之一"))),
    "targets of dates": _with(lambda sheets: _indicators(sheets, iter("甲乙丙"), filled("2023年12月底前、"), filled("2023.11.5-"))),
    "targets of ranges": _with(lambda sheets: _indicators(sheets, iter("甲乙丙"), filled("5-9个~"), filled("7—8个至"))),
    "reasons of nothing": _with(
        lambda sheets: _more(
            rows_of(sheets, "附件2"), "办证数", [[None, None, None, f"数{one}", "≥9个", "1个", 1, 0, filled("无。", 3_000)] for one in range(60)]
        )
    ),
    "digits with separators": _told("支出1," + "234," * 8_000),
    "full-width digits": _told("支出" + "９８７" * 33),
    "Chinese numerals": _told("支出" + "一二三四五六七八九" * 4_000),
    "units of units": _told("亿万千百十" * 9_000),
    "percent of percent": _told("百分之"),
    "dates one after another": _told("2023年1月2日至2022-11-30、2021.5.6"),
    "years one after another": _told("2023年较2022年"),
    "of which of which": _told("其中："),
    "of which in brackets": _told("支出5万元（其中：培训3万元（含"),
    "brackets that open": _told("（"),
    "quotes that open": _told("“《「"),
    "more than before": _told("较上年增加5万元，增长5%，"),
    "shares of shares": _told("占5%的5%的"),
    "parts without end": _told("办公费1万元、"),
    "parts and sums": _told("共3万元，其中办公费1万元、水费2万元；"),
    "signs without figures": _told("≥≤><=％万元"),
    "clauses without figures": _told("，；。、"),
    "figures without names": _told("5 "),
    "names without figures": _told("培训人数"),
    "letters that combine": _told("é\u0301\u0302\u0303"),
    "letters beyond the plane": _told("𠮷😀"),
    "blanks and breaks": _told(" 　\t\u200b\u00a0\n"),
    "a report of short paragraphs": _with(
        lambda sheets: rows_of(sheets, "报告").extend([f"其中：办公费{one}元，占{one % 100}%。"] for one in range(1_400))
    ),
    "a report of headings": _with(lambda sheets: rows_of(sheets, "报告").extend([f"（{one}）一、1.1支出情况"] for one in range(1_400))),
}  # fmt: skip
