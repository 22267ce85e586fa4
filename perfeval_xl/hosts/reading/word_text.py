"""The text of a Word paragraph as it is shown: symbols of symbol fonts, equations, what is hidden, lines of a contents page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from perfeval_xl import patterns as re
from perfeval_xl.text import clean

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_MATH = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/math}",
    "{http://purl.oclc.org/ooxml/officeDocument/math}",
)
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

# -- elements -----------------------------------------------------------------------------------------------------


def word(element: Any) -> str:
    """The element's name in WordprocessingML, "" for anything else."""
    return _name_of(element.tag)


@lru_cache(maxsize=1024)
def _name_of(tag: str) -> str:
    space, _, name = tag.rpartition("}")
    return name if space in (f"{{{MAIN}", f"{{{STRICT}") else ""


def attribute(element: Any, name: str, default: str = "") -> str:
    """An attribute of WordprocessingML."""
    return str(element.get(f"{{{MAIN}}}{name}", element.get(f"{{{STRICT}}}{name}", default)))


def children(element: Any, name: str) -> Iterator[Any]:
    """Children of a name, also those inside content controls and accepted insertions."""
    for one in element:
        own = word(one)
        if own == name:
            yield one
        elif own in ("sdt", "sdtContent", "ins", "smartTag", "customXml", "moveTo"):
            yield from children(one, name)


def child(element: Any, *path: str) -> Any:
    if element is None:
        return None
    for name in path:
        wanted = _tags_of(name)
        for one in element:
            if one.tag in wanted:
                element = one
                break
        else:
            return None
    return element


@lru_cache(maxsize=256)
def _tags_of(name: str) -> tuple[str, str]:
    return f"{{{MAIN}}}{name}", f"{{{STRICT}}}{name}"


def is_on(element: Any) -> bool:
    """Whether a property that is on or off is there and on: ``<w:vanish w:val="0"/>`` is off."""
    return element is not None and attribute(element, "val", "1") not in ("0", "false", "off")


# -- symbols ------------------------------------------------------------------------------------------------------

