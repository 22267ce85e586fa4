"""The one door for files: says what a file really is, refuses what cannot be read safely, picks the host.

The extension decides nothing: clerks rename files. Libraries are imported only when their host is used.
"""

from __future__ import annotations

import hashlib
import logging
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Literal
from xml.parsers import expat

from perfeval_xl import patterns as re
from perfeval_xl.errors import Unreadable
from perfeval_xl.files import LOCKS
from perfeval_xl.grid import Book
from perfeval_xl.hosts.limits import LIMITS, Damaged, Forbidden, Limits, Protected, TooMuch
from perfeval_xl.hosts.package.parts import Parts, feed, make_parser, part_name
from perfeval_xl.records import dataclass, field

log = logging.getLogger(__name__)

HostName = Literal["xlsx", "openpyxl", "calamine"]
HOSTS: tuple[HostName, ...] = ("xlsx", "openpyxl", "calamine")

SAVE_AGAIN = "请用 Excel 或 WPS 打开它，另存为 .xlsx 后再检查"
SEND_AGAIN = "请向填报单位重新索取，或在 Excel/WPS 中打开并修复、另存后再检查"
TOO_BIG_ADVICE = "请删去无关的工作表、图片和表格以外的空行格式，另存后再检查"
NO_PASSWORD = "请先取消密码（文件 → 信息 → 保护工作簿 → 用密码进行加密，清空密码后保存）"
DOCTYPE = "内部含有文档类型声明（DTD），可能是恶意构造的文件，已拒绝读取"


Kind = Literal["xlsx", "docx", "doc", "other"]


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was when it was opened: its name as given (a path or a bare name), its bytes, and what these are.

    ``kind`` is "xlsx" (also .xlsm), "docx", "doc" or "other" (.xls, .et, .xlsb, .ods). Whatever is said of the file, or
    made of it, comes from ``data``: a file that changes meanwhile cannot give two answers.
    """

    name: str
    data: bytes = field(repr=False)
    kind: Kind

    @property
    def file_name(self) -> str:
        """The name without folders."""
        return Path(self.name).name

    @property
    def suffix(self) -> str:
        """The name's extension in small letters (".ods"); it need not be true."""
        return Path(self.name).suffix.lower()

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def open_source(path: str | Path, limits: Limits = LIMITS) -> Source:
    """Open a file, for reading only, and judge it by its content; Unreadable for what is no file of ours."""
    return judged(str(path), bytes_of(Path(path), limits), limits)


def judged(name: str, data: bytes, limits: Limits = LIMITS) -> Source:
    """The bytes of a file with what they are; Unreadable as for ``open_source``."""
    return Source(name, data, _kind(Path(name).name, data, limits))


def read_book(
    path: Path, host: str | None = None, limits: Limits = LIMITS, recalculate: bool = False
) -> Book:
    """Open a file and read its workbook, as ``read_source`` does."""
    _refuse_unknown(host)
    return read_source(open_source(path, limits), host, limits, recalculate)


def read_source(
    source: Source,
    host: str | None = None,
    limits: Limits = LIMITS,
    recalculate: bool = False,
    whole: bool = False,
) -> Book:
    """Read a workbook by what it contains; ``host`` forces one: "xlsx" (the usual one), "openpyxl" (the
    slow reference) or "calamine". ``recalculate`` lets LibreOffice calculate the formulas of an .xlsx anew; a
    note says what came of it. ``whole`` lets LibreOffice convert a workbook of another format, whose number formats,
    formulas and hidden rows no host reads; a note says so, or what is not known without it.

    Unreadable for everything that cannot be read; ValueError for an unknown ``host``.
    """
    _refuse_unknown(host)
    name, data = source.file_name, source.data
    if source.kind in ("docx", "doc"):
        return _read_word(name, data, limits, source.kind)
    if source.kind == "xlsx" and host != "calamine":
        book = _read_xlsx(name, data, limits, host)
        return _recalculated(book, data, limits) if recalculate else book
    if host in ("xlsx", "openpyxl"):
        raise Unreadable(name, f"{host} 读不了这种格式", f"请去掉 --host {host}，或者{SAVE_AGAIN}")
    book = _read_through_calamine(name, data, limits)
    return _with_formats(book, data, limits) if whole and host is None else book


