"""The command line. Everything heavy is imported by the command that needs it, so that --help is instant."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from perfeval_xl.errors import PerfevalError
from perfeval_xl.version import __version__

from .books import policy_arguments, rules_arguments, run_policy, run_rules
from .check import check_arguments, run_check
from .computer import install_arguments, run_doctor, run_install, run_live, run_uninstall
from .correct import recalc_arguments, run_recalc, run_undo, undo_arguments
from .demo import example as example
from .demo import run_demo
from .documents import export_arguments, import_arguments, new_arguments, run_export, run_import, run_new
from .judge import judge_arguments, run_judge
from .saying import OK, UNUSABLE, complain


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code (0 done, 1 findings, 2 unusable)."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except PerfevalError as error:
        complain(str(error))
        return UNUSABLE
    except BrokenPipeError:
        sys.stderr.close()
        return OK
    except KeyboardInterrupt:
        complain("已中断")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="perfeval-xl",
        description="检查部门整体支出绩效自评工作簿：算错的比率、合计，对不上的表，没完成却得满分的指标。",
    )
    parser.add_argument("--version", action="version", version=f"perfeval-xl {__version__}")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True)
    check_arguments(_command(commands, "check", run_check, "检查一个或几个工作簿或 Word 文件"))
    recalc_arguments(
        _command(commands, "recalc", run_recalc, "重算比率、合计和得分，另存一份，改动都记入“更正记录”")
    )
    undo_arguments(_command(commands, "undo", run_undo, "把“更正记录”里的改动全部撤回，另存一份"))
    policy_arguments(_command(commands, "policy", run_policy, "列出、显示或检验政策文件"))
    judge_arguments(_command(commands, "judge", run_judge, "判断一个指标是否完成、应得几分"))
    rules_arguments(_command(commands, "rules", run_rules, "列出全部检查规则，或显示一条"))
    new_arguments(_command(commands, "new", run_new, "新建一份填报工作簿（.xlsm，或不带宏的 .xlsx）"))
    import_arguments(
        _command(commands, "import", run_import, "把已有的自评表和报告（Word、Excel、WPS）导入填报模板")
    )
    export_arguments(
        _command(commands, "export", run_export, "导出可以公开的自评报告：文字在前、附表在后的 .docx 或 .pdf")
    )
    live = _command(commands, "live", run_live, "在 LibreOffice 中打开、检查并标注一个工作簿")
    live.add_argument("file", metavar="FILE", type=Path, help="工作簿：.xlsx .xlsm，也可以是 .xls .ods .et")
    install_arguments(_command(commands, "install", run_install, "装好 Excel 按钮要用的设置、模板和加载项"))
    _command(commands, "uninstall", run_uninstall, "去掉 install 放的全部文件和设置")
    _command(commands, "doctor", run_doctor, "体检：为什么 Excel 里的按钮不能用，怎么办")
    demo = _command(commands, "demo", run_demo, "检查自带的示例，生成网页和标注副本")
    demo.add_argument(
        "--out",
        metavar="文件夹",
        type=Path,
        default=Path("perfeval-demo"),
        help="网页和标注副本放在哪里（默认 perfeval-demo）",
    )
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], text: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    return command
