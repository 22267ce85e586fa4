"""The script that builds the template, imported from its path: it is no part of the package."""

from __future__ import annotations

import importlib.util
import sys
from functools import lru_cache
from typing import Any

from tests.support import ROOT

WORKBOOK = ROOT / "workbook"


@lru_cache(maxsize=1)
def builder() -> Any:
    spec = importlib.util.spec_from_file_location("perfeval_build_template", WORKBOOK / "build_template.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@lru_cache(maxsize=2)
def built(macros: bool) -> bytes:
    """The sheets of a variant, with a button where there are macros."""
    module = builder()
    buttons = [module.Button("PE_check", "一键校验"), module.Button("PE_help", "帮助")] if macros else []
    data: bytes = module.sheets(macros, buttons)
    return data
