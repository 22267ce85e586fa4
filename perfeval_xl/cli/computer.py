"""``install``, ``uninstall``, ``doctor`` and ``live``: what concerns the computer the clerk sits at."""

from __future__ import annotations

import argparse
from pathlib import Path

from .saying import OK, tell_lines


def install_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--folder", metavar="文件夹", type=Path, help="模板和检查小程序放在哪里（默认“文档”里的“绩效自评”）"
    )


def run_install(options: argparse.Namespace) -> int:
    from perfeval_xl.installing.install import install
    from perfeval_xl.installing.machine import this_machine

    return tell_lines(install(this_machine(), options.folder))


def run_uninstall(_options: argparse.Namespace) -> int:
    from perfeval_xl.installing.install import uninstall
    from perfeval_xl.installing.machine import this_machine

    return tell_lines(uninstall(this_machine()))


def run_doctor(_options: argparse.Namespace) -> int:
    from perfeval_xl.installing.doctor import examine
    from perfeval_xl.installing.machine import this_machine

    return tell_lines(examine(this_machine()))


def run_live(options: argparse.Namespace) -> int:
    from perfeval_xl.excel.live import live

    live(options.file)
    return OK