def _refuse_unknown(host: str | None) -> None:
    if host is not None and host not in HOSTS:
        raise ValueError(f"unknown host {host!r}, use one of {', '.join(HOSTS)}")


# --- the file ------------------------------------------------------------


def bytes_of(path: Path, limits: Limits) -> bytes:
    """The content of a regular file, read at once: a file changed meanwhile cannot give two answers."""
    name = path.name or str(path)
    try:
        if path.is_dir():
            raise Unreadable(
                name, "这是一个文件夹，不是工作簿", "请指定里面的文件，整个文件夹用 perfeval-xl batch 检查"
            )
        size = path.stat().st_size
        if not path.is_file():
            raise Unreadable(name, "这不是普通文件", "请指定一个工作簿文件")
        if name.startswith(LOCKS):
            raise Unreadable(name, "这是打开工作簿时产生的临时锁文件，不是工作簿", "请检查去掉“~$”的同名文件")
        if size > limits.file_bytes:
            raise Unreadable(name, f"文件太大（{size // 1_000_000} MB）", TOO_BIG_ADVICE)
        with path.open("rb") as file:
            return file.read(limits.file_bytes + 1)
    except FileNotFoundError:
        raise Unreadable(name, "找不到这个文件", "请检查路径和文件名") from None
    except PermissionError:
        raise Unreadable(
            name, "没有权限读取，或者正被别的程序占用", "请关闭打开它的 Excel/WPS，或检查文件权限"
        ) from None
    except (OSError, ValueError) as error:
        log.debug("cannot open %r: %s", path, error)
        raise Unreadable(name, "文件打不开", "请检查路径，或把文件复制到本机后再检查") from None


# --- what the file is ----------------------------------------------------

_ORIGINAL = "请交原来的 Excel 工作簿（.xlsx）或 Word 文件（.docx）"
_PICTURE = ("图片或扫描件", f"{_ORIGINAL}，不要截图、拍照或扫描")
_UNPACK = "请解压，检查里面的 Excel 或 Word 文件"
_PDF = ("PDF 文件", f"{_ORIGINAL}，不要打印成 PDF")
# First bytes → what it is and what to do.
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", *_PDF),
    (b"{\\rtf", "RTF 文档", "请用 Word 或 WPS 打开它，另存为 .docx 后再检查"),
    (b"\x89PNG", *_PICTURE),
    (b"\xff\xd8\xff", *_PICTURE),
    (b"GIF8", *_PICTURE),
    (b"II*\x00", *_PICTURE),
    (b"MM\x00*", *_PICTURE),
    (b"Rar!", "压缩包（.rar）", _UNPACK),
    (b"7z\xbc\xaf'\x1c", "压缩包（.7z）", _UNPACK),
    (b"\x1f\x8b", "压缩包（.gz）", _UNPACK),
    (b"\x09\x00\x04\x00", "Excel 4 以前的旧工作簿", SAVE_AGAIN),
    (b"\x09\x02\x06\x00", "Excel 4 以前的旧工作簿", SAVE_AGAIN),
    (b"\x09\x04\x06\x00", "Excel 4 以前的旧工作簿", SAVE_AGAIN),
)
#: Pictures that no first bytes alone tell from a text.
_PICTURES = re.compile(rb"BM.{4}\0{4}|.{8}WEBP|.{4}ftyp(?:hei|mif)", re.DOTALL)
#: What files are by their names, for a list of those that nobody opens.
_BY_NAME = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".heic"), _PICTURE[0]),
    ".pdf": _PDF[0],
    ".ofd": "OFD 版式文件",
    **dict.fromkeys((".zip", ".rar", ".7z", ".gz"), "压缩包"),
    ".txt": "纯文本",
    **dict.fromkeys((".ppt", ".pptx", ".dps"), "演示文稿"),
}  # fmt: skip
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def what_by_name(name: str) -> str:
    """What a file is that is neither a workbook nor a Word file, by its extension."""
    return _BY_NAME.get(Path(name).suffix.lower(), "别的文件")


