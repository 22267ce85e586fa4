"""Reads policies from TOML: what a file may hold is a table of checks; everything else is refused with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from .records import Basis, DegreeBand, GradeBand, Overshoot, Policy, Tolerance

_FOLDER = Path(__file__).parent
_CODE = re.compile(r"PE[1-9]\d\d")


class PolicyError(ValueError):
    """A policy cannot be used; one Chinese line names the file, the line and what is wrong."""


class _Wrong(Exception):
    """A value of the wrong kind, before it is known where it stands."""


# -- what a value must be -------------------------------------------------------------------------------------

Check = Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("应为文字")
    return value


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _Wrong("应为数字")
    number = Decimal(value)
    if not number.is_finite() or number < 0:
        raise _Wrong("应为不小于0的数字")
    return number


def _one_of(*words: str) -> Check:
    def check(value: Any) -> str:
        if value not in words:
            raise _Wrong("应为 " + "、".join(words) + " 之一")
        return str(value)

    return check


def _list(check: Check) -> Check:
    def checked(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _Wrong("应为列表")
        return tuple(check(item) for item in value)

    return checked


def _code(value: Any) -> str:
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise _Wrong("应为规则编号，如 PE401")
    return value


def _record(**fields: Check) -> Check:
    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or set(value) != set(fields):
            raise _Wrong("每一项应有且只有 " + "、".join(fields))
        return {name: field(value[name]) for name, field in fields.items()}

    return check


#: Every key a policy may have, with what it must be. Tables of rule codes are marked by "PE".
SCHEMA: Mapping[str, Check | Mapping[str, Any]] = {
    "id": _text,
    "title": _text,
    "inherits": _text,
    "acceptable": _list(_code),
    "basis": {
        "PE": {"text": _text, "document": _text, "proof": _one_of("seen", "memory", "derived", "convention")}
    },
    "severity": {"PE": _one_of("error", "warning", "info", "off")},
    "weights": {"splits": _list(_list(_number))},
    "tolerance": {"amount": _number, "due": _number},
    "execution": {"floor": _number},
    "adjustment": {"threshold": _number},
    "overshoot": {"ratio": _number, "min_gap": _number, "mode": _one_of("explain", "deduct")},
    "grade": {"bands": _list(_record(word=_text, aliases=_list(_text), floor=_number))},
    "qualitative": {"bands": _list(_record(words=_list(_text), floor=_number, ceiling=_number))},
    "groups": {"required": _list(_text)},
    "narrative": {"required": _list(_text)},
    "sangong": {"basis": _one_of("budget", "final")},
}


# -- reading --------------------------------------------------------------------------------------------------


def bundled() -> tuple[str, ...]:
    """The ids of the policies that come with the tool."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def load_policy(name_or_path: str) -> Policy:
    """A bundled policy by its id, or one from a TOML file. PolicyError says what is wrong, and where."""
    if name_or_path in bundled():
        return _bundled_policy(name_or_path)
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise PolicyError(f"没有政策“{name_or_path}”：自带的有 {'、'.join(bundled())}，或给一个 .toml 文件")
    return _policy(_merged(path, ()), path)


@lru_cache(maxsize=16)
def _bundled_policy(name: str) -> Policy:
    path = _FOLDER / f"{name}.toml"
    return _policy(_merged(path, ()), path)


def _merged(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """The validated content of a file over that of the policy it inherits."""
    path = path.resolve()
    if path in seen:
        raise PolicyError(f"{path}：inherits 绕成了一圈")
    text = _read(path)
    own = _validated(_parsed(text, path), SCHEMA, text, path, ())
    parent = own.get("inherits")
    if parent is None:
        return own
    base = _FOLDER / f"{parent}.toml" if parent in bundled() else path.parent / parent
    if not base.is_file():
        raise PolicyError(f"{path}：第 {_line(text, ('inherits',))} 行：inherits 指的政策“{parent}”不存在")
    return _over(_merged(base, (*seen, path)), own)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PolicyError(f"{path}：读不了政策文件（{error.strerror}）") from None
    except UnicodeDecodeError:
        raise PolicyError(f"{path}：政策文件不是UTF-8编码，请另存为UTF-8") from None


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"line (\d+)", str(error))
        where = f"第 {match[1]} 行：" if match else ""
        raise PolicyError(f"{path}：{where}不是正确的TOML（{error}）") from None


