"""The template's sheets as built, once a session."""

from __future__ import annotations

from functools import lru_cache

import build_template
from sheets.writer import Button

WORKBOOK = build_template.HERE
BUTTONS = (Button("PE_check_all", "一键校验"), Button("PE_help", "帮助"))


def build(macros: bool) -> bytes:
    return build_template.sheets(macros, BUTTONS if macros else ())


@lru_cache(maxsize=2)
def built(macros: bool) -> bytes:
    """The sheets of a variant, with two buttons where there are macros."""
    return build(macros)
