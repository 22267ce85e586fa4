"""The office process and the bridge to it: finding LibreOffice, importing UNO, starting, connecting, ending.

Everything here is about processes; what a workbook is, the other modules know.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import errno
import functools
import inspect
import logging
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast
from xml.sax.saxutils import quoteattr

from perfeval_xl import scratch
from perfeval_xl.errors import PerfevalError

log = logging.getLogger(__name__)

Uno = Any
"""An object behind the bridge; UNO describes them at run time only."""

PIPE_VARIABLE = "CALC_ENGINE_PIPE"
HEADLESS_VARIABLE = "CALC_ENGINE_HEADLESS"
"""A process started with these finds the office that listens at the pipe; so does what a macro of it starts."""

START_SECONDS = 60.0
QUIT_SECONDS = 10.0
# Debian keeps uno.py apart from Python's own packages, others beside the office itself.
_UNO_PLACES = (
    "/usr/lib/python3/dist-packages",
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    *(f"/usr/lib64/python3.{minor}/site-packages" for minor in range(9, 20)),
)
_SOFFICE_PLACES = (
    "/usr/lib/libreoffice/program/soffice",
    "/usr/lib64/libreoffice/program/soffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
    "C:/Program Files (x86)/LibreOffice/program/soffice.exe",
)


Settings = tuple[tuple[str, str, str], ...]
"""Entries of a profile: where, name, value."""

_INTERNET = "/org.openoffice.Inet/Settings"
_SCRIPTING = "/org.openoffice.Office.Common/Security/Scripting"
# Files come from outside: follow no link, ask no server (port 9 discards), run no macro that came by itself.
SAFE_SETTINGS: Settings = (
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    (_SCRIPTING, "MacroSecurityLevel", "3"),
    (_SCRIPTING, "BlockUntrustedRefererLinks", "true"),
    (_INTERNET, "ooInetProxyType", "2"),
    (_INTERNET, "ooInetHTTPProxyName", "127.0.0.1"),
    (_INTERNET, "ooInetHTTPProxyPort", "9"),
    (_INTERNET, "ooInetHTTPSProxyName", "127.0.0.1"),
    (_INTERNET, "ooInetHTTPSProxyPort", "9"),
)
# A new profile greets with a tip and asks to look at the release notes.
_QUIET_SETTINGS: Settings = (
    ("/org.openoffice.Office.Common/Misc", "ShowTipOfTheDay", "false"),
    ("/org.openoffice.Setup/Product", "WhatsNew", "false"),
)


class OfficeError(PerfevalError):
    """LibreOffice cannot be used; one Chinese line says why and what to do."""


class OfficeGone(OfficeError):
    """The office ended, or was ended, while it was being used."""

    def __init__(self) -> None:
        super().__init__(
            "LibreOffice 已经退出或没有响应，这次操作没有完成。磁盘上的文件没有改动，请重新打开后再试"
        )


# --- UNO ---------------------------------------------------------------------------------------------------


def load_uno() -> Any:
    """The module ``uno``, with Python's own import left as it was; OfficeError where it cannot be used.

    pyuno only works in the Python it was built for; with another one it can take the process down, so that is
    looked at before it is loaded.
    """
    if "uno" in sys.modules:
        return sys.modules["uno"]
    own_import = builtins.__import__
    for place in ("", *_UNO_PLACES):
        if place and not Path(place, "uno.py").is_file():
            continue
        _refuse_other_python()
        if place:
            sys.path.append(place)
        try:
            import uno

            if hasattr(uno, "getComponentContext"):
                return uno
            del sys.modules["uno"]  # another package of that name
        except ImportError:
            continue
        finally:
            # uno replaces the import of the whole process by one that spoils every traceback.
            builtins.__import__ = own_import
            if place:
                sys.path.remove(place)
    raise OfficeError(
        "这个 Python 用不了 LibreOffice 的编程接口（UNO）：请安装 python3-uno（Debian、Ubuntu：apt install python3-uno）"
    )


def _refuse_other_python() -> None:
    built_for = uno_python()
    running = (sys.version_info.major, sys.version_info.minor)
    if built_for is not None and built_for != running:
        needed, used = (".".join(map(str, version)) for version in (built_for, running))
        raise OfficeError(
            f"LibreOffice 的编程接口（UNO）只能用 Python {needed}，现在运行的是 Python {used}："
            f"请用 python{needed} 建立虚拟环境再安装 perfeval-xl"
        )


def uno_python() -> tuple[int, int] | None:
    """The Python version pyuno is linked to; None where that cannot be told."""
    soffice = find_soffice()
    folder = Path(soffice).resolve().parent if soffice else Path("/usr/lib/libreoffice/program")
    try:
        content = (folder / "libpyuno.so").read_bytes()
    except OSError:
        return None
    match = re.search(rb"libpython(\d+)\.(\d+)", content)
    return (int(match[1]), int(match[2])) if match else None


def properties(**values: object) -> tuple[Any, ...]:
    """A sequence of ``com.sun.star.beans.PropertyValue``."""
    kind = load_uno().getClass("com.sun.star.beans.PropertyValue")
    return tuple(kind(name, 0, value, 0) for name, value in values.items())


def struct(name: str, *values: object) -> Any:
    """A UNO struct by the name after ``com.sun.star.``."""
    return load_uno().getClass(f"com.sun.star.{name}")(*values)


def enum(name: str, value: str) -> Any:
    """A value of a UNO enum by the name after ``com.sun.star.``."""
    return load_uno().Enum(f"com.sun.star.{name}", value)


_Class = TypeVar("_Class", bound=type)
_Call = TypeVar("_Call", bound=Callable[..., Any])


def guarded(kind: _Class) -> _Class:
    """Class decorator: exceptions of UNO leave its methods and properties as ``OfficeError``.

    They could not pass a context manager, xlwings' own included: they refuse the traceback Python sets on them.
    """
    for name, member in list(vars(kind).items()):
        if isinstance(member, property):
            getter = member.fget and translated(member.fget)
            setter = member.fset and translated(member.fset)
            setattr(kind, name, property(getter, setter, doc=member.__doc__))
        elif inspect.isfunction(member):
            setattr(kind, name, translated(member))
    return kind


def translated(call: _Call) -> _Call:
    """Decorator: exceptions of UNO leave the function as ``OfficeError``."""

    @functools.wraps(call)
    def clear_call(*args: Any, **kwargs: Any) -> Any:
        try:
            return call(*args, **kwargs)
        except Exception as error:
            clear = _office_error(error)
            if clear is None:
                raise
            log.debug("refused by the office", exc_info=True)
        raise clear

    return cast(_Call, clear_call)


def _office_error(error: Exception) -> OfficeError | None:
    """The ``OfficeError`` for an exception of UNO; None for any other."""
    name = type(error).__name__
    if isinstance(error, OfficeError) or not name.startswith("com.sun.star."):
        return None
    # A broken bridge shows itself in several exceptions, so the processes are asked as well.
    if name == "com.sun.star.lang.DisposedException" or not all(office.alive() for office in _in_use):
        return OfficeGone()
    reason = " ".join(str(getattr(error, "Message", "")).split())
    return OfficeError(f"LibreOffice 没有完成这个操作（{name.rpartition('.')[2]} {reason}）")


# --- the process -------------------------------------------------------------------------------------------


def find_soffice() -> str | None:
    """The LibreOffice to start: ``$SOFFICE``, the one on the path, or one in its usual place."""
    found = os.environ.get("SOFFICE") or shutil.which("soffice")
    return found or next((place for place in _SOFFICE_PLACES if os.path.isfile(place)), None)


def write_profile(profile: Path, settings: Settings) -> None:
    """A new profile in which these settings hold."""
    items = "".join(
        f'<item oor:path={quoteattr(path)}><prop oor:name={quoteattr(name)} oor:op="fuse"><value>{value}</value>'
        "</prop></item>"
        for path, name, value in settings
    )
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        f"{items}</oor:items>",
        encoding="utf-8",
    )


@dataclass(slots=True, eq=False, weakref_slot=True)
class Office:
    """One running office: the desktop behind the bridge and, if this process started it, its process.

    ``headless`` says that nobody sees it: no question may then be asked.
    """

    context: Uno
    desktop: Uno
    pipe: str
    headless: bool
    process: subprocess.Popen[bytes] | None = None
    profile: Path | None = None
    ending: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    """Ends the process and removes its profile."""
    opened: set[Path] = field(default_factory=set)
    """Files that were opened in it: a killed office leaves a lock beside each."""
    _pid: int | None = field(default=None)

    @property
    def owned(self) -> bool:
        return self.process is not None

    @property
    def pid(self) -> int:
        """The process id; for an office of another process, one made of the pipe's name."""
        if self.process is not None:
            return self.process.pid
        return self._pid or abs(hash(self.pipe)) % 1_000_000 + 1_000_000

    def service(self, name: str) -> Uno:
        """A UNO service by the name after ``com.sun.star.``."""
        return self.context.ServiceManager.createInstanceWithContext(f"com.sun.star.{name}", self.context)

    def alive(self) -> bool:
        """Whether the office still answers."""
        if self.process is not None and self.process.poll() is not None:
            return False
        try:
            self.desktop.getImplementationId()
        except Exception:
            return False
        return True

    def quit(self) -> None:
        """End the office, politely if it answers, and leave neither process nor profile behind."""
        if self.process is None:
            return
        documents = []
        with contextlib.suppress(Exception):
            documents = list(components(self.desktop))
        for document in documents:
            with contextlib.suppress(Exception):
                document.setModified(False)
                document.close(False)
        with contextlib.suppress(Exception):
            self.desktop.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(QUIT_SECONDS)
        self.kill()

    def leave(self) -> None:
        """Let the person finish: the office asks about what was not saved, and is gone once they have answered."""
        with contextlib.suppress(Exception):
            self.desktop.terminate()
        if self.process is not None:
            self.process.wait()
        self.kill()

    def kill(self) -> None:
        """End the office at once."""
        _in_use.discard(self)
        if self.process is None:
            return
        self.ending.close()
        if self.profile is not None:
            for path in self.opened:
                _remove_lock(path, self.profile)


