"""Zips that units hand in, read like folders: nothing is unpacked to a disk, and nothing of a zip names a place outside of it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path, PurePosixPath

from perfeval_xl.errors import Unreadable
from perfeval_xl.files import reading
from perfeval_xl.hosts.limits import Limits

#: So many files, and so many bytes of directory, may a zip have: a year's intake of a province has fewer.
MOST_MEMBERS, _MOST_DIRECTORY = 20_000, 4_000_000
_END, _END_BYTES, _COMMENT = b"PK\x05\x06", 22, 65_535
_ZIP64 = b"PK\x06\x07"
_UTF8 = 0x800
_UNPACK = "请解压成文件夹后再检查"
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError,
)  # fmt: skip


def members(path: Path) -> list[tuple[str, int]]:
    """The files of a zip: what each is called there, folders before it with "/", and its number in the directory.

    Unreadable where it is no zip, damaged, or has more in it than anybody hands in.
    """
    infos = _opened(path).infolist()
    if len(infos) > MOST_MEMBERS:
        raise _too_many(path, len(infos))
    return [
        (name, number) for number, info in enumerate(infos) if not info.is_dir() and (name := _name(info))
    ]


def read(path: Path, number: int, limits: Limits) -> bytes:
    """The bytes of the member with this number; Unreadable as for ``members``, and where there are too many of them."""
    archive = _opened(path)
    infos = archive.infolist()
    if number >= len(infos):
        raise Unreadable(path.name, "压缩包在检查时变了", "请重新运行")
    info = infos[number]
    name = PurePosixPath(_name(info)).name
    if info.flag_bits & 1:
        raise Unreadable(name, f"压缩包 {path.name} 设有密码", _UNPACK)
    try:
        with archive.open(info) as stream:
            data = stream.read(limits.file_bytes + 1)
    except _DAMAGED:
        raise Unreadable(name, f"压缩包 {path.name} 里的这个文件已损坏", "请向填报单位重新索取") from None
    if len(data) > limits.file_bytes:
        raise Unreadable(name, "文件太大", "请删去无关的工作表、图片，另存后再检查")
    return data


def _opened(path: Path) -> zipfile.ZipFile:
    """The zip as it is now."""
    try:
        state = path.stat()
        return _read_directory(path, state.st_mtime_ns, state.st_size)
    except Unreadable:
        raise
    except _DAMAGED:
        raise Unreadable(path.name, "压缩包打不开，已损坏或不完整", "请向填报单位重新索取") from None


@lru_cache(maxsize=2)
def _read_directory(path: Path, _changed: int, size: int) -> zipfile.ZipFile:
    """The zip, once its directory is known to be small. It is kept: a member of hundreds is read in the time of one."""
    with reading(path) as stream:
        stream.seek(max(0, size - _END_BYTES - _COMMENT - 20))
        _refuse_large_directory(path, stream.read())
    return zipfile.ZipFile(path)


def _refuse_large_directory(path: Path, tail: bytes) -> None:
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + _END_BYTES:
        raise zipfile.BadZipFile
    count, directory = struct.unpack_from("<HL", tail, end + 10)
    if tail[max(0, end - 20) : end].startswith(_ZIP64) or directory > _MOST_DIRECTORY:
        raise Unreadable(path.name, "压缩包太大", _UNPACK)
    if count > MOST_MEMBERS:
        raise _too_many(path, count)


def _too_many(path: Path, count: int) -> Unreadable:
    return Unreadable(path.name, f"压缩包里的文件太多（{count} 个）", _UNPACK)


def _name(info: zipfile.ZipInfo) -> str:
    """What a member is called: folders that lead out of the zip, or to a disk, are left away."""
    parts = [part for part in _decoded(info).replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts[1:] if parts and parts[0].endswith(":") else parts)


def _decoded(info: zipfile.ZipInfo) -> str:
    """Chinese Windows writes names in its own encoding and does not say so; others write UTF-8 and do not say that."""
    if info.flag_bits & _UTF8:
        return info.filename
    raw = info.orig_filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding).partition("\0")[0]
        except UnicodeDecodeError:
            continue
    return info.filename
