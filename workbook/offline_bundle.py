#!/usr/bin/env python3
"""Collect everything a Windows computer without internet needs into one zip: wheels, an installer, a short text.

python workbook/offline_bundle.py OUT.zip                      for a computer with any Python of PYTHONS
python workbook/offline_bundle.py OUT.zip --python 3.12         for one with this version
python workbook/offline_bundle.py OUT.zip --with-python FILE    for one without Python: FILE is EMBEDDABLE, from python.org

Works on any system. Fails where a wheel for 64-bit Windows is missing, so a zip that was written is complete. The licences of all
that is carried lie in it.
"""

from __future__ import annotations

import argparse
import email
import hashlib
import io
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import third_party
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

from perfeval_xl.files import atomically
from perfeval_xl.runs.paging import PAGE
from perfeval_xl.version import __version__

ROOT = Path(__file__).resolve().parents[1]
NAME, EXTRA = "perfeval-xl", "excel"
PLATFORM = "win_amd64"
PYTHONS = ("3.11", "3.12", "3.13")
#: The last Python 3.12 that python.org gives for Windows: what is unpacked and needs no installation, with its SHA-256 …
EMBEDDABLE = "python-3.12.10-embed-amd64.zip"
EMBEDDABLE_SHA256 = "4acbed6dd1c744b0376e3b1cf57ce906f9dc9e95e68824584c8099a63025a3c3"
EMBEDDABLE_VERSION = "3.12"
#: … and the installer that a clerk without Python fetches.
INSTALLER = "python-3.12.10-amd64.exe"
INSTALLER_SHA256 = "67b5635e80ea51072b87941312d00ec8927c4db9ba18938f7ad2d27b328b95fb"
#: Where both lie.
FETCHED_FROM = "https://www.python.org/ftp/python/3.12.10/"
_PROGRAM, _SITE = "program", "Lib/site-packages"
_ROUNDS = 5

Pip = Callable[[Sequence[str]], None]
"""Runs pip with these arguments; BundleError where it fails."""


class BundleError(Exception):
    """The zip cannot be made; one line says why."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A collected wheel and what it needs."""

    path: Path
    name: str
    version: Version
    requires: tuple[Requirement, ...]


