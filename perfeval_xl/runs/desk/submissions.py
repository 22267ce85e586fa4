"""What was handed in: the submissions of folders, zips and loose files, in a fixed order, and what was left out of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from perfeval_xl import patterns as re
from perfeval_xl.desk import LeftOut
from perfeval_xl.errors import BatchError, Unreadable
from perfeval_xl.files import LOCKS, why_unread
from perfeval_xl.hosts.limits import Limits
from perfeval_xl.hosts.reading.loading import bytes_of, what_by_name
from perfeval_xl.records import dataclass, replace
from perfeval_xl.runs.accepted import NOTHING, Remarks

from . import archives

#: What tables and reports are handed in as. What a file really is, is said when it is opened.
OFFICE = frozenset(
    (".xlsx", ".xlsm", ".xls", ".xlsb", ".xltx", ".xltm", ".et", ".ods", ".docx", ".docm", ".doc", ".wps")
)  # fmt: skip
SUMMARY, PAGE, LINES, DATABASE = "汇总.xlsx", "汇总.html", "结果.jsonl", "结果.db"
MARKED, AUDITS, NOTICES = "标注", "审核报告", "退回通知"
OWN = frozenset((SUMMARY, PAGE, LINES, DATABASE, MARKED, AUDITS, NOTICES))
_TEMPORARY = re.compile(
    r"\..*|~.*\.tmp|.*\.(tmp|crdownload|part|partial)|thumbs\.db|desktop\.ini|.*-journal", re.IGNORECASE
)
_MARKED = re.compile(r"(.+)-(?:已标注|审核报告|退回通知|已更正)(?:（\d+）)?$")
_SYSTEM_FOLDERS = ("__MACOSX",)


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of a submission: its name there ("表/附件1.xlsx"), the file it lies in, and its number in that, where that is a
    zip. ``data`` are its bytes, where it is sent to another machine."""

    name: str
    path: Path
    member: int | None = None
    data: bytes | None = None

    def content(self, limits: Limits) -> bytes:
        """Its bytes; Unreadable where it cannot be opened or is too large."""
        if self.data is not None:
            return self.data
        if self.member is None:
            return bytes_of(self.path, limits)
        return archives.read(self.path, self.member, limits)


@dataclass(frozen=True, slots=True)
class Submission:
    """What one unit hands in: its name, and its files in a fixed order; ``carried`` is what somebody wrote into
    its marked copies, which is handed on to the next ones."""

    name: str
    pieces: tuple[Piece, ...]
    carried: Remarks = NOTHING


@dataclass(frozen=True, slots=True)
class Intake:
    """All that was found: the submissions in the order of their names, and the files that are none."""

    submissions: tuple[Submission, ...]
    left_out: tuple[LeftOut, ...]


def find(given: Sequence[Path], out: Path, *, each_file: bool = False) -> Intake:
    """The submissions of folders, zips and files. In a folder a subfolder or a zip is one submission with all that is below it, a
    loose file is one of its own; so in a zip. With ``each_file`` every file is one. ``out``, where results go, is left out.

    BatchError where one of ``given`` is not there, or nothing was found.
    """
    left: list[LeftOut] = []
    found: list[Submission] = []
    for path in given:
        found += _inside(path, out, left)
    if each_file:
        found = [
            Submission(
                piece.name if submission.name == piece.name else f"{submission.name}/{piece.name}", (piece,)
            )
            for submission in found
            for piece in submission.pieces
        ]
    if not found:
        raise BatchError(f"{'、'.join(map(str, given))}：里面没有可检查的文件{_counted(left)}")
    return Intake(tuple(_named_apart(sorted(found, key=lambda one: _natural(one.name)))), tuple(left))


def _counted(left: Sequence[LeftOut]) -> str:
    return f"（跳过 {len(left)} 个，如 {left[0].path}：{left[0].reason}）" if left else ""


def _inside(path: Path, out: Path, left: list[LeftOut]) -> Iterator[Submission]:
    """The submissions of one thing that was given."""
    if path.is_dir():
        yield from _of_entries(_listed(path, path, out, left), left)
    elif path.suffix.lower() == ".zip" and path.is_file():
        yield from _of_entries(_of_zip(path, PurePosixPath(), left), left)
    elif path.is_file():
        yield Submission(path.name, (Piece(path.name, path),))
    else:
        raise BatchError(f"{path}：找不到这个文件夹或文件，请检查路径")


# -- what lies where -------------------------------------------------------------------------------------------


