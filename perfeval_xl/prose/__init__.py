"""Chinese report prose: the figures it states, each with its name, unit, year and scope."""

from __future__ import annotations

from .naming import SIMILAR, alike, core
from .reading import Figure, Prose, agrees, leeway, read, scope_of

__all__ = ["SIMILAR", "Figure", "Prose", "agrees", "alike", "core", "leeway", "read", "scope_of"]
