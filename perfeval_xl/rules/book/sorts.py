"""Whether a formula makes sense: forms, labels and functions that are there, 本行 only where there are rows, like against like.

Everything that is wrong is told in one run; what the author should know but may mean is told as a note.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from perfeval_xl.forms.records import Kind
from perfeval_xl.policy import Policy
from perfeval_xl.records import dataclass, field
from perfeval_xl.text import clean

from .names import ROW_WORDS, SORT_WORD, Named, Sort, Table, columns_of, words_of
from .records import FORM_KINDS, PAPERS, Scope
from .tree import (
    WORDED,
    Call,
    Cells,
    Condition,
    Node,
    Number,
    Path,
    Present,
    Product,
    Relation,
    Sum,
    Text,
    written,
)

#: What a formula may be made of where nothing else is known: a value of any kind.
_ANY: Sort = "number"
_NUMERIC = frozenset(("money", "rate", "points", "count", "number"))
_UNITS: Mapping[str, Sort] = {
    "": "number", "%": "rate", "元": "money", "千元": "money", "万元": "money", "亿元": "money", "人": "count", "个": "count",
    "项": "count", "天": "count", "分": "points",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Function:
    """How many values it is given, what it gives (None: what it is given), and how it is written."""

    least: int
    most: int
    gives: Sort | None
    usage: str


FUNCTIONS: Mapping[str, Function] = {
    "合计": Function(1, 20, None, "合计(附件3*[年度资金总额, 全年执行数])"),
    "平均": Function(1, 20, None, "平均(附件3*[总分])"),
    "最大": Function(1, 20, None, "最大(本表.指标[分值])"),
    "最小": Function(1, 20, None, "最小(附件3*[总分])"),
    "计数": Function(1, 2, "count", "计数(附件3*)、计数(本表.指标, 二级指标 = \"成本指标\")"),
    "绝对值": Function(1, 1, None, "绝对值(附件2[全年预算数] − 附件2[年初预算数])"),
    "取整": Function(1, 2, None, "取整(本行[得分], 1)"),
    "比率": Function(2, 2, "rate", "比率(本表[全年执行数], 本表[全年预算数])"),
    "若": Function(3, 3, None, "若(本表[全年预算数] > 0, 本表[执行率, 得分], 0)"),
    "空": Function(1, 1, "truth", "空(本行[偏差原因])"),
    "非空": Function(1, 1, "truth", "非空(本行[偏差原因])"),
    "数": Function(1, 1, "number", "数(本行[年度指标值])"),
    "日期": Function(1, 1, "number", "日期(本行[实际完成值])"),
    "达标": Function(2, 2, "truth", "达标(本行[年度指标值], 本行[实际完成值])"),
    "应得分": Function(3, 3, "points", "应得分(本行[年度指标值], 本行[实际完成值], 本行[分值])"),
    "等级": Function(1, 1, "text", "等级(本表[总分])"),
}  # fmt: skip
#: Functions that take many values of forms or rows at once.
MANY = ("合计", "平均", "最大", "最小", "计数")


def policy_values(policy: Policy) -> Mapping[str, tuple[object, Sort]]:
    """What 政策[…] may name, with its value and what it is."""
    return {
        "执行率下限": (policy.execution_floor, "rate"),
        "调整幅度": (policy.adjustment_threshold, "rate"),
        "超额比例": (policy.overshoot.ratio, "rate"),
        "单项最高分": (policy.max_indicator, "points"),
        "全表分值": (policy.weights_total, "points"),
        "金额尾差": (policy.tolerance.amount, "money"),
        "分数尾差": (policy.tolerance.score, "points"),
        "得分尾差": (policy.tolerance.due, "points"),
    }


POLICY_SORTS: Mapping[str, Sort] = {
    "执行率下限": "rate", "调整幅度": "rate", "超额比例": "rate", "单项最高分": "points", "全表分值": "points",
    "金额尾差": "money", "分数尾差": "points", "得分尾差": "points",
}  # fmt: skip


@dataclass(slots=True)
class Checker:
    """Goes through a formula once; ``wrong`` and ``notes`` are what the author is told."""

    scope: Scope
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    # -- relations ----------------------------------------------------------------------------------------

    def condition(self, node: Condition) -> None:
        for clause in node.clauses:
            self.clause(clause)

    def clause(self, node: Node, rows: Table | None = None) -> None:
        """What must be true or false; ``rows`` are the columns that bare words mean."""
        match node:
            case Present():
                self._present(node)
            case Relation(left, sign, right) if sign in WORDED:
                self._words(left, sign, right, rows)
            case Relation(left, sign, right):
                self._alike(node, self.sort(left, rows), self.sort(right, rows), sign)
            case _:
                sort = self.sort(node, rows)
                if sort != "truth" and not self.wrong:
                    self.wrong.append(
                        f"“{written(node)}”不是一个关系，要写成“左边 关系 右边”（= ≠ ≥ ≤ > < 包含 匹配 属于），或 非空(…)"
                    )

    def _present(self, node: Present) -> None:
        words = node.source.words
        if words not in (("上年",), ("报告",)) and not (len(words) == 1 and self._is_form(words[0])):
            self.wrong.append(
                f"“有”后面写表名：有 目标表、有 监控表、有 上年、有 附件4；不认识“{node.source.word}”"
            )

    def _words(self, left: Node, sign: str, right: Node, rows: Table | None) -> None:
        if isinstance(right, Cells) and sign in ("包含", "不包含"):
            if self.sort(right, rows) != "text" and not self.wrong:
                self.wrong.append(f"“{sign}”右边要是文字，{written(right)} 是数")
        elif not isinstance(right, Text):
            self.wrong.append(f'“{sign}”右边写引号里的文字，几个词用 | 隔开，如 {sign} "待验收|未完工"')
        elif not any(word.strip(" *") for word in right.value.split("|")):
            self.wrong.append(f"“{sign}”右边的引号里没有词")
        elif sign not in ("匹配", "不匹配") and "*" in right.value:
            self.notes.append(f"“{sign}”把 * 当作普通的字；要表示“任意文字”请写 匹配")
        if isinstance(left, Path) and left.words == ("报告",):
            return
        sort = self.sort(left, rows)
        if sort in _NUMERIC and sort != _ANY and not self.wrong:
            self.wrong.append(f"左边是{SORT_WORD[sort]}，不是文字，不能用“{sign}”")

    def _alike(self, node: Relation, left: Sort, right: Sort, sign: str) -> None:
        if self.wrong:
            return
        if "text" in (left, right) and sign not in ("=", "≠"):
            text = node.left if left == "text" else node.right
            self.wrong.append(f"{written(text)} 是文字，不能比大小；要取其中的数，请写 数({written(text)})")
            return
        for one, side in ((left, node.right), (right, node.left)):
            if one == "rate" and isinstance(side, Number) and not side.unit:
                self.wrong.append(f"一边是百分比，另一边请写成 {written(side)}%")
                return
        if left != right and not self._comparable(left, right):
            verb = "相等" if sign == "=" else "比较"
            self.wrong.append(f"左边是{SORT_WORD[left]}，右边是{SORT_WORD[right]}，不能{verb}")

    @staticmethod
    def _comparable(left: Sort, right: Sort) -> bool:
        both = {left, right}
        return "any" in both or (both <= _NUMERIC and _ANY in both)

    # -- values -------------------------------------------------------------------------------------------

    def sort(self, node: Node, rows: Table | None = None) -> Sort:
        """What a node gives."""
        match node:
            case Number(unit=unit):
                return _UNITS[unit]
            case Text():
                return "text"
            case Sum():
                return self._mixed([self.sort(term, rows) for _, term in node.terms], node)
            case Product():
                return self._product(node, rows)
            case Call():
                return self._call(node, rows)
            case Cells():
                return self.cells(node)
            case Path():
                return self._word(node, rows)
            case _:
                self.clause(node, rows)
                return "truth"

    def _mixed(self, sorts: Iterable[Sort], node: Node) -> Sort:
        found = [sort for sort in dict.fromkeys(sorts) if sort not in (_ANY, "any")]
        if any(sort not in _NUMERIC for sort in found):
            self.wrong.append(f"{written(node)} 里有文字，不能加减；要取其中的数，请写 数(…)")
        elif len(found) > 1:
            words = "和".join(SORT_WORD[sort] for sort in found[:2])
            self.wrong.append(f"{written(node)} 把{words}加在一起了")
        return found[0] if found else _ANY

    def _product(self, node: Product, rows: Table | None) -> Sort:
        sorts = [self.sort(factor, rows) for _, factor in node.factors]
        if any(sort not in _NUMERIC and sort != "any" for sort in sorts):
            self.wrong.append(f"{written(node)} 里有文字，不能乘除；要取其中的数，请写 数(…)")
        found = [sort for sort in sorts if sort not in (_ANY, "any", "rate")]
        divided = [sign == "/" for sign, _ in node.factors]
        if len(found) == 2 and len(node.factors) == 2 and divided[1] and found[1] == "count":
            return found[0]
        if len(found) == 2 and len(node.factors) == 2 and divided[1]:
            self.notes.append(f"{written(node)} 是一个倍数；要百分比请写 比率(…, …)")
            return _ANY
        return found[0] if len(found) == 1 else ("rate" if "rate" in sorts and not found else _ANY)

    def _call(self, node: Call, rows: Table | None) -> Sort:
        function = FUNCTIONS.get(node.name)
        if function is None:
            near = _meant(node.name)
            self.wrong.append(_unknown_function(node.name, near))
            return self._call(Call(near, node.arguments), rows) if near is not None else _ANY
        if not function.least <= len(node.arguments) <= function.most:
            self.wrong.append(f"{node.name} 里给的个数不对，写法如 {function.usage}")
            return function.gives or _ANY
        if node.name in MANY:
            return self._many(node, function)
        if node.name == "若":
            self.clause(node.arguments[0], rows)
            return self._mixed_or_text([self.sort(one, rows) for one in node.arguments[1:]], node)
        sorts = [self.sort(one, rows) for one in node.arguments]
        if node.name == "比率" and not self._comparable(*sorts[:2]) and sorts[0] != sorts[1]:
            self.wrong.append(f"比率的两个数要同一种：现在是{SORT_WORD[sorts[0]]}和{SORT_WORD[sorts[1]]}")
        if node.name in ("绝对值", "取整", "比率", "等级") and "text" in sorts:
            self.wrong.append(f"{node.name} 里要放数；要取文字里的数，请写 数(…)")
        return function.gives or sorts[0]

    def _mixed_or_text(self, sorts: list[Sort], node: Node) -> Sort:
        return sorts[0] if len(set(sorts)) == 1 else self._mixed(sorts, node)

    def _many(self, node: Call, function: Function) -> Sort:
        """合计 and its like: cells of forms or rows, several values, a filter behind rows."""
        sorts: list[Sort] = []
        rows: Table | None = None
        for place, one in enumerate(node.arguments):
            if isinstance(one, Path) and rows is not None and place > 0:
                self.clause(one, rows)
            elif isinstance(one, Path):
                rows = self._source(one, many=True)
                if node.name != "计数" and not self.wrong:
                    self.wrong.append(f"{node.name} 里要写明哪一格，如 {function.usage}")
            elif isinstance(one, Relation) or (place > 0 and rows is not None):
                if rows is None:
                    self.wrong.append(
                        f'{node.name} 里的条件要跟在一组行后面，如 合计(本表.指标[得分], 一级指标 = "产出指标")'
                    )
                    return function.gives or _ANY
                self.clause(one, rows)
            else:
                if isinstance(one, Cells):
                    rows = self._quietly(one.source)
                    sorts.append(self.cells(one, many=True))
                else:
                    sorts.append(self.sort(one))
        return function.gives or self._mixed(sorts, node)

    # -- cells --------------------------------------------------------------------------------------------

    def _word(self, node: Path, rows: Table | None) -> Sort:
        if node.word in ("是", "否"):
            return "truth"
        if rows is not None and len(node.words) == 1:
            return self._labelled(rows, (node.word,), f"“{node.word}”这一栏", "这里")
        if node.word == "报告":
            return "text"
        shown = f"“{node.word}”"
        if len(node.words) == 1 and self._is_form(node.word):
            self.wrong.append(f"{shown}后面要写明哪一格，如 {node.word}[{_example(node.word)}]")
        else:
            self.wrong.append(f"{shown}看不懂：{self._instead(node)}")
        return _ANY

    def _instead(self, node: Path) -> str:
        """What to write for a word that stands there alone."""
        if len(node.words) == 2 and self._is_form(node.words[0]):
            return f"格子写成 {node.words[0]}[{node.words[1]}]"
        if self.scope.rows is not None and columns_of(self.scope.rows).find((node.word,)):
            return f"这一行的格子写成 本行[{node.word}]"
        if self.scope.kind is not None and words_of(self.scope.kind).find((node.word,)):
            return f"这张表的格子写成 本表[{node.word}]"
        return f'是文字就加引号写成 "{node.word}"，是格子就写成 附件2[项目支出] 这样的名称'

    def cells(self, node: Cells, *, many: bool = False) -> Sort:
        source = node.source
        if isinstance(source, Path) and source.words == ("政策",):
            return self._of_policy(node.labels)
        if isinstance(source, Path) and source.words == ("报告",):
            return "money"
        if isinstance(source, Call) and source.name != "同名":
            self.wrong.append(f"{source.name}(…) 后面不能再写方括号")
            return _ANY
        table = self._source(source, many=many)
        if table is None:
            return "any"
        return self._labelled(table, node.labels, f"“{'、'.join(node.labels)}”的格子", written(source))

    def _of_policy(self, labels: Sequence[str]) -> Sort:
        sort = POLICY_SORTS.get(clean(labels[0])) if len(labels) == 1 else None
        if sort is None:
            self.wrong.append(f"政策里没有“{'、'.join(labels)}”，可用：{'、'.join(POLICY_SORTS)}")
            return _ANY
        return sort

    def _labelled(self, table: Table, labels: Sequence[str], what: str, where: str) -> Sort:
        """The sort of the one cell that labels mean; the author is told where it is none or several."""
        found = table.find(labels)
        others = _of_other_rows(table, labels, found)
        if len(found) == 1 and not others:
            return found[0].sort
        if found:
            ways = "、".join(f"{where}[{', '.join(one.name)}]" for one in (*found, *others)[:3])
            self.wrong.append(f"“{'、'.join(labels)}”在{where}有{len(found) + len(others)}处，请写成 {ways}")
            return found[0].sort
        begun = table.beginning(labels)
        if begun:
            ways = "、".join(f"{where}[{', '.join(one.name)}]" for one in begun[:3])
            self.wrong.append(f"“{'、'.join(labels)}”在{where}有{len(begun)}处，请写成 {ways}")
            return begun[0].sort
        known = {key: sort for name, sort in table.open.items() for key in (clean(name),)}
        columns = [sort for label in labels if (sort := known.get(clean(label))) is not None]
        rest = [label for label in labels if clean(label) not in known]
        if len(labels) == 2 and len(columns) == 1 and rest:
            self._open_row(table, rest[0], where)
            return columns[0]
        unknown = next(
            (label for label in labels if not table.beginning((label,)) and clean(label) not in known),
            labels[0],
        )
        near = table.nearest(unknown)
        like = f"，相近的有{'、'.join(f'“{name}”' for name in near)}" if near else ""
        self.wrong.append(f"{where}里没有叫{what}{like}")
        return _ANY

    def _open_row(self, table: Table, label: str, where: str) -> None:
        near = table.nearest(label, 2)
        like = f"；是不是想写{'、'.join(f'“{name}”' for name in near)}？" if near else ""
        self.notes.append(f"{where}固定的各行里没有“{label}”，只有表里真有叫这个名称的一行时才用得上{like}")

    def _quietly(self, source: Path | Call) -> Table | None:
        """The table of words of a source that is told of elsewhere."""
        before = len(self.wrong)
        found = self._source(source, many=True)
        del self.wrong[before:]
        return found

    def _source(self, source: Path | Call, *, many: bool = False) -> Table | None:
        """The table of words of what stands in front of the bracket; None for what is not read, or was told as wrong."""
        if isinstance(source, Call):
            inner = source.arguments[0] if len(source.arguments) == 1 else None
            of_rows = self.scope.rows is not None or self.scope.kind == "project"
            if not isinstance(inner, Path) or not of_rows:
                self.wrong.append(
                    "同名(…) 里写一组行，并且“范围”要是每行或每个附件3，如 同名(附件3*.指标)[年度指标值]"
                )
                return None
            return self._source(inner, many=True)
        words = source.words[1:] if source.words[0] == "上年" and len(source.words) > 1 else source.words
        if words == ("本行",):
            return self._this_row()
        if words[0] == "本表" and not self.scope.form:
            self.wrong.append("“本表”要写“范围”，如 每个附件3；全本的规则请写明是哪张表，如 附件2")
            return None
        form = self.scope.form if words[0] == "本表" else words[0]
        if not self._is_form(form):
            self.wrong.append(_unknown_form(words[0]))
            return None
        if form.startswith(PAPERS):
            return None
        if words[0] == "附件3" and not many:
            self.wrong.append(
                "附件3有多张：全部项目写 附件3*（放在 合计、最小 等里面），某一张写 附件3-2；或者“范围”写 每个附件3，公式里写 本表"
            )
            return None
        if (words[0] == "附件3*" or len(words) > 1) and not many:
            what = "各个项目" if words[0] == "附件3*" else "各行"
            self.wrong.append(
                f"{written(source)} 是{what}的数，要放在 合计(…)、最大(…)、最小(…)、平均(…) 里面；几个合计可以在外面加减"
            )
            return None
        return self._table(FORM_KINDS[form.partition("-")[0].rstrip("*")], words[1:])

    def _this_row(self) -> Table | None:
        if self.scope.rows is None:
            self.wrong.append("“本行”要写“范围”，如 附件3*.指标 每行")
            return None
        return None if self.scope.kind is None else columns_of(self.scope.rows)

    def _table(self, kind: Kind, rest: tuple[str, ...]) -> Table | None:
        if not rest:
            return words_of(kind)
        word = next((word for word in ROW_WORDS[kind] if rest == (word,)), None)
        if word is None:
            ways = "、".join(ROW_WORDS[kind])
            self.wrong.append(f"“.{'.'.join(rest)}”看不懂，这张表可以写 .{ways}")
            return None
        return columns_of(word)

    @staticmethod
    def _is_form(word: str) -> bool:
        return word in PAPERS or word.rstrip("*") in FORM_KINDS or _is_numbered(word)


def sort_of(node: Cells, scope: Scope) -> Sort:
    """What the cells hold that a formula takes."""
    return Checker(scope).cells(node, many=True)


def _is_numbered(word: str) -> bool:
    head, dash, number = word.partition("-")
    return bool(dash) and head == "附件3" and number.isdigit()


def _of_other_rows(table: Table, labels: Sequence[str], found: Sequence[Named]) -> list[Named]:
    """Cells of another row of that very name, where one label alone was given: 其他资金 is a line and a row of funds."""
    if len(labels) != 1:
        return []
    wanted = clean(labels[0])
    return [
        one
        for one in table.beginning(labels)
        if one not in found
        and one.labels[0].names[0] == wanted
        and not one.labels[0].optional
        and one.sort == "money"
    ][-1:]


def _unknown_form(word: str) -> str:
    known = [*FORM_KINDS, *PAPERS, "报告", "政策", "本表", "本行"]
    near = [name for name in known if word.startswith(name)] or difflib.get_close_matches(word, known, 1, 0.5)
    like = f"；是不是“{near[0]}”？" if near else ""
    return f"没有“{word}”。可用：{'、'.join(known[:3])}…{like}"


def _unknown_function(name: str, near: str | None) -> str:
    like = f"，请用 {near}，写法如 {FUNCTIONS[near].usage}" if near else f"，可用：{'、'.join(FUNCTIONS)}"
    return f"没有函数“{name}”{like}"


def _meant(name: str) -> str | None:
    """The function that a wrong name stands for."""
    hints = {"SUM": "合计", "MAX": "最大", "MIN": "最小", "COUNT": "计数", "AVERAGE": "平均", "ABS": "绝对值", "ROUND": "取整", "IF": "若", "求和": "合计", "总和": "合计", "ISBLANK": "空", "VALUE": "数"}  # fmt: skip
    return hints.get(name.upper()) or next(iter(difflib.get_close_matches(name, FUNCTIONS, 1, 0.4)), None)


def _example(word: str) -> str:
    examples = {"附件1": "三公经费, 预算数", "附件2": "项目支出", "附件4": "合计, 支出"}
    return examples.get(word, "年度资金总额, 全年执行数")
