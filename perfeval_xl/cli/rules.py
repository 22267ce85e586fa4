"""``rules``: the rule book of the program shown; a bureau's own book made, read, tried and exchanged."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from .ending import FOUND, OK, UNUSABLE
from .parsing import Command, Parser
from .saying import UsageError, add_force, limits_of
from .streams import complain, give, say

if TYPE_CHECKING:
    from perfeval_xl.rules.book.records import Book


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("code", nargs="?", metavar="规则", help="规则的编号、名称或类别，如 PE401、rates.staff、totals、PE1*")
    add("--format", choices=("text", "json", "markdown"), default="text", help="输出格式")
    add("--new", metavar="审核规则.xlsx", type=Path, help="新建一本自己的审核公式：有例子、下拉框和名称表")
    add("--names", metavar="文件", type=Path, help="列出这个工作簿里公式能写的每一个名称和格子里的值")
    add(
        "--book",
        metavar="审核规则.xlsx",
        type=Path,
        help="检查自己的审核公式写得对不对，逐行告诉怎么改（也可以是 .toml）",
    )
    add("--test", action="store_true", help="再算每条规则的应过样例和应错样例（有不符的退出码为1）")
    add("--dry", metavar="文件夹", type=Path, help="再用文件夹里的文件试一遍：每条规则用了几次、报了谁")
    add("-o", "--output", metavar="审核规则.toml", type=Path, help="把 --book 的规则另存为 .toml 或 .xlsx")
    add_force(parser)


def _run(options: argparse.Namespace) -> int:
    _refuse_unusable(options)
    if options.new is not None:
        return _new(options)
    if options.names is not None:
        return _names(options)
    if options.book is not None:
        return _book(options)
    from perfeval_xl.rules.pages import render

    page = render(options.code, options.format)
    if options.format == "json":
        give(f"{page}\n")
    else:
        say(page)
    return OK


def _refuse_unusable(options: argparse.Namespace) -> None:
    chosen = [name for name in ("new", "names", "book") if getattr(options, name) is not None]
    if len(chosen) > 1:
        raise UsageError(f"--{chosen[0]} 和 --{chosen[1]} 不能一起用")
    if options.code is not None and chosen:
        raise UsageError(f"多了一个“{options.code}”：--{chosen[0]} 不看自带的规则")
    for name, given in (("--test", options.test), ("--dry", options.dry), ("-o", options.output)):
        if given and options.book is None:
            raise UsageError(f"{name} 要和 --book 一起用，如 perfeval-xl rules --book 审核规则.xlsx {name}")
    if options.dry is not None and not options.dry.is_dir():
        raise UsageError(f"--dry 后面要写文件夹：{options.dry} 不是文件夹")
    if options.output is not None and options.output.suffix.lower() not in (".toml", ".xlsx"):
        raise UsageError(f"-o 的扩展名要是 .toml 或 .xlsx：{options.output}")
    if options.new is not None and options.new.suffix.lower() != ".xlsx":
        raise UsageError(f"新的审核公式要用扩展名 .xlsx：{options.new}")


def _new(options: argparse.Namespace) -> int:
    from perfeval_xl.runs.outputs import output
    from perfeval_xl.runs.rulebook import new_book

    output(options.new, force=options.force).write(new_book())
    complain(f"已新建：{options.new}。第一张表写规则，“名称表”里有能写的名称")
    return OK


def _names(options: argparse.Namespace) -> int:
    from perfeval_xl.runs.rulebook import names_of

    found = list(names_of(options.names, limits_of(options)))
    if not found:
        raise UsageError(f"{options.names}：没有找到绩效自评表")
    say("\n".join(f"{one.name}\t{one.value}\t{one.place}" for one in found))
    return OK


def _book(options: argparse.Namespace) -> int:
    from perfeval_xl.runs.rulebook import dry_run, read_rule_book, try_samples

    limits = limits_of(options)
    book = read_rule_book(options.book, limits)
    for remark in book.remarks:
        say(f"{'×' if remark.serious else '●'} {remark}")
    if not book.usable:
        complain(
            f"{options.book}：有 {sum(one.serious for one in book.remarks)} 处要改，改好以前不能用来检查"
        )
        return UNUSABLE
    _list(book)
    code = OK
    if options.test:
        wrong, count = try_samples(book)
        for remark in wrong:
            say(f"× {remark}")
        say(f"样例 {count} 个，{len(wrong)} 处不符" if count else "没有写样例")
        code = FOUND if wrong else OK
    if options.dry is not None:
        tried = dry_run(book, options.dry, limits)
        say(f"试了 {tried.files} 个文件")
        say("\n".join(one.line for one in tried.tried))
        for reason in tried.unread:
            complain(reason)
    if options.output is not None:
        _write(options)
    return code


def _list(book: Book) -> None:
    from perfeval_xl.rules.book.records import level_word
    from perfeval_xl.rules.book.tree import written

    on = sum(rule.enabled for rule in book.rules)
    say(f"{book.title}：{len(book.rules)} 条规则，{on} 条启用（SHA-256 {book.sha256}）")
    for rule in book.rules:
        given = f"若 {written(rule.condition)}：" if rule.condition is not None else ""
        off = "" if rule.enabled else "（停用）"
        say(
            f"{rule.code}  {level_word(rule)}  {rule.title}{off}　{rule.scope.text}　{given}{written(rule.formula)}"
        )


def _write(options: argparse.Namespace) -> None:
    from perfeval_xl.runs.outputs import output
    from perfeval_xl.runs.rulebook import as_toml, as_workbook

    limits = limits_of(options)
    data = (
        as_toml(options.book, limits)
        if options.output.suffix.lower() == ".toml"
        else as_workbook(options.book, limits)
    )
    output(options.output, [options.book], force=options.force).write(data)
    complain(f"已另存：{options.output}")


COMMANDS = (Command("rules", "列出自带的检查规则；写、查、试本单位自己的审核公式", _arguments, _run),)
