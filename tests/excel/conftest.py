"""The filled example, as a file and open in LibreOffice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import example_builder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "示例 单位.xlsx"
    path.write_bytes(example_builder().build("own", False))
    return path


@pytest.fixture
def book(calc: Any, path: Path) -> Any:
    return calc.books.open(path)