def _kind(name: str, data: bytes, limits: Limits) -> Kind:
    if not data:
        raise Unreadable(name, "文件是空的（0 字节）", "请向填报单位重新索取")
    if not data.strip(b"\0"):
        raise Unreadable(
            name, "文件内容全是零，没有数据（多半是下载或复制中断）", "请重新下载，或向填报单位重新索取"
        )
    if data.startswith((_ZIP, _EMPTY_ZIP)):
        return _package_kind(name, data, limits)
    if data.startswith(_OLE):
        return _ole_kind(name, data)
    pictures = ((data[:20], *_PICTURE),) if _PICTURES.match(data) else ()
    for signature, what, advice in (*_SIGNATURES, *pictures):
        if data.startswith(signature):
            raise Unreadable(name, f"这其实是{what}，不是工作簿", advice)
    text_kind = _text_kind(data[:65_536])
    if text_kind is None:
        raise Unreadable(name, "认不出这是什么文件，不是 Excel/WPS 工作簿或者已经损坏", SEND_AGAIN)
    advice = _ORIGINAL if Path(name).suffix.lower() == ".txt" else SAVE_AGAIN
    raise Unreadable(name, f"这其实是{text_kind}，不是工作簿", advice)


def _text_kind(head: bytes) -> str | None:
    """What a text file is; None for binary data."""
    text = _decoded(head)
    if text is None:
        return None
    start = text.lstrip("\ufeff \t\r\n").lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in start or "excel.sheet" in start:
        return "“XML 表格 2003”文件"
    if start.startswith("mime-version:"):
        return "“单个文件网页”（MHT）"
    if re.match(r"<(!doctype html|html|head|body|meta|table|style|script|div)\b", start) or "<html" in start:
        return "网页（HTML），多半是从业务系统导出的"
    if start.startswith("<?xml"):
        return "XML 文件"
    return "纯文本或 CSV 文件"


def _decoded(head: bytes) -> str | None:
    """Text in an encoding Chinese Windows writes, or None."""
    encodings = ("utf-16",) if head.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        for cut in range(4):  # the head may end inside a character
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            control = sum(char < " " and char not in "\t\r\n\f" for char in text)
            return text if not control else None
    return None


def _ole_kind(name: str, data: bytes) -> Kind:
    """Workbook or Word document; refuses others. Looks for directory entries, which are 128-byte aligned."""
    if _ole_entry(data, "EncryptedPackage"):
        raise Unreadable(name, "文件设有打开密码", NO_PASSWORD)
    if _ole_entry(data, "Workbook") or _ole_entry(data, "Book"):
        return "other"
    if _ole_entry(data, "WordDocument"):
        return "doc"
    if _ole_entry(data, "PowerPoint Document"):
        raise Unreadable(name, "这其实是PPT 演示文稿，不是工作簿", "请提供 Excel 工作簿或 Word 文件")
    if Path(name).suffix.lower() in _WPS:
        raise Unreadable(name, "这是旧版 WPS 文件，本程序读不了", "请在 WPS 中另存为 .xlsx 或 .docx 后再检查")
    raise Unreadable(name, "文件里没有工作簿内容，多半已经损坏", SEND_AGAIN)


_WPS = (".wps", ".et", ".dps")


def _ole_entry(data: bytes, stream: str) -> bool:
    needle = (stream + "\0").encode("utf-16-le")
    position = data.find(needle)
    while position >= 0:
        length = int.from_bytes(data[position + 64 : position + 66], "little")
        if position % 128 == 0 and length == len(needle):
            return True
        position = data.find(needle, position + 1)
    return False


# --- packages ------------------------------------------------------------

_DIRECTORY_RECORD = b"PK\x01\x02"


def _package_kind(name: str, data: bytes, limits: Limits) -> Kind:
    # A directory of millions would fill the memory before it could be counted. Packed data may hold a record's
    # mark by chance, and a stored attachment has a directory of its own.
    listed = data.count(_DIRECTORY_RECORD)
    if listed > 5 * limits.parts:
        raise Unreadable(name, f"内部部件太多（{listed} 个）", TOO_BIG_ADVICE)
    try:
        with Parts(data) as package:
            _check_sizes(name, package, limits)
            kind = _package_content(name, package)
            _check_doctypes(name, package)
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
    ) as error:
        log.debug("damaged package %r: %s", name, error)
        raise Unreadable(name, "文件已损坏或不完整（多半是没有传完）", SEND_AGAIN) from None
    return kind


