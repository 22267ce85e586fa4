"""One LibreOffice for the tests of this room that need no environment of their own."""

from __future__ import annotations

from tests.workbook.live_calc import shared_calc

__all__ = ["shared_calc"]
