"""Number formats of the template's cells: what they show, and the one that shows a figure as the source did."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from functools import lru_cache

from perfeval_xl.forms.records import Field
from perfeval_xl.hosts.package.tree import Element
from perfeval_xl.hosts.package.workbook import Workbook
from perfeval_xl.hosts.package.xml import append_new, child, children, number
from perfeval_xl.hosts.package.zip import Package
from perfeval_xl.numberformat import make_cell
from perfeval_xl.text import read_number

#: The formats that files name by number alone, as far as the template and we use them.
_BUILT_IN = {0: "General", 1: "0", 2: "0.00", 9: "0%", 10: "0.00%", 49: "@"}
_FIRST_OWN = 164


class Formats:
    """The cell formats of a workbook; counts once it is ``save``d."""

    def __init__(self, package: Package, workbook: Workbook) -> None:
        self._package = package
        self._part = package.related(workbook.part, "styles") or ""
        self._document = package.document(self._part)
        root = self._document.root
        holder, own = child(root, "cellXfs"), child(root, "numFmts")
        assert holder is not None  # every workbook we ship has formats
        self._holder = holder
        self._styles = children(holder, "xf")
        self._own = append_new(root, "numFmts") if own is None else own
        self._codes = dict(_BUILT_IN) | {
            number(entry.get("numFmtId")): entry.get("formatCode", "")
            for entry in children(self._own, "numFmt")
        }
        self._known: dict[tuple[str, str], str] = {}

    def save(self) -> None:
        self._package.put(self._part, self._document)

    def showing(self, style: str, stored: Decimal, value: Field, exactly: bool) -> str:
        """The index of a style that shows a figure as ``value`` is written: ``style`` itself where it does so, with no
        fewer decimals (``exactly``: no more either), else that with another number format."""
        xf = self._styles[int(style)]
        code = self._codes.get(number(xf.get("numFmtId")), "General")
        if _shows(code, stored, value, exactly):
            return style
        wanted = "0" + ("." + "0" * value.decimals if value.decimals else "") + ("%" if value.percent else "")
        return self._variant(style, xf, wanted)

    def _variant(self, style: str, xf: Element, code: str) -> str:
        if (style, code) not in self._known:
            entry = deepcopy(xf)
            entry.set("numFmtId", str(self._number(code)))
            entry.set("applyNumberFormat", "1")
            self._holder.append(entry)
            self._styles.append(entry)
            self._holder.set("count", str(len(self._styles)))
            self._known[style, code] = str(len(self._styles) - 1)
        return self._known[style, code]

    def _number(self, code: str) -> int:
        for identifier, known in self._codes.items():
            if known == code:
                return identifier
        identifier = max(_FIRST_OWN, *self._codes) + 1
        append_new(self._own, "numFmt", numFmtId=str(identifier), formatCode=code)
        self._own.set("count", str(len(self._own)))
        self._codes[identifier] = code
        return identifier


@lru_cache(maxsize=4096)
def _decimals_shown(code: str, stored: Decimal) -> tuple[Decimal, int, bool] | None:
    found = read_number(make_cell(1, 1, stored, code).text)
    return None if found is None else (found.value, found.decimals, found.percent)


def _shows(code: str, stored: Decimal, value: Field, exactly: bool) -> bool:
    shown = _decimals_shown("General" if code == "@" else code, stored)
    if shown is None:
        return False
    figure, decimals, percent = shown
    if figure != value.number or percent != value.percent:
        return False
    return decimals == value.decimals if exactly else decimals >= value.decimals