def _check_sizes(name: str, package: Parts, limits: Limits) -> None:
    """Refuse zip bombs by what the directory says; zipfile never unpacks more than that."""
    infos = package.infolist()
    if any(info.flag_bits & 1 for info in infos):
        raise Unreadable(name, "压缩包设有密码", NO_PASSWORD)
    unpacked = sum(info.file_size for info in infos)
    largest = max((info.file_size for info in infos), default=0)
    swollen = any(
        info.file_size > limits.ratio_from and info.file_size > limits.ratio * max(info.compress_size, 1)
        for info in infos
    )
    files = [info.filename for info in infos if not info.is_dir()]
    if len({part_name(file) for file in files}) < len(files):
        raise Unreadable(name, "内部有重名的部件，不同软件会读出不同内容，已拒绝读取", SEND_AGAIN)
    if len(infos) > limits.parts:
        raise Unreadable(name, f"内部部件太多（{len(infos)} 个）", TOO_BIG_ADVICE)
    if unpacked > limits.unpacked_bytes or largest > limits.part_bytes:
        raise Unreadable(name, f"展开后太大（{unpacked // 1_000_000} MB）", TOO_BIG_ADVICE)
    if swollen:
        raise Unreadable(name, "压缩比异常，可能是恶意构造的“压缩炸弹”，已拒绝读取", TOO_BIG_ADVICE)


# A part (or the start of one) only that kind of package has → what it is and what to do.
_PACKAGES: tuple[tuple[str, str, str], ...] = (
    ("ppt/", "PPT 演示文稿", "请提供 Excel 工作簿"),
    ("ofd.xml", "OFD 版式文件", "请提供原来的 Excel 工作簿"),
)


def _package_content(name: str, package: Parts) -> Kind:
    parts = tuple(package.names)
    mimetype = package.read("mimetype")[:200].strip() if "mimetype" in package else b""
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        if "META-INF/manifest.xml" in package and b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise Unreadable(name, "工作簿设有打开密码", NO_PASSWORD)
        return "other"
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        raise Unreadable(name, "这其实是 OpenDocument 文档，不是工作簿", "请提供 Excel 工作簿")
    if "xl/workbook.bin" in package:
        return "other"
    if "xl/workbook.xml" in package or _declares_workbook(package):
        return "xlsx"
    if "word/document.xml" in package or _declares_document(package):
        return "docx"
    for start, what, advice in _PACKAGES:
        if any(part.startswith(start) for part in parts):
            raise Unreadable(name, f"这其实是{what}，不是工作簿", advice)
    if "[Content_Types].xml" in package:
        raise Unreadable(name, "文件里没有工作簿内容，多半已经损坏", SEND_AGAIN)
    raise Unreadable(
        name, "这其实是压缩包（.zip），不是工作簿", f"{_UNPACK}，或用 perfeval-xl batch 检查整个压缩包"
    )


def _declares_workbook(package: Parts) -> bool:
    """Whether the content types name a workbook part (its path is free)."""
    if "[Content_Types].xml" not in package:
        return False
    types = package.read("[Content_Types].xml")
    return b"spreadsheetml.sheet.main" in types or b"sheet.macroEnabled.main" in types


def _declares_document(package: Parts) -> bool:
    if "[Content_Types].xml" not in package:
        return False
    types = package.read("[Content_Types].xml")
    return b"wordprocessingml.document.main" in types or b"word.document.macroEnabled.main" in types


def _check_doctypes(name: str, package: Parts) -> None:
    for part in package.names:
        if part.endswith((".xml", ".rels")):
            if _ROOT_FIRST.match(package.head(part)):
                continue
            with package.open(part) as stream:
                if _has_doctype(stream):
                    raise Unreadable(name, DOCTYPE, "请向填报单位核实来源，在 Excel/WPS 中另存后再检查")


# What nearly all parts begin with; after its first element no declaration can follow.
_ROOT_FIRST = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml [^<>]*\?>)?\s*<[A-Za-z_]")


class _RootReached(Exception):
    """The document element has begun: no declaration can follow."""


def _has_doctype(stream: IO[bytes]) -> bool:
    """Whether an XML stream declares a document type, in any encoding; reads no further than its root."""
    try:
        feed(make_parser(_stop_at_root), stream)
    except _RootReached:
        return False
    except Forbidden:
        return True
    except (expat.ExpatError, LookupError):
        return False  # no XML, or in no known encoding: whoever needs the part will say so
    return False


