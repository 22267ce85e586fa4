"""Chinese report prose: the figures it states, each with its name, unit, year and scope."""

from __future__ import annotations

from .listing import Listing
from .naming import SIMILAR, alike, core
from .reading import Figure, Prose, agrees, leeway, read, says_spent, scope_of

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
