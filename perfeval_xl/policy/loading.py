"""Reads policies from TOML: what a file may hold is a table of checks; everything else is refused with its line."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, get_args

from perfeval_xl import patterns as re
from perfeval_xl.errors import PolicyError
from perfeval_xl.files import Unsettled, settings_text
from perfeval_xl.forms.records import Kind
from perfeval_xl.text import clean

from .records import (
    Basis,
    Cap,
    DegreeBand,
    Execution,
    GradeBand,
    Missed,
    Overshoot,
    Policy,
    Results,
    Scoring,
    Step,
    Tolerance,
    Trust,
    Valid,
    Words,
)

_FOLDER = Path(__file__).parent
_CODE = re.compile(r"PE[1-9]\d\d")
_HEADER = re.compile(r"\s*\[+\s*([\w.\-\" ]+?)\s*\]+\s*(?:#.*)?$")
_KEY = re.compile(r"\s*\"?([\w.\-]+)\"?\s*=")
#: How the codes of rules begin that speak of the file, not of what is in it.
_OF_THE_FILE = "PE9"


class _Wrong(Exception):
    """A value of the wrong kind, before it is known where it stands; ``item`` is its place in a list."""

    def __init__(self, message: str, item: int = 0) -> None:
        super().__init__(message)
        self.item = item


# -- what a value must be -------------------------------------------------------------------------------------

Check = Callable[[Any], Any]


def _any_text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("应为文字")
    return value


def _text(value: Any) -> str:
    if not _any_text(value).strip():
        raise _Wrong("不能为空")
    return str(value)


def _number(least: int = 0, most: int = 1_000_000) -> Check:
    """A number within bounds; a text or true is none."""

    def check(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise _Wrong("应为数字（不加引号、不带单位）")
        number = Decimal(value)
        if not number.is_finite() or not least <= number <= most:
            raise _Wrong(f"应为 {least} 到 {most} 之间的数字")
        return number

    return check


def _one_of(*words: str) -> Check:
    def check(value: Any) -> str:
        if value not in words:
            raise _Wrong("应为 " + "、".join(words) + " 之一")
        return str(value)

    return check


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("应为 true 或 false")
    return value


def _list(check: Check) -> Check:
    """A list whose every item passes a check, none of them twice."""

    def checked(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _Wrong("应为列表，如 [ … ]")
        items = []
        for place, item in enumerate(value):
            try:
                found = check(item)
            except _Wrong as wrong:
                raise _Wrong(f"第 {place + 1} 项{wrong}", place) from None
            if found in items:
                raise _Wrong(f"第 {place + 1} 项重复", place)
            items.append(found)
        return tuple(items)

    return checked


def _code(value: Any) -> str:
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise _Wrong("应为规则编号，如 PE401")
    return value


def _record(**fields: Check) -> Check:
    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict) or set(value) != set(fields):
            raise _Wrong("应有且只有 " + "、".join(fields))
        found = {}
        for name, field in fields.items():
            try:
                found[name] = field(value[name])
            except _Wrong as wrong:
                raise _Wrong(f"的 {name} {wrong}") from None
        return found

    return check


def _split(value: Any) -> tuple[Decimal, ...]:
    """Weights of the level-1 groups; equal weights may stand side by side."""
    if not isinstance(value, list):
        raise _Wrong("应为列表，如 [10, 50, 30, 10]")
    weights = tuple(_PERCENT(weight) for weight in value)
    if sum(weights) != 100:
        raise _Wrong(f"各项之和应为100，现为 {sum(weights)}")
    return weights


def _basis(value: Any) -> dict[str, Any]:
    """What a rule rests on; what was seen or is remembered names its document."""
    found: dict[str, Any] = _record(text=_text, document=_any_text, proof=_one_of(*PROOFS))(value)
    if found["proof"] in ("seen", "memory") and not found["document"].strip():
        raise _Wrong("proof 为 seen 或 memory 的应写明 document")
    return found


def _degree_band(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = _record(words=_list(_text), floor=_PERCENT, ceiling=_PERCENT)(value)
    if found["floor"] >= found["ceiling"]:
        raise _Wrong("：floor 应小于 ceiling")
    return found


def _groups(value: Any) -> dict[str, Decimal]:
    """How many indicators there must be, by a word of their kind."""
    if not isinstance(value, dict):
        raise _Wrong('应为一组数，如 { "数量" = 1, "满意度" = 1 }')
    return {_text(name): _number(1, 100)(least) for name, least in value.items()}


PROOFS = ("seen", "memory", "derived", "convention")
_PERCENT = _number(0, 100)

#: Every key a policy may have, with what it must be. Tables of rule codes are marked by "PE".
SCHEMA: Mapping[str, Check | Mapping[str, Any]] = {
    "id": _text,
    "title": _text,
    "inherits": _text,
    "acceptable": _list(_code),
    "basis": {"PE": _basis},
    "severity": {"PE": _one_of("error", "warning", "info", "off")},
    "weights": {
        "splits": _list(_split),
        "total": _number(1, 1000),
        "max_indicator": _number(1, 1000),
        "not_applicable": _one_of("keep", "rescale"),
        "by_form": {"overall": _list(_split), "project": _list(_split)},
    },
    "valid": {"from": _number(2000, 2100), "until": _number(2000, 2100), "region": _text},
    "score": {
        "decimals": _number(0, 4),
        "rounding": _one_of("round", "cut", "half"),
        "coefficient": _yes_no,
        "row_rule_column": _yes_no,
    },
    "reverse": {"method": _one_of("A/B", "2-B/A", "zero")},
    "compare": {"strict": _yes_no},
    "results": {"floor": _PERCENT, "gap": _PERCENT},
    "words": {name: _list(_text) for name in Words.__match_args__},
    "tolerance": {"amount": _number(), "score": _number(0, 100), "due": _number(0, 100)},
    "trust": {name: _number(1, 100) for name in ("computed", "typed", "empty", "narrative", "confirmed")},
    "execution": {
        "floor": _PERCENT,
        "caps": _list(_record(below=_number(0, 200), most=_PERCENT)),
        "weight": _PERCENT,
        "method": _one_of("proportional", "steps", "per_point"),
        "steps": _list(_record(floor=_number(0, 200), share=_PERCENT)),
        "per_point": _PERCENT,
    },
    "adjustment": {"threshold": _number()},
    "overshoot": {
        "ratio": _number(100),
        "min_gap": _number(),
        "mode": _one_of("explain", "deduct", "fixed", "zero"),
        "reason_excuses_to": _number(100),
        "points": _number(0, 100),
        "scope": _list(_text),
    },
    "grade": {"bands": _list(_record(word=_text, aliases=_list(_text), floor=_PERCENT))},
    "qualitative": {"bands": _list(_degree_band)},
    "missed": {
        "steps": _list(_record(floor=_PERCENT, share=_PERCENT)),
        "zero_below": _PERCENT,
        "scope": _list(_text),
    },
    "groups": {"required": _list(_text), "min": _groups, "in_figures": _list(_text)},
    "narrative": {"required": _list(_text)},
    "due": {"forms": _list(_one_of(*get_args(Kind)))},
    "sangong": {"basis": _one_of("budget", "final")},
}


# -- reading --------------------------------------------------------------------------------------------------


#: The policy of every command where none is named.
DEFAULT_POLICY = "national-2020"


@cache
def bundled() -> tuple[str, ...]:
    """The ids of the policies that come with the tool."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def bundled_by(words: str) -> str | None:
    """The id of the bundled policy that a cell names, by its title or its id; None for any other words, a path among them."""
    words = words.strip()
    return words if words in bundled() else _by_title().get(clean(words))


