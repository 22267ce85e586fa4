"""LibreOffice for tests: one for the whole session, skipped where there is none unless PERFEVAL_REQUIRE_LIVE is set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REQUIRED = bool(os.environ.get("PERFEVAL_REQUIRE_LIVE"))


def start_calc() -> Any:
    """A LibreOffice of the test's own, as xlwings.App."""
    from perfeval_xl import calc_engine

    try:
        return calc_engine.start()
    except calc_engine.OfficeError as error:
        if REQUIRED:
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def office() -> Iterator[Any]:
    """The session's LibreOffice; use ``calc``, which leaves no book open."""
    app = start_calc()
    yield app
    app.quit()


@pytest.fixture
def calc(office: Any) -> Iterator[Any]:
    """The running Calc, without a book before and after."""
    if not office.impl.office.alive():
        pytest.fail("the session's LibreOffice has ended")
    office.impl.activate()
    yield office
    for book in list(office.books):
        book.close()


def processes_with(text: str) -> list[int]:
    """Process ids whose command line names ``text`` (Linux)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if text.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found
