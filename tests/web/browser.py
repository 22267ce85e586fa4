"""The page in a real Chromium, opened from a disk: built once, its network cut off and watched.

Needs node (to build), the package playwright and a Chromium: ``PERFEVAL_CHROMIUM`` names one, else Debian's is taken.
``PERFEVAL_PAGE`` names a page that was built already. What is missing skips the tests unless PERFEVAL_REQUIRE_PAGE is set.
"""

from __future__ import annotations

import base64
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT

BUILDER = ROOT / "web"
REQUIRED = bool(os.environ.get("PERFEVAL_REQUIRE_PAGE"))
NAMES = ("chromium", "chromium-browser", "google-chrome")
#: Milliseconds: a machine may have much else to do.
PATIENCE = 40_000

_CHECK = """async ([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  try { return { ok: await window.perfeval.check(name, bytes) }; } catch (error) { return { error: error.message }; }
}"""


def chromium() -> str:
    found = os.environ.get("PERFEVAL_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None or importlib.util.find_spec("playwright") is None:
        _missing("a Chromium and the package playwright are needed")
    return str(found)


def _missing(what: str) -> None:
    if REQUIRED:
        raise RuntimeError(what)
    pytest.skip(what)


def built(folder: Path) -> Path:
    """The page; built into the folder unless one is named."""
    if named := os.environ.get("PERFEVAL_PAGE"):
        return Path(named).resolve()
    chromium()
    if shutil.which("node") is None:
        _missing("the page needs node to be built")
    if str(BUILDER) not in sys.path:  # where pytest does not run
        sys.path.append(str(BUILDER))
    import build_page

    out = folder / "自评检查.html"
    out.write_text(build_page.build()[0], encoding="utf-8", newline="\n")
    return out


class Screen:
    """A page that is open, as whoever sits before it sees it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        page.set_default_timeout(PATIENCE)

    def start(self, file: Path) -> Screen:
        """Opens the page and waits until it can check."""
        self.page.goto(file.as_uri())
        self.page.wait_for_selector(
            "#engine.ready, #sorry:not([hidden]), #cannot:not([hidden]), #work:not([hidden])"
        )
        return self

    @property
    def beyond(self) -> list[str]:
        """What was asked of anything but the page's own file and memory."""
        return [url for url in self.requests[1:] if not url.startswith(("blob:", "data:"))]

    def check(self, name: str, data: bytes) -> dict[str, Any]:
        """``window.perfeval.check``: {"ok": report/2} or {"error": line}."""
        return dict(self.page.evaluate(_CHECK, [name, base64.b64encode(data).decode()]))

    def open(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Chooses files as with the button; waits for the work screen or for a line that says why not."""
        kind = "application/octet-stream"
        given = [{"name": name, "mimeType": kind, "buffer": data} for name, data in files]
        self.page.set_input_files("#file", given)
        self.page.wait_for_selector("td[data-cell], .empty, #sorry:not([hidden]), .toast .bad")

    def toasted(self, text: str) -> None:
        """Waits for a message."""
        self.page.wait_for_selector(f".toast p:has-text('{text}')")

    def type(self, cell: str, text: str) -> None:
        """Types into a cell of the sheet that is shown, and waits until it was checked again."""
        sheet = self.page.locator(".tabs [aria-selected=true]").first
        self.page.click(f"td[data-cell={cell}]")
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        assert sheet.inner_text()
        self.toasted(f"{cell} 改好了")

    def download(self, title: str) -> bytes:
        """Downloads what a row of 下载 offers."""
        self.page.click("text=下载…")
        with self.page.expect_download() as waiting:
            self.page.click(f".downloads li:has-text('{title}') button")
        self.page.keyboard.press("Escape")
        return Path(waiting.value.path()).read_bytes()


@contextmanager
def browsing(size: tuple[int, int] = (1366, 768)) -> Iterator[Any]:
    """A browser context without network; ``new_page`` gives pages."""
    executable = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, offline=True, accept_downloads=True
        )
        yield context
        browser.close()