def policy_title(words: str) -> str:
    """The title of the bundled policy that words name, as a clerk reads it; other words as they are."""
    known = bundled_by(words)
    return words if known is None else load_policy(known).title


@cache
def _by_title() -> Mapping[str, str]:
    return {clean(load_policy(name).title): name for name in bundled()}


def load_policy(name_or_path: str) -> Policy:
    """A bundled policy by its id, or one from a TOML file. PolicyError says what is wrong, and where."""
    if name_or_path in bundled():
        return _bundled_policy(name_or_path)
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise PolicyError(f"没有政策“{name_or_path}”：自带的有 {'、'.join(bundled())}，或给一个 .toml 文件")
    policy = _policy(_merged(path, ()), path)
    if policy.id in bundled() and path.resolve().parent != _FOLDER:
        line = _line(_read(path), ("id",))
        raise PolicyError(
            f"{path}：第 {line} 行：id：“{policy.id}”是自带政策的编号，请换一个，否则报告里分不清"
        )
    _refuse_unknown_codes(policy, path)
    return policy


def _refuse_unknown_codes(policy: Policy, path: Path) -> None:
    """A code that no rule has. Every rule about the forms has its basis in the national policy; rules about the file have none."""
    known = _bundled_policy("national-2020").basis.keys()
    for key, codes in (
        ("severity", policy.severity),
        ("basis", policy.basis),
        ("acceptable", policy.acceptable),
    ):
        for code in sorted(codes):
            if code not in known and not code.startswith(_OF_THE_FILE):
                where = (key,) if key == "acceptable" else (key, code)
                raise PolicyError(
                    f"{path}：第 {_line(_read(path), where)} 行：{'.'.join(where)}：没有规则 {code}"
                )


