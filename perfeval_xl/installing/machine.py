"""What the rest of this package knows of a computer: folders, settings, the registry. Tests give another one."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from perfeval_xl import patterns as re
from perfeval_xl.records import dataclass

Registry = Callable[[str, str], "str | int | None"]
"""A value of Windows' registry by key (``HKCU\\Software\\…``) and name ("" is the default); None if there is none."""

RegistryValues = Callable[[str], "list[bytes]"]
"""All binary values of a key; none where there is no such key."""

Zone = Callable[[Path], "int | None"]
"""The zone that Windows has written beside a file (3: the internet); None where it has not."""

Short = Callable[[Path], "str | None"]
"""Windows' short form of a path that is there (``D:\\RUANJI~1\\python.exe``); None where it has none."""

_DOCUMENTS_KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
#: What Windows fills into settings and scripts, whatever the code page; the home goes first.
_PLACES = ("LOCALAPPDATA", "APPDATA", "ProgramFiles", "ProgramData", "PUBLIC")
_CLOUD_VARIABLES = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")
FOLDER = "绩效自评"
LOG_NAME = "perfeval-xl.log"
#: Set by the drop script on Windows: the whole command line, which the prompt would take apart at an & in a name.
DROPPED_VARIABLE = "PERFEVAL_DROPPED"


def no_registry(_key: str, _name: str) -> str | int | None:
    """There is none, or nothing in it."""
    return None


def windows_registry(key: str, name: str) -> str | int | None:
    """A value of this computer's registry."""
    if sys.platform == "win32":
        import winreg

        root, _, path = key.partition("\\")
        top = winreg.HKEY_CURRENT_USER if root == "HKCU" else winreg.HKEY_LOCAL_MACHINE
        try:
            with winreg.OpenKey(top, path) as opened:
                value = winreg.QueryValueEx(opened, name)[0]
        except OSError:
            return None
        return value if isinstance(value, str | int) else None
    return None


def windows_registry_values(key: str) -> list[bytes]:
    """The binary values of a key of this computer's registry."""
    found: list[bytes] = []
    if sys.platform == "win32":
        import winreg

        root, _, path = key.partition("\\")
        top = winreg.HKEY_CURRENT_USER if root == "HKCU" else winreg.HKEY_LOCAL_MACHINE
        try:
            with winreg.OpenKey(top, path) as opened:
                values = [winreg.EnumValue(opened, n)[1] for n in range(winreg.QueryInfoKey(opened)[1])]
        except OSError:
            return []
        found = [value for value in values if isinstance(value, bytes)]
    return found


def windows_zone(path: Path) -> int | None:
    """The zone of a file on this computer's NTFS."""
    try:
        text = Path(f"{path}:Zone.Identifier").read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return None
    found = re.search(r"(?m)^ZoneId=(\d)", text)
    return int(found[1]) if found else None


def windows_short(path: Path) -> str | None:
    """The short form of a path on this computer."""
    if sys.platform == "win32":
        import ctypes

        room = ctypes.create_unicode_buffer(1024)
        length = ctypes.windll.kernel32.GetShortPathNameW(str(path), room, len(room))
        return room.value if 0 < length < len(room) else None
    return None


