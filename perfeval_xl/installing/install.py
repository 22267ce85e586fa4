"""`perfeval-xl install` and `uninstall`: settings for Excel's macros, templates, add-in, drop program.

What was put where stands in a manifest. A file that somebody has changed, or that was there before, is left alone.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from perfeval_xl.errors import OutputError
from perfeval_xl.files import why_unwritten, write_atomically
from perfeval_xl.hosts.template.template import shipped
from perfeval_xl.records import dataclass
from perfeval_xl.version import XLWINGS

from . import settings
from .ledger import Ledger
from .machine import DROPPED_VARIABLE, Machine, on_network
from .telling import Line

TEMPLATES = {"填报模板.xlsm": ".xlsm", "填报模板（不带宏）.xlsx": ".xlsx"}
ADDIN = "perfeval.xlam"
DROP = "把文件拖到这里检查"
_SETTINGS_BEFORE, _SETTINGS_VALUES, _FOLDERS = "settings before", "settings written", "folders made"


@dataclass(frozen=True, slots=True)
class Item:
    """A file to be put in place; ``data`` is asked for when it is needed."""

    what: str
    path: Path
    data: Callable[[], bytes]
    executable: bool = False


def manifest(machine: Machine) -> Ledger:
    """What install has put on this computer."""
    return Ledger.load(machine.state / "installed.json")


def items(machine: Machine, folder: Path) -> Iterator[Item]:
    """Every file that belongs on this kind of computer."""
    for name, suffix in TEMPLATES.items():
        yield Item("模板", folder / name, lambda suffix=suffix: shipped(suffix).read_bytes())  # type: ignore[misc]
    if machine.start_folder is not None:
        yield Item("Excel 加载项", machine.start_folder / ADDIN, lambda: _addin().read_bytes())
    if machine.mac:
        scripts = machine.home / "Library/Application Scripts/com.microsoft.Excel"
        script = f"xlwings-{XLWINGS}.applescript"
        yield Item("Excel 启动脚本", scripts / script, lambda: _of_xlwings(script))
    suffix = ".cmd" if machine.windows else ".command" if machine.mac else ".desktop"
    yield Item("检查小程序", folder / f"{DROP}{suffix}", lambda: drop_script(machine), not machine.windows)


def _addin() -> Path:
    template = shipped(".xlsm")
    return template.with_name(ADDIN)


def _of_xlwings(name: str) -> bytes:
    from importlib.util import find_spec

    spec = find_spec("xlwings")
    if spec is None or spec.origin is None:
        raise OutputError("没有安装 xlwings：请先运行 perfeval-xl doctor")
    return (Path(spec.origin).parent / name).read_bytes()


# -- the drop program -----------------------------------------------------------------------------------------


def drop_script(machine: Machine) -> bytes:
    """What files are dropped on, for this kind of computer; UnicodeEncodeError where it cannot say where Python is.

    Python is told (-P) to load nothing from the folder it is started in: that may be the one of the dropped file.
    """
    if machine.windows:
        return _prompt_script(machine)
    python = str(machine.python)
    if machine.mac:
        return f'#!/bin/sh\nexec {shlex.quote(python)} -P -m perfeval_xl.drop --wait "$@"\n'.encode()
    quoted = python.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    lines = (
        "[Desktop Entry]",
        "Type=Application",
        f"Name={DROP}",
        f'Exec="{quoted}" -P -m perfeval_xl.drop --wait %F',
        "Terminal=true",
        "Icon=x-office-spreadsheet",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _prompt_script(machine: Machine) -> bytes:
    """For Windows' command prompt. It takes names with & ^ ! apart, so Python reads its command line itself; ``exit``
    keeps it from running what it takes for the rest of the line."""
    python = machine.spelt(machine.python, machine.oem)
    if not python.startswith("%"):
        python = python.replace("%", "%%")
    lines = (
        "@echo off",
        "setlocal EnableDelayedExpansion",
        f"set {DROPPED_VARIABLE}=!CMDCMDLINE!",
        "setlocal DisableDelayedExpansion",
        f'if not exist "{python}" goto gone',
        f'"{python}" -P -m perfeval_xl.drop --wait %*',
        "exit",
        ":gone",
    )
    told = ("echo 检查程序找不到了，请重新运行 perfeval-xl install", "pause", "exit")
    return _script(lines).encode(machine.oem) + _script(told).encode(machine.oem, "replace")


def _script(lines: Iterable[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)


# -- install --------------------------------------------------------------------------------------------------


def install(machine: Machine, folder: Path | None = None) -> list[Line]:
    """Put everything in place; ``folder`` is for templates and drop program, by default 绩效自评 in the documents."""
    record = manifest(machine)
    chosen = (folder or machine.folder).absolute()
    lines = [_write_settings(machine, record)]
    if folder is None and chosen.parent != machine.documents:
        where = "OneDrive 里" if machine.in_cloud(machine.documents) else "网络位置上"
        lines.append(Line("note", f"“文档”在{where}，那里的文件点按钮不起作用，所以改放在 {chosen}"))
    if folder is not None and (machine.in_cloud(chosen) or on_network(chosen)):
        where = "OneDrive 里" if machine.in_cloud(chosen) else "网络位置上"
        lines.append(Line("note", f"{chosen} 在{where}，那里的文件点按钮不起作用：请换一个本机文件夹"))
    lines += _placed(items(machine, chosen), record)
    try:
        record.save()
    except (OSError, OutputError) as error:
        lines.append(Line("bad", f"安装记录没有写成，以后不能卸载：{why_unwritten(error)}"))
    if machine.settings is None:
        lines.append(
            Line("note", "这里没有 Excel。用 LibreOffice 的：perfeval-xl live 单位.xlsx，带同样的按钮")
        )
    return lines


def _placed(wanted: Iterable[Item], record: Ledger) -> Iterator[Line]:
    for item in wanted:
        try:
            yield _put(item, item.data(), record)
        except OutputError as error:
            yield Line("bad", f"{item.what}没有放好：{error}")
        except OSError as error:
            yield Line("bad", f"{item.what}没有放好：{item.path}（{why_unwritten(error)}）")
        except UnicodeError:
            yield Line(
                "bad", f"{item.what}没有放好：写不出 Python 所在的文件夹名，请把 Python 装到英文名的文件夹"
            )


def _put(item: Item, data: bytes, record: Ledger) -> Line:
    if item.path.exists():
        if item.path.read_bytes() == data:
            return Line("ok", f"{item.what}已是最新：{item.path}")
        if not record.is_ours(item.path):
            return Line(
                "note", f"{item.what}没有动：{item.path} 您改过或原来就有；要新的，请把它改名后再安装一次"
            )
    _make_folder(item.path.parent, record)
    write_atomically(item.path, data)
    if item.executable:
        item.path.chmod(0o755)
    record.record(item.path, data)
    return Line("ok", f"{item.what}已放好：{item.path}")


def _make_folder(folder: Path, record: Ledger) -> None:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    made = record.notes.setdefault(_FOLDERS, [])
    made += [str(path) for path in reversed(missing)]


def _write_settings(machine: Machine, record: Ledger) -> Line:
    """The settings where Excel's macros look; what they were before is kept once, from the first time."""
    path = machine.settings
    if path is None:
        return Line("ok", "不用写 Excel 的设置")
    try:
        before = _read(path)
        former = record.notes.get(_SETTINGS_BEFORE, before)
        values = settings.wanted(machine, settings.parsed(former or ""))
        after = settings.changed(before or "", values)
        if before is not None and settings.parsed(before) == settings.parsed(after):
            return Line("ok", f"Excel 的设置已是最新：{path}")
        _make_folder(path.parent, record)
        write_atomically(path, settings.encoded(after, machine))
    except UnicodeEncodeError:
        return Line(
            "bad", f"Python 装在 {machine.python}，Excel 读不出这个文件夹名：请把 Python 装到英文名的文件夹"
        )
    except UnicodeError:
        return Line("bad", f"原来的 Excel 设置读不出来，没有动：{path}。请把它改名后再安装一次")
    except (OSError, OutputError) as error:
        return Line("bad", f"Excel 的设置没有写成：{path}（{why_unwritten(error)}）")
    record.notes.setdefault(_SETTINGS_BEFORE, before)
    record.notes[_SETTINGS_VALUES] = values
    if not settings.readable_everywhere(values):
        return Line(
            "note",
            f"Excel 的设置已写好：{path}；但 Python 所在的文件夹名（{machine.python}）不是英文，Windows 改用别的语言后就读不出来，最好装到英文名的文件夹",
        )
    return Line("ok", f"Excel 的设置已写好，点按钮时用 {machine.python}：{path}")


