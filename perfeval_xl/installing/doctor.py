"""`perfeval-xl doctor`: what on this computer keeps the buttons in Excel from working, and what to do about it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from perfeval_xl.calc_engine.office import find_soffice
from perfeval_xl.records import dataclass
from perfeval_xl.version import XLWINGS, __version__

from . import settings
from .install import items, manifest
from .machine import Machine, on_network
from .telling import Level, Line

_AGAIN = "请运行 perfeval-xl install"
_APP_PATHS = r"Software\Microsoft\Windows\CurrentVersion\App Paths"
#: Of Office that no longer says which version it is: the newest for which there are settings.
_OFFICE_VERSIONS = ("16.0", "15.0", "14.0")
_CURRENT_EXCEL = r"HKLM\Software\Classes\Excel.Application\CurVer"
_CLICK_TO_RUN = r"HKLM\Software\Microsoft\Office\ClickToRun\Configuration"
_OUTLOOK = (
    r"HKLM\Software\Microsoft\Office\{}\Outlook",
    r"HKLM\Software\Wow6432Node\Microsoft\Office\{}\Outlook",
)
#: The zones from which Excel runs no macros: the internet, and what is not trusted at all.
_BLOCKED_ZONES = (3, 4)
_DISABLE_CMD = r"HKCU\Software\Policies\Microsoft\Windows\System"
#: Defender's rule that keeps Office from starting any program.
_DEFENDER = r"HKLM\Software\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
_NO_CHILDREN = "D4F940AB-401B-4EFC-AADC-AD5F3C50688A"
_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Probes:
    """How the doctor asks what only a living computer can answer; each is replaced in tests.

    ``xlwings`` is the installed version or None, ``program`` finds a command, ``answers`` says whether a Python starts
    and knows this package, ``cmd`` whether the command prompt runs; ``wide`` is a 64-bit Python, ``base`` where the
    Python lies that a virtual environment was made with.
    """

    xlwings: Callable[[], str | None]
    soffice: Callable[[], str | None]
    program: Callable[[str], str | None]
    answers: Callable[[Path], bool]
    cmd: Callable[[], bool]
    python: tuple[int, int] = (sys.version_info.major, sys.version_info.minor)
    wide: bool = sys.maxsize > 2**32
    base: Path = Path(sys.base_prefix)


def _xlwings() -> str | None:
    try:
        return version("xlwings")
    except PackageNotFoundError:
        return None


def _runs(*command: str) -> bool:
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, creationflags=flags
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _answers(python: Path) -> bool:
    return _runs(str(python), "-P", "-c", "import perfeval_xl.excel, xlwings")


LIVING = Probes(
    _xlwings, find_soffice, shutil.which, _answers, lambda: _runs("cmd.exe", "/d", "/c", "exit 0")
)


def examine(machine: Machine, probes: Probes = LIVING) -> list[Line]:
    """Every finding about the computer, one line each; a ✖ keeps the buttons from working."""
    lines = [_python(machine, probes), *_xlwings_lines(machine, probes), *_offices(machine, probes)]
    if machine.windows:
        lines += [_macros(machine), *_stopped(machine), *_starting(machine, probes)]
    lines += [_documents(machine), *_settings(machine, probes), *_files(machine)]
    return lines


# -- Python and xlwings ---------------------------------------------------------------------------------------


def _python(machine: Machine, probes: Probes) -> Line:
    told = f"Python {probes.python[0]}.{probes.python[1]}，perfeval-xl {__version__}"
    if probes.python < (3, 11):
        return Line("bad", f"{told}：版本太旧，请安装 Python 3.11 以上")
    if any(part.casefold() == "windowsapps" for part in (*machine.python.parts, *probes.base.parts)):
        return Line(
            "bad",
            f"{told}：这是应用商店版的 Python，Excel 启动不了它。请从 python.org 安装，再装 perfeval-xl",
        )
    if machine.windows and not probes.wide:
        return Line("note", f"{told}：是 32 位的，依赖的组件多半没有 32 位版。请改装 64 位的 Python")
    return Line("ok", told)


def _xlwings_lines(machine: Machine, probes: Probes) -> Iterator[Line]:
    level: Level = "note" if machine.settings is None else "bad"
    found = probes.xlwings()
    command = f'"{machine.python}" -m pip install xlwings=={XLWINGS}'
    if found is None:
        yield Line(level, f"没有安装 xlwings，按钮不能用：请运行 {command}")
        return
    if found != XLWINGS:
        yield Line(
            level,
            f"xlwings 是 {found}，模板要的是 {XLWINGS}，版本必须相同：请运行 {command}",
        )
        return
    yield Line("ok", f"xlwings {found}，与模板一致")
    if machine.windows:
        yield _library(machine.python, 32 if _is_narrow(machine) else 64)


def _library(python: Path, bits: int) -> Line:
    """xlwings' own library, of as many bits as Excel, must lie where Excel looks for it."""
    name = f"xlwings{bits}-{XLWINGS}.dll"
    if any((folder / name).is_file() for folder in (python.parent, python.parent.parent)):
        return Line("ok", f"{name} 在 Python 旁边")
    return Line(
        "bad",
        f"{python.parent} 里没有 {name}（多半是用 pip install --user 装的）：请在虚拟环境里重装，再运行 perfeval-xl install",
    )


