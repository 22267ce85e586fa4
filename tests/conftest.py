"""Property tests look elsewhere at every run of a developer's, and at the same examples in CI."""

from __future__ import annotations

import os

from hypothesis import settings

from tests.live import calc, office

__all__ = ["calc", "office"]

settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")