def _read(path: Path) -> str | None:
    return settings.decoded(path.read_bytes()) if path.exists() else None


# -- uninstall ------------------------------------------------------------------------------------------------


def uninstall(machine: Machine) -> list[Line]:
    """Take away exactly what install has put there; what was changed since stays, and that is said."""
    record = manifest(machine)
    if not record.written and not record.notes:
        return [Line("note", "没有安装记录，什么也没有动")]
    lines = [_removed(Path(name), record) for name in list(record.written)]
    lines += _restore_settings(machine, record)
    for name in reversed(record.notes.get(_FOLDERS, [])):
        with contextlib.suppress(OSError):
            Path(name).rmdir()  # only where nothing is left in it
    if any(line.level == "bad" for line in lines):
        record.save()
        return lines
    record.path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        record.path.parent.rmdir()
    lines.append(Line("ok", "卸载完成。程序本身用 pip uninstall perfeval-xl 去掉"))
    return lines


def _removed(path: Path, record: Ledger) -> Line:
    try:
        if not path.exists():
            line = Line("ok", f"已经不在了：{path}")
        elif record.is_ours(path):
            path.unlink()
            line = Line("ok", f"已删除：{path}")
        else:
            line = Line("note", f"您改过，留着没有删：{path}")
    except OSError as error:
        return Line("bad", f"没有删掉：{path}（{why_unwritten(error)}）。请先关闭 Excel，再运行一次")
    del record.written[str(path)]
    return line


def _restore_settings(machine: Machine, record: Ledger) -> Iterator[Line]:
    """Our keys get their former values; a value somebody has changed since is theirs."""
    path, values = machine.settings, record.notes.get(_SETTINGS_VALUES)
    if path is None or values is None:
        return
    try:
        now = _read(path)
        before = record.notes.get(_SETTINGS_BEFORE)
        if now is not None:
            present, former = settings.parsed(now), settings.parsed(before or "")
            back = {key: former.get(key) for key, value in values.items() if present.get(key) == value}
            after = settings.changed(now, back)
            if before is not None and settings.parsed(after) == former:
                after = before
            if after or before is not None:
                write_atomically(path, settings.encoded(after, machine))
            else:
                path.unlink()
    except UnicodeError:
        yield Line("bad", f"Excel 的设置没有还原：{path}（里面的字读不出来）")
        return
    except (OSError, OutputError) as error:
        yield Line("bad", f"Excel 的设置没有还原：{path}（{why_unwritten(error)}）")
        return
    del record.notes[_SETTINGS_VALUES]
    record.notes.pop(_SETTINGS_BEFORE, None)
    yield Line("ok", f"Excel 的设置已还原：{path}")
