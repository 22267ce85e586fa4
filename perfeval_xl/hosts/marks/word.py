"""A marked copy of a Word document: its own package with shading and a comment at every cell or sentence with findings.

Only the document part, the comments and what lists them change; every other part stays byte for byte. Marking a
marked copy again replaces the marks, which are known by their author and their shades.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from perfeval_xl import patterns as re
from perfeval_xl.findings import SEVERITIES, SEVERITY_SYMBOL, SEVERITY_WORD, Finding, Report, Severity
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.hosts.package.seal import seal_document
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.hosts.package.xml import (
    XML_SPACE,
    Document,
    append_new,
    child,
    children,
    insert_new,
    namespace,
)
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.hosts.reading.word import Part, located, main_part, numbers_of
from perfeval_xl.text import clean, legal
from perfeval_xl.written import text_hash

from .results import LOOK, Highlighted

AUTHOR = "绩效自评校验"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
#: The order the schema wants inside cell and run properties, up to the shading.
_CELL_ORDER = ("cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders", "shd")
_RUN_ORDER = (
    "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "dstrike", "outline", "shadow", "emboss",
    "imprint", "noProof", "snapToGrid", "vanish", "webHidden", "color", "spacing", "w", "kern", "position", "sz", "szCs",
    "highlight", "u", "effect", "bdr", "shd",
)  # fmt: skip
_FILLS: Mapping[Severity, str] = {severity: look.fill[2:] for severity, look in LOOK.items()}
#: The words of the text that a message quotes.
_QUOTE = re.compile(
    "写“(?P<whole>(?:[^“”]|“[^“”]*”)*)”(?=[，。、；]|$)|写“(?P<cut>[^”]*(?:”[^，“]*“[^”]*)*)”"
)


def highlight(source: Path | bytes, report: Report, limits: Limits = LIMITS) -> Highlighted:
    """A copy of ``source`` with the open findings of ``report`` marked; PackageError if it is no document."""
    package = Package.open(source, limits)
    main = main_part(package)
    document = package.document(main)
    comments = _Comments(package, main, namespace(document.root))
    _unmark(document.root, comments.drop_ours())
    numbers = numbers_of(main, lambda part: package.read(part) if part in package else None)
    notes = list(_mark(located(document.root, numbers), comments, report))
    package.put(main, document)
    seal_document(package, main, text_hash(report.read))
    comments.save()
    return Highlighted(package.to_bytes(), tuple(notes), suffix_of(package))


def suffix_of(package: Package) -> str:
    """The extension a document must have."""
    return ".docm" if "macroEnabled" in package.content_type(main_part(package)) else ".docx"


def _mark(found: Iterable[Part], comments: _Comments, report: Report) -> Iterable[str]:
    """Mark every place with findings; what could not be marked is yielded as a note."""
    parts = {part.name: part for part in found}
    lost = 0
    by_place: dict[tuple[str, int, int], list[Finding]] = {}
    for severity in SEVERITIES:
        for finding in report.findings:
            if finding.open and finding.severity == severity and finding.place is not None:
                place = finding.place
                by_place.setdefault((place.sheet, place.row, place.column), []).append(finding)
    for (sheet, row, column), findings in sorted(by_place.items(), key=lambda item: item[0]):
        mark = parts[sheet].marks.get((row, column)) if sheet in parts else None
        if mark is None:
            lost += 1
            continue
        fill = _FILLS[findings[0].severity]
        number = comments.add(findings)
        if mark.tag.endswith("}tc"):
            _mark_cell(mark, fill, number)
        else:
            _mark_line(mark, fill, number, _quotes(findings))
    if lost:
        yield f"有 {lost} 处问题在文件里找不到位置（如脚注），没有标注，请看检查结果"


def _quotes(findings: Sequence[Finding]) -> list[str]:
    found = (_QUOTE.search(finding.message) for finding in findings)
    return [(match["whole"] or match["cut"] or "").rstrip("…") for match in found if match is not None]


# --- marking -----------------------------------------------------------------


def _w(element: Element, name: str) -> str:
    return f"{{{namespace(element)}}}{name}"


def _shade(properties: Element, fill: str, order: Sequence[str]) -> None:
    shade = child(properties, "shd")
    if shade is None:
        shade = insert_new(properties, "shd", order)
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        shade.set(_w(properties, name), value)
    for name in ("themeFill", "themeFillTint", "themeFillShade"):
        shade.attrib.pop(_w(properties, name), "")


def _mark_cell(cell: Element, fill: str, number: int) -> None:
    properties = child(cell, "tcPr")
    if properties is None:
        properties = append_new(cell, "tcPr")
        cell.insert(0, properties)
    _shade(properties, fill, _CELL_ORDER)
    paragraphs = list(cell.iter(_w(cell, "p")))
    if paragraphs:
        _comment(paragraphs[0], None, paragraphs[-1], None, number)


def _mark_line(paragraph: Element, fill: str, number: int, quotes: Sequence[str]) -> None:
    """Shade the words quoted (the whole line where they are not found) and hang the comment there."""
    runs = _runs_of(paragraph, quotes) or _runs(paragraph)
    for run in runs:
        properties = child(run, "rPr")
        if properties is None:
            properties = append_new(run, "rPr")
            run.insert(0, properties)
        _shade(properties, fill, _RUN_ORDER)
    ordered = [run for run in paragraph.iter(_w(paragraph, "r")) if run in runs]
    inside = [run for run in ordered if run.getparent() is paragraph]
    if inside:
        _comment(paragraph, inside[0], paragraph, inside[-1], number)
    else:
        _comment(paragraph, None, paragraph, None, number)


def _comment(
    first: Element,
    start: Element | None,
    last: Element,
    end: Element | None,
    number: int,
) -> None:
    """The range from ``start`` in the paragraph ``first`` to ``end`` in ``last`` (its beginning and end if None)."""
    opening = append_new(first, "commentRangeStart")
    opening.set(_w(first, "id"), str(number))
    if start is not None:
        start.addprevious(opening)
    else:
        properties = child(first, "pPr")
        first.insert(0 if properties is None else first.index(properties) + 1, opening)
    closing = append_new(last, "commentRangeEnd")
    closing.set(_w(last, "id"), str(number))
    run = append_new(last, "r")
    append_new(run, "commentReference").set(_w(run, "id"), str(number))
    if end is not None:
        end.addnext(closing)
        closing.addnext(run)


def _runs(paragraph: Element) -> list[Element]:
    """The runs of a paragraph that show text, those of text boxes aside."""
    box = _w(paragraph, "txbxContent")
    return [
        run
        for run in paragraph.iter(_w(paragraph, "r"))
        if children(run, "t") and not any(above.tag == box for above in run.iterancestors())
    ]


def _runs_of(paragraph: Element, quotes: Sequence[str]) -> list[Element]:
    """The runs that make up some words, cut out of longer ones; none where the words are not found. Of words left out in the
    middle (…) all is meant from the first to the last; quotes that overlap are one."""
    text = "".join(map(_shown, _runs(paragraph)))
    found = []
    for start, end in _united(_span(text, quote) for quote in quotes):
        position = 0
        for run in _runs(paragraph):
            length = len(_shown(run))
            low, high = max(start - position, 0), min(end - position, length)
            if low < high:
                found.append(_cut(run, low, high))
            position += length
    return found


def _shown(run: Element) -> str:
    return clean("".join(item.text or "" for item in children(run, "t")))


def _united(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that overlap or meet as one; such as were not found (−1) left out."""
    united: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] >= 0):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def _span(text: str, quote: str) -> tuple[int, int]:
    """Where a quote begins and ends in a text, −1 where it does not stand there."""
    first, *rest = map(clean, quote.split("…"))
    start = text.find(first) if first else -1
    end = start + len(first)
    for piece in rest if start >= 0 else ():
        found = text.find(piece, end)
        if found < 0:
            return -1, -1
        end = found + len(piece)
    return start, end


