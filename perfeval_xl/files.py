"""Writing results: whole files or nothing, and never over a file that was checked. And a file's hash."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .errors import OutputError

_REASONS = {
    errno.EACCES: "没有写入权限（文件夹只读，或该文件正在 Excel 中打开），请换一个位置或先关闭文件",
    errno.EPERM: "没有写入权限（文件夹只读，或该文件正在 Excel 中打开），请换一个位置或先关闭文件",
    errno.EROFS: "所在磁盘只读，请换一个位置",
    errno.ENOENT: "文件夹不存在，请先建立文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.ENOSPC: "磁盘空间不足",
    errno.ENAMETOOLONG: "文件名太长",
}


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
        # A link keeps pointing where it does: the file it names is what is replaced.
        target = path.resolve()
        _refuse_inputs(path, target, inputs)
        if target.exists() and not target.is_file():
            raise OutputError(f"无法写入 {path}：它不是普通文件，请给出文件名")
        with _replacing(target) as stream:
            yield stream
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise OutputError(f"无法写入 {path}：{reason}") from error


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
    temporary = target.with_name(f".perfeval-{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
