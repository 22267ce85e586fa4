"""What makes Excel offer a repair, or drop a part in silence, as far as it can be told from the package alone.

``repair_causes`` names every cause it finds. Sources: ECMA-376 part 1 and 2, MS-OI29500, and what users of libraries that
write workbooks have reported.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree
from oletools.olevba import VBA_Parser

from perfeval_xl.hosts.package.xml import WORKBOOK_ORDER, WORKSHEET_ORDER

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
RIBBON = "{http://schemas.microsoft.com/office/2009/07/customui}"
VML = "{urn:schemas-microsoft-com:office:excel}"

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
_NAME = re.compile(r"[^\W\d][\w.\\?]*|\\[\w.\\?]+")
_SHEET_IN_FORMULA = re.compile(r"'((?:[^']|'')+)'!|(?<![\w.'\]])([^\W\d][\w.]*)!")
_STRING = re.compile(r'"[^"]*"')
_XML_ID = re.compile(r"[^\W\d][\w.-]*")


def repair_causes(package: bytes) -> list[str]:
    """Every cause found, as readable lines; none means nothing known."""
    try:
        parts = _Parts.of(package)
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError) as error:
        return [f"the package does not open: {error}"]
    checks = (
        _container, _content_types, _relations, _workbook, _names, _styles, _sheets, _tables, _project, _ribbon, _macros_of_buttons,
    )  # fmt: skip
    return [cause for check in checks for cause in check(parts)]


@dataclass
class _Parts:
    """The package, taken apart."""

    names: list[str]
    content: dict[str, bytes]
    trees: dict[str, etree._Element]
    relations: dict[str, list[etree._Element]] = field(default_factory=dict)

    @classmethod
    def of(cls, package: bytes) -> _Parts:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            if archive.testzip() is not None:
                raise zipfile.BadZipFile("a member is damaged")
            names = [info.filename for info in archive.infolist()]
            content = {name: archive.read(name) for name in names}
        trees = {
            name: etree.fromstring(data)
            for name, data in content.items()
            if name.endswith((".xml", ".rels", ".vml"))
        }
        parts = cls(names, content, trees)
        for name in names:
            if name.endswith(".rels"):
                folder, base = posixpath.split(name)
                source = posixpath.join(posixpath.dirname(folder), base.removesuffix(".rels"))
                parts.relations[source] = list(trees[name].iter(f"{RELS}Relationship"))
        return parts

    def target(self, source: str, relation: etree._Element) -> str:
        where = posixpath.join("/", posixpath.dirname(source), relation.get("Target", ""))
        return posixpath.normpath(where).lstrip("/")

    def related(self, source: str, kind: str) -> list[str]:
        return [
            self.target(source, relation)
            for relation in self.relations.get(source, [])
            if relation.get("Type", "").endswith(f"/{kind}")
        ]

    @cached_property
    def workbook(self) -> etree._Element:
        return self.trees["xl/workbook.xml"]

    @cached_property
    def sheets(self) -> dict[str, etree._Element]:
        """Worksheets by title."""
        ids = {
            relation.get("Id"): self.target("xl/workbook.xml", relation)
            for relation in self.relations.get("xl/workbook.xml", [])
        }
        found = {}
        for sheet in self.workbook.iter(f"{MAIN}sheet"):
            part = ids.get(sheet.get(f"{R}id"), "")
            if part in self.trees:
                found[sheet.get("name", "")] = self.trees[part]
        return found

    def part_of(self, tree: etree._Element) -> str:
        return next(name for name, other in self.trees.items() if other is tree)


def _twice(values: Iterable[str]) -> list[str]:
    return sorted(value for value, count in Counter(values).items() if count > 1)


# --- the container ---------------------------------------------------------------------------------------------


def _container(parts: _Parts) -> Iterator[str]:
    yield from (
        f"part {name} stands twice in the zip file" for name in _twice(name.lower() for name in parts.names)
    )
    yield from (
        f"part name {name!r} is not allowed"
        for name in parts.names
        if "\\" in name or not name.isascii() or name.endswith("/")
    )


def _content_types(parts: _Parts) -> Iterator[str]:
    root = parts.trees["[Content_Types].xml"]
    overrides = [element.get("PartName", "").lower() for element in root.iter(f"{TYPES}Override")]
    defaults = [element.get("Extension", "").lower() for element in root.iter(f"{TYPES}Default")]
    yield from (f"two content types for {name}" for name in [*_twice(overrides), *_twice(defaults)])
    lower = {f"/{name}".lower() for name in parts.names}
    yield from (f"a content type for {name}, which is not there" for name in overrides if name not in lower)
    for name in parts.names:
        if name == "[Content_Types].xml":
            continue
        if f"/{name}".lower() not in overrides and name.rpartition(".")[2].lower() not in defaults:
            yield f"no content type for {name}"
        bare = (
            name.endswith(".xml") and f"/{name}".lower() not in overrides and not name.startswith("customUI/")
        )
        if bare:
            yield f"{name} has only the content type of any XML"


def _relations(parts: _Parts) -> Iterator[str]:
    reached = set()
    for source, relations in parts.relations.items():
        if source and source not in parts.content:
            yield f"relationships of {source}, which is not there"
        yield from (
            f"relationship {name} of {source or 'the package'} stands twice"
            for name in _twice(r.get("Id", "") for r in relations)
        )
        for relation in relations:
            target = parts.target(source, relation)
            reached.add(target)
            if not _XML_ID.fullmatch(relation.get("Id", "")):
                yield f"relationship id {relation.get('Id')!r} of {source} is not allowed"
            if relation.get("TargetMode") != "External" and target not in parts.content:
                yield f"{source or 'the package'} points to {target}, which is not there"
    for name, tree in parts.trees.items():
        known = {relation.get("Id") for relation in parts.relations.get(name, [])}
        for element in tree.iter(etree.Element):
            for key, value in element.attrib.items():
                if str(key).startswith(R) and value not in known:
                    yield f"{name} uses the relationship {value!s}, which is not there"
    for name in parts.names:
        if not name.endswith(".rels") and name != "[Content_Types].xml" and name not in reached:
            yield f"nothing points to {name}"


# --- the workbook ----------------------------------------------------------------------------------------------


def _order(root: etree._Element, order: tuple[str, ...], where: str) -> Iterator[str]:
    ranks = [order.index(name) for name in map(_local, root) if name in order]
    if ranks != sorted(ranks):
        yield f"{where}: elements stand in the wrong order"


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _workbook(parts: _Parts) -> Iterator[str]:
    yield from _order(parts.workbook, WORKBOOK_ORDER, "workbook")
    sheets = list(parts.workbook.iter(f"{MAIN}sheet"))
    titles = [sheet.get("name", "") for sheet in sheets]
    yield from (f"two sheets are called {title}" for title in _twice(title.lower() for title in titles))
    for attribute in ("sheetId", f"{R}id"):
        yield from (
            f"two sheets have the {attribute} {value}"
            for value in _twice(sheet.get(attribute, "") for sheet in sheets)
        )
    for title in titles:
        if (
            not 0 < len(title) <= 31
            or re.search(r"[\[\]:*?/\\]", title)
            or title.startswith("'")
            or title.endswith("'")
        ):
            yield f"{title!r} cannot be the name of a sheet"
    visible = [index for index, sheet in enumerate(sheets) if sheet.get("state", "visible") == "visible"]
    if not visible:
        yield "no sheet is visible"
    for view in parts.workbook.iter(f"{MAIN}workbookView"):
        if int(view.get("activeTab", 0)) not in visible:
            yield "activeTab is a sheet that is not shown"
        if int(view.get("firstSheet", 0)) >= len(sheets):
            yield "firstSheet is a sheet that is not there"


def _names(parts: _Parts) -> Iterator[str]:
    titles = [sheet.get("name", "").lower() for sheet in parts.workbook.iter(f"{MAIN}sheet")]
    names = list(parts.workbook.iter(f"{MAIN}definedName"))
    for key in _twice(
        f"{name.get('name', '').lower()} of sheet {name.get('localSheetId', '-')}" for name in names
    ):
        yield f"two defined names {key}"
    for name in names:
        title, formula = name.get("name", ""), name.text or ""
        bare = title.removeprefix("_xlnm.")
        if not _NAME.fullmatch(bare) or len(title) > 255 or _is_cell(bare) or bare.upper() in ("R", "C"):
            yield f"{title!r} cannot be a defined name"
        if int(name.get("localSheetId", 0)) >= len(titles):
            yield f"name {title} belongs to a sheet that is not there"
        if not formula.strip() or formula.startswith("="):
            yield f"name {title} has no proper formula"
        for sheet in _sheets_in(formula):
            if sheet.lower() not in titles:
                yield f"name {title} points to the sheet {sheet}, which is not there"


def _is_cell(name: str) -> bool:
    found = _CELL.fullmatch(name.upper())
    return (found is not None and _column(found[1]) <= MOST_COLUMNS and int(found[2]) <= MOST_ROWS) or bool(
        re.fullmatch(r"R\d*C\d*", name.upper())
    )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _sheets_in(formula: str) -> set[str]:
    bare = _STRING.sub('""', formula)
    found = set()
    for quoted, plain in _SHEET_IN_FORMULA.findall(bare):
        for sheet in (quoted.replace("''", "'") or plain).split(":"):
            found.add(sheet)
    return found


# --- styles ------------------------------------------------------------------------------------------------------


def _style_sheet(parts: _Parts) -> etree._Element | None:
    return parts.trees.get("xl/styles.xml")


def _count(parts: _Parts, name: str) -> int:
    styles = _style_sheet(parts)
    found = None if styles is None else styles.find(f"{MAIN}{name}")
    return 0 if found is None else len(found)


def _styles(parts: _Parts) -> Iterator[str]:
    styles = _style_sheet(parts)
    if styles is None:
        return
    for collection in styles:
        stated = collection.get("count")
        if stated is not None and int(stated) != len(collection):
            yield f"styles: {_local(collection)} says {stated} and has {len(collection)}"
    yield from (
        f"two number formats {value}"
        for value in _twice(
            element.get("numFmtId", "") for element in styles.findall(f"{MAIN}numFmts/{MAIN}numFmt")
        )
    )
    known = {int(element.get("numFmtId", "0")) for element in styles.findall(f"{MAIN}numFmts/{MAIN}numFmt")}
    for xf in [*styles.iterfind(f"{MAIN}cellXfs/{MAIN}xf"), *styles.iterfind(f"{MAIN}cellStyleXfs/{MAIN}xf")]:
        for attribute, name in (
            ("fontId", "fonts"),
            ("fillId", "fills"),
            ("borderId", "borders"),
            ("xfId", "cellStyleXfs"),
        ):
            if int(xf.get(attribute, "0")) >= _count(parts, name):
                yield f"a style uses {attribute} {xf.get(attribute)}, which is not there"
        if int(xf.get("numFmtId", "0")) >= 164 and int(xf.get("numFmtId", "0")) not in known:
            yield f"a style uses the number format {xf.get('numFmtId')}, which is not there"
    if _count(parts, "cellXfs") > 64_000 or _count(parts, "fonts") > 1024:
        yield "too many styles or fonts"


# --- sheets ------------------------------------------------------------------------------------------------------

Area = tuple[int, int, int, int]


def _area(text: str) -> Area | None:
    """First row, first column, last row, last column; None for what is no range."""
    corners = [_CELL.fullmatch(corner) for corner in text.split(":")]
    if not 1 <= len(corners) <= 2 or any(corner is None for corner in corners):
        return None
    places = [(int(corner[2]), _column(corner[1])) for corner in corners if corner is not None]
    area = (*places[0], *places[-1])
    inside = area[2] <= MOST_ROWS and area[3] <= MOST_COLUMNS
    return area if inside and area[0] <= area[2] and area[1] <= area[3] else None


def _overlap(first: Area, second: Area) -> bool:
    return first[0] <= second[2] and second[0] <= first[2] and first[1] <= second[3] and second[1] <= first[3]


def _overlapping(areas: list[Area]) -> bool:
    return any(_overlap(one, other) for index, one in enumerate(areas) for other in areas[:index])


def _ranges(parts_of: etree._Element, tag: str, attribute: str, where: str) -> Iterator[str | list[Area]]:
    """The ranges of all such elements; a text for one that is none."""
    for element in parts_of.iter(f"{MAIN}{tag}"):
        areas = [_area(text) for text in element.get(attribute, "").split()]
        if not areas or None in areas:
            yield f"{where}: {tag} has the range {element.get(attribute)!r}"
        else:
            yield [area for area in areas if area is not None]


def _sheets(parts: _Parts) -> Iterator[str]:
    for title, root in parts.sheets.items():
        yield from _order(root, WORKSHEET_ORDER, title)
        yield from _cells(parts, title, root)
        yield from _layout(title, root)
        yield from _conditional_formats(parts, title, root)
        yield from _validations(title, root)


def _cells(parts: _Parts, title: str, root: etree._Element) -> Iterator[str]:
    strings = parts.trees.get("xl/sharedStrings.xml")
    most = 0 if strings is None else len(strings)
    titles = {name.lower() for name in parts.sheets}
    last_row = 0
    for row in root.iterfind(f"{MAIN}sheetData/{MAIN}row"):
        number, last_column = int(row.get("r", last_row + 1)), 0
        if not last_row < number <= MOST_ROWS or float(row.get("ht", 0)) > 409.5:
            yield f"{title}: row {number} is out of order or too high"
        last_row = number
        for cell in row:
            place = cell.get("r", "")
            area = _area(place)
            if area is None or area[0] != number or area[1] <= last_column:
                yield f"{title}: cell {place!r} is out of order"
            last_column = last_column if area is None else area[1]
            yield from (
                f"{title}!{place}: {cause}" for cause in _cell(cell, most, _count(parts, "cellXfs"), titles)
            )


def _cell(cell: etree._Element, strings: int, styles: int, titles: set[str]) -> Iterator[str]:
    value, formula = cell.findtext(f"{MAIN}v"), cell.find(f"{MAIN}f")
    if int(cell.get("s", "0")) >= max(1, styles):
        yield f"style {cell.get('s')} is not there"
    kind = cell.get("t", "n")
    if kind == "s" and (not (value or "").isdigit() or int(value or 0) >= strings):
        yield f"shared string {value} is not there"
    if kind == "n" and value and not re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", value):
        yield f"{value!r} is no number"
    if kind == "b" and value not in ("0", "1"):
        yield f"{value!r} is no boolean"
    if len("".join(map(str, cell.itertext()))) > 32_767:
        yield "the text is too long"
    if formula is not None and formula.text is not None:
        yield from _formula(formula.text, titles)


def _formula(text: str, titles: set[str]) -> Iterator[str]:
    """What is wrong with a formula."""
    bare = _STRING.sub('""', text)
    if text.startswith("=") or len(text) > 8192 or bare.count("(") != bare.count(")") or text.count('"') % 2:
        yield f"formula {text[:40]!r} cannot be read"
    if any(len(string) > 257 for string in _STRING.findall(text)):
        yield f"formula {text[:40]!r} holds a text of more than 255 characters"
    yield from (
        f"formula {text[:40]!r} points to the sheet {sheet}, which is not there"
        for sheet in _sheets_in(text)
        if sheet.lower() not in titles and "[" not in sheet
    )


def _layout(title: str, root: etree._Element) -> Iterator[str]:
    merged = list(_ranges(root, "mergeCell", "ref", title))
    yield from (found for found in merged if isinstance(found, str))
    if _overlapping([area for found in merged if isinstance(found, list) for area in found]):
        yield f"{title}: merged cells overlap"
    last = 0
    for column in root.iter(f"{MAIN}col"):
        first, end = int(column.get("min", 0)), int(column.get("max", 0))
        if not last < first <= end <= MOST_COLUMNS or float(column.get("width", 0)) > 255:
            yield f"{title}: columns {first}-{end} overlap or are too wide"
        last = end
    for element in root.iterfind(f"{MAIN}headerFooter/*"):
        if len(element.text or "") > 255:
            yield f"{title}: {_local(element)} is longer than 255 characters"
    for tag in ("dimension", "hyperlink", "autoFilter"):
        yield from (found for found in _ranges(root, tag, "ref", title) if isinstance(found, str))
    for link in root.iter(f"{MAIN}hyperlink"):
        if len(link.get("location", "")) > 2083 or len(link.get("tooltip", "")) > 255:
            yield f"{title}: the link at {link.get('ref')} is too long"


def _conditional_formats(parts: _Parts, title: str, root: etree._Element) -> Iterator[str]:
    yield from (
        found for found in _ranges(root, "conditionalFormatting", "sqref", title) if isinstance(found, str)
    )
    rules = list(root.iter(f"{MAIN}cfRule"))
    yield from (
        f"{title}: two conditional formats of priority {value}"
        for value in _twice(rule.get("priority", "") for rule in rules)
    )
    titles = {name.lower() for name in parts.sheets}
    for rule in rules:
        if int(rule.get("priority", "0")) < 1:
            yield f"{title}: a conditional format without priority"
        if rule.get("dxfId") is not None and int(rule.get("dxfId", "0")) >= _count(parts, "dxfs"):
            yield f"{title}: a conditional format uses the format {rule.get('dxfId')}, which is not there"
        formulas = [formula.text or "" for formula in rule.iter(f"{MAIN}formula")]
        if rule.get("type") == "expression" and not any(formulas):
            yield f"{title}: a conditional format without formula"
        for formula in formulas:
            yield from (f"{title}: conditional format: {cause}" for cause in _formula(formula, titles))
            if _sheets_in(formula):
                yield f"{title}: a conditional format names another sheet, which old versions refuse"


def _validations(title: str, root: etree._Element) -> Iterator[str]:
    holder = root.find(f"{MAIN}dataValidations")
    rules = [] if holder is None else list(holder)
    if holder is not None and int(holder.get("count", len(rules))) != len(rules):
        yield f"{title}: the count of validations is wrong"
    found = list(_ranges(root, "dataValidation", "sqref", title))
    yield from (text for text in found if isinstance(text, str))
    if _overlapping([area for areas in found if isinstance(areas, list) for area in areas]):
        yield f"{title}: validations overlap"
    limits = (("promptTitle", 32), ("errorTitle", 32), ("prompt", 255), ("error", 255))
    for rule in rules:
        yield from (
            f"{title}: {name} of the validation at {rule.get('sqref')} is too long"
            for name, most in limits
            if len(rule.get(name, "")) > most
        )
        formula = rule.findtext(f"{MAIN}formula1") or ""
        if rule.get("type", "none") != "none" and not formula:
            yield f"{title}: the validation at {rule.get('sqref')} has no formula"
        if len(formula) > 255 + 2 or formula.startswith("="):
            yield f"{title}: the formula of the validation at {rule.get('sqref')} is too long or begins with ="


# --- tables ------------------------------------------------------------------------------------------------------


def _tables(parts: _Parts) -> Iterator[str]:
    tables = [tree for name, tree in parts.trees.items() if name.startswith("xl/tables/")]
    names = [table.get("name", "").lower() for table in tables]
    defined = {name.get("name", "").lower() for name in parts.workbook.iter(f"{MAIN}definedName")}
    yield from (f"two tables are called {name}" for name in _twice(names))
    yield from (f"table {name} has the name of a defined name" for name in names if name in defined)
    yield from (
        f"two tables have the id {value}" for value in _twice(table.get("id", "") for table in tables)
    )
    for table in tables:
        name, area = table.get("displayName", ""), _area(table.get("ref", ""))
        columns = [column.get("name", "") for column in table.iter(f"{MAIN}tableColumn")]
        if not _NAME.fullmatch(name) or _is_cell(name):
            yield f"{name!r} cannot be the name of a table"
        if area is None or area[3] - area[1] + 1 != len(columns) or area[2] <= area[0]:
            yield f"table {name} has {len(columns)} columns in the range {table.get('ref')}"
        yield from (
            f"table {name} has two columns {column}"
            for column in _twice(column.lower() for column in columns)
        )
        if any(not column or "\n" in column for column in columns):
            yield f"table {name} has a column without a proper name"
        if area is not None:
            yield from _heading(parts, table, name, area, columns)


def _heading(
    parts: _Parts, table: etree._Element, name: str, area: Area, columns: list[str]
) -> Iterator[str]:
    part = parts.part_of(table)
    for title, root in parts.sheets.items():
        if part in parts.related(parts.part_of(root), "table"):
            written = [_written(parts, root, area[0], area[1] + offset) for offset in range(len(columns))]
            if table.get("headerRowCount", "1") != "0" and written != columns:
                yield f"table {name} on {title} is headed {written}, its columns are called {columns}"
            merged = [
                area_
                for found in _ranges(root, "mergeCell", "ref", title)
                if isinstance(found, list)
                for area_ in found
            ]
            if any(_overlap(area, other) for other in merged):
                yield f"table {name} on {title} holds merged cells"


def _written(parts: _Parts, root: etree._Element, row: int, column: int) -> str:
    strings = parts.trees.get("xl/sharedStrings.xml")
    for cell in root.iter(f"{MAIN}c"):
        area = _area(cell.get("r", ""))
        if area is not None and area[:2] == (row, column):
            value = cell.findtext(f"{MAIN}v") or ""
            return (
                "".join(map(str, strings[int(value)].itertext()))
                if cell.get("t") == "s" and strings is not None
                else value
            )
    return ""


# --- macros ------------------------------------------------------------------------------------------------------


def _code(parts: _Parts) -> dict[str, str]:
    project = parts.content.get("xl/vbaProject.bin")
    if project is None:
        return {}
    return {name: code for _, _, name, code in VBA_Parser("vbaProject.bin", data=project).extract_macros()}


def _project(parts: _Parts) -> Iterator[str]:
    code = _code(parts)
    properties = parts.workbook.find(f"{MAIN}workbookPr")
    names = [None if properties is None else properties.get("codeName")]
    for root in parts.sheets.values():
        sheet = root.find(f"{MAIN}sheetPr")
        names.append(None if sheet is None else sheet.get("codeName"))
    yield from (
        f"two sheets have the code name {name}"
        for name in _twice(str(name).lower() for name in names if name)
    )
    if not code:
        return
    documents = {
        name.removesuffix(".cls") for name, text in code.items() if "{0002082" in text or "{00020819" in text
    }
    if documents != {str(name) for name in names if name}:  # Excel gives a sheet without a code name one
        yield f"code names {names} and the project's documents {sorted(documents)} differ"


def _ribbon(parts: _Parts) -> Iterator[str]:
    for name in parts.related("", "extensibility"):
        root = parts.trees[name]
        controls = list(root.iter(f"{RIBBON}tab", f"{RIBBON}group", f"{RIBBON}button"))
        if root.tag != f"{RIBBON}customUI":
            yield "the ribbon is of another version than its name says"
        yield from (
            f"two ribbon controls {value}" for value in _twice(control.get("id", "") for control in controls)
        )
        for control in controls:
            if not _XML_ID.fullmatch(control.get("id", "")) or len(control.get("keytip", "")) > 3:
                yield f"ribbon control {control.get('id')!r} has an id or key tip that is not allowed"
            if any(len(control.get(text, "")) > 1024 for text in ("label", "screentip", "supertip")):
                yield f"ribbon control {control.get('id')} has a text of more than 1024 characters"
        called = {control.get("onAction", "") for control in controls} - {""}
        public = "\n".join(_code(parts).values())
        yield from (
            f"the ribbon calls {call}, which is not there"
            for call in called
            if f"Public Sub {call}(control As Object)" not in public
        )


def _macros_of_buttons(parts: _Parts) -> Iterator[str]:
    public = "\n".join(_code(parts).values())
    for name, tree in parts.trees.items():
        for macro in tree.iter(f"{VML}FmlaMacro"):
            called = (macro.text or "").rpartition("!")[2]
            if f"Public Sub {called}()" not in public:
                yield f"a button in {name} calls {called}, which is not there"