def _cut(run: Element, low: int, high: int) -> Element:
    """The run of the cleaned letters from low to high, split off where the run holds more and nothing but text."""
    texts = children(run, "t")
    if len(texts) != 1 or len(children(run)) > len(texts) + (child(run, "rPr") is not None):
        return run
    text = texts[0].text or ""
    places = [index for index, letter in enumerate(text) for _ in clean(letter)]
    if len(places) < high:
        return run
    begin, end = places[low], places[high - 1] + 1
    for piece, before in ((text[:begin], True), (text[end:], False)):
        if piece:
            other = copy.deepcopy(run)
            _write(children(other, "t")[0], piece)
            (run.addprevious if before else run.addnext)(other)
    _write(texts[0], text[begin:end])
    return run


def _write(element: Element, text: str) -> None:
    element.text = text
    if text != text.strip():
        element.set(XML_SPACE, "preserve")


# --- comments ----------------------------------------------------------------


class _Comments:
    """The comments part of a document, which may not be there yet."""

    def __init__(self, package: Package, main: str, space: str) -> None:
        self._package, self._main, self._space = package, main, space
        self._part = package.related(main, "comments")
        self._document = package.document(self._part) if self._part else Document.new(_comments_root(space))
        numbers = [_integer(item.get(f"{{{space}}}id")) for item in self._document.root]
        self._next = max(numbers, default=-1) + 1
        self._added = 0

    def drop_ours(self) -> set[str]:
        """Take out the comments an earlier run made; their numbers."""
        gone = set()
        for item in children(self._document.root, "comment"):
            if item.get(f"{{{self._space}}}author") == AUTHOR:
                gone.add(item.get(f"{{{self._space}}}id", ""))
                self._document.root.remove(item)
        return gone

    def add(self, findings: Sequence[Finding]) -> int:
        number = self._next
        self._next += 1
        self._added += 1
        comment = append_new(self._document.root, "comment")
        for name, value in (("id", str(number)), ("author", AUTHOR), ("initials", "校验")):
            comment.set(f"{{{self._space}}}{name}", value)
        for finding in findings:
            run = append_new(append_new(comment, "p"), "r")
            append_new(run, "t").text = _said(finding)
        return number

    def save(self) -> None:
        if self._part is None and not self._added:
            return
        if self._part is None:
            folder = self._main.rpartition("/")[0]
            self._part = f"{folder}/comments.xml" if folder else "comments.xml"
            while self._part in self._package:
                self._part = self._part.replace(".xml", "1.xml")
            office = _STRICT_OFFICE if self._space == _STRICT else _OFFICE
            self._package.put(self._part, self._document, _COMMENTS_TYPE)
            self._package.relate(self._main, f"{office}/comments", self._part)
        else:
            self._package.put(self._part, self._document)


