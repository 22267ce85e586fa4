"""The rules, one module or folder a family. A rule is registered by its module being imported."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from perfeval_xl.rules.registry import RULES, Rule


def load() -> Mapping[str, Rule]:
    """All rules by their codes. Every module below this folder is imported, so that a new one needs to be named nowhere."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    return RULES