def pip(arguments: Sequence[str]) -> None:
    """The pip of this Python."""
    done = subprocess.run([sys.executable, "-m", "pip", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise BundleError(f"pip {arguments[0]}: {done.stderr.strip().splitlines()[-1:]}")


# --- wheels --------------------------------------------------------------------------------------------------


def collect(folder: Path, pythons: Sequence[str], run: Pip = pip) -> list[Path]:
    """Our own wheel and, for each Python, all that it needs on 64-bit Windows; every one is checked to be there."""
    run(["wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT)])
    own = next(folder.glob("perfeval_xl-*.whl"))
    for python in pythons:
        _collect_for(folder, own, python, run)
    return sorted(folder.glob("*.whl"))


def _collect_for(folder: Path, own: Path, python: str, run: Pip) -> None:
    # pip asks this system, not Windows, whether a requirement holds (pywin32 is one for Windows only): what is missing
    # is therefore asked for by name until nothing is.
    wanted = [f"{own}[{EXTRA}]"]
    for _ in range(_ROUNDS):
        run(
            [
                "download", "--dest", str(folder), "--only-binary=:all:", "--platform", PLATFORM,
                "--implementation", "cp", "--python-version", python, *wanted,
            ]
        )  # fmt: skip
        missing = _missing(folder, python)
        if not missing:
            return
        wanted += missing
    raise BundleError(f"Python {python}: no wheel for {PLATFORM} satisfies {', '.join(missing)}")


def _missing(folder: Path, python: str) -> list[str]:
    """Requirements, as Windows sees them, that no wheel of the folder satisfies."""
    wheels = [_read(path) for path in folder.glob("*.whl")]
    usable = [wheel for wheel in wheels if _fits(wheel.path, python)]
    environment = _windows(python)
    missing: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    queue = [Requirement(f"{NAME}[{EXTRA}]=={__version__}")]
    while queue:
        needed = queue.pop()
        found = next((w for w in usable if _satisfies(w, needed)), None)
        if found is None:
            needed.marker = None
            missing[str(needed)] = None
            continue
        for extra in ("", *needed.extras):
            if (found.name, extra) not in seen:
                seen.add((found.name, extra))
                queue += [r for r in found.requires if _holds(r, environment, extra)]
    return list(missing)


def _holds(requirement: Requirement, environment: dict[str, str], extra: str) -> bool:
    marker = requirement.marker
    if marker is None:
        return not extra  # once, not again for every extra
    return marker.evaluate({**environment, "extra": extra})


def _satisfies(wheel: Wheel, requirement: Requirement) -> bool:
    return wheel.name == canonicalize_name(requirement.name) and wheel.version in requirement.specifier


def _windows(python: str) -> dict[str, str]:
    """The markers of 64-bit Windows with this Python."""
    return {
        "implementation_name": "cpython", "implementation_version": f"{python}.0", "os_name": "nt",
        "platform_machine": "AMD64", "platform_python_implementation": "CPython", "platform_release": "10",
        "platform_system": "Windows", "platform_version": "10.0", "python_full_version": f"{python}.0",
        "python_version": python, "sys_platform": "win32",
    }  # fmt: skip


def _fits(path: Path, python: str) -> bool:
    """Whether a wheel can be installed on 64-bit Windows with this Python."""
    minor = int(python.partition(".")[2])
    tags = parse_wheel_filename(path.name)[3]
    return any(_tag_fits(tag.interpreter, tag.abi, tag.platform, minor) for tag in tags)


def _tag_fits(interpreter: str, abi: str, platform: str, minor: int) -> bool:
    if platform not in ("any", PLATFORM):
        return False
    if interpreter in ("py3", f"cp3{minor}", f"py3{minor}"):
        return abi in ("none", "abi3", f"cp3{minor}")
    older = re.fullmatch(r"cp3(\d+)", interpreter)
    return older is not None and abi == "abi3" and int(older[1]) <= minor


def _read(path: Path) -> Wheel:
    name, version, _, _ = parse_wheel_filename(path.name)
    with zipfile.ZipFile(path) as wheel:
        entry = next(entry for entry in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", entry))
        metadata = email.message_from_bytes(wheel.read(entry))
    requires = tuple(Requirement(line) for line in metadata.get_all("Requires-Dist", []))
    return Wheel(path, name, version, requires)


# --- a Python of its own -------------------------------------------------------------------------------------


def verified(path: Path) -> bytes:
    """The embeddable Python; BundleError where it is another file than the one that was published."""
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != EMBEDDABLE_SHA256:
        raise BundleError(
            f"{path.name} is not {EMBEDDABLE} of {FETCHED_FROM}: its SHA-256 is {found}, not {EMBEDDABLE_SHA256}"
        )
    return data


def program(python: bytes, wheels: Sequence[Path]) -> dict[str, bytes]:
    """A folder in which Python runs with all wheels in place, as files by name: what pip would have unpacked."""
    files: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(python)) as archive:
        files |= {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    paths = next(name for name in files if re.fullmatch(r"python3\d+\._pth", name))
    # With "import site", .pth files (those of pywin32) are read, too.
    library = next(name for name in files if re.fullmatch(r"python3\d+\.zip", name))
    files[paths] = f"{library}\r\n.\r\n{_SITE.replace('/', chr(92))}\r\nimport site\r\n".encode("ascii")
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if place := _placed(name):
                    files[place] = archive.read(name)
    for command, module in (("perfeval-xl", "perfeval_xl"), ("perfeval-xl-drop", "perfeval_xl.drop")):
        files[f"{command}.cmd"] = f'@"%~dp0python.exe" -P -m {module} %*\r\n'.encode("ascii")
    return files


def _placed(name: str) -> str | None:
    """Where a file of a wheel belongs; None for folders and for what belongs to other systems."""
    if name.endswith("/") or ".." in Path(name).parts or name.startswith("/"):
        return None
    moved = re.fullmatch(r"[^/]+\.data/(\w+)/(.+)", name)
    if moved is None:
        return f"{_SITE}/{name}"
    kind, rest = moved.groups()
    return {"data": rest, "purelib": f"{_SITE}/{rest}", "platlib": f"{_SITE}/{rest}"}.get(kind)


def python_licence(python: bytes) -> third_party.Licensed:
    """That of the embeddable Python, whose text lies in it."""
    with zipfile.ZipFile(io.BytesIO(python)) as archive:
        text = archive.read("LICENSE.txt").decode("utf-8", "replace")
    version = EMBEDDABLE.split("-")[1]
    return third_party.Licensed("Python", version, "PSF-2.0", FETCHED_FROM, (("LICENSE.txt", text),))


# --- texts ---------------------------------------------------------------------------------------------------

_HEAD = (
    "@echo off",
    "rem Generated by workbook/offline_bundle.py.",
    "chcp 936 >nul",
    "setlocal DisableDelayedExpansion",
    'set "PLACE=%LOCALAPPDATA%\\Programs\\perfeval-xl"',
)
_FOOT = (
    "echo.",
    "echo 安装完成。模板在“文档”里的“绩效自评”文件夹。上面有 × 的，照那一行做。",
    "pause",
    "exit /b 0",
    ":packed",
    "echo 请先把压缩包全部解压，再运行解压出来的“安装.cmd”。",
    "pause",
    "exit /b 1",
    ":busy",
    "echo 原来装的正在使用，换不了。请关闭 Excel 和检查窗口，再运行一次“安装.cmd”。",
    "pause",
    "exit /b 1",
    ":failed",
    "echo 安装没有完成。请把上面的文字拍下来，发给管理员。",
    "pause",
    "exit /b 1",
)


def _setting_up(python: str) -> tuple[str, ...]:
    return (f"{python} -P -m perfeval_xl install || goto failed", f"{python} -P -m perfeval_xl doctor")


def _script(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("gbk")


def installer_with_python() -> bytes:
    """安装.cmd of a bundle that has its Python: a copy of the folder, then install and doctor."""
    return _script(
        (
            *_HEAD,
            f'if not exist "%~dp0{_PROGRAM}\\python.exe" goto packed',
            'if exist "%PLACE%" rmdir /s /q "%PLACE%"',
            'if exist "%PLACE%" goto busy',
            f'xcopy "%~dp0{_PROGRAM}" "%PLACE%\\" /e /i /q /y >nul || goto failed',
            *_setting_up('"%PLACE%\\python.exe"'),
            *_FOOT,
        )
    )


def installer(pythons: Sequence[str]) -> bytes:
    """安装.cmd: an environment of its own, from the wheels beside it; then install and doctor. An environment that no longer runs
    (Python was moved, a file is missing) is made anew."""
    newest_last = sorted(pythons, key=Version)
    own = '"%PLACE%\\Scripts\\python.exe"'
    return _script(
        (
            *_HEAD,
            'if not exist "%~dp0wheels" goto packed',
            'set "PYTHON="',
            *(
                f'{start} -c "{_suits(python)}" >nul 2>nul && set "PYTHON={start}"'
                for python in newest_last
                for start in ("python", f"py -{python}")
            ),
            "if not defined PYTHON goto nopython",
            f'{own} -P -c "import pip" >nul 2>nul && goto fill',
            'if exist "%PLACE%" rmdir /s /q "%PLACE%"',
            'if exist "%PLACE%" goto busy',
            '%PYTHON% -P -m venv "%PLACE%" || goto failed',
            ":fill",
            f'{own} -P -m pip install --no-index --find-links "%~dp0wheels" --upgrade --force-reinstall'
            f' "{NAME}[{EXTRA}]=={__version__}" || goto failed',
            *_setting_up(own),
            *_FOOT,
            ":nopython",
            f"echo 没有找到 64 位的 Python {'、'.join(newest_last)}。请先安装 {INSTALLER}，见“说明.txt”。",
            "pause",
            "exit /b 1",
        )
    )


def _suits(python: str) -> str:
    """Code that ends well in a 64-bit Python of this version which Excel can start."""
    version = tuple(int(part) for part in python.split("."))
    conditions = (
        f"sys.version_info[:2] == {version} and sys.maxsize > 2**32 and 'WindowsApps' not in sys.base_prefix"
    )
    return f"import sys; sys.exit(not ({conditions}))"


def readme(pythons: Sequence[str], *, page: bool = False, with_python: bool = False) -> bytes:
    """说明.txt, as Notepad shows it; ``page`` says that the page lies beside it, ``with_python`` that Python does."""
    versions = "、".join(sorted(pythons, key=Version))
    first = [
        f"1. 电脑上要先有 64 位的 Python {versions}。没有的，在能上网的电脑上下载 {INSTALLER}：",
        f"   {FETCHED_FROM}{INSTALLER}",
        f"   下载后核对：certutil -hashfile {INSTALLER} SHA256，应为",
        f"   {INSTALLER_SHA256}",
        "   拷过来双击安装，勾选“Add python.exe to PATH”。不要用应用商店里的 Python，Excel 启动不了它。",
    ]
    run = "perfeval-xl.cmd" if with_python else "Scripts\\perfeval-xl.exe"
    lines = [
        f"绩效自评校验程序 perfeval-xl {__version__}（64 位 Windows，不用联网）",
        "",
        *(
            ["1. 什么都不用先装：Python 已经在包里，只给这个程序用，不影响电脑上别的程序。"]
            if with_python
            else first
        ),
        "2. 把这个压缩包全部解压到一个文件夹。",
        "3. 双击“安装.cmd”。只装给当前用户，不需要管理员权限。再运行一次，就修好坏了的、换成新的。",
        "4. 打开“文档”里的“绩效自评”文件夹：填报模板、不带宏的填报模板（WPS 用）、“把文件拖到这里检查”。",
        "",
        f"以后要体检：运行 %LOCALAPPDATA%\\Programs\\perfeval-xl\\{run} doctor",
        "要卸载：运行同一个程序，后面写 uninstall，再删除文件夹 %LOCALAPPDATA%\\Programs\\perfeval-xl",
        f"包里各个组件的许可：见“{third_party.NAME}”。",
    ]
    if page:
        lines += (
            "",
            f"不能安装程序的电脑：把“{PAGE}”拷过去，双击打开，把工作簿拖进去就能检查和修改，不用安装，不用联网。",
        )
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")


# --- the zip -------------------------------------------------------------------------------------------------


def bundle(
    target: Path, pythons: Sequence[str] = PYTHONS, run: Pip = pip, with_python: Path | None = None
) -> list[str]:
    """Write the zip; the names of its wheels. ``with_python`` is a Python to be carried along: then nothing else is needed."""
    python = None if with_python is None else verified(with_python)
    wanted = pythons if python is None else (EMBEDDABLE_VERSION,)
    with tempfile.TemporaryDirectory(prefix="perfeval-") as name:
        wheels = collect(Path(name), wanted, run)
        unfit = [wheel.name for wheel in wheels if not any(_fits(wheel, version) for version in wanted)]
        if unfit:
            raise BundleError(f"not for {PLATFORM}: {', '.join(unfit)}")
        files = _files(wheels, wanted, python)
        with atomically(target) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
            for place, data in files.items():
                packed.writestr(place, data, zipfile.ZIP_STORED if place.endswith(".whl") else None)
        return [wheel.name for wheel in wheels]


def _files(wheels: Sequence[Path], pythons: Sequence[str], python: bytes | None) -> dict[str, bytes]:
    """What lies in the zip, by name."""
    page = carried_page(wheels)
    others = [] if python is None else [python_licence(python)]
    try:
        licences = third_party.page(wheels, others)
    except third_party.Unlicensed as error:
        raise BundleError(str(error)) from None
    files = {
        "安装.cmd": installer(pythons) if python is None else installer_with_python(),
        "说明.txt": readme(pythons, page=page is not None, with_python=python is not None),
        third_party.NAME: licences.replace("\n", "\r\n").encode("utf-8-sig"),
    }
    if page is not None:
        files[PAGE] = page
    if python is None:
        return files | {f"wheels/{wheel.name}": wheel.read_bytes() for wheel in wheels}
    return files | {f"{_PROGRAM}/{place}": data for place, data in program(python, wheels).items()}


def carried_page(wheels: Sequence[Path]) -> bytes | None:
    """The page that our own wheel carries, where one was built before it was."""
    for path in wheels:
        with zipfile.ZipFile(path) as wheel:
            if "perfeval_xl/data/page.html" in wheel.namelist():
                return wheel.read("perfeval_xl/data/page.html")
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--python", action="append", help=f"a Python version (default {', '.join(PYTHONS)})")
    parser.add_argument(
        "--with-python", type=Path, metavar="FILE", help=f"{EMBEDDABLE}, fetched from {FETCHED_FROM}"
    )
    options = parser.parse_args(arguments)
    try:
        names = bundle(options.out, options.python or PYTHONS, with_python=options.with_python)
    except (BundleError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(names))
    data = options.out.read_bytes()
    print(
        f"{options.out}: {len(names)} wheels, {len(data) / 1e6:.1f} MB, SHA-256 {hashlib.sha256(data).hexdigest()}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
