"""Where an output goes: what stands there already is never lost.

A file of ours that nobody changed is replaced; one that was changed since, or that this program did not write, is left alone
unless the user insists. What was written in a marked copy's 说明 column is handed on to the copy that takes its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from perfeval_xl import patterns as re
from perfeval_xl.errors import Occupied, OutputError, PerfevalError
from perfeval_xl.files import reading, refuse_target, why_unread, write_atomically
from perfeval_xl.grid import Book
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.hosts.package.seal import seal_of, sealed
from perfeval_xl.hosts.reading.loading import judged, read_source
from perfeval_xl.records import dataclass
from perfeval_xl.written import content_hash, text_hash

from . import accepted
from .accepted import NOTHING, Remarks

_BOOKS, _DOCUMENTS = (".xlsx", ".xlsm"), (".docx", ".docm")
#: How texts of this program begin, by extension; a JSON object says its schema first.
_TEXTS: Mapping[str, re.Pattern[bytes]] = {
    ".json": re.compile(rb'\s*\{\s*"schema":\s*"perfeval-xl/'),
    ".jsonl": re.compile(rb'\s*\{\s*"schema":\s*"perfeval-xl/'),
    ".csv": re.compile(rb"(\xef\xbb\xbf)?[^\n]*outcome[^\n]*ratio[^\n]*due[^\n]*explain"),
    ".toml": re.compile(rb"# perfeval-xl"),
    ".txt": re.compile(rb"[^\n]*\n(?s:.*)\n" + "结论：".encode()),
}
_HTML_MARK = re.compile(rb'<meta name="perfeval-xl" content="([0-9a-f]{32})">\n')
_HTML_HEAD = b'<meta charset="utf-8">\n'
_PDF_MARK = re.compile(rb"\n%perfeval-xl ([0-9a-f]{32})\n\Z")
_MOST = LIMITS.file_bytes


@dataclass(frozen=True, slots=True)
class Output:
    """A place for an output that was looked at; ``written`` is what a clerk wrote into the marked copy it takes the place
    of."""

    path: Path
    inputs: tuple[Path, ...] = ()
    written: Remarks = NOTHING

    def write(self, data: bytes, *, as_it_is: bool = False) -> None:
        """Write the file with its mark, whole or not at all; ``as_it_is`` where it bears the mark or must be the very bytes.
        OutputError where that cannot be."""
        write_atomically(self.path, data if as_it_is else marked_ours(data, self.path.suffix), self.inputs)


def output(path: Path, inputs: Iterable[Path] = (), *, force: bool = False) -> Output:
    """Look at the place of an output before any work is done. OutputError, in one line, where nothing could be written there,
    or where something would be lost."""
    inputs = tuple(inputs)
    refuse_target(path, inputs)
    if not path.exists() or _is_one_of(inputs, path):
        return Output(path, inputs)
    ours, written = _standing(path)
    if not (ours or force):
        raise _would_be_lost(path)
    return Output(path, inputs, written)


def restore(path: Path, data: bytes, inputs: Iterable[Path] = (), *, force: bool = False) -> None:
    """Write a file that is given back as it was: over nothing but itself, unless the user insists."""
    inputs = tuple(inputs)
    refuse_target(path, inputs)
    if path.exists() and not force and _bytes_of(path) != data:
        raise _would_be_lost(path)
    Output(path, inputs).write(data, as_it_is=True)


def free_output(paths: Iterable[Path], inputs: Iterable[Path] = ()) -> Output:
    """The first of these places, in endless supply, where nothing would be lost. OutputError where nothing can be written."""
    inputs = tuple(inputs)
    for path in paths:
        with suppress(Occupied):
            if not any(path.exists() and path.samefile(one) for one in inputs):
                return output(path, inputs)
    raise OutputError("没有写入：没有可用的文件名")


def _would_be_lost(path: Path) -> Occupied:
    return Occupied(
        f"没有写入 {path}：那里已有一个文件，不是本程序写的，或写出以后又改过；请换一个文件名，确实不要它了再加 --force"
    )


def _bytes_of(path: Path) -> bytes:
    try:
        with reading(path) as stream:
            return stream.read(_MOST + 1)
    except OSError as error:
        raise OutputError(f"没有写入 {path}：{why_unread(error)}") from error


def _is_one_of(inputs: Iterable[Path], path: Path) -> bool:
    """Whether a file is the very copy of an input: nothing would be lost with it."""
    size = path.stat().st_size
    same = [one for one in inputs if one.is_file() and one.stat().st_size == size]
    return bool(same) and any(_bytes_of(one) == _bytes_of(path) for one in same)


def _standing(path: Path) -> tuple[bool, Remarks]:
    """Whether a file is one of ours as it was written, or empty; and what was written into its list."""
    suffix = path.suffix.lower()
    data = _bytes_of(path)
    if not data:
        return True, NOTHING
    if suffix in (*_BOOKS, *_DOCUMENTS):
        return _package_standing(path, data)
    if suffix in _BYTES:
        return _BYTES[suffix](data), NOTHING
    patterns = [_TEXTS[suffix]] if suffix in _TEXTS else _TEXTS.values()
    return any(pattern.match(data) for pattern in patterns) or _same_html(data), NOTHING


def _package_standing(path: Path, data: bytes) -> tuple[bool, Remarks]:
    try:
        mark = seal_of(data)
        if mark is None:
            return False, NOTHING
        book = read_source(judged(str(path), data))
    except PerfevalError:
        return False, NOTHING
    return mark == _hash(book, path.suffix.lower()), accepted.in_workbook(book)


def _hash(book: Book, suffix: str) -> str:
    return (text_hash if suffix in _DOCUMENTS else content_hash)(book.grids)


# -- the mark -------------------------------------------------------------------------------------------------


def marked_ours(data: bytes, suffix: str) -> bytes:
    """An output with the mark by which it is known again; a format that has no room for one is left as it is."""
    suffix = suffix.lower()
    if suffix in (*_BOOKS, *_DOCUMENTS):
        return sealed(data, _hash(read_source(judged(f"输出{suffix}", data)), suffix))
    if data.startswith(b"<!DOCTYPE html>") and _HTML_HEAD in data:
        mark = f'<meta name="perfeval-xl" content="{_digest(data)}">\n'.encode()
        return data.replace(_HTML_HEAD, _HTML_HEAD + mark, 1)
    return data + f"\n%perfeval-xl {_digest(data)}\n".encode() if suffix == ".pdf" else data


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _same_html(data: bytes) -> bool:
    mark = _HTML_MARK.search(data)
    return mark is not None and mark[1].decode() == _digest(data[: mark.start()] + data[mark.end() :])


def _same_pdf(data: bytes) -> bool:
    mark = _PDF_MARK.search(data)
    return mark is not None and mark[1].decode() == _digest(data[: mark.start()])


_BYTES: Mapping[str, Callable[[bytes], bool]] = {".html": _same_html, ".htm": _same_html, ".pdf": _same_pdf}
