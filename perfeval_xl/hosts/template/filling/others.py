"""附件4 to 附件6 and the 自评报告 into the template."""

from __future__ import annotations

from perfeval_xl.forms import labels
from perfeval_xl.forms.records import FundTable, Narrative
from perfeval_xl.hosts.package.sheets import SheetPart

from .filler import Filler, in_ten_thousands, row_of, scaled

FUND_SHEETS = {"gov_fund": "附件4", "state_capital": "附件5", "social_insurance": "附件6"}
REPORT = "自评报告"


def write_fund_table(filler: Filler, table: FundTable) -> None:
    """One of the three fund tables; columns that the template lacks are left over."""
    sheet = FUND_SHEETS[table.kind]
    part = filler.template.parts[sheet]
    filler.heading(sheet, table, (3, 1), "预算单位名称：")
    header = {
        labels.role_of(stored.value, labels.FUND_TABLE_COLUMNS): column
        for (row, column), stored in sorted(part.stored().items())
        if row in (4, 5) and isinstance(stored.value, str)
    }
    top = row_of(part.texts(1), "合计")
    shipped = _guarded(part, top)
    totals = [row for row in table.rows if row.total]
    lines = [row for row in table.rows if not row.total] + totals[1:]
    filler.template.insert_rows(sheet, shipped[-1], len(lines) - len(shipped))
    factor = in_ten_thousands(table)
    for row, line in [*enumerate(lines, shipped[0]), *((top, row) for row in totals[:1])]:
        if row != top:
            filler.text(sheet, row, header.get("name") or 1, line.label.text, line.label)
            if line.code and header.get("code"):
                part.set(row, header["code"], line.code)
                filler.taken_texts.add((line.label.place.sheet, line.label.place.row, line.code))
        for role, value in line.cells.items():
            if role in header:
                filler.write(sheet, row, header[role], scaled(value, factor))


def _guarded(part: SheetPart, top: int) -> list[int]:
    """The rows between 合计 and the thin guard row."""
    rows = []
    for row in sorted(part.rows):
        if row <= top:
            continue
        if float(part.rows[row].get("ht", "24")) < 10:
            break
        rows.append(row)
    return rows


def write_narrative(filler: Filler, narrative: Narrative) -> None:
    """The report as it was, paragraph by paragraph; the template's own sentences make room for it."""
    part = filler.template.parts[REPORT]
    if narrative.year is not None and narrative.year != filler.template.named("PE_YEAR"):
        filler.text(REPORT, 1, 1, narrative.title.text, narrative.title)
    texts = part.texts(1)
    heading = next(row for row, text in texts.items() if text.startswith("一、"))
    styles = {True: part.cells[heading, 1].get("s", "0"), False: part.cells[heading + 2, 1].get("s", "0")}
    rows = [row for row in sorted(part.rows) if row > 1]
    filler.template.insert_rows(REPORT, rows[1], len(narrative.paragraphs) - len(rows), like=rows[1])
    headings = {paragraph.place for paragraph in narrative.headings}
    last = 1
    for last, paragraph in enumerate(narrative.paragraphs, 2):
        filler.text(REPORT, last, 1, paragraph.text, paragraph)
        part.style(last, 1, styles[paragraph.place in headings])
    for row in [row for row in sorted(part.rows) if row > last]:
        part.set(row, 1, "")
