"""A rule book out of rows of text, whatever file they stood in; all that is wrong is told its author in one run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches

from perfeval_xl import patterns as re
from perfeval_xl.findings import Severity
from perfeval_xl.records import dataclass, field
from perfeval_xl.text import clean, one_line, shortened

from .grammar import FormulaError, as_typed, parse, parse_relation
from .names import ROW_WORDS, RowWord
from .records import COLUMNS, Book, BookRule, Remark, Sample, Scope, Tolerance
from .repeated import contradicts
from .saying import HOLE, known_holes
from .sorts import Checker
from .tree import Call, Cells, Condition, Node, Number, Path, Relation, walk

#: A book has no more rules than this, and no more is said of it.
MOST_RULES, MOST_REMARKS = 2000, 60
#: Letters of a cell that is no formula.
_LONGEST = 4000
_NEEDED = ("编号", "公式")
_LEVELS: Mapping[str, Severity] = {"错误": "error", "核实": "warning", "提示": "info"}
_OFF = ("停用", "否", "不启用", "关", "0", "n", "no", "false")
_ON = ("启用", "是", "开", "1", "y", "yes", "true", "")
_SCOPE = re.compile(r"(附件[1-6](?:-[0-9]{1,3})?\*?|目标表|监控表|复核表)(?:\.(\w{2}))?")
_CODE = re.compile(r"[^\s,，、;；*?\[\]]{1,20}")
_BUILT_IN = re.compile(r"PE\d", re.IGNORECASE)


@dataclass(slots=True)
class Reader:
    """Reads one book; ``remarks`` are what is told its author."""

    remarks: list[Remark] = field(default_factory=list)
    row: int = 0

    def wrong(self, column: str, text: str) -> None:
        self.remarks.append(Remark(self.row, column, text))

    def note(self, column: str, text: str) -> None:
        self.remarks.append(Remark(self.row, column, text, serious=False))

    def rules(self, rows: Iterable[tuple[int, Mapping[str, str]]]) -> Iterator[BookRule]:
        """The rules of rows that hold anything; a number used twice is told at its second row."""
        codes: dict[str, int] = {}
        for number, (row, cells) in enumerate(rows):
            self.row = row
            if number >= MOST_RULES:
                self.wrong("", f"一本规则最多 {MOST_RULES} 条，后面的没有读；请分成几本")
                return
            rule = self._rule(cells)
            first = codes.setdefault(rule.code, self.row)
            if first != self.row and rule.code:
                self.wrong("编号", f"{rule.code} 用了两次（第{first}、{self.row}行）")
            yield rule

    def _rule(self, cells: Mapping[str, str]) -> BookRule:
        for column, text in cells.items():
            if len(text) > _LONGEST:
                self.wrong(column, f"太长（{len(text)} 个字）")
        scope = self._scope(cells.get("范围", ""))
        formula = self._formula(cells.get("公式", ""))
        condition, blanks = self._condition(cells.get("条件", ""))
        self._check(scope, formula, condition)
        severity, acceptable = self._level(cells.get("级别", ""))
        rule = BookRule(
            self.row,
            self._code(cells.get("编号", "")),
            shortened(
                one_line(cells.get("名称", "")) or one_line(cells.get("提示", "")) or cells.get("公式", ""),
                60,
            ),
            scope,
            condition,
            formula or Path(("?",)),
            self._tolerance(cells.get("容差", "")),
            severity,
            acceptable,
            one_line(cells.get("提示", "")),
            one_line(cells.get("怎么改", "")),
            one_line(cells.get("依据", "")),
            self._enabled(cells.get("启用", "")),
            blanks,
            self._sample("应过样例", cells.get("应过样例", "")),
            self._sample("应错样例", cells.get("应错样例", "")),
            within_a_form=formula is not None and _is_within_a_form(formula),
            of_last_year=any(_speaks_of(part, "上年") for part in (formula, condition)),
            quotes=_speaks_of(formula, "报告"),
        )
        if formula is not None:
            self._remark(rule, cells)
        return rule

    # -- columns ------------------------------------------------------------------------------------------

    def _code(self, text: str) -> str:
        code = clean(text)
        if not code:
            self.wrong("编号", "没有编号，每条规则要有自己的编号，如 县01")
        elif _BUILT_IN.match(code):
            self.wrong("编号", f"{code}：PE 开头的是本工具自带规则的编号，请换一个，如 县01")
        elif not _CODE.fullmatch(code):
            self.wrong(
                "编号", f"“{shortened(code, 20)}”不能作编号：不超过20个字，不用逗号、空格、*、?，如 县01"
            )
        return code

    def _scope(self, text: str) -> Scope:
        plain_text = _SCOPE_WORDS.get(clean(text)) or clean(as_typed(text))
        plain_text = re.sub(r"的?每(?:个|条)(?=指标|项目)", ".", plain_text)
        plain_text = re.sub(r"^每(?:个|张|一个)|的?每行$", "", plain_text)
        if plain_text in ("", "全本"):
            return Scope("全本")
        match = _SCOPE.fullmatch(plain_text)
        if match is None:
            near = get_close_matches(plain_text, ("全本", "附件3", "附件3*.指标", "附件1.项目"), 1, 0.3)
            like = f"，是不是“{_SCOPES[near[0]]}”？" if near else "。"
            self.wrong("范围", f"“{shortened(text, 30)}”看不懂{like}可以写：{'、'.join(_SCOPES.values())}")
            return Scope("全本")
        form, word = match[1], match[2]
        scope = Scope(text, form)
        if word is None:
            if clean(text).endswith("每行"):
                self.wrong(
                    "范围", f"“{text}”没有说哪些行，写法如 {form}{'*' if form == '附件3' else ''}.指标 每行"
                )
            return scope
        words = ROW_WORDS[scope.kind] if scope.kind is not None else ("指标",)
        rows: RowWord | None = next((one for one in words if one == word), None)
        if rows is None:
            self.wrong(
                "范围", f"{form}里没有“.{word}”，可以写 {'、'.join(f'{form}.{one} 每行' for one in words)}"
            )
        return Scope(text, form, rows)

    def _formula(self, text: str) -> Node | None:
        try:
            return parse_relation(text)
        except FormulaError as error:
            self.wrong("公式", str(error))
            return None

    def _condition(self, text: str) -> tuple[Condition | None, bool]:
        """The condition without 空=0, and whether that was there."""
        if not text.strip():
            return None, False
        try:
            clauses = parse(re.sub("^(如果|假如|凡是?|当)", "", text.strip())).clauses
        except FormulaError as error:
            self.wrong("条件", str(error))
            return None, False
        left = tuple(clause for clause in clauses if clause != _BLANKS)
        return (Condition(left) if left else None), len(left) < len(clauses)

    def _check(self, scope: Scope, formula: Node | None, condition: Condition | None) -> None:
        for column, node in (("条件", condition), ("公式", formula)):
            if node is None:
                continue
            checker = Checker(scope)
            if isinstance(node, Condition):
                checker.condition(node)
            else:
                checker.clause(node)
            for text in dict.fromkeys(checker.wrong):
                self.wrong(column, text)
            for text in dict.fromkeys(checker.notes):
                self.note(column, text)

    def _tolerance(self, text: str) -> Tolerance:
        given = clean(as_typed(text)).lstrip("±")
        if given in ("", "自动"):
            return Tolerance()
        if given in ("取整", "四舍五入"):
            return Tolerance("rounded")
        match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(%|元|万元|分)?", given)
        if match is None:
            self.wrong("容差", f"“{shortened(text, 20)}”看不懂，可以写：自动、0.01、1%、取整")
            return Tolerance()
        value = Decimal(match[1])
        if match[2] == "%":
            return Tolerance("share", value)
        return Tolerance("amount", value / 10000 if match[2] == "元" else value)

    def _level(self, text: str) -> tuple[Severity, bool]:
        given = re.sub(r"[()+加,、]", "", clean(text))
        acceptable = "可说明" in given
        word = given.replace("可说明", "")
        if word == "":
            return "warning", acceptable
        if word not in _LEVELS:
            self.wrong("级别", f"“{shortened(text, 20)}”看不懂，可以写：错误、核实、提示，或 错误（可说明）")
            return "warning", False
        return _LEVELS[word], acceptable

    def _enabled(self, text: str) -> bool:
        word = clean(text).casefold()
        if word not in (*_ON, *_OFF):
            self.wrong("启用", f"“{shortened(text, 20)}”看不懂，可以写：启用、停用")
        return word not in _OFF

    def _sample(self, column: str, text: str) -> Sample | None:
        if not text.strip():
            return None
        values: list[tuple[str, tuple[str, ...]]] = []
        for part in re.split(r"[;；\n]", text):
            name, sign, given = as_typed(part).partition("=")
            if not part.strip():
                continue
            if not sign or not name.strip():
                self.wrong(
                    column,
                    f"“{shortened(part.strip(), 30)}”看不懂，写成 格子=值，几格用；隔开，如 附件2[项目支出]=29.08；全年执行数=11.86, 17.22",
                )
                return None
            items = re.findall('"([^"]*)"', given) or re.split("[,、]", given)
            values.append((one_line(name), tuple(item.strip() for item in items)))
        return Sample(text, tuple(values))

    # -- remarks ------------------------------------------------------------------------------------------

    def _remark(self, rule: BookRule, cells: Mapping[str, str]) -> None:
        """What the author should know of a rule that can be read."""
        known = known_holes(rule)
        for hole in dict.fromkeys(HOLE.findall(rule.message)):
            if one_line(hole) not in known:
                self.wrong(
                    "提示",
                    f"提示里的 {{{hole}}} 不是本规则用到的数，可以写：{'、'.join(f'{{{name}}}' for name in known[:8])}",
                )
        if not any(
            isinstance(one, Cells | Path) and one != _YES and one != _NO for one in walk(rule.formula)
        ):
            self.note("公式", "两边都是写死的数，没有取任何格子，结果永远一样")
        rates = any(isinstance(one, Call) and one.name == "比率" for one in walk(rule.formula))
        equal = isinstance(rule.formula, Relation) and rule.formula.sign == "="
        if rates and equal and not clean(cells.get("容差", "")):
            self.note("容差", "比率没有写容差，按“取整”处理")
        told = contradicts(rule)
        if told:
            self.note("公式", told)


def _is_within_a_form(formula: Node) -> bool:
    """Whether a formula is about the cells of one form, so that its total or rate is worked out there."""
    sources = {one.source for one in walk(formula) if isinstance(one, Cells)}
    forms = {source.words[0] if isinstance(source, Path) else "" for source in sources}
    return isinstance(formula, Relation) and formula.sign == "=" and len(forms) == 1 and "" not in forms


def _speaks_of(node: Node | None, word: str) -> bool:
    return node is not None and any(isinstance(one, Path) and one.words[0] == word for one in walk(node))


_BLANKS = Relation(Path(("空",)), "=", Number(Decimal(0)))
_YES, _NO = Path(("是",)), Path(("否",))
#: What else people call a scope.
_SCOPE_WORDS = {
    "每个项目": "附件3",
    "每个指标": "附件3*.指标",
    "每条指标": "附件3*.指标",
    "每个项目的每个指标": "附件3*.指标",
}
_SCOPES = {
    "全本": "全本",
    "附件3": "每个附件3",
    "附件3*.指标": "附件3*.指标 每行",
    "附件1.项目": "附件1.项目 每行",
}


def book_of(
    identity: str,
    title: str,
    sha256: str,
    rows: Iterable[tuple[int, Mapping[str, str]]],
    before: Sequence[Remark] = (),
) -> Book:
    """A book of the rows of its sheet: each its number and its texts by column."""
    reader = Reader(list(before))
    rules = tuple(reader.rules(rows))
    remarks = sorted(reader.remarks, key=lambda remark: (remark.row, not remark.serious))
    if len(remarks) > MOST_REMARKS:
        more = Remark(
            0,
            "",
            f"另有 {len(remarks) - MOST_REMARKS} 处，改好上面的再看",
            any(one.serious for one in remarks),
        )
        remarks = [*remarks[:MOST_REMARKS], more]
    return Book(identity, title, sha256, rules, tuple(remarks))


def unknown_columns(given: Iterable[str], row: int) -> Iterator[Remark]:
    """What is said of headings that are none of a book's, or are there twice, or are missing."""
    seen: set[str] = set()
    for name in given:
        if name in COLUMNS and name not in seen:
            seen.add(name)
        elif name in COLUMNS:
            yield Remark(row, name, "这一栏有两个，只留一个")
        elif name:
            near = get_close_matches(name, COLUMNS, 1, 0.4)
            like = f"，是不是“{near[0]}”？" if near else ""
            yield Remark(row, "", f"没有“{shortened(name, 20)}”这一栏{like}可用的栏：{'、'.join(COLUMNS)}")
    for name in _NEEDED:
        if name not in seen:
            yield Remark(row, "", f"缺“{name}”一栏")