def _validated(
    data: Mapping[str, Any], schema: Mapping[str, Any], text: str, path: Path, keys: tuple[str, ...]
) -> dict[str, Any]:
    """The data with every value checked; PolicyError for an unknown key or a value of the wrong kind."""
    checked: dict[str, Any] = {}
    for key, value in data.items():
        here = (*keys, key)
        where = f"{path}：第 {_line(text, here)} 行：{'.'.join(here)}"
        check = schema["PE"] if "PE" in schema and _CODE.fullmatch(key) else schema.get(key)
        if check is None or key == "PE":
            raise PolicyError(f"{where}：没有这个设置，可用的是 {'、'.join(_names(schema))}")
        if isinstance(check, Mapping):
            if not isinstance(value, dict):
                raise PolicyError(f"{where}：应为一节设置")
            checked[key] = _validated(value, check, text, path, here)
            continue
        try:
            checked[key] = check(value)
        except _Wrong as wrong:
            raise PolicyError(f"{where}：{wrong}") from None
    return checked


def _names(schema: Mapping[str, Any]) -> list[str]:
    return ["规则编号（PExxx）" if name == "PE" else name for name in schema]


def _line(text: str, keys: tuple[str, ...]) -> int:
    """The line that a dotted key stands in: its table's header, then the key below it."""
    lines = text.splitlines()
    table = ""
    for number, line in enumerate(lines, 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if header is not None:
            table = header[1].replace(" ", "").replace('"', "")
            if table == ".".join(keys):
                return number
            continue
        name = re.match(r"\s*\"?([\w.\-]+)\"?\s*=", line)
        if name is not None:
            full = f"{table}.{name[1]}" if table else name[1]
            if full == ".".join(keys):
                return number
    return next((number for number, line in enumerate(lines, 1) if keys[-1] in line), 1)


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The own settings over the inherited ones, table by table."""
    merged = dict(base)
    for key, value in own.items():
        inherited = merged.get(key)
        merged[key] = (
            _over(inherited, value) if isinstance(inherited, dict) and isinstance(value, dict) else value
        )
    return merged


def _policy(data: Mapping[str, Any], path: Path) -> Policy:
    try:
        policy = Policy(
            id=data["id"],
            title=data["title"],
            inherits=data.get("inherits"),
            basis={code: Basis(**entry) for code, entry in data.get("basis", {}).items()},
            severity=data.get("severity", {}),
            acceptable=frozenset(data.get("acceptable", ())),
            splits=data["weights"]["splits"],
            tolerance=Tolerance(**data["tolerance"]),
            execution_floor=data["execution"]["floor"],
            adjustment_threshold=data["adjustment"]["threshold"],
            overshoot=Overshoot(**data["overshoot"]),
            grades=tuple(sorted((GradeBand(**band) for band in data["grade"]["bands"]), key=_best_first)),
            degrees=tuple(DegreeBand(**band) for band in data["qualitative"]["bands"]),
            required_groups=data.get("groups", {}).get("required", ()),
            narrative_required=data["narrative"]["required"],
            sangong_basis=data["sangong"]["basis"],
        )
    except (KeyError, TypeError) as error:
        raise PolicyError(
            f'{path}：缺少设置（{error}），可写 inherits = "national-2020" 沿用全国口径'
        ) from None
    if not policy.grades or not policy.degrees:
        raise PolicyError(f"{path}：grade.bands 和 qualitative.bands 不能为空")
    return policy


def _best_first(band: GradeBand) -> Decimal:
    return -band.floor