def _comments_root(space: str) -> Element:
    """Prefixed as Word writes it: an attribute in a namespace needs a prefix."""
    root = Element(f"{{{space}}}comments", "w")
    root.spaces = {"w": space}
    return root


def _integer(text: str | None) -> int:
    return int(text) if text is not None and re.fullmatch("[0-9]{1,9}", text) else -1


def _said(finding: Finding) -> str:
    text = f"{SEVERITY_SYMBOL[finding.severity]}{SEVERITY_WORD[finding.severity]} {finding.rule}：{finding.message}"
    if finding.suggestion and finding.suggestion not in finding.message:
        text += f"建议：{finding.suggestion}"
    return legal(text)


def _unmark(root: Element, numbers: set[str]) -> None:
    """Remove the ranges of comments that are gone, and our shades."""
    if not numbers:
        return
    space = namespace(root)
    for name in ("commentRangeStart", "commentRangeEnd", "commentReference"):
        for element in list(root.iter(f"{{{space}}}{name}")):
            if element.get(f"{{{space}}}id") in numbers:
                parent = element.getparent()
                assert parent is not None
                gone = parent if name == "commentReference" else element
                above = gone.getparent()
                if above is not None:
                    above.remove(gone)
    for shade in list(root.iter(f"{{{space}}}shd")):
        parent = shade.getparent()
        if parent is not None and shade.get(f"{{{space}}}fill") in _FILLS.values():
            parent.remove(shade)
