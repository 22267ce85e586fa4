"""``live``, ``install``, ``uninstall`` and ``doctor``: what concerns the computer the clerk sits at."""

from __future__ import annotations

import argparse
from pathlib import Path

from .ending import OK
from .parsing import Command, Parser, no_arguments
from .saying import tell_lines


def _live_arguments(parser: Parser) -> None:
    parser.add_argument("file", metavar="文件", type=Path, help="工作簿：.xlsx .xlsm，也可以是 .xls .ods .et")


def _live(options: argparse.Namespace) -> int:
    from perfeval_xl.excel.live import live

    live(options.file)
    return OK


def _install_arguments(parser: Parser) -> None:
    parser.add_argument(
        "--folder", metavar="文件夹", type=Path, help="模板和检查小程序放在哪里（默认“文档”里的“绩效自评”）"
    )


def _install(options: argparse.Namespace) -> int:
    from perfeval_xl.installing.install import install
    from perfeval_xl.installing.machine import this_machine

    return tell_lines(install(this_machine(), options.folder))


def _uninstall(_options: argparse.Namespace) -> int:
    from perfeval_xl.installing.install import uninstall
    from perfeval_xl.installing.machine import this_machine

    return tell_lines(uninstall(this_machine()))


def _doctor(_options: argparse.Namespace) -> int:
    from perfeval_xl.installing.doctor import examine
    from perfeval_xl.installing.machine import this_machine

    return tell_lines(examine(this_machine()))


COMMANDS = (
    Command("live", "在 LibreOffice 中打开、检查并标注一个工作簿", _live_arguments, _live, reads_files=False),
    Command(
        "install", "装好 Excel 按钮要用的设置、模板和加载项", _install_arguments, _install, reads_files=False
    ),
    Command("uninstall", "去掉 install 放的全部文件和设置", no_arguments, _uninstall, reads_files=False),
    Command("doctor", "体检：为什么 Excel 里的按钮不能用，怎么办", no_arguments, _doctor, reads_files=False),
)
