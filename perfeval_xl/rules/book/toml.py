"""A rule book as TOML, its exchange form: read, and written from any book."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping

from .records import COLUMNS, KEYS, Book, Remark
from .rows import MOST_RULES, book_of

_BY_KEY = {key: column for column, key in KEYS.items()}


def read_toml(text: str, identity: str, sha256: str) -> Book:
    """The book of a TOML file: ``id``, ``title``, and a ``[[rule]]`` each with the columns' keys."""

    def refused(message: str) -> Book:
        return Book(identity, identity, sha256, (), (Remark(0, "", message),))

    try:
        data = tomllib.loads(text)
    except RecursionError:
        return refused("不是正确的TOML（嵌套太深）")
    except ValueError as error:
        match = re.search(r"line (\d+)", str(error))
        return refused(f"{f'第{match[1]}行：' if match else ''}不是正确的TOML")
    given = data.get("rule")
    unknown = sorted(data.keys() - {"id", "title", "rule"})
    if unknown:
        return refused(f"没有“{unknown[0]}”这个设置，可用的是 id、title 和若干 [[rule]]")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        return refused("没有规则：每条规则写一节 [[rule]]")
    names = [data.get(key, identity) for key in ("id", "title")]
    if not all(isinstance(name, str) and name.strip() for name in names):
        return refused("id 和 title 应为文字")
    rows: list[tuple[int, Mapping[str, str]]] = []
    remarks: list[Remark] = []
    lines = _lines(text)
    for index, one in enumerate(given[: MOST_RULES + 1]):
        row = lines[index] if index < len(lines) else index + 1
        rows.append(
            (
                row,
                {
                    _BY_KEY[key]: value
                    for key, value in one.items()
                    if key in _BY_KEY and isinstance(value, str)
                },
            )
        )
        for key, value in one.items():
            if key not in _BY_KEY:
                remarks.append(Remark(row, "", f"没有“{key}”这个设置，可用的是 {'、'.join(_BY_KEY)}"))
            elif not isinstance(value, str):
                remarks.append(Remark(row, key, "应为引号里的文字"))
    return book_of(names[0], names[1], sha256, rows, remarks)


def rows_of_toml(text: str, identity: str) -> tuple[str, list[Mapping[str, str]]]:
    """The title of a book in TOML and its rules as they are written; nothing of a file that is none."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):
        return identity, []
    given = data.get("rule")
    rules = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    rows = [{_BY_KEY[key]: str(value) for key, value in one.items() if key in _BY_KEY} for one in rules]
    return str(data.get("title", identity)), list(rows)


def _lines(text: str) -> list[int]:
    """The lines that rules begin in."""
    return [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if line.replace(" ", "").startswith("[[rule]]")
    ]


def write_toml(identity: str, title: str, rows: list[Mapping[str, str]]) -> str:
    """Rules, each its texts by column, as TOML; reading that gives them again."""
    return "\n".join(_written(identity, title, rows)) + "\n"


def _written(identity: str, title: str, rows: list[Mapping[str, str]]) -> Iterator[str]:
    yield "# perfeval-xl 审核公式：rules --book 本文件 -o 审核规则.xlsx 转成工作簿"
    yield f"id = {_text(identity)}"
    yield f"title = {_text(title)}"
    for row in rows:
        yield ""
        yield "[[rule]]"
        for column in COLUMNS:
            if row.get(column):
                yield f"{KEYS[column]} = {_text(row[column])}"


def _text(text: str) -> str:
    """A TOML string: JSON's, whose escapes TOML knows; DEL it wants written out."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