@cache
def _bundled_policy(name: str) -> Policy:
    return _policy(_bundled_settings(name), _FOLDER / f"{name}.toml")


@cache
def _bundled_settings(name: str) -> dict[str, Any]:
    """What a bundled policy and those it inherits say; nothing is to change it."""
    return _merged(_FOLDER / f"{name}.toml", ())


def _merged(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    """The validated content of a file over that of the policy it inherits."""
    try:
        path = path.resolve()
    except (OSError, ValueError, RuntimeError):  # a NUL in the name, a circle of links
        raise PolicyError(f"{str(path)!r}：不是政策文件的名字") from None
    if path in seen:
        last = seen[-1]
        line = _line(_read(last), ("inherits",))
        raise PolicyError(f"{last}：第 {line} 行：inherits 绕成了一圈")
    text = _read(path)
    own = _validated(_parsed(text, path), SCHEMA, text, path, ())
    for key in ("id", "title"):
        if key not in own:
            raise PolicyError(f"{path}：第 1 行：缺少 {key}，每个政策文件都要有自己的 id 和 title")
    parent = own.get("inherits")
    if parent is None:
        return own
    if parent in bundled():
        return _over(_bundled_settings(parent), own)
    base = path.parent / parent
    if not base.is_file():
        raise PolicyError(f"{path}：第 {_line(text, ('inherits',))} 行：inherits 指的政策“{parent}”不存在")
    return _over(_merged(base, (*seen, path)), own)


def _read(path: Path) -> str:
    try:
        return settings_text(path, "政策文件")[0]
    except Unsettled as error:
        raise PolicyError(f"{path}：{error}") from None


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except RecursionError:
        raise PolicyError(f"{path}：不是正确的TOML（嵌套太深）") from None
    except ValueError as error:  # also a number of thousands of digits
        match = re.search(r"line (\d+)", str(error))
        where = f"第 {match[1] if match else len(text.splitlines())} 行：" if text else ""
        raise PolicyError(f"{path}：{where}不是正确的TOML（{error}）") from None


def _validated(
    data: Mapping[str, Any], schema: Mapping[str, Any], text: str, path: Path, keys: tuple[str, ...]
) -> dict[str, Any]:
    """The data with every value checked; PolicyError for an unknown key or a value of the wrong kind."""
    checked: dict[str, Any] = {}
    for key, value in data.items():
        here = (*keys, key)
        check = schema["PE"] if "PE" in schema and _CODE.fullmatch(key) else schema.get(key)
        try:
            if check is None or key == "PE":
                raise _Wrong(f"没有这个设置，可用的是 {'、'.join(_names(schema))}")
            if not isinstance(check, Mapping):
                checked[key] = check(value)
                continue
            if not isinstance(value, dict):
                raise _Wrong("应为一节设置")
        except _Wrong as wrong:  # only now is looked up where it stands
            line = _line(text, here) if not wrong.item else _item_line(text, here, wrong.item)
            raise PolicyError(f"{path}：第 {line} 行：{'.'.join(here)}：{wrong}") from None
        checked[key] = _validated(value, check, text, path, here)
    return checked


def _names(schema: Mapping[str, Any]) -> list[str]:
    return ["规则编号（PExxx）" if name == "PE" else name for name in schema]


def _line(text: str, keys: tuple[str, ...]) -> int:
    """The line that a dotted key stands in: its table's header, then the key below it."""
    lines = text.splitlines()
    table = ""
    for number, line in enumerate(lines, 1):
        header = _HEADER.match(line)
        if header is not None:
            table = header[1].replace(" ", "").replace('"', "")
            if table == ".".join(keys):
                return number
            continue
        name = _KEY.match(line)
        if name is not None:
            full = f"{table}.{name[1]}" if table else name[1]
            if full == ".".join(keys):
                return number
    return next((number for number, line in enumerate(lines, 1) if keys[-1] in line), 1)


def _item_line(text: str, keys: tuple[str, ...], item: int) -> int:
    """The line of an item of a list of tables, whether written as { … } or under [[headers]]."""
    start = _line(text, keys)
    lines = text.splitlines()
    repeated = f"[[{'.'.join(keys)}]]"
    headers = [number for number, line in enumerate(lines, 1) if line.replace(" ", "").startswith(repeated)]
    if len(headers) > item:
        return headers[item]
    opened = -1
    for number in range(start, len(lines) + 1):
        opened += lines[number - 1].count("{")
        if opened >= item:
            return number
    return start


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
            by_form=data["weights"].get("by_form", {}),
            weights_total=data["weights"]["total"],
            max_indicator=data["weights"]["max_indicator"],
            not_applicable=data["weights"]["not_applicable"],
            strict=data["compare"]["strict"],
            results=Results(**data["results"]),
            words=Words(**data["words"]),
            tolerance=Tolerance(**data["tolerance"]),
            trust=Trust(**data["trust"]),
            execution_floor=data["execution"]["floor"],
            execution=_execution(data["execution"]),
            caps=tuple(
                sorted((Cap(**cap) for cap in data["execution"].get("caps", ())), key=lambda cap: cap.below)
            ),
            adjustment_threshold=data["adjustment"]["threshold"],
            overshoot=Overshoot(**data["overshoot"]),
            grades=tuple(sorted((GradeBand(**band) for band in data["grade"]["bands"]), key=_best_first)),
            degrees=tuple(DegreeBand(**band) for band in data["qualitative"]["bands"]),
            missed=_missed(data["missed"]),
            scoring=Scoring(
                int(data["score"]["decimals"]),
                data["score"]["rounding"],
                data["reverse"]["method"],
                data["score"]["coefficient"],
                data["score"]["row_rule_column"],
            ),
            valid=_valid(data.get("valid", {})),
            required_groups=data.get("groups", {}).get("required", ()),
            least_groups=data.get("groups", {}).get("min", {}),
            in_figures=data.get("groups", {}).get("in_figures", ()),
            narrative_required=data["narrative"]["required"],
            sangong_basis=data["sangong"]["basis"],
            due=frozenset(data["due"]["forms"]),
        )
    except (KeyError, TypeError) as error:
        raise PolicyError(
            f'{path}：缺少设置（{error}），可写 inherits = "national-2020" 沿用全国口径'
        ) from None
    _refuse_bands(policy, path)
    words = [word for band in policy.grades for word in (band.word, *band.aliases)]
    twice = next((word for word in words if words.count(word) > 1), None)
    if twice is not None:
        line = _line(_read(path), ("grade", "bands"))
        raise PolicyError(f"{path}：第 {line} 行：grade.bands：“{twice}”在两个等级里")
    return policy