# -- programs -------------------------------------------------------------------------------------------------


def _offices(machine: Machine, probes: Probes) -> Iterator[Line]:
    excel, wps, calc = _excel(machine), _wps(machine, probes), probes.soffice()
    if excel is None:
        yield Line("note", "没有找到 Excel：模板里的按钮只在 Excel 里能用")
    elif "windowsapps" in excel.casefold():
        yield Line("note", "Excel 是应用商店版的，可能启动不了校验程序：按钮不行就用检查小程序")
    else:
        yield Line("ok", f"Excel{'（32 位）' if machine.windows and _is_narrow(machine) else ''}：{excel}")
    if wps is not None:
        yield Line("note", "有 WPS：按钮在 WPS 里不能用，请填不带宏的模板，用检查小程序检查")
    if calc is not None:
        yield Line("ok", f"LibreOffice：{calc}")
    elif excel is None and wps is None:
        yield Line("note", "也没有 LibreOffice：只能在命令行检查，或用检查小程序")


def _excel(machine: Machine) -> str | None:
    if machine.windows:
        return _registered(machine, "excel.exe")
    place = Path("/Applications/Microsoft Excel.app")
    return str(place) if machine.mac and place.exists() else None


def _wps(machine: Machine, probes: Probes) -> str | None:
    if machine.windows:
        return _registered(machine, "et.exe") or _registered(machine, "wps.exe")
    if machine.mac:
        place = Path("/Applications/wpsoffice.app")
        return str(place) if place.exists() else None
    return probes.program("et")


def _registered(machine: Machine, program: str) -> str | None:
    """Where Windows says a program is."""
    for root in ("HKCU", "HKLM"):
        found = machine.registry(f"{root}\\{_APP_PATHS}\\{program}", "")
        if isinstance(found, str) and found:
            return found.strip('"')
    return None


def _excel_version(machine: Machine) -> str | None:
    """The version under which the installed Excel keeps its settings, as ``16.0``: older ones leave theirs behind."""
    told = machine.registry(_CURRENT_EXCEL, "")
    number = str(told).rpartition(".")[2] if told is not None else ""
    return f"{number}.0" if number.isdecimal() else None


def _is_narrow(machine: Machine) -> bool:
    """Whether Office is of 32 bits."""
    told = machine.registry(_CLICK_TO_RUN, "Platform")
    for office in (_excel_version(machine) or _OFFICE_VERSIONS[0],):
        for key in _OUTLOOK:
            told = told or machine.registry(key.format(office), "Bitness")
    return told == "x86"


