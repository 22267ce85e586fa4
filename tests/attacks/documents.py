"""Word documents made to hurt: the example with something put before its end, or a report of hurtful texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.hosts.reading.hostile import zipped
from tests.word import build

from .packages import unpacked
from .texts import filled

_MAIN, _W = "word/document.xml", "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHAPES = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
_TITLE = "2023年度甲局整体支出绩效自评报告"
_CELL = "<w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc>"


def _text(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def _with(body: Callable[[], str]) -> Callable[[], bytes]:
    """The example, this added."""

    def made() -> bytes:
        parts = unpacked(build("inside", False))
        head, end, tail = parts[_MAIN].rpartition(b"<w:sectPr")
        parts[_MAIN] = head + body().encode() + end + tail
        return zipped(parts)

    return made


def _told(*texts: str) -> Callable[[], bytes]:
    return _with(lambda: "".join(map(_text, (_TITLE, *texts))))


def _added(name: str, kind: str, tag: str, body: Callable[[], str]) -> Callable[[], bytes]:
    """A part more, which the document names."""

    def made() -> bytes:
        parts = unpacked(build("inside", False))
        parts[f"word/{name}.xml"] = f'<w:{tag} xmlns:w="{_W}">{body()}</w:{tag}>'.encode()
        link = f'<Relationship Id="rId900" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{name}.xml"/>'
        links = "word/_rels/document.xml.rels"
        parts[links] = parts[links].replace(b"</Relationships>", f"{link}</Relationships>".encode())
        return zipped(parts)

    return made


def _tables_within(depth: int) -> str:
    return "<w:tbl><w:tr><w:tc>" * depth + _text("1") + "</w:tc></w:tr></w:tbl>" * depth


def _boxes_within(depth: int) -> str:
    opened = f'<w:p><w:r><mc:AlternateContent {_SHAPES}><mc:Choice Requires="wps"><w:drawing><wps:txbx><w:txbxContent>'
    closed = "</w:txbxContent></wps:txbx></w:drawing></mc:Choice></mc:AlternateContent></w:r></w:p>"
    return opened * depth + _text("支出5万元。") + closed * depth


def _styles(count: int) -> Callable[[], bytes]:
    """Each style is based on the next, the last on the first."""

    def made() -> bytes:
        parts = unpacked(build("inside", False))
        more = "".join(
            f'<w:style w:type="paragraph" w:styleId="S{one}"><w:basedOn w:val="S{(one + 1) % count}"/></w:style>'
            for one in range(count)
        )
        parts["word/styles.xml"] = parts["word/styles.xml"].replace(
            b"</w:styles>", f"{more}</w:styles>".encode()
        )
        body = '<w:p><w:pPr><w:pStyle w:val="S0"/></w:pPr><w:r><w:t>一、支出5万元。</w:t></w:r></w:p>' * 300
        parts[_MAIN] = parts[_MAIN].replace(b"<w:sectPr", f"{body}<w:sectPr".encode(), 1)
        return zipped(parts)

    return made


DOCUMENTS: Mapping[str, Callable[[], bytes]] = {
    "sections": _with(lambda: "<w:p><w:pPr><w:sectPr/></w:pPr><w:r><w:t>支出5万元。</w:t></w:r></w:p>" * 8_000),
    "tables within tables": _with(lambda: _tables_within(40)),
    "tables far within tables": _with(lambda: _tables_within(2_000)),
    "tables of one cell": _with(lambda: f"<w:tbl><w:tr>{_CELL}</w:tr></w:tbl><w:p/>" * 5_000),
    "a table of many columns": _with(lambda: f"<w:tbl>{f'<w:tr>{_CELL * 600}</w:tr>' * 30}</w:tbl>"),
    "cells that span": _with(
        lambda: "<w:tbl>" + f'<w:tr><w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr>{_text("1")}</w:tc></w:tr>' * 300 + "</w:tbl>"
    ),
    "rows that begin late": _with(
        lambda: "<w:tbl>" + f'<w:tr><w:trPr><w:gridBefore w:val="99999999"/></w:trPr>{_CELL}</w:tr>' * 300 + "</w:tbl>"
    ),
    "cells that are never ended": _with(
        lambda: "<w:tbl>" + f'<w:tr><w:tc><w:tcPr><w:vMerge w:val="{{}}"/></w:tcPr>{_text("附件3")}</w:tc></w:tr>'.format("restart") * 9_000 + "</w:tbl>"
    ),
    "runs of a paragraph": _with(lambda: f"<w:p>{'<w:r><w:t>5万</w:t></w:r>' * 15_000}</w:p>"),
    "runs of nothing": _with(lambda: f"<w:p>{'<w:r/>' * 300_000}</w:p>"),
    "tabs and breaks": _with(lambda: f"<w:p><w:r>{'<w:tab/><w:br/>' * 100_000}</w:r></w:p>"),
    "boxes within boxes": _with(lambda: _boxes_within(60)),
    "boxes far within boxes": _with(lambda: _boxes_within(1_500)),
    "insertions within insertions": _with(lambda: "<w:p>" + "<w:ins>" * 1_500 + "<w:r><w:t>5万元</w:t></w:r>" + "</w:ins>" * 1_500 + "</w:p>"),
    "fields within fields": _with(
        lambda: "<w:p>" + '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF a</w:instrText></w:r>' * 20_000 + "</w:p>"
    ),
    "footnotes": _added("footnotes", "footnotes", "footnotes", lambda: "".join(f'<w:footnote w:id="{one}">{_text("支出5万元。")}</w:footnote>' for one in range(40_000))),
    "comments of Word": _added("comments", "comments", "comments", lambda: "".join(f'<w:comment w:id="{one}">{_text("问")}</w:comment>' for one in range(40_000))),
    "levels of numbering": _added("numbering2", "numbering", "numbering", lambda: "".join(
        f'<w:num w:numId="{one}"><w:abstractNumId w:val="{one}"/></w:num>' for one in range(60_000)
    )),
    "styles based on each other": _styles(3_000),
    "formulas of Word": _with(
        lambda: '<w:p xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:oMath>' + "<m:f><m:num>" * 800 + "<m:r><m:t>5</m:t></m:r>"
        + "</m:num></m:f>" * 800 + "</m:oMath></w:p>"
    ),
    "forms without end": _with(lambda: "".join(f"{_text('附件3-1')}{_text('2023年度项目支出绩效自评表')}<w:tbl><w:tr>{_CELL * 8}</w:tr></w:tbl>" for _ in range(800))),
    "separators in Word": _told(filled("支出1,234,567.89元、", 39_000)),
    "digits in Word": _told("支出" + "9" * 99 + "万元，" + "８" * 99),
    "numerals in Word": _told(filled("支出三千五百万零一元占百分之五", 39_000)),
    "long names in Word": _told(*(f"{filled('培训和宣传、', 4_900)}支出{one}万元。" for one in range(55))),
    "sentences in Word": _told(*(f"其中：维修费{one}万元，较上年增加{one % 9}%。" for one in range(9_000))),
    "signs in Word": _told(filled("（“《≥%", 39_000)),
}  # fmt: skip
