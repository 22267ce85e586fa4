"""Writes forms that were read elsewhere into the template: by labels, rows inserted and project sheets added.

Figures go where a clerk would type them, in 万元 where the template says so; a computed cell keeps its formula unless
what the form says there is something else, which then stands typed over it, for the checks to find. Whatever finds no
place is told by who compares the source with ``Filler.moves``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from perfeval_xl.forms.records import Field, Forms
from perfeval_xl.grid import Grid
from perfeval_xl.hosts.template.template import PROJECT, Template

from .basic import BasicWriter
from .copies import copy_form
from .filler import Filler, Move, date_of, signature_parts
from .indicators import IndicatorWriter
from .others import write_fund_table, write_narrative

__all__ = ["Filler", "Move", "fill", "fill_in"]

OVERALL = "附件2"


def fill(template: Template, forms: Forms) -> tuple[str, ...]:
    """Write the forms into the template and work out every formula; what a clerk should know is returned."""
    return tuple(fill_in(template, forms, {}, {}).notes)


def fill_in(
    template: Template, forms: Forms, given: Mapping[str, Field], grids: Mapping[str, Grid]
) -> Filler:
    """The same, with the account of what went where; ``given`` are the particulars that the source's own 填报说明
    states, by the names of the template's cells; a form of a kind there is one sheet of is copied from the source's
    ``grids``, by name, where another has that sheet."""
    filler = Filler(template)
    _particulars(filler, forms, given)
    for basic in forms.basic[:1]:
        BasicWriter(filler, basic).write()
    for overall in forms.overall[:1]:
        IndicatorWriter(filler, OVERALL, overall).write()
    sheets = [PROJECT.format(1)]
    sheets += [template.add_project() for _ in forms.projects[1:]]
    for name, project in zip(sheets, forms.projects, strict=False):
        IndicatorWriter(filler, name, project).write()
    tables = {table.kind: table for table in reversed(forms.funds)}
    for table in tables.values():
        write_fund_table(filler, table)
    for narrative in forms.narratives[:1]:
        write_narrative(filler, narrative)
    second = [table for table in forms.funds if table is not tables[table.kind]]
    for form in (*forms.basic[1:], *forms.overall[1:], *second, *forms.narratives[1:]):
        if form.sheet in grids:
            copy_form(filler, form, grids[form.sheet])
        else:
            filler.notes.append(f"多出的{form.caption}没有写入")
    filler.settle()
    return filler


def _particulars(filler: Filler, forms: Forms, given: Mapping[str, Field]) -> None:
    """Unit, year and who filled it in, as 填报说明 asks for them."""
    template = filler.template
    unit = next(
        (form.unit_name for form in forms if form.unit_name is not None and form.unit_name.filled), None
    )
    if unit is not None:
        template.set_name("PE_UNIT", unit.text)
        filler.moved(*template.place("PE_UNIT"), unit)
    years = Counter(form.year for form in forms if form.year is not None)
    if years:
        template.set_name("PE_YEAR", float(years.most_common(1)[0][0]))
    signed = next((form.signature for form in forms.overall if form.signature is not None), None)
    if signed is not None:
        parts = signature_parts(signed)
        template.set_name("PE_PERSON", parts.get("填表人", ""))
        template.set_name("PE_PHONE", parts.get("联系电话", ""))
        if (date := date_of(parts.get("填报日期", ""))) is not None:
            template.set_name("PE_DATE", date)
    for name, value in given.items():
        date = date_of(value.text) if name == "PE_DATE" else None
        figure = float(value.number) if value.number is not None and name == "PE_YEAR" else value.text
        template.set_name(name, figure if date is None else date)
        filler.moved(*template.place(name), value)