def _setting(machine: Machine, name: str) -> tuple[str | int, bool] | None:
    """A value of Excel's security settings, and whether it is the bureau's, which goes before the user's and cannot be changed."""
    current = _excel_version(machine)
    for policies in ("Policies\\", ""):
        for office in _OFFICE_VERSIONS if current is None else (current,):
            value = machine.registry(
                rf"HKCU\Software\{policies}Microsoft\Office\{office}\Excel\Security", name
            )
            if value is not None:
                return value, bool(policies)
    return None


def _macros(machine: Machine) -> Line:
    """Excel's macro setting."""
    found = _setting(machine, "VBAWarnings")
    if found is None:
        return Line("ok", "宏：打开时询问（出现黄条时点“启用内容”）")
    value, fixed = found
    return _macro_line(value, "单位的策略" if fixed else "Excel 的设置", fixed)


def _stopped(machine: Machine) -> Iterator[Line]:
    """Files of ours that Excel will not run: they come from the internet, or something went wrong when they were opened."""
    blocked = [path for path in _placed(machine) if machine.zone(path) in _BLOCKED_ZONES]
    policy = _setting(machine, "blockcontentexecutionfrominternet")
    fixed = policy is not None and policy[0] == 1
    if blocked:
        extra = "（单位的策略也不许运行网上来的宏）" if fixed else ""
        yield Line(
            "bad",
            f"{blocked[0]} 带着“来自网络”的标记，Excel 会拦住宏{extra}：请右键点它，选“属性”，勾选“解除锁定”",
        )
    elif fixed:
        yield Line(
            "note", "单位的策略不许运行网上、邮件里来的宏：收到的带宏文件先右键“属性”，勾选“解除锁定”再打开"
        )
    key = rf"HKCU\Software\Microsoft\Office\{_excel_version(machine) or _OFFICE_VERSIONS[0]}\Excel\Resiliency"
    names = [path.name.casefold() for path in _placed(machine)]
    listed = [value.decode("utf-16-le", "ignore").casefold() for value in _disabled(machine, key)]
    for name in names:
        if any(name in value for value in listed):
            yield Line(
                "bad",
                f"Excel 停用了 {name}（打开时出过错）：请在“文件→选项→加载项”最下面选“禁用项目”，点“转到”，选中它，点“启用”",
            )


def _disabled(machine: Machine, key: str) -> Iterator[bytes]:
    """What Excel has put on its list, whichever way a path lies in the value."""
    for value in machine.registry_values(rf"{key}\DisabledItems"):
        yield value
        yield value[1:]


def _placed(machine: Machine) -> list[Path]:
    """The workbooks of ours with macros that are there."""
    written = [Path(name) for name in manifest(machine).written]
    own = [item.path for item in items(machine, machine.folder)]
    return [
        path
        for path in dict.fromkeys([*written, *own])
        if path.suffix in (".xlsm", ".xlam") and path.is_file()
    ]


def _macro_line(value: str | int, who: str, fixed: bool) -> Line:
    how = "请联系管理员，或用检查小程序" if fixed else "请在“文件→选项→信任中心→宏设置”里改为“禁用并发出通知”"
    if value == 4:
        return Line("bad", f"宏：{who}禁用了全部宏，按钮不能用。{how}")
    if value == 3:
        return Line("bad", f"宏：{who}只许有签名的宏，模板没有签名。{how}")
    if value == 1:
        return Line("note", f"宏：{who}允许全部宏，不安全。建议改为“禁用并发出通知”，按钮照样能用")
    return Line("ok", "宏：打开时询问（出现黄条时点“启用内容”）")