def _missed(data: Mapping[str, Any]) -> Missed:
    return Missed(_steps(data["steps"]), data["zero_below"], data["scope"])


def _execution(data: Mapping[str, Any]) -> Execution:
    return Execution(data["weight"], data["method"], _steps(data["steps"]), data["per_point"])


def _steps(steps: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(sorted((Step(**step) for step in steps), key=_best_first))


def _valid(data: Mapping[str, Any]) -> Valid:
    return Valid(int(data.get("from", 0)), int(data.get("until", 0)), data.get("region", ""))


def _refuse_bands(policy: Policy, path: Path) -> None:
    """Bands that leave a score without a band, steps that give more for less."""

    def refused(key: str, item: str, why: str) -> PolicyError:
        return PolicyError(f"{path}：第 {_line(_read(path), (key, item))} 行：{key}.{item}：{why}")

    for key, floors in (
        ("grade", [band.floor for band in policy.grades]),
        ("qualitative", [band.floor for band in policy.degrees]),
    ):
        if not floors:
            raise refused(key, "bands", "不能为空")
        if min(floors) > 0:
            raise refused(key, "bands", f"最低一档从 {min(floors)} 起，再低的没有档次，请加 floor = 0 的一档")
        if len(set(floors)) < len(floors):
            raise refused(key, "bands", "有两档的 floor 相同")
    for key, steps in (("missed", policy.missed.steps), ("execution", policy.execution.steps)):
        shares = [step.share for step in steps]
        if shares != sorted(shares, reverse=True):
            raise refused(key, "steps", "完成得少的一档，得分（share）不能比完成得多的高")
    _refuse_method(policy, refused)
    most = [cap.most for cap in policy.caps]
    if most != sorted(most):
        raise refused("execution", "caps", "执行率更低的一档，总分上限（most）不能比执行率高的高")
    if len({cap.below for cap in policy.caps}) < len(policy.caps):
        raise refused("execution", "caps", "有两档的 below 相同")
    if policy.valid.until and policy.valid.until < policy.valid.since:
        raise refused("valid", "until", "不能早于 from")


def _refuse_method(policy: Policy, refused: Callable[[str, str, str], PolicyError]) -> None:
    """A way of scoring the execution rate without its figures, or figures that its way does not use."""
    execution = policy.execution
    for method, figures, what in (
        ("steps", execution.steps, "分档 steps"),
        ("per_point", execution.per_point, "每个百分点扣的分 per_point"),
    ):
        if (execution.method == method) != bool(figures):
            raise refused("execution", "method", f'写 "{method}" 的才有{what}，两个设置要一起写')


def _best_first(band: GradeBand | Step) -> Decimal:
    return -band.floor
