"""The doctor names what keeps the buttons from working, and is silent where nothing does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from perfeval_xl.installing.doctor import LIVING, Probes, examine
from perfeval_xl.installing.install import install
from perfeval_xl.installing.machine import Machine, this_machine, windows_zone
from perfeval_xl.installing.telling import Line
from perfeval_xl.version import XLWINGS
from tests.installing.conftest import with_registry

WELL = Probes(
    xlwings=lambda: XLWINGS,
    soffice=lambda: None,
    program=lambda _: None,
    answers=lambda _: True,
    cmd=lambda: True,
    python=(3, 11),
    wide=True,
)
EXCEL = (r"HKLM\Software\Microsoft\Windows\CurrentVersion\App Paths\excel.exe", "")
SECURITY = r"Software\{}Microsoft\Office\16.0\Excel\Security"
MACROS = ("HKCU\\" + SECURITY.format(""), "VBAWarnings")
POLICY = ("HKCU\\" + SECURITY.format("Policies\\"), "VBAWarnings")
NO_CMD = (r"HKCU\Software\Policies\Microsoft\Windows\System", "DisableCMD")
NO_CHILDREN = (
    r"HKLM\Software\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules",
    "D4F940AB-401B-4EFC-AADC-AD5F3C50688A",
)
Values = dict[tuple[str, str], str | int]


CURRENT = (r"HKLM\Software\Classes\Excel.Application\CurVer", "")
PLATFORM = (r"HKLM\Software\Microsoft\Office\ClickToRun\Configuration", "Platform")
BITNESS = (r"HKLM\Software\Wow6432Node\Microsoft\Office\16.0\Outlook", "Bitness")
OLD_MACROS = (MACROS[0].replace("16.0", "14.0"), "VBAWarnings")
OLD_POLICY = (POLICY[0].replace("16.0", "15.0"), "VBAWarnings")
INTERNET = (POLICY[0], "blockcontentexecutionfrominternet")


def healthy(machine: Machine) -> Machine:
    """Installed, with Excel and xlwings' library."""
    (machine.python.parent.parent / f"xlwings64-{XLWINGS}.dll").touch()
    install(machine)
    return with_registry(machine, {EXCEL: r"C:\Office\EXCEL.EXE"})


def told(lines: list[Line], level: str) -> str:
    return "\n".join(line.text for line in lines if line.level == level)


def test_a_healthy_computer_has_nothing_to_mend(windows: Machine) -> None:
    lines = examine(healthy(windows), WELL)
    assert {line.level for line in lines} == {"ok"}, lines
    assert all("\n" not in line.text for line in lines)


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [
        ({MACROS: 4}, "bad", "禁用了全部宏"),
        ({MACROS: 3}, "bad", "签名"),
        ({MACROS: 1}, "note", "不安全"),
        ({MACROS: 1, POLICY: 4}, "bad", "单位的策略"),
        ({NO_CMD: 2}, "bad", "cmd.exe"),
        ({NO_CHILDREN: "1"}, "bad", "Defender"),
        ({EXCEL: r"C:\Program Files\WindowsApps\Excel.exe"}, "note", "应用商店版"),
    ],
)
def test_what_the_registry_says(windows: Machine, values: Values, level: str, words: str) -> None:
    machine = healthy(windows)
    lines = examine(with_registry(machine, {EXCEL: r"C:\EXCEL.EXE", **values}), WELL)
    assert words in told(lines, level)
    assert len([line for line in lines if line.level != "ok"]) == 1


@pytest.mark.parametrize(
    ("probes", "words"),
    [
        (replace(WELL, xlwings=lambda: None), "没有安装 xlwings"),
        (replace(WELL, xlwings=lambda: "0.30.0"), f"xlwings=={XLWINGS}"),
        (replace(WELL, answers=lambda _: False), "运行不了"),
        (replace(WELL, cmd=lambda: False), "cmd.exe"),
        (replace(WELL, python=(3, 9)), "3.11"),
    ],
)
def test_what_a_living_computer_answers(windows: Machine, probes: Probes, words: str) -> None:
    bad = [line for line in examine(healthy(windows), probes) if line.level == "bad"]
    assert len(bad) == 1
    assert words in bad[0].text


def test_settings_that_an_older_office_has_left_count_only_where_nobody_says_which_excel_there_is(
    windows: Machine,
) -> None:
    old: Values = {EXCEL: r"C:\EXCEL.EXE", OLD_MACROS: 4, OLD_POLICY: 4}
    machine = healthy(windows)
    assert "单位的策略" in told(examine(with_registry(machine, old), WELL), "bad")
    assert told(examine(with_registry(machine, {**old, CURRENT: "Excel.Application.16"}), WELL), "bad") == ""
    assert "单位的策略" in told(
        examine(with_registry(machine, {**old, CURRENT: "Excel.Application.15"}), WELL), "bad"
    )


