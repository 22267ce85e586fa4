"""`perfeval-xl new`: a copy of the template for one unit and year."""

from __future__ import annotations

from .hosts.template import Template, shipped

SUFFIXES = (".xlsm", ".xlsx")


def new_workbook(suffix: str, *, unit: str = "", year: int | None = None, policy: str | None = None) -> bytes:
    """The template with unit, year and policy filled in; all titles and headings say so already.

    ``suffix`` is ``.xlsm`` or ``.xlsx`` (without macros). Raises ``TemplateError`` where the template is missing.
    """
    template = Template(shipped(suffix))
    if unit:
        template.set_name("PE_UNIT", unit)
    if year is not None:
        template.set_name("PE_YEAR", year)
    if policy is not None:
        template.set_name("PE_POLICY", policy)
    template.recalculate()
    return template.to_bytes()
