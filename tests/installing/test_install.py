"""install puts things in place and says so; uninstall takes exactly these away again."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from perfeval_xl.hosts.template.template import shipped
from perfeval_xl.installing.install import DROP, TEMPLATES, drop_script, install, uninstall
from perfeval_xl.installing.machine import FOLDER, Machine
from perfeval_xl.installing.settings import parsed
from perfeval_xl.installing.telling import Line, rendered
from tests.installing.conftest import with_registry

PERSONAL = (r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders", "Personal")


def everything(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def levels(lines: list[Line]) -> set[str]:
    return {line.level for line in lines}


def read_settings(machine: Machine) -> str:
    assert machine.settings is not None
    return machine.settings.read_bytes().decode(machine.ansi)


def write_settings(machine: Machine, text: str) -> None:
    assert machine.settings is not None
    machine.settings.parent.mkdir(parents=True, exist_ok=True)
    machine.settings.write_bytes(text.encode(machine.ansi))


def test_everything_is_where_excel_and_the_clerk_look(windows: Machine) -> None:
    assert levels(install(windows)) == {"ok"}
    folder = windows.home / "Documents" / FOLDER
    for name, suffix in TEMPLATES.items():
        assert (folder / name).read_bytes() == shipped(suffix).read_bytes()
    assert (folder / f"{DROP}.cmd").read_bytes() == drop_script(windows)
    assert (windows.home / "AppData/Roaming/Microsoft/Excel/XLSTART/perfeval.xlam").is_file()
    assert read_settings(windows).endswith("\r\n")
    assert parsed(read_settings(windows)) == {
        "INTERPRETER_WIN": windows.spelt(windows.python, "ascii"),  # 用户 王: no code page is asked
        "ADD_WORKBOOK_TO_PYTHONPATH": "false",
    }


def test_the_second_time_changes_nothing_and_says_so(windows: Machine) -> None:
    install(windows)
    before = everything(windows.home)
    lines = install(windows)
    assert everything(windows.home) == before
    assert all("已是最新" in line.text for line in lines)


@pytest.mark.parametrize("text", [None, '"PYTHONPATH","D:\\共享"\r\n"INTERPRETER_WIN","C:\\old.exe"\r\n'])
def test_uninstall_leaves_the_computer_as_it_was(windows: Machine, text: str | None) -> None:
    if text is not None:
        write_settings(windows, text)
    before = everything(windows.home)
    install(windows)
    install(replace(windows, python=windows.python.with_name("other.exe")))
    assert "bad" not in levels(uninstall(windows))
    after = everything(windows.home)
    assert {name: data for name, data in after.items() if data is not None} == {
        name: data for name, data in before.items() if data is not None
    }
    assert not (windows.home / "Documents" / FOLDER).exists()
    assert not windows.state.exists()


def test_uninstall_keeps_what_others_have_set_since(windows: Machine) -> None:
    write_settings(windows, '"A","1"\r\n"INTERPRETER_WIN","old"\r\n')
    install(windows)
    write_settings(windows, read_settings(windows) + '"B","2"\r\n')
    uninstall(windows)
    assert parsed(read_settings(windows)) == {"A": "1", "INTERPRETER_WIN": "old", "B": "2"}


def test_a_setting_somebody_changed_since_is_theirs(windows: Machine) -> None:
    install(windows)
    write_settings(windows, read_settings(windows).replace('"false"', '"theirs"'))
    uninstall(windows)
    assert parsed(read_settings(windows)) == {"ADD_WORKBOOK_TO_PYTHONPATH": "theirs"}


def test_a_clerks_changed_file_is_neither_replaced_nor_removed(windows: Machine) -> None:
    install(windows)
    own = windows.home / "Documents" / FOLDER / "填报模板.xlsm"
    own.write_bytes(b"filled in")
    lines = install(windows)
    assert [line.text for line in lines if line.level == "note" and str(own) in line.text]
    uninstall(windows)
    assert own.read_bytes() == b"filled in"
    assert [path.name for path in own.parent.iterdir()] == [own.name]


def test_a_file_that_was_there_before_is_not_removed(windows: Machine) -> None:
    assert windows.start_folder is not None
    windows.start_folder.mkdir(parents=True)
    addin = windows.start_folder / "perfeval.xlam"
    addin.write_bytes(shipped(".xlsm").with_name("perfeval.xlam").read_bytes())
    install(windows)
    uninstall(windows)
    assert addin.is_file()


def test_an_unchanged_file_of_an_older_version_is_renewed(
    windows: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for name in ("template.xlsm", "template.xlsx", "perfeval.xlam"):
        (old / name).write_bytes(b"older")
    with monkeypatch.context() as patch:
        patch.setattr("perfeval_xl.installing.install.shipped", lambda suffix: old / f"template{suffix}")
        install(windows)
    assert levels(install(windows)) == {"ok"}
    folder = windows.home / "Documents" / FOLDER
    assert (folder / "填报模板.xlsm").read_bytes() == shipped(".xlsm").read_bytes()


@pytest.mark.parametrize("documents", ["\\\\server\\用户\\王\\文档", "//server/用户/文档"])
def test_nothing_is_put_on_a_network_share(windows: Machine, documents: str) -> None:
    moved = with_registry(windows, {PERSONAL: documents})
    assert moved.folder == windows.home / FOLDER
    assert any("网络位置" in line.text for line in install(moved))


def test_nothing_is_put_into_the_cloud(windows: Machine) -> None:
    cloud = windows.home / "OneDrive - 某局" / "文档"
    moved = with_registry(windows, {PERSONAL: r"%USERPROFILE%\OneDrive - 某局\文档".replace("\\", "/")})
    assert moved.documents == cloud
    lines = install(moved)
    assert (windows.home / FOLDER / "填报模板.xlsm").is_file()
    assert not cloud.exists()
    assert any("OneDrive" in line.text for line in lines)


def test_a_folder_that_a_western_windows_cannot_say_is_left_to_windows(windows: Machine) -> None:
    western = replace(windows, ansi="cp1252", oem="cp437")
    assert levels(install(western)) == {"ok"}
    assert parsed(read_settings(western))["INTERPRETER_WIN"].startswith("%USERPROFILE%")
    assert b'"%USERPROFILE%' in drop_script(western)


def test_the_drop_script_says_so_when_python_is_gone(windows: Machine) -> None:
    lines = drop_script(windows).decode("gbk").split("\r\n")
    assert "set PERFEVAL_DROPPED=!CMDCMDLINE!" in lines
    assert f'if not exist "{windows.python}" goto gone' in lines
    after = lines[lines.index(":gone") + 1 :]
    assert "perfeval-xl install" in after[0]
    assert after[1:] == ["pause", "exit", ""]
    assert lines[lines.index(":gone") - 1] == "exit"


def test_a_python_excel_cannot_be_told_of_is_said_in_one_line(windows: Machine, tmp_path: Path) -> None:
    odd = replace(windows, python=tmp_path / "蟒蛇" / "python.exe", ansi="cp1252", oem="cp437")
    told = [line.text for line in install(odd) if line.level == "bad"]
    assert len(told) == 2
    assert all("英文名的文件夹" in text for text in told)
    assert windows.settings is not None
    assert not windows.settings.exists()


def test_settings_that_cannot_be_read_are_left_alone(windows: Machine) -> None:
    assert windows.settings is not None
    windows.settings.parent.mkdir()
    data = '"A","1"'.encode("utf-16")  # as Notepad's "Unicode"
    windows.settings.write_bytes(data)
    assert "读不出来" in install(windows)[0].text
    assert windows.settings.read_bytes() == data


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "cp1252", "utf-8-sig"])
@pytest.mark.parametrize("mode", ["gbk", "utf-8", "cp1252"])
def test_settings_of_any_code_page_are_changed_and_put_back_under_any(
    windows: Machine, encoding: str, mode: str
) -> None:
    """Windows may have been switched to UTF-8 since, or Python; what others wrote there stays byte for byte."""
    text = '"PYTHONPATH","D:\\sh\u00e4re"\r\n' if encoding == "cp1252" else '"PYTHONPATH","D:\\共享"\r\n'
    assert windows.settings is not None
    windows.settings.parent.mkdir(parents=True)
    windows.settings.write_bytes(text.encode(encoding))
    machine = replace(windows, ansi=mode, oem=mode)
    assert "bad" not in levels(install(machine))
    written = windows.settings.read_bytes()
    assert text.encode(encoding.removesuffix("-sig")) in written
    assert b'"INTERPRETER_WIN","%USERPROFILE%' in written
    assert "bad" not in levels(uninstall(machine))
    assert windows.settings.read_bytes() == text.encode(encoding.removesuffix("-sig"))


def test_a_python_elsewhere_is_spelt_by_a_variable_or_by_its_short_name(
    windows: Machine, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "软件" / "python.exe"
    public = replace(windows, python=elsewhere, environ={**windows.environ, "PUBLIC": str(tmp_path / "软件")})
    assert public.spelt(elsewhere, "ascii") == f"%PUBLIC%{os.sep}python.exe"
    short = replace(windows, python=elsewhere, short=lambda _: "D:\\RUANJI~1\\python.exe")
    assert parsed(installed(short))["INTERPRETER_WIN"] == "D:\\RUANJI~1\\python.exe"
    assert short.spelt(elsewhere, "gbk") == str(elsewhere)


def test_a_python_that_only_this_code_page_can_say_is_noted(windows: Machine, tmp_path: Path) -> None:
    machine = replace(windows, python=tmp_path / "软件" / "python.exe")
    (note,) = [line.text for line in install(machine) if line.level == "note"]
    assert "不是英文" in note
    assert machine.settings is not None
    assert "软件".encode("gbk") in machine.settings.read_bytes()


def installed(machine: Machine) -> str:
    install(machine)
    return read_settings(machine)


def test_a_folder_of_ones_own(windows: Machine, tmp_path: Path) -> None:
    install(windows, tmp_path / "这里")
    assert (tmp_path / "这里" / f"{DROP}.cmd").is_file()


def test_on_a_mac_the_start_script_comes_too(mac: Machine) -> None:
    assert levels(install(mac)) == {"ok"}
    scripts = mac.home / "Library/Application Scripts/com.microsoft.Excel"
    assert [path.suffix for path in scripts.iterdir()] == [".applescript"]
    command = mac.home / "Documents" / FOLDER / f"{DROP}.command"
    assert command.stat().st_mode & 0o100
    assert parsed(read_settings(mac))["INTERPRETER_MAC"] == str(mac.python)
    uninstall(mac)
    assert not command.exists()


def test_elsewhere_no_settings_are_written(tmp_path: Path) -> None:
    linux = Machine("linux", {}, tmp_path, Path("/usr/bin/python3"))
    lines = install(linux)
    assert any("perfeval-xl live" in line.text for line in lines)
    assert (tmp_path / "Documents" / FOLDER / f"{DROP}.desktop").is_file()
    assert not (tmp_path / ".xlwings").exists()


def test_nothing_installed_nothing_done(windows: Machine) -> None:
    assert [line.level for line in uninstall(windows)] == ["note"]


@pytest.mark.parametrize(("encoding", "signs"), [("utf-8", "√▲×"), ("gbk", "√▲×"), ("ascii", "+!x")])
def test_signs_a_console_can_show(encoding: str, signs: str) -> None:
    shown = rendered([Line("ok", "a"), Line("note", "b"), Line("bad", "c")], encoding)
    assert "".join(line[0] for line in shown.splitlines()) == signs
