"""One page and one browser for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .browser import Screen, browsing, built


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="session")
def context() -> Iterator[Any]:
    with browsing() as opened:
        yield opened


@pytest.fixture(scope="module")
def screen(context: Any, page_file: Path) -> Iterator[Screen]:
    """A page that is ready; what a test opens in it, the next one sees."""
    page = context.new_page()
    yield Screen(page).start(page_file)
    page.close()