def _listed(folder: Path, top: Path, out: Path, left: list[LeftOut]) -> Iterator[Piece]:
    """All files below a folder, those of zips in the place of the zip, named from ``top``. Links to folders are not followed: they
    may lead in a circle."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        left.append(LeftOut(_from(folder, top), why_unread(error)))
        return
    ours = folder.resolve() == out.resolve()
    for entry in entries:
        path = folder / entry.name
        name = _from(path, top)
        if ours and entry.name in OWN:
            left.append(LeftOut(name, "本程序的结果"))
        elif entry.is_dir():
            if path.resolve() == out.resolve() or (path / LINES).is_file():
                left.append(LeftOut(name + "/", "本程序的结果文件夹"))
            elif entry.is_symlink() or entry.name in _SYSTEM_FOLDERS or entry.name.startswith("."):
                left.append(LeftOut(name + "/", "链接或系统文件夹"))
            else:
                yield from _listed(path, top, out, left)
        elif path.suffix.lower() == ".zip" and not _useless(entry.name):
            yield from _of_zip(path, PurePosixPath(name).with_suffix(""), left)
        else:
            yield Piece(name, path)


def _from(path: Path, top: Path) -> str:
    return path.relative_to(top).as_posix()


def _of_zip(path: Path, above: PurePosixPath, left: list[LeftOut]) -> Iterator[Piece]:
    """The files of a zip, named as if it were the folder ``above``; a zip that cannot be read is a file, so that it is told of. One
    folder that holds everything says nothing and is left away."""
    try:
        members = archives.members(path)
    except Unreadable:
        yield Piece(f"{above}.zip" if above.name else path.name, path)
        return
    tops = {name.split("/")[0] if "/" in name else "" for name, _ in members} - {*_SYSTEM_FOLDERS}
    wrapped = len(tops) == 1 and "" not in tops
    for name, number in sorted(members):
        short = name.split("/", 1)[1] if wrapped and "/" in name and name.split("/")[0] in tops else name
        if name.split("/")[0] in _SYSTEM_FOLDERS:
            left.append(LeftOut(str(above / name), "链接或系统文件夹"))
        elif name.lower().endswith(".zip"):
            left.append(LeftOut(str(above / name), "压缩包里的压缩包，请先解压"))
        else:
            yield Piece(str(above / short), path, number)


# -- what is a submission ---------------------------------------------------------------------------------------


def _of_entries(pieces: Iterable[Piece], left: list[LeftOut]) -> Iterator[Submission]:
    """Pieces by the folder they lie in at the top; loose ones are submissions of their own."""
    folders: dict[str, list[Piece]] = {}
    loose: list[Piece] = []
    for piece in pieces:
        top, _, rest = piece.name.partition("/")
        if _useless(PurePosixPath(piece.name).name):
            left.append(LeftOut(piece.name, _useless(PurePosixPath(piece.name).name)))
        elif rest:
            folders.setdefault(top, []).append(replace(piece, name=rest))
        else:
            loose.append(piece)
    for piece in _without_copies(loose, "", left):
        yield Submission(piece.name, (piece,))
    for name, inside in folders.items():
        chosen = _chosen(_without_copies(inside, f"{name}/", left), f"{name}/", left)
        yield Submission(name, tuple(sorted(_apart(chosen), key=lambda piece: _natural(piece.name))))


def _useless(name: str) -> str:
    """Why a file is nothing to be checked, by its name; "" where it may be."""
    if name.startswith(LOCKS):
        return "打开文件时产生的锁文件"
    return "临时文件或系统文件" if _TEMPORARY.fullmatch(name) else ""


def _without_copies(pieces: list[Piece], above: str, left: list[LeftOut]) -> list[Piece]:
    """Without what this program made of another file that lies beside it: a marked copy alone is what the unit handed in."""
    stems = {str(PurePosixPath(piece.name).with_suffix("")) for piece in pieces}
    kept = []
    for piece in pieces:
        made = _MARKED.fullmatch(str(PurePosixPath(piece.name).with_suffix("")))
        if made is not None and made[1] in stems:
            left.append(LeftOut(above + piece.name, "本程序的结果"))
        else:
            kept.append(piece)
    return kept


def _chosen(pieces: list[Piece], above: str, left: list[LeftOut]) -> list[Piece]:
    """The tables and reports of a folder; scans and pictures lie beside them. A folder without any keeps all, so that it is
    said what they are."""
    office = [piece for piece in pieces if PurePosixPath(piece.name).suffix.lower() in OFFICE]
    if not office:
        return pieces
    left += [
        LeftOut(above + piece.name, f"{what_by_name(piece.name)}，不是 Excel 或 Word 文件")
        for piece in pieces
        if piece not in office
    ]
    return office


def _apart(pieces: list[Piece]) -> Iterator[Piece]:
    """Called by their bare names; those that are equal by the whole path, without a slash."""
    names = [PurePosixPath(piece.name).name for piece in pieces]
    for piece, name in zip(pieces, names, strict=True):
        same = sum(other.casefold() == name.casefold() for other in names) > 1
        yield replace(piece, name=piece.name.replace("/", "／") if same else name)


def _named_apart(submissions: Iterable[Submission]) -> Iterator[Submission]:
    """Names that several have, from several folders given, are numbered."""
    seen: dict[str, int] = {}
    for submission in submissions:
        number = seen[submission.name] = seen.get(submission.name, 0) + 1
        yield submission if number == 1 else replace(submission, name=f"{submission.name}（{number}）")


def _natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """Sorts 单位2 before 单位10, and every name apart."""
    pieces = re.findall(r"\d+|\D+", name)
    return [(int(piece) if piece.isdecimal() else -1, piece) for piece in pieces], name
