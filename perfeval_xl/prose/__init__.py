"""Chinese report prose: the figures it states, each with its name, unit, year and scope."""

from __future__ import annotations

from .assertions import assertions
from .naming import SIMILAR, alike, core
from .precision import implied, room, told
from .reading import agrees, leeway, read, says_spent, scope_of
from .records import Assertion, Figure, Listing, Prose, Quotient, Reading, Sum

__all__ = [
    "SIMILAR",
    "Assertion",
    "Figure",
    "Listing",
    "Prose",
    "Quotient",
    "Reading",
    "Sum",
    "agrees",
    "alike",
    "assertions",
    "core",
    "implied",
    "leeway",
    "read",
    "room",
    "says_spent",
    "scope_of",
    "told",
]