def _starting(machine: Machine, probes: Probes) -> Iterator[Line]:
    """Whether Excel may start Python: it goes through the command prompt."""
    if machine.registry(_DISABLE_CMD, "DisableCMD") in (1, 2) or not probes.cmd():
        program = machine.python.with_name("perfeval-xl-drop.exe")
        instead = f"把文件拖到 {program} 上检查" if program.is_file() else "用网页“自评检查.html”检查"
        yield Line("bad", f"命令提示符（cmd.exe）被禁用，按钮不能用：请联系管理员，或{instead}")
    else:
        yield Line("ok", "命令提示符（cmd.exe）可以用")
    if machine.registry(_DEFENDER, _NO_CHILDREN) in (1, "1"):
        yield Line(
            "bad",
            "安全软件（Defender）不许 Office 启动其他程序，按钮会被拦住：请联系管理员，或用检查小程序",
        )


# -- what was installed ---------------------------------------------------------------------------------------


def _documents(machine: Machine) -> Line:
    for away, where in ((machine.in_cloud, "OneDrive 里"), (on_network, "网络位置上")):
        if away(machine.documents):
            return Line(
                "note", f"“文档”在{where}，那里的文件点按钮不起作用：填报的文件请放在 {machine.folder}"
            )
    return Line("ok", f"“文档”在本机：{machine.documents}")


def _settings(machine: Machine, probes: Probes) -> Iterator[Line]:
    path = machine.settings
    if path is None:
        return
    try:
        found = settings.parsed(settings.decoded(path.read_bytes()))
    except FileNotFoundError:
        yield Line("bad", f"还没有安装：没有 {path}。{_AGAIN}")
        return
    except (OSError, UnicodeError):
        yield Line("bad", f"Excel 的设置读不出来：{path}。请把它改名，再运行 perfeval-xl install")
        return
    yield _interpreter(machine, probes, found)
    if found.get("CONDA PATH") and found.get("CONDA ENV"):
        yield Line(
            "note", f"{path} 里有 CONDA PATH、CONDA ENV，按钮会先启动 conda：不用 conda 的请删去这两行"
        )
    if found.get(settings.SEARCHED_KEY, "").casefold() == "true":
        yield Line(
            "note",
            f"{path} 里 {settings.SEARCHED_KEY} 是 true，用加载项校验时会到文件旁边找程序，不安全：请改为 false",
        )


def _interpreter(machine: Machine, probes: Probes, found: dict[str, str]) -> Line:
    named = settings.as_path(found.get(settings.interpreter_key(machine), ""), machine)
    if not named:
        return Line("bad", f"Excel 的设置里没有写明 Python 在哪里：{_AGAIN}")
    python = machine.expanded(named) if machine.windows else Path(named)
    if not python.is_file():
        return Line("bad", f"Excel 的设置指向 {python}，它已经不在了：{_AGAIN}")
    if not probes.answers(python):
        return Line("bad", f"Excel 的设置指向 {python}，那里运行不了 perfeval-xl：{_AGAIN}")
    if not found[settings.interpreter_key(machine)].isascii():
        return Line(
            "note",
            f"Excel 的设置里 Python 的文件夹名（{python}）不是英文，Windows 改用别的语言后就读不出来：最好装到英文名的文件夹",
        )
    if python != machine.python:
        return Line("note", f"点按钮时用的是另一个 Python（{python}）。要用这一个的，{_AGAIN}")
    return Line("ok", f"点按钮时用 {python}，可以运行")


def _files(machine: Machine) -> Iterator[Line]:
    """Whatever install puts in place, wherever it has put it."""
    written = [Path(name) for name in manifest(machine).written]
    for item in items(machine, machine.folder):
        name = item.path.name
        placed = [*(path for path in written if path.name == name), item.path]
        there = next((path for path in placed if path.is_file()), None)
        if there is None:
            yield Line("note", f"没有找到{item.what} {name}（应在 {placed[0].parent}）：{_AGAIN}")
        else:
            yield Line("ok", f"{item.what}：{there}")