@pytest.mark.parametrize("where", [PLATFORM, BITNESS])
def test_an_office_of_32_bits_needs_the_library_of_32_bits(windows: Machine, where: tuple[str, str]) -> None:
    machine = with_registry(healthy(windows), {EXCEL: r"C:\EXCEL.EXE", where: "x86"})
    assert f"xlwings32-{XLWINGS}.dll" in told(examine(machine, WELL), "bad")
    (machine.python.parent / f"xlwings32-{XLWINGS}.dll").touch()
    lines = examine(machine, WELL)
    assert {line.level for line in lines} == {"ok"}
    assert "Excel（32 位）" in told(lines, "ok")


def test_files_from_the_internet_are_told(windows: Machine) -> None:
    machine = replace(healthy(windows), zone=lambda path: 3 if path.suffix == ".xlsm" else None)
    (bad,) = [line.text for line in examine(machine, WELL) if line.level == "bad"]
    assert "填报模板.xlsm" in bad
    assert "解除锁定" in bad
    strict = with_registry(machine, {EXCEL: r"C:\EXCEL.EXE", INTERNET: 1})
    assert "单位的策略也不许" in told(examine(strict, WELL), "bad")
    assert "单位的策略不许" in told(examine(replace(strict, zone=lambda _: None), WELL), "note")


@pytest.mark.parametrize("before", [b"", b"\x01", b"\x02\x00\x00\x00\x44\x00\x00\x00"])
def test_an_addin_that_excel_has_stopped_is_told(windows: Machine, before: bytes) -> None:
    value = before + "c:\\users\\王\\xlstart\\PERFEVAL.XLAM\0".encode("utf-16-le")
    key = r"HKCU\Software\Microsoft\Office\16.0\Excel\Resiliency\DisabledItems"
    machine = replace(
        healthy(windows), registry_values=lambda asked: [b"\x00", value] if asked == key else []
    )
    (bad,) = [line.text for line in examine(machine, WELL) if line.level == "bad"]
    assert "停用了 perfeval.xlam" in bad
    assert "禁用项目" in bad


def test_documents_on_a_network_share(windows: Machine) -> None:
    personal = (r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders", "Personal")
    machine = with_registry(healthy(windows), {EXCEL: r"C:\EXCEL.EXE", personal: r"\\server\文档"})
    assert "网络位置" in told(examine(machine, WELL), "note")


def test_the_zone_that_windows_writes_beside_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsm"
    Path(f"{path}:Zone.Identifier").write_text(
        "[ZoneTransfer]\nZoneId=3\nHostUrl=about:internet\n", encoding="utf-8"
    )
    assert windows_zone(path) == 3
    assert windows_zone(tmp_path / "b.xlsm") is None


def test_nothing_installed(windows: Machine) -> None:
    lines = examine(windows, WELL)
    assert "还没有安装" in told(lines, "bad")
    assert "dll" in told(lines, "bad")
    assert "没有找到模板 填报模板.xlsm" in told(lines, "note")


def spoil(change: Callable[[str], str], machine: Machine) -> None:
    assert machine.settings is not None
    machine.settings.write_bytes(change(machine.settings.read_bytes().decode("gbk")).encode("gbk"))


def test_an_interpreter_that_is_gone_or_another(windows: Machine, tmp_path: Path) -> None:
    machine = healthy(windows)
    other = tmp_path / "python.exe"
    spoil(lambda text: text.replace(machine.spelt(machine.python, "ascii"), str(other)), machine)
    assert "已经不在了" in told(examine(machine, WELL), "bad")
    other.touch()
    assert "另一个 Python" in told(examine(machine, WELL), "note")
    spoil(
        lambda text: text.replace("INTERPRETER_WIN", "OTHER") + '"CONDA PATH","c"\r\n"CONDA ENV","e"\r\n',
        machine,
    )
    lines = examine(machine, WELL)
    assert "没有写明" in told(lines, "bad")
    assert "CONDA" in told(lines, "note")
    spoil(lambda text: text.replace('"false"', '"True"'), machine)
    assert "不安全" in told(examine(machine, WELL), "note")


def test_a_python_of_the_store(windows: Machine) -> None:
    machine = replace(windows, python=windows.home / "AppData/Local/Microsoft/WindowsApps/python.exe")
    assert "应用商店版" in told(examine(machine, WELL), "bad")
    store = replace(WELL, base=Path("/Program Files/WindowsApps/PythonSoftwareFoundation.Python.3.11"))
    assert "应用商店版" in told(examine(healthy(windows), store), "bad")


def test_documents_in_the_cloud(windows: Machine) -> None:
    machine = healthy(windows)
    synced = replace(machine, environ={**machine.environ, "OneDrive": str(machine.home / "Documents")})
    assert "OneDrive" in told(examine(synced, WELL), "note")


def test_wps_is_told_what_works(windows: Machine) -> None:
    wps = (r"HKLM\Software\Microsoft\Windows\CurrentVersion\App Paths\et.exe", "")
    lines = examine(with_registry(healthy(windows), {wps: r"C:\WPS\et.exe"}), WELL)
    assert "检查小程序" in told(lines, "note")


def test_this_computer_is_examined_for_real(tmp_path: Path) -> None:
    lines = examine(replace(this_machine(), home=tmp_path, environ={}), replace(LIVING, soffice=lambda: None))
    assert lines
    assert told(lines, "bad") == ""
