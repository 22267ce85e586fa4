"""What several commands share: refusals, and what their options mean."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from perfeval_xl.errors import PerfevalError
from perfeval_xl.files import LOCKS

from .ending import OK, UNUSABLE
from .streams import complain

if TYPE_CHECKING:
    from perfeval_xl.installing.telling import Line
    from perfeval_xl.runs.bounding import Limits

    from .parsing import Parser


class UsageError(PerfevalError):
    """The call cannot be carried out; one Chinese line says why and what to do."""


def encoded(text: str) -> bytes:
    """As a file's bytes; a file name that is no text (Linux) has characters that no encoding knows."""
    return text.encode("utf-8", "replace")


def tell_lines(lines: Sequence[Line]) -> int:
    """Each on its own line; unusable where one of them has to be mended."""
    from perfeval_xl.installing.telling import rendered
    from perfeval_xl.report.plain import encoding_of

    sys.stdout.write(rendered(lines, encoding_of(sys.stdout)))
    return UNUSABLE if any(line.level == "bad" for line in lines) else OK


def refuse_suffix(path: Path, suffix: str) -> None:
    """Office refuses a file whose extension says other than its content about macros."""
    if path.suffix.lower() != suffix and not path.is_dir():
        what = "文件" if suffix.startswith(".doc") else "工作簿"
        macros = "带宏" if suffix.endswith("m") else "不带宏"
        program = "Word" if suffix.startswith(".doc") else "Excel"
        raise UsageError(f"这个{what}{macros}，另存的文件要用扩展名 {suffix}，否则 {program} 打不开：{path}")


def expanded(names: Sequence[str]) -> list[str]:
    """The files that were typed; *.xlsx is resolved here where the shell did not (Windows). What Excel and LibreOffice lay beside
    an open workbook is passed over, and that is said."""
    import glob

    found: list[str] = []
    for name in names:
        if not glob.has_magic(name) or Path(name).exists():
            found.append(name)
            continue
        matched = sorted(glob.glob(name, include_hidden=True))
        if all(map(_is_lock, matched)):
            raise UsageError(f"没有符合 {name} 的文件，请检查文件夹和扩展名")
        found += matched
    locks = [one for one in found if _is_lock(one)]
    if not locks or len(locks) == len(found):
        return found
    complain(f"跳过 {len(locks)} 个打开工作簿时产生的临时锁文件，如 {locks[0]}")
    return [one for one in found if one not in locks]


def _is_lock(name: str) -> bool:
    return Path(name).name.startswith(LOCKS)


def limits_of(options: argparse.Namespace) -> Limits:
    """What a file may ask of the machine: the usual, or as ``--limit`` says."""
    from perfeval_xl.runs.bounding import LIMITS

    try:
        return LIMITS.changed(options.limit)
    except ValueError as error:
        raise UsageError(str(error)) from None


def add_force(parser: Parser) -> None:
    """The option of every command that writes."""
    parser.add_argument(
        "--force", action="store_true", help="输出的位置已有别的文件，或写出后又改过的文件，也覆盖"
    )


def add_rules(parser: Parser) -> None:
    """The option of every command that checks by a bureau's own rules."""
    parser.add_argument(
        "--rules", metavar="审核规则.xlsx", action="append", default=[],
        help="再查本单位自己的审核公式（.xlsx 或 .toml，可以写几次）",
    )  # fmt: skip


def inputs_of(options: argparse.Namespace) -> list[Path]:
    """Every file the run reads: none of them is written."""
    given = (*options.files, options.accept, options.policy, options.previous, *options.books)
    return [Path(name) for name in given if name is not None]


@contextmanager
def installed(what: str, extra: str, libraries: Collection[str]) -> Iterator[None]:
    """UsageError that says what to install where one of the libraries of an extra cannot be imported inside; ``what`` needs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in libraries:
            raise
        raise UsageError(f'{what} 还缺组件，请先安装：pip install "perfeval-xl[{extra}]"') from None