#: What the fonts of symbols show for their character codes.
_SYMBOL: Mapping[int, str] = {
    0xA2: "′", 0xA3: "≤", 0xA4: "⁄", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°",
    0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB5: "∝", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈",
    0xBC: "…", 0xC5: "⊕", 0xD0: "∠", 0xD1: "∇", 0xD5: "∏", 0xD6: "√", 0xD7: "·", 0xE5: "∑", 0x2D: "-", 0x44: "Δ",
    0x53: "Σ", 0x57: "Ω", 0x61: "α", 0x62: "β", 0x64: "δ", 0x6C: "λ", 0x6D: "μ", 0x70: "π", 0x73: "σ", 0x7E: "~",
}  # fmt: skip
_WINGDINGS: Mapping[int, str] = {
    0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "□", 0x72: "□", 0x75: "◆", 0x76: "❖", 0x78: "☒", 0x9F: "•", 0xA1: "○",
    0xA7: "▪", 0xA8: "□", 0xD8: "➢", 0xE0: "→", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_WINGDINGS_2: Mapping[int, str] = {
    0x4F: "✗",
    0x50: "✓",
    0x51: "☒",
    0x52: "☑",
    0x53: "☒",
    0x54: "☒",
    0xA3: "□",
}
_WEBDINGS: Mapping[int, str] = {0x61: "✓", 0x63: "□", 0x72: "✗"}
_FONTS: Mapping[str, Mapping[int, str]] = {
    "symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "webdings": _WEBDINGS,
}  # fmt: skip


def _symbol(code: int, font: str) -> str:
    """What a symbol font shows for a code (0xF0A3 or 0xA3); a letter stays one, of anything unknown there is nothing."""
    low = code - 0xF000 if 0xF000 <= code <= 0xF0FF else code
    known = _FONTS.get(font.lower(), _SYMBOL).get(low)
    if known is not None:
        return known
    return chr(low) if low < 0x7F or low > 0xFF else ""


def _of_font(text: str, font: str) -> str:
    """The text of a run: letters of a symbol font as what they show."""
    if font.lower() in _FONTS:
        return "".join(
            _symbol(ord(letter), font) if ord(letter) <= 0xFF or _private(letter) else letter
            for letter in text
        )
    if any(map(_private, text)):
        return "".join(_symbol(ord(letter), "symbol") if _private(letter) else letter for letter in text)
    return text


def _private(letter: str) -> bool:
    return "\uf000" <= letter <= "\uf0ff"


def _font(properties: Any) -> str:
    """The font of symbols that a run's properties name, "" for any other."""
    fonts = child(properties, "rFonts")
    if fonts is None:
        return ""
    names = (attribute(fonts, name) for name in ("ascii", "hAnsi", "cs"))
    return next((name for name in names if name.lower() in _FONTS), "")


# -- text ---------------------------------------------------------------------------------------------------------

_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_LEFT_OUT = frozenset(
    {"txbxContent", "del", "moveFrom", "instrText", "delText", "rPr", "pPr", "tbl", "rt", "object"}
)


def text_of(element: Any) -> str:
    """The text of a paragraph as shown: deleted and hidden text, field codes, phonetic guides and text boxes left out."""
    pieces: list[str] = []
    _collect(element, pieces, "")
    return "".join(pieces)


def _collect(element: Any, pieces: list[str], font: str) -> None:
    for one in element:
        name = word(one)
        if name == "t":
            pieces.append(_of_font(one.text or "", font))
        elif name == "sym":
            pieces.append(_symbol_element(one))
        elif name in _BREAKS:
            pieces.append(_BREAKS[name])
        elif not name and one.tag.startswith(_MATH):
            pieces.append(_equation(one))
        elif name not in _LEFT_OUT and one.tag != FALLBACK:
            if name != "r":
                _collect(one, pieces, font)
                continue
            properties = child(one, "rPr")
            if not is_on(child(properties, "vanish")):
                _collect(one, pieces, _font(properties))


def _symbol_element(element: Any) -> str:
    code = attribute(element, "char")
    return (
        _symbol(int(code, 16), attribute(element, "font")) if re.fullmatch("[0-9A-Fa-f]{1,5}", code) else ""
    )


_POWERS = {"2": "²", "3": "³"}


def _equation(element: Any) -> str:
    """The text of an equation on one line: fractions with /, powers as they are typed."""
    name = element.tag.rpartition("}")[2]
    if name == "t":
        return element.text or ""
    if name.endswith("Pr"):
        return ""
    if name == "r":
        own = "".join(_equation(one) if not word(one) else "" for one in element)
        return own or text_of(element)
    parts = {one.tag.rpartition("}")[2]: _equation(one) for one in element}
    match name:
        case "f":
            return f"{parts.get('num', '')}/{parts.get('den', '')}"
        case "sSup":
            power = parts.get("sup", "")
            return parts.get("e", "") + _POWERS.get(power, f"^{power}")
        case "rad":
            return f"√{parts.get('e', '')}"
        case "d":
            return "(" + ",".join(_equation(one) for one in element if one.tag.endswith("}e")) + ")"
    return "".join(_equation(one) for one in element)


# -- contents pages -----------------------------------------------------------------------------------------------

_TOC_STYLE = re.compile(r"^(toc|目录)", re.IGNORECASE)
_TOC_FIELD = re.compile(r"\bPAGEREF\b|^\s*TOC\b")
_TYPED_ENTRY = re.compile(r"^.{2,60}?(?:[.…·•．‥]{3,}|\t[.…·•．‥\s]*)\s*\d{1,3}$")
_ENDS_IN_PAGE = re.compile(r"\d{1,3}$")


def in_contents(paragraph: Any, text: str) -> bool:
    """Whether a paragraph is a line of a contents page, or its heading: no section of the text, whatever it says."""
    cleaned = clean(text)
    if cleaned == "目录" or _TYPED_ENTRY.match(text.strip()):
        return True
    style = child(paragraph, "pPr", "pStyle")
    if style is not None and _TOC_STYLE.match(attribute(style, "val")):
        return True
    if _ENDS_IN_PAGE.search(cleaned) and any(
        _TOC_FIELD.search(code.text or "") for code in paragraph.iter() if word(code) == "instrText"
    ):
        return True
    return any(_is_gallery(one) for one in paragraph.iterancestors() if word(one) == "sdt")


def _is_gallery(control: Any) -> bool:
    gallery = child(control, "sdtPr", "docPartObj", "docPartGallery")
    return gallery is not None and "table of contents" in attribute(gallery, "val").lower()


# -- what is no text ----------------------------------------------------------------------------------------------

PICTURE, OBJECT = "图片", "嵌入对象"
_SHEETS = re.compile(r"^(Excel|ET|WPS|KET|Word|KWPS|Package|opendocument|soffice|StarCalc)", re.IGNORECASE)


def embedded(paragraph: Any) -> str | None:
    """What stands in a paragraph in place of text: an embedded table or document, a picture; None where there is neither."""
    picture = False
    for one in paragraph.iter():
        name = one.tag.rpartition("}")[2]
        if name == "OLEObject" and _SHEETS.match(one.get("ProgID", "")):
            return OBJECT
        picture = picture or name in ("blip", "imagedata")
    return PICTURE if picture and not any(word(one) == "object" for one in paragraph.iter()) else None
