"""The page as it is built: the same bytes from the same sources, nothing that could reach the network, typed scripts."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from .browser import built, chromium

#: Bytes: what a mail may carry, and what there is to win is in docs/page.md.
LARGEST = 12_000_000


@pytest.fixture(scope="module")
def text(page_file: Path) -> str:
    return page_file.read_text(encoding="utf-8")


def part(text: str, name: str) -> str:
    match = re.search(f'id="part-{name}">([^<]*)</script>', text)
    assert match is not None
    return match[1]


def python(text: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(gzip.decompress(base64.b64decode(part(text, "python")))))


def test_the_same_sources_give_the_same_bytes(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PERFEVAL_PAGE", raising=False)
    assert built(tmp_path).read_text(encoding="utf-8") == text


def test_it_is_small_enough_to_be_sent(text: str) -> None:
    assert len(text.encode()) < LARGEST


def test_its_policy_lets_nothing_in_or_out(text: str) -> None:
    found = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert found is not None
    rules = dict(rule.strip().split(" ", 1) for rule in found[1].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "'none'"
    assert "unsafe-inline" not in found[1]
    assert "'unsafe-eval'" not in found[1]
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts
    }
    assert hashes | {"blob:", "'wasm-unsafe-eval'"} == set(rules["script-src"].split())


def test_no_handler_stands_in_the_markup(text: str) -> None:
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    assert re.search(r"\son[a-z]+=|javascript:|style=", markup) is None


def test_every_rule_and_policy_is_inside(text: str) -> None:
    names = set(python(text).namelist())
    package = Path(__file__).parents[2] / "perfeval_xl"
    wanted = {
        f"perfeval_xl/{path.relative_to(package).as_posix()}{'c' if path.suffix == '.py' else ''}"
        for room in ("rules", "policy", "forms", "targets", "prose", "runs", "report", "hosts/package", "web")
        for path in (package / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - names == set()
    assert not any(name.startswith(("perfeval_xl/cli", "perfeval_xl/excel", "lxml")) for name in names)


def test_licences_of_all_it_carries_are_inside(text: str) -> None:
    import json

    found = {one["name"]: one for one in json.loads(part(text, "licences").replace("\\u003c", "<"))}
    assert set(found) == {
        "perfeval-xl",
        "Pyodide",
        "Python",
        "et_xmlfile",
        "Jinja2",
        "MarkupSafe",
        "lark",
        "openpyxl",
        "python-calamine",
    }
    assert all(len(one["text"]) > 200 for one in found.values())
    assert all(one["licence"] and one["version"] for one in found.values())
    assert "MPL" in found["Pyodide"]["licence"]


def test_scripts_are_typed() -> None:
    chromium()
    import build_page

    build_page.install()
    checked = subprocess.run(
        [build_page.MODULES / ".bin" / "tsc", "-p", build_page.HERE], capture_output=True, text=True
    )
    assert checked.stdout == ""
    assert checked.returncode == 0
