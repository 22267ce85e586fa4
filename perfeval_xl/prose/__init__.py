"""Chinese report prose: the figures it states, each with its name, unit, year and scope."""

from __future__ import annotations

from .naming import SIMILAR, alike, core
from .reading import agrees, leeway, read, says_spent, scope_of
from .records import Figure, Listing, Prose

__all__ = [
    "SIMILAR",
    "Figure",
    "Listing",
    "Prose",
    "agrees",
    "alike",
    "core",
    "leeway",
    "read",
    "says_spent",
    "scope_of",
]
