"""The rules, one module or folder a family. A rule is registered by its module being imported."""

from __future__ import annotations

import importlib
import pkgutil


def load() -> None:
    """Import every module below this folder, so that a new one needs to be named nowhere."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