def _remove_lock(path: Path, profile: Path) -> None:
    """Remove the lock beside a file if it is that of the office with this profile, and nobody else's."""
    lock = path.with_name(f".~lock.{path.name}#")
    with contextlib.suppress(OSError):
        if profile.name.encode() in lock.read_bytes():
            lock.unlink()


_in_use: weakref.WeakSet[Office] = weakref.WeakSet()


@atexit.register
def _end_unseen() -> None:
    """Nobody could end a headless office that this process started once the process itself has ended."""
    for office in list(_in_use):
        if office.headless:
            office.kill()


#: Runs the rest of its arguments; all of the group is ended once nobody has the other end of standard input any more.
_TIED = """exec 3<&0 </dev/null
(read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 &
exec 3<&-
exec "$@\""""


@dataclass(frozen=True, slots=True)
class Tied:
    """A process whose life hangs on this one's; ``end`` ends it with all its children."""

    process: subprocess.Popen[bytes]
    _end_of_tie: int | None

    def end(self) -> None:
        """End it at once, and collect it."""
        _end_group(self.process)
        if self._end_of_tie is not None:
            os.close(self._end_of_tie)


def tied(
    command: Sequence[str], temporary: Path, output: int, variables: Mapping[str, str] | None = None
) -> Tied:
    """Start a headless office so that it is ended, with all its children, also when this process dies (not on Windows). Its
    temporary files, copies of documents among them, are kept in a folder; ``output`` is where what it says goes, as for
    ``subprocess``. OSError where it cannot be started.
    """
    temporary.mkdir(exist_ok=True)
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    options: dict[str, Any] = {
        "stdout": output, "stderr": subprocess.STDOUT, "env": {**os.environ, **places, **(variables or {})},
    }  # fmt: skip
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW
        return Tied(subprocess.Popen(command, stdin=subprocess.DEVNULL, creationflags=flags, **options), None)
    if shutil.which(command[0]) is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
    theirs, ours = os.pipe()
    try:
        tie = ["/bin/sh", "-c", _TIED, "sh", *command]
        return Tied(subprocess.Popen(tie, stdin=theirs, start_new_session=True, **options), ours)
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started (the wrapper starts the office proper), and collect it."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(QUIT_SECONDS)


