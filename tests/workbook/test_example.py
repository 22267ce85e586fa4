"""The bundled example: reproducible, true to the real report, and different from its clean twin only as listed."""

from __future__ import annotations

import importlib.util
import io
import re
import sys
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

openpyxl = pytest.importorskip("openpyxl")
yaml = pytest.importorskip("yaml")
pytest.importorskip("xlsxwriter")

WORKBOOK = Path(__file__).resolve().parents[2] / "workbook"
LAYOUTS = ("own", "stacked", "text")
FIGURE = re.compile(r"\d+(?:\.\d+)*[ \u00a0]*(?:%|[\u4e00-\u9fff]?)")


def _load_builder() -> ModuleType:
    """Import the build script from its path: it is no part of the package."""
    spec = importlib.util.spec_from_file_location("perfeval_build_example", WORKBOOK / "build_example.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


builder = _load_builder()
MENDED: list[dict[str, str]] = builder.load_yaml(WORKBOOK / "example" / "mended.yaml")
SEED_FIGURES: dict[str, list[str]] = builder.load_yaml(Path(__file__).with_name("seed-figures.yaml"))


def members(xlsx: bytes) -> list[tuple[str, bytes]]:
    """Names and uncompressed bytes of a package, in order: what two builds must share, whatever zlib does."""
    with zipfile.ZipFile(io.BytesIO(xlsx)) as package:
        return [(info.filename, package.read(info)) for info in package.infolist()]


def values(xlsx: bytes) -> dict[tuple[str, str], Any]:
    """All cells that hold something, by sheet and address, each with its number format."""
    book = openpyxl.load_workbook(io.BytesIO(xlsx))
    return {
        (sheet.title, cell.coordinate): (cell.value, cell.number_format)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


@pytest.fixture(scope="module")
def built() -> dict[tuple[str, bool], dict[tuple[str, str], Any]]:
    return {
        (layout, clean): values(builder.build(layout, clean)) for layout in LAYOUTS for clean in (False, True)
    }


@pytest.mark.parametrize("clean", [False, True])
def test_committed_file_is_what_the_sources_build(clean: bool) -> None:
    committed = builder.committed(clean).read_bytes()
    assert members(committed) == members(builder.build("own", clean))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_building_twice_gives_the_same_bytes(layout: str) -> None:
    assert builder.build(layout, False) == builder.build(layout, False)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_clean_twin_differs_only_in_the_mended_cells(built: Any, layout: str) -> None:
    example, clean = built[layout, False], built[layout, True]
    changed = {cell for cell in example.keys() | clean.keys() if example.get(cell) != clean.get(cell)}
    listed = {(entry["sheet"], entry["cell"]) for entry in MENDED}
    assert changed == ({builder.where(*cell) for cell in listed} if layout == "stacked" else listed)


def test_mended_entries_are_complete_and_unique() -> None:
    assert all(entry["why"].endswith("。") and entry["was"] != entry["becomes"] for entry in MENDED)
    assert max(Counter((entry["sheet"], entry["cell"]) for entry in MENDED).values()) == 1


def test_mending_refuses_a_cell_that_is_not_what_it_was() -> None:
    cell = builder.Cell(0, 0, "9", "centre")
    with pytest.raises(builder.MendError, match="A1"):
        builder._mended("附件1", cell, {("附件1", "A1"): {"was": "8", "becomes": "7"}})


@pytest.mark.parametrize("sheet", SEED_FIGURES)
def test_every_figure_of_the_real_report_is_there(built: Any, sheet: str) -> None:
    texts = [value for (name, _), (value, _) in built["text", False].items() if name == sheet]
    figures = Counter(re.sub(r"\s", "", figure) for text in texts for figure in FIGURE.findall(text))
    missing = Counter(SEED_FIGURES[sheet]) - figures
    assert not missing


def test_stacked_layout_holds_the_same_cells_moved_down(built: Any) -> None:
    own, stacked = built["own", False], built["stacked", False]
    assert {builder.where(*cell): value for cell, value in own.items()} == stacked


def test_numbers_are_typed_as_numbers_and_shown_as_typed(built: Any) -> None:
    own = built["own", False]
    assert own["附件3-5", "I6"] == (9.2, "0.00")
    assert own["附件3-5", "H6"] == (0.92, "0%")
    assert own["附件1", "F5"] == (1, "0%")
    assert own["附件1", "B13"] == (564.91, "General")
    assert own["附件2", "E15"] == ("≥100人", "General")
    assert built["own", True]["附件2", "F30"] == (0.722, "0.0%")


def test_text_layout_holds_only_text(built: Any) -> None:
    assert all(isinstance(value, str) for value, _ in built["text", False].values())
    assert built["text", False]["附件3-5", "I6"] == ("9.20", "@")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("clean", [False, True])
def test_no_formulas_phones_or_conversion_marks(built: Any, layout: str, clean: bool) -> None:
    texts = [unicodedata.normalize("NFKC", str(value)) for value, _ in built[layout, clean].values()]
    assert not [text for text in texts if text.startswith("=") or "bookmark" in text]
    assert not [text for text in texts if re.search(r"(?<![\d.])\d{11}(?!\d)", text)]


def test_unknown_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="sideways"):
        builder.build("sideways", False)


def test_out_writes_both_in_all_layouts(tmp_path: Path) -> None:
    assert builder.main(["--out", str(tmp_path)]) == 0
    names = {f"{which}-2023-{layout}.xlsx" for which in ("example", "clean") for layout in LAYOUTS}
    assert {path.name for path in tmp_path.iterdir()} == names
