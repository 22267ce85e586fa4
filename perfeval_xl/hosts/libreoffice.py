"""LibreOffice as a converter and calculator: on a copy, in a profile of its own, with everything active switched off.

What it writes is only read from (it rewrites macros and lower-cases what it does not know), except for formats we
cannot mark otherwise.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
from pathlib import Path

from perfeval_xl import scratch
from perfeval_xl.calc_engine.office import SAFE_SETTINGS, Settings, find_soffice, tied, write_profile
from perfeval_xl.calc_engine.office import OfficeError as OfficeError
from perfeval_xl.files import why_unread

from .bounding import unbounded
from .limits import Limits

log = logging.getLogger(__name__)

#: Where the program is, or None.
program = find_soffice

_LOAD = "/org.openoffice.Office.Calc/Formula/Load"
#: Calculate everything whatever values are stored, and run nothing at all.
_SETTINGS: Settings = (
    *SAFE_SETTINGS,
    (_LOAD, "OOXMLRecalcMode", "0"),
    (_LOAD, "ODFRecalcMode", "0"),
    ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
)
_FILTERS = {"xlsx": "xlsx:Calc MS Excel 2007 XML"}


def convert(data: bytes, suffix: str, target: str, limits: Limits) -> bytes:
    """The bytes of a file in another format (``suffix`` ".xls", ``target`` "xlsx"), every formula calculated anew.

    OfficeError where LibreOffice is missing, fails, or takes longer than ``limits.office_seconds``.
    """
    soffice = program()
    if soffice is None:
        raise OfficeError("没有找到 LibreOffice")
    with scratch.folder() as folder:
        write_profile(folder / "profile", _SETTINGS)
        (folder / f"in{suffix}").write_bytes(data)
        _run(
            [
                soffice,
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
                *("--convert-to", _FILTERS.get(target, target), "--outdir", str(folder / "out")),
                str(folder / f"in{suffix}"),
            ],
            limits.office_seconds,
            folder / "tmp",
        )
        made = folder / "out" / f"in.{target}"
        if not made.is_file():
            raise OfficeError("LibreOffice 打不开这个文件")
        return made.read_bytes()


def installed_fonts() -> frozenset[str] | None:
    """The families of the fonts LibreOffice finds; None where only it can tell."""
    lister = shutil.which("fc-list")
    if lister is None:
        return None
    try:
        listed = subprocess.run([lister, ":", "family"], capture_output=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    lines = listed.decode("utf-8", "replace").splitlines()
    return frozenset(name.strip() for line in lines for name in line.split(","))


def as_pdf(document: bytes, limits: Limits) -> bytes:
    """A .docx as PDF; OfficeError as for ``convert``, with what to do instead."""
    instead = "请导出为 .docx，在 Word 或 WPS 里另存为 PDF"
    if program() is None:
        raise OfficeError(f"没有找到 LibreOffice，不能生成 PDF。{instead}")
    try:
        return convert(document, ".docx", "pdf", limits)
    except OfficeError as error:
        raise OfficeError(f"没有生成 PDF：{error}（要装有 Writer 的 LibreOffice）。{instead}") from None


def _run(command: list[str], seconds: int, temporary: Path) -> None:
    """Run to the end or to the time's, with a folder for its temporary files; then the program goes with all its children."""
    try:
        with unbounded():
            tie = tied(command, temporary, subprocess.PIPE)
    except OSError as error:
        raise OfficeError(f"LibreOffice 启动不了（{command[0]}：{why_unread(error)}）") from error
    try:
        output, _ = tie.process.communicate(timeout=seconds)
        log.debug("LibreOffice ended with %s: %s", tie.process.returncode, output[-2000:])
    except subprocess.TimeoutExpired:
        raise OfficeError(f"LibreOffice 超过 {seconds} 秒没有完成，已停止") from None
    finally:
        tie.end()