def components(desktop: Uno) -> Iterator[Uno]:
    """All spreadsheet documents, oldest first."""
    found = []
    enumeration = desktop.Components.createEnumeration()
    while enumeration.hasMoreElements():
        component = enumeration.nextElement()
        if component.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
            found.append(component)
    yield from sorted(found, key=lambda document: int(document.RuntimeUID))


def start(*, visible: bool = False) -> Office:
    """Start an office with a profile of its own, so that no other one is touched; OfficeError if it will not."""
    load_uno()
    soffice = find_soffice()
    if soffice is None:
        raise OfficeError("没有找到 LibreOffice：请先安装（Debian、Ubuntu：apt install libreoffice-calc）")
    pipe = f"calc{secrets.token_hex(6)}"
    with contextlib.ExitStack() as ending:
        profile = _visible_profile(ending) if visible else ending.enter_context(scratch.folder())
        write_profile(profile, (*SAFE_SETTINGS, *_QUIET_SETTINGS))
        arguments = [
            soffice,
            f"-env:UserInstallation={profile.as_uri()}",
            f"--accept=pipe,name={pipe};urp;",
            "--norestore",
            "--nologo",
            "--nodefault",
            *([] if visible else ["--headless"]),
        ]
        variables = {PIPE_VARIABLE: pipe, HEADLESS_VARIABLE: "" if visible else "1"}
        if visible:
            process = _started(arguments, variables)
            ending.callback(_end_group, process)
        else:
            tie = tied(arguments, profile / "tmp", subprocess.DEVNULL, variables)
            ending.callback(tie.end)
            process = tie.process
        office = connect(pipe, process=process, headless=not visible)
        office.process, office.profile, office.ending = process, profile, ending.pop_all()
        return office


def _visible_profile(ending: contextlib.ExitStack) -> Path:
    """A profile that stays while the person works on, even where this process is gone."""
    profile = Path(tempfile.mkdtemp(prefix="calc-engine-"))
    ending.callback(shutil.rmtree, profile, ignore_errors=True)
    return profile


def _started(arguments: Sequence[str], variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        arguments,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def connect(pipe: str, *, process: subprocess.Popen[bytes] | None = None, headless: bool = False) -> Office:
    """The office that listens at a pipe; waits for one that is starting. OfficeError if there is none."""
    uno = load_uno()
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    nobody = uno.getClass("com.sun.star.connection.NoConnectException")
    end = time.monotonic() + (START_SECONDS if process is not None else 0.0)
    while True:
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            break
        except nobody:
            ended = process is not None and process.poll() is not None
            if ended or time.monotonic() >= end:
                raise OfficeError(
                    "LibreOffice 没有启动起来：请先单独打开一次 LibreOffice 看是否正常，再重试"
                    if process is not None
                    else f"没有找到正在运行的 LibreOffice（{pipe}）"
                ) from None
            time.sleep(0.05)
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    office = Office(context, desktop, pipe, headless)
    _in_use.add(office)
    return office