def _stop_at_root(*_: object) -> None:
    raise _RootReached


# --- the hosts -----------------------------------------------------------


def _read_xlsx(name: str, data: bytes, limits: Limits, host: str | None) -> Book:
    """With formulas and formats; where that fails on something unusual, values only through calamine, and a note."""
    if host == "openpyxl":
        from .reference import read as reader
    else:
        from .xlsx import read as reader
    try:
        return _guarded(name, lambda: reader(name, data, limits))
    except Unreadable:
        raise
    except Exception as error:  # the libraries raise whatever their parsing code happens to hit
        log.debug("%s cannot read %r", host or "xlsx", name, exc_info=True)
        if host is not None:
            raise Unreadable(name, "文件已损坏，或不符合 .xlsx 规范", SEND_AGAIN) from error
    book = _read_through_calamine(name, data, limits)
    return Book.of(book.name, book.grids, (*book.notes, "样式无法读取，公式和数字格式未知，只按数值检查"))


def _read_word(name: str, data: bytes, limits: Limits, kind: Kind) -> Book:
    """A Word document; an old .doc by way of LibreOffice, where it is installed."""
    from . import word

    if kind == "docx":
        return _guarded(name, lambda: word.read(name, data, limits))
    from perfeval_xl.hosts.libreoffice import OfficeError, convert

    try:
        converted = convert(data, ".doc", "docx", limits)
    except OfficeError as error:
        what = "WPS 文字（.wps）" if Path(name).suffix.lower() == ".wps" else "旧版 Word 文档（.doc）"
        problem = f"这是{what}，{error}"
        raise Unreadable(name, problem, "请在 Word 或 WPS 中另存为 .docx 后再检查") from None
    book = _guarded(name, lambda: word.read(name, converted, limits))
    note = "原文件是旧版 Word 文档（.doc），由 LibreOffice 转换后检查"
    return Book.of(book.name, book.grids, (*book.notes, note))


def _with_formats(book: Book, data: bytes, limits: Limits) -> Book:
    from perfeval_xl.hosts.libreoffice import OfficeError

    from .converted import with_formats

    suffix = ".xls" if data.startswith(_OLE) else ".ods" if _ODS in data[:200] else ".xlsb"
    try:
        return with_formats(book, data, suffix, limits)
    except (OfficeError, TooMuch, Damaged, ValueError) as error:
        log.debug("not converted: %r", book.name, exc_info=True)
        sheets = "、".join(grid.sheet for grid in book.grids if grid.cells)
        reason = str(error) if isinstance(error, OfficeError) else "LibreOffice 转换后读不了"
        unknown = f"{reason}，{suffix} 格式的数字格式、公式和隐藏的行列没有读到（{sheets}）：分不清 1 和 100%，请另存为 .xlsx 再查"
        return Book.of(book.name, book.grids, (*book.notes, unknown))


def _recalculated(book: Book, data: bytes, limits: Limits) -> Book:
    from perfeval_xl.hosts.libreoffice import OfficeError

    from .recalculated import recalculated

    try:
        return recalculated(book, data, ".xlsx", limits)
    except OfficeError as error:
        return Book.of(book.name, book.grids, (*book.notes, f"{error}，公式没有重算"))


def _read_through_calamine(name: str, data: bytes, limits: Limits) -> Book:
    from . import calamine

    return _guarded(name, lambda: calamine.read(name, data, limits))


def _guarded(name: str, read: Callable[[], Book]) -> Book:
    """Turn what says clearly that the file is at fault into its one line."""
    try:
        return read()
    except TooMuch as error:
        raise Unreadable(name, str(error), TOO_BIG_ADVICE) from None
    except Damaged as error:
        log.debug("damaged content in %r", name, exc_info=True)
        raise Unreadable(name, str(error), SEND_AGAIN) from None
    except Protected:
        raise Unreadable(name, "工作簿设有打开密码", NO_PASSWORD) from None
    except Forbidden:
        raise Unreadable(name, DOCTYPE, "请向填报单位核实来源，在 Excel/WPS 中另存后再检查") from None
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        log.debug("damaged part in %r: %s", name, error)
        raise Unreadable(name, "文件已损坏或不完整", SEND_AGAIN) from None
    except MemoryError:
        raise Unreadable(name, "内存不够，读不下这个文件", TOO_BIG_ADVICE) from None