@dataclass(frozen=True, slots=True)
class Machine:
    """A computer and the Python that is to work for Excel on it. ``platform`` is as ``sys.platform``.

    ``ansi`` and ``oem`` are the encodings in which Excel's VBA reads its settings and the command prompt its scripts.
    """

    platform: str
    environ: Mapping[str, str]
    home: Path
    python: Path
    registry: Registry = no_registry
    ansi: str = "utf-8"
    oem: str = "utf-8"
    registry_values: RegistryValues = lambda _key: []
    zone: Zone = lambda _path: None
    short: Short = lambda _path: None

    @property
    def windows(self) -> bool:
        return self.platform == "win32"

    @property
    def mac(self) -> bool:
        return self.platform == "darwin"

    @property
    def settings(self) -> Path | None:
        """The user's own xlwings settings, where Excel's macros look; None where there is no Excel."""
        if self.windows:
            return self.home / ".xlwings" / "xlwings.conf"
        if self.mac:
            return self.home / "Library/Containers/com.microsoft.Excel/Data/xlwings.conf"
        return None

    @property
    def start_folder(self) -> Path | None:
        """Where Excel opens every workbook it finds when it starts: that is how the add-in is always there."""
        if self.windows:
            return self._roaming / "Microsoft" / "Excel" / "XLSTART"
        if self.mac:
            group = self.home / "Library/Group Containers/UBF8T346G9.Office"
            return group / "User Content.localized/Startup.localized/Excel"
        return None

    @property
    def state(self) -> Path:
        """Where this program remembers what it has written."""
        if self.windows:
            return Path(self.environ.get("LOCALAPPDATA") or self.home / "AppData" / "Local") / "perfeval-xl"
        return Path(self.environ.get("XDG_STATE_HOME") or self.home / ".local" / "state") / "perfeval-xl"

    @property
    def log(self) -> Path:
        """The file an engineer asks for (``log.py``)."""
        return self.state / LOG_NAME

    @property
    def _roaming(self) -> Path:
        return Path(self.environ.get("APPDATA") or self.home / "AppData" / "Roaming")

    @property
    def documents(self) -> Path:
        """The user's folder of documents, wherever it was moved to."""
        if self.windows:
            told = self.registry(_DOCUMENTS_KEY, "Personal")
            return self.expanded(told) if isinstance(told, str) and told else self.home / "Documents"
        told = self.environ.get("XDG_DOCUMENTS_DIR")
        if told:
            return Path(told)
        named = [self.home / name for name in ("Documents", "文档")]
        return next((folder for folder in named if folder.is_dir()), named[0])

    @property
    def folder(self) -> Path:
        """Where template and drop program go: never into the cloud or on a network share, where the buttons cannot work."""
        documents = self.documents
        away = self.in_cloud(documents) or on_network(documents)
        return (self.home if away else documents) / FOLDER

    def in_cloud(self, path: Path) -> bool:
        """Whether a path lies in a folder that OneDrive keeps in step."""
        given = (self.environ.get(name) for name in _CLOUD_VARIABLES)
        if any(path.is_relative_to(cloud) for cloud in given if cloud):
            return True
        return any(part.casefold().startswith("onedrive") for part in path.parts)

    def expanded(self, text: str) -> Path:
        """A path with the variables (``%USERPROFILE%``) that Windows keeps in its settings."""
        known = {name.casefold(): value for name, value in self.environ.items()}
        known["userprofile"] = str(self.home)
        for name, value in known.items():
            at = text.casefold().find(f"%{name}%")
            if at >= 0:
                text = text[:at] + value + text[at + len(name) + 2 :]
        return Path(text)

    def spelt(self, path: Path, encoding: str) -> str:
        """A path as a file of this encoding can say it: where a folder's name cannot be said, Windows fills it in, or has a short
        name for it. UnicodeEncodeError where none of it helps."""
        for spelling in self._spellings(path):
            try:
                spelling.encode(encoding)
            except UnicodeEncodeError:
                continue
            return spelling
        str(path).encode(encoding)
        return str(path)

    def _spellings(self, path: Path) -> Iterator[str]:
        yield str(path)
        if not self.windows:
            return
        places = [("USERPROFILE", str(self.home))]
        places += [(name, self.environ[name]) for name in _PLACES if self.environ.get(name)]
        for name, folder in places:
            if path.is_relative_to(folder):
                yield f"%{name}%{str(path)[len(str(Path(folder))) :]}"
        if short := self.short(path):
            yield short


def on_network(path: Path) -> bool:
    """Whether a path is one of a network share (UNC)."""
    return str(path).startswith(("\\\\", "//"))


def this_machine() -> Machine:
    """The computer this runs on."""
    windows = sys.platform == "win32"
    home = Path(os.environ["USERPROFILE"]) if windows and os.environ.get("USERPROFILE") else Path.home()
    return Machine(
        platform=sys.platform,
        environ=os.environ,
        home=home,
        python=Path(sys.executable),
        registry=windows_registry if windows else no_registry,
        # VBA knows nothing of Python's UTF-8 mode.
        ansi="mbcs" if windows else locale.getencoding(),
        oem="oem" if windows else "utf-8",
        registry_values=windows_registry_values,
        zone=windows_zone if windows else lambda _path: None,
        short=windows_short,
    )
