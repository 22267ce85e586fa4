"""Reading ordinary files only; writing results whole or not at all, and never over a file that was checked; why the
system refuses either, in Chinese."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from . import scratch
from .errors import OutputError

#: How the names begin of what Excel, WPS and LibreOffice lay beside a workbook that is open.
LOCKS = ("~$", ".~")
_NO_READING = "没有权限读取，或者正被别的程序占用"
_NO_WRITING = "没有写入权限（文件夹只读，或该文件正在 Excel 中打开），请换一个位置或先关闭文件"
_ALWAYS = {
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.ENAMETOOLONG: "文件名太长",
    errno.ELOOP: "链接绕成了一圈",
    errno.EIO: "磁盘或网络出错",
    errno.ENOSPC: "磁盘空间不足",
    errno.EROFS: "所在磁盘只读，请换一个位置",
}
_READING = _ALWAYS | {
    errno.EACCES: _NO_READING,
    errno.EPERM: _NO_READING,
    errno.ENOENT: "找不到这个文件",
    errno.EISDIR: "这是一个文件夹，不是文件",
    errno.ENXIO: "这是管道或设备，不是普通文件",
}
_WRITING = _ALWAYS | {
    errno.EACCES: _NO_WRITING,
    errno.EPERM: _NO_WRITING,
    errno.ENOENT: "文件夹不存在，请先建立文件夹",
    errno.EEXIST: "同名的文件已经在那里",
}


def why_unread(error: OSError) -> str:
    """Why the system does not let a file be read, in Chinese."""
    return _READING.get(error.errno or 0) or f"系统报告：{error.strerror or error}"


def why_unwritten(error: OSError | OutputError) -> str:
    """Why something is not written, in Chinese."""
    if isinstance(error, OutputError):
        return str(error)
    return _WRITING.get(error.errno or 0) or f"系统报告：{error.strerror or error}"


def reading(path: Path) -> IO[bytes]:
    """An ordinary file, open for reading. OSError where that cannot be, and for a folder, and for a pipe or device: its end
    might never come."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        number = errno.EISDIR if stat.S_ISDIR(mode) else errno.ENXIO
        raise OSError(number, os.strerror(number), str(path))
    return path.open("rb")


_MOST_SETTINGS = 1_000_000


class TooLarge(Exception):
    """A file of settings is larger than any person writes; the message says so in Chinese."""


def settings_of(path: Path) -> bytes:
    """The bytes of a file of settings (TOML). OSError as ``reading`` says, TooLarge beyond a megabyte."""
    with reading(path) as stream:
        data = stream.read(_MOST_SETTINGS + 1)
    if len(data) > _MOST_SETTINGS:
        raise TooLarge(f"文件太大（超过 {_MOST_SETTINGS // 1_000_000} MB），不是手写的设置文件")
    return data


class Unsettled(Exception):
    """A file of settings cannot be used; the message says why, in Chinese, and not which file it is."""


def settings_text(path: Path, what: str = "") -> tuple[str, str]:
    """The text of a file of settings, and the SHA-256 of its bytes; ``what`` it is called in a message. Unsettled where it is
    no text that can be read."""
    try:
        data = settings_of(path)
        return data.decode("utf-8-sig"), hashlib.sha256(data).hexdigest()
    except OSError as error:
        raise Unsettled(f"读不了{what}（{why_unread(error)}）") from None
    except TooLarge as error:
        raise Unsettled(str(error)) from None
    except UnicodeDecodeError:
        raise Unsettled(f"{what}不是UTF-8编码，请另存为UTF-8") from None


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes in hexadecimal; OSError if it cannot be read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomically(path: Path, data: bytes, inputs: Iterable[Path] = ()) -> None:
    """Write ``data`` to ``path``, whole or not at all; see ``atomically``."""
    with atomically(path, inputs) as stream:
        stream.write(data)


@contextmanager
def atomically(path: Path, inputs: Iterable[Path] = ()) -> Iterator[IO[bytes]]:
    """A stream for ``path``: a reader sees the old file or, once the block is done, the whole new one.

    OutputError if ``path`` is one of the ``inputs`` (also through a link), is no ordinary file, or cannot be
    written; the file that was there stays as it was then, and no temporary file is left.
    """
    try:
        with _replacing(_target(path, inputs)) as stream:
            yield stream
    except OSError as error:
        raise OutputError(f"无法写入 {path}：{why_unwritten(error)}") from error


def refuse_target(path: Path, inputs: Iterable[Path] = ()) -> None:
    """OutputError where ``atomically`` could not write, as far as that can be seen before there is anything to write."""
    try:
        folder = _target(path, inputs).parent
        if not folder.is_dir():
            raise OSError(errno.ENOTDIR if folder.exists() else errno.ENOENT, "", str(folder))
        if not os.access(folder, os.W_OK):
            raise OSError(errno.EACCES, "", str(folder))
    except OSError as error:
        raise OutputError(f"无法写入 {path}：{why_unwritten(error)}") from error


def _target(path: Path, inputs: Iterable[Path]) -> Path:
    """The file that is replaced: a link keeps pointing where it does."""
    target = _resolved(path)
    _refuse_inputs(path, target, inputs)
    if target.exists() and not target.is_file():
        raise OutputError(f"无法写入 {path}：它不是普通文件，请给出文件名")
    return target


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except RuntimeError:  # how Python before 3.13 says that links lead in a circle
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None


def _refuse_inputs(path: Path, target: Path, inputs: Iterable[Path]) -> None:
    for source in inputs:
        if target.exists() and source.exists() and target.samefile(source):
            raise OutputError(
                f"无法写入 {path}：它就是被检查的文件，被检查的文件从不改动，请换一个输出文件名"
            )


@contextmanager
def _replacing(target: Path) -> Iterator[IO[bytes]]:
    # In the same folder, since a rename is atomic only within one file system; opened with "x" rather than
    # by tempfile, whose files only their owner may read.
    scratch.clear(target.parent)
    temporary = scratch.beside(target)
    try:
        with open(temporary, "xb") as stream:
            scratch.hold(stream)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
