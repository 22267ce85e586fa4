"""Excel's formula language: what binds what, what is refused, and that no formula makes the parser or its readers fall."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfeval_xl.correct.formulas import NotUnderstood, reckoned
from perfeval_xl.formulas import (
    BINDING,
    MOST_DEEP,
    MOST_LETTERS,
    Array,
    Call,
    Chain,
    Error,
    FormulaError,
    Missing,
    Name,
    Node,
    Number,
    Percent,
    Range,
    Signed,
    Text,
    Truth,
    parse,
    parts,
    walk,
)
from perfeval_xl.grid import LAST_COLUMN, LAST_ROW, Area, a1, column_letters
from perfeval_xl.hosts.package.sheets import Stored
from perfeval_xl.hosts.template.evaluating import Evaluator, Unknown
from tests.support import book_of

BOOK = book_of({"表": [[3, "字"]]})
CELLS = {(1, 1): Stored(3.0), (1, 2): Stored("字")}
ONE, TWO, THREE = (Number(Decimal(figure)) for figure in (1, 2, 3))


def evaluated(formula: str) -> Any:
    """What the template's evaluator gives on the same cells."""
    return Evaluator({"表": {**CELLS, (9, 9): Stored(formula=formula)}}, {}).value("表", 9, 9)


# -- what Excel gives -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        # a sign before %, % before ^, all before times
        ("-2^2", 4), ("0-2^2", -4), ("-A1^2", 9), ("2^-2", "0.25"), ("-2^-2", "0.25"), ("2^-1^2", "0.25"),
        ("-50%", "-0.5"), ("200%%", "0.02"), ("4^50%", 2), ("50%^2", "0.25"), ("-3%^2", "0.0009"), ("2*3%", "0.06"),
        ("1E3%", 10), ("--5", 5), ("2--3", 5), ("2*-3", -6), ("+-5", -5),
        # from the left
        ("2^3^2", 64), ("10-5-2", 3), ("100/10/5", 2), ("8/2*3", 12), ("8-2+3", 9),
        # times before plus before & before comparisons
        ("2*3+4", 10), ("2+3*4", 14), ("(2+3)*4", 20), ("2*3^2", 18), ("10^2%*0", 0),
        # what divides by 0
        ("IFERROR(0^-1,7)", 7), ("IFERROR(1/0%,7)", 7),
    ],
)  # fmt: skip
def test_figures_as_excel_reckons_them(formula: str, value: int | str) -> None:
    assert reckoned(f"={formula}", "表", BOOK) == Decimal(value)
    assert evaluated(formula) == pytest.approx(float(Decimal(value)), rel=1e-14)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1&2+3", "15"), ("1+2&3", "33"), ("1-1&1", "01"), ("-1&1", "-11"), ("1&-1", "1-1"), ("TRUE&1", "TRUE1"),
        ("1>2&3", False), ('"a"&"b"="AB"', True), ("1=1=TRUE", True), ("1<2<3", False), ("3>2>1", True),
        # figures before texts before truths; a text is no figure; letters whatever their case
        ('"2">10', True), ('2="2"', False), ('5<"a"', True), ('"a"<TRUE', True), ("1=TRUE", False), ('"a"="A"', True),
        ('B1="字"', True), ('A1=""', False), ("A1<>B1", True),
        # a blank is what it is compared with, and nothing in a text
        ('Z9=""', True), ("Z9=0", True), ("Z9=FALSE", True), ("Z9<1", True), ('Z9&"x"', "x"), ('IF(TRUE,Z9)&"x"', "x"),
        ('+"a"', "a"), ("+B1", "字"), ("IF(A1=4,1)", False), ('IF(A1=3,"是",1/0)', "是"),
        ('IF(A1=3,"是",NOSUCH(1))', "是"), ('1/3&""', "0.333333333333333"),
    ],
)  # fmt: skip
def test_texts_and_truths_as_excel_has_them(formula: str, value: str | bool) -> None:
    assert reckoned(f"={formula}", "表", BOOK) == evaluated(formula) == value


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("IF(A1,,5)", 0),
        ("IF(0,5,)", 0),
        ("IFERROR(1/0,)", 0),
        ("SUM(1,,2)", 3),
        ("MIN(5,)", 0),
        ("ROUND(2.5,)", 3),
    ],
)
def test_an_argument_left_out_keeps_its_place(formula: str, value: int) -> None:
    assert reckoned(f"={formula}", "表", BOOK) == evaluated(formula) == value


# -- trees ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "tree"),
    [
        ("1-2+3", Chain(ONE, (("-", TWO), ("+", THREE)))),
        ("1-(2+3)", Chain(ONE, (("-", Chain(TWO, (("+", THREE),))),))),
        ("1+2*3", Chain(ONE, (("+", Chain(TWO, (("*", THREE),))),))),
        ("-2^2", Chain(Signed("-", TWO), (("^", TWO),))),
        ("-2%", Percent(Signed("-", TWO))),
        ("-(2%)", Signed("-", Percent(TWO))),
        ("1.50E+2", Number(Decimal(150))),
        ('"说""好"""', Text('说"好"')),
        ("true", Truth(True)),
        ("$B$2", Range(Area(2, 2, 2, 2))),
        ("c3:$A1", Range(Area(1, 1, 3, 3))),
        ("B:$C", Range(Area(1, 2, LAST_ROW, 3))),
        ("3:$5", Range(Area(3, 1, 5, LAST_COLUMN))),
        ("XFD1048576", Range(Area(LAST_ROW, LAST_COLUMN, LAST_ROW, LAST_COLUMN))),
        ("XFE1", Name("XFE1")),
        ("A1048577", Name("A1048577")),
        ("FJ01", Name("FJ01")),
        ("PE_A1_SPENT", Name("PE_A1_SPENT")),
        ("预算（表一）!B2", Range(Area(2, 2, 2, 2), "预算（表一）")),
        ("'附件3-1'!B2", Range(Area(2, 2, 2, 2), "附件3-1")),
        ("'it''s 1'!B2", Range(Area(2, 2, 2, 2), "it's 1")),
        ("一:三!B2", Range(Area(2, 2, 2, 2), "一", "三")),
        ("'第 一:第 三'!B2", Range(Area(2, 2, 2, 2), "第 一", "第 三")),
        ("[1]表!B2", Range(Area(2, 2, 2, 2), "[1]表")),
        (r"'C:\年\[a.xlsx]表'!B2", Range(Area(2, 2, 2, 2), r"C:\年\[a.xlsx]表")),
        ("[1]!名称", Name("名称", "[1]")),
        ("表1[[#This Row],[a b]]", Name("表1[[#This Row],[a b]]")),
        ("#N/A", Error("#N/A")),
        ("表!#REF!", Error("#REF!")),
        ("#REF!$A$1:B2", Error("#REF!")),
        ("LOG10(1)", Call("LOG10", (ONE,))),
        ("_xlfn._xlws.Sort()", Call("SORT", ())),
        ("F(,)", Call("F", (Missing(), Missing()))),
        ("F(1,(2,3))", Call("F", (ONE, Chain(TWO, ((",", THREE),))))),
        ("A1 B1", Chain(Range(Area(1, 1, 1, 1)), ((" ", Range(Area(1, 2, 1, 2))),))),
        ("(B1,A1 T)", Chain(Range(Area(1, 2, 1, 2)), ((",", Chain(Range(Area(1, 1, 1, 1)), ((" ", Name("T")),))),))),
        ("A1:F(1)", Chain(Range(Area(1, 1, 1, 1)), ((":", Call("F", (ONE,))),))),
        ('{1,-2;"a",TRUE}', Array(((ONE, Signed("-", TWO)), (Text("a"), Truth(True))))),
        (" 1\n + 2 ", Chain(ONE, (("+", TWO),))),
        ("F( 1 , 2 )", Call("F", (ONE, TWO))),
    ],
)  # fmt: skip
def test_the_tree_of_a_formula(formula: str, tree: Node) -> None:
    assert parse(formula) == parse(f"={formula}") == tree


@pytest.mark.parametrize(
    "formula",
    ["", "=", "==1", "1+", "*1", "1 2", "A1 1", "(1", "1)", "()", "F(1", "F(1;2)", "1;2", "1,2", '"a', "'a'!", "'a", "{1", "{}",
     "{1,}", "#没有!", "A1#", "[", "a!b!c", "1E400", "%", "1e99999999999999999999", "TRUE(1", "1(2)", '"a""'],
)  # fmt: skip
def test_what_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises(FormulaError):
        parse(formula)


def test_a_tree_is_walked_from_the_left() -> None:
    tree = parse("SUM(A1,-2%)&{3}")
    kinds = [type(node).__name__ for node in walk(tree)]
    assert kinds == ["Chain", "Call", "Range", "Percent", "Signed", "Number", "Array", "Number"]


# -- written and read again -----------------------------------------------------------------------------------


def written(node: Node) -> str:
    """A tree as a formula, with no brackets but those it needs."""
    match node:
        case Range(area, sheet, last):
            return _prefix(f"{sheet}:{last}" if last else sheet) + _cells(area)
        case Name(text, sheet):
            return _prefix(sheet) + text
        case Signed(sign, operand):
            return sign + _bracketed(operand, _binding(operand) < _binding(node))
        case Percent(operand):
            return _bracketed(operand, _binding(operand) < _binding(node)) + "%"
        case Chain(first, rest):
            operands = ("", first), *rest
            found = "".join(sign + _bracketed(one, _binding(one) <= _binding(node)) for sign, one in operands)
            return f"({found})" if rest[0][0] == "," else found
        case Call(name, arguments):
            return f"{name}({','.join(map(written, arguments))})"
        case Array(rows):
            return "{" + ";".join(",".join(map(written, row)) for row in rows) + "}"
    return _constant(node)


def _constant(node: Node) -> str:
    match node:
        case Number(value):
            return format(value, "f")
        case Text(value):
            return '"' + value.replace('"', '""') + '"'
        case Truth(value):
            return str(value).upper()
        case Error(code):
            return code
    return ""


def _binding(node: Node) -> int:
    """How tightly a node is held together by its own signs."""
    match node:
        case Chain(_, ((sign, _), *_)):
            return BINDING[sign]
        case Percent():
            return BINDING["%"]
        case Signed():
            return BINDING["%"] + 1
    return max(BINDING.values()) + 1


def _bracketed(node: Node, needed: bool) -> str:
    return f"({written(node)})" if needed else written(node)


def _prefix(sheet: str) -> str:
    return "'" + sheet.replace("'", "''") + "'!" if sheet else ""


def _cells(area: Area) -> str:
    if area.right == LAST_COLUMN and area.left == 1:
        return f"${area.top}:{area.bottom}"
    if area.bottom == LAST_ROW and area.top == 1:
        return f"{column_letters(area.left)}:${column_letters(area.right)}"
    first, last = a1(area.top, area.left), a1(area.bottom, area.right)
    return first if first == last else f"{first}:{last}"


def _area(rows: list[int], columns: list[int]) -> Area:
    return Area(min(rows), min(columns), max(rows), max(columns))


SHEETS = st.text("表格附1-（'.年a ", min_size=1, max_size=6)
AREAS = st.one_of(
    st.builds(_area, *(st.lists(st.integers(1, most), min_size=1, max_size=2) for most in (LAST_ROW, LAST_COLUMN))),
    st.builds(lambda rows: Area(min(rows), 1, max(rows), LAST_COLUMN), st.lists(st.integers(1, LAST_ROW), min_size=1)),
    st.builds(lambda columns: _area([1, LAST_ROW], columns), st.lists(st.integers(1, LAST_COLUMN), min_size=1)),
)  # fmt: skip
RANGES = st.one_of(
    st.builds(Range, AREAS, st.just("") | SHEETS), st.builds(Range, AREAS, SHEETS, SHEETS),
    st.builds(Range, AREAS, st.sampled_from(["[1]表", "D:\\年\\[a b.xlsx]表"])),
)  # fmt: skip
NAMES = st.builds(
    Name,
    st.sampled_from(["名称", "PE_A1_X", "_x.1", "ZZZ1", "表1[列]", "T[[#This Row],[a]]"]),
    st.just("") | SHEETS,
)
FIGURES = st.builds(Number, st.decimals(0, 10**15, allow_nan=False, allow_infinity=False))
CONSTANTS = st.one_of(
    FIGURES, st.builds(Text, st.text(max_size=20)), st.builds(Truth, st.booleans()),
    st.builds(Error, st.sampled_from(["#N/A", "#REF!", "#DIV/0!", "#NAME?"])),
)  # fmt: skip
ARRAYS = st.builds(
    Array,
    st.lists(
        st.lists(CONSTANTS | st.builds(Signed, st.just("-"), FIGURES), min_size=1, max_size=3).map(tuple),
        min_size=1,
        max_size=3,
    ).map(tuple),
)


def _calls(inside: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    arguments = st.lists(inside | st.builds(Missing), max_size=4).filter(lambda found: found != [Missing()])
    return st.builds(Call, st.sampled_from(["SUM", "求和", "STDEV.S", "LOG10"]), arguments.map(tuple))


def _chains(
    first: st.SearchStrategy[Node], others: st.SearchStrategy[Node], signs: list[str]
) -> st.SearchStrategy[Node]:
    """Chains of one binding whose first operand is not the same chain, shorter."""
    rest = st.lists(st.tuples(st.sampled_from(signs), others), min_size=1, max_size=4).map(tuple)
    return st.builds(Chain, first, rest)


def _larger(inside: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    places = RANGES | NAMES | _calls(inside)
    tied = [[sign for sign in BINDING if BINDING[sign] == binding] for binding in range(1, 6)]
    return st.one_of(
        _calls(inside), st.builds(Signed, st.sampled_from("+-"), inside), st.builds(Percent, inside),
        *(_chains(inside, inside, signs) for signs in tied),
        _chains(places, places, [" "]), _chains(places, places, [","]), _chains(_calls(inside), _calls(inside), [":"]),
    )  # fmt: skip


TREES = st.recursive(st.one_of(CONSTANTS, RANGES, NAMES, ARRAYS), _larger, max_leaves=25)


@given(TREES)
def test_a_tree_that_is_written_is_read_again(tree: Node) -> None:
    assert parse(written(tree)) == tree


@given(TREES)
def test_blanks_around_signs_say_nothing(tree: Node) -> None:
    formula = written(tree)
    if not any(isinstance(node, Text | Error | Range | Name) for node in walk(tree)):
        for sign in "+-*/^%&,;":
            formula = formula.replace(sign, f" {sign}\r\n")
    assert parse(formula) == tree


# -- whatever stands there ------------------------------------------------------------------------------------

ANYTHING = st.text() | st.text("A1+-*/(),:;SUMIFROD\"'!&<>=%^ .[]{}#$E\n表", max_size=60)


@given(ANYTHING)
def test_no_text_makes_it_fall_over(text: str) -> None:
    with contextlib.suppress(FormulaError):
        assert sum(1 for _ in walk(parse(text))) <= len(text) + 1
    with contextlib.suppress(NotUnderstood):
        reckoned(text, "表", BOOK)


#: Repeated without end, some of them closed again.
NESTED = {
    "signs": ("-", "1", ""), "brackets": ("(", "1", ")"), "functions": ("SUM(", "1", ")"), "per cent": ("", "1", "%"),
    "conditions": ("IF(1,", "1", ")"), "right": ("1+(", "1", ")"), "tried": ("IFERROR(", "1", ",1)"),
    "rounded": ("ROUND(", "1", ",0)"), "signed": ("-(", "1", "%)"), "never closed": ("(", "", ""), "arrays": ("{", "1", "}"),
}  # fmt: skip
LONG = {
    **{what: "".join((opening * MOST_LETTERS)[: MOST_LETTERS // 2]) for what, (opening, _, _) in NESTED.items()},
    **{
        letters: letters * (MOST_LETTERS // len(letters) - 1)
        for letters in
        ("1+", "1=", "a:", "a ", "A1,", "a!", "[a", "[]", "'", "''", '"', "['", "1E", ".", "$A", "#N/A", "1:1", "2^", ";", "名")
    },
    "ladders": "1=1&1+1*1^-" * (MOST_LETTERS // 11 - 1),
    "closed ladders": "(1=1&1+1*1^-" * (MOST_LETTERS // 12 - 1),
}  # fmt: skip


def nested(what: str, times: int) -> str:
    opening, inner, closing = NESTED[what]
    return opening * times + inner + closing * times


@pytest.mark.parametrize("what", NESTED)
def test_nesting_without_end_is_refused(what: str) -> None:
    formula = nested(what, 1000)
    with pytest.raises(FormulaError):
        parse(formula)
    with pytest.raises(NotUnderstood):
        reckoned(f"={formula}", "表", BOOK)
    with pytest.raises(Unknown):
        evaluated(formula)


@pytest.mark.parametrize("what", sorted(NESTED.keys() - {"never closed", "arrays"}))
def test_what_is_just_not_too_deep_is_worked_out(what: str) -> None:
    deepest = max(times for times in range(1, MOST_DEEP + 2) if _is_taken(nested(what, times)))
    formula = nested(what, deepest)
    assert deepest >= (
        64 if "(" in formula and what not in ("right", "signed") else 45
    )  # Excel nests 64 functions
    assert _height(parse(formula)) <= MOST_DEEP
    assert float(reckoned(f"={formula}", "表", BOOK)) == pytest.approx(evaluated(formula), rel=1e-9, abs=0)


def _is_taken(formula: str) -> bool:
    try:
        parse(formula)
    except FormulaError:
        return False
    return True


def _height(tree: Node) -> int:
    return 1 + max(map(_height, parts(tree)), default=0)


def test_a_long_sum_is_not_deep() -> None:
    formula = "+".join(["1"] * 4000)
    assert reckoned(f"={formula}", "表", BOOK) == 4000
    assert evaluated(formula) == 4000
    with pytest.raises(FormulaError):
        parse("1+" * MOST_LETTERS + "1")


def best(run: Callable[[], object]) -> float:
    """Seconds of the fastest of some calls."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        with contextlib.suppress(FormulaError):
            run()
        times.append(time.perf_counter() - start)
    return min(times)


@pytest.mark.parametrize("what", LONG)
def test_a_formula_made_to_hurt_takes_no_longer_than_a_plain_one(what: str) -> None:
    """Both as long as formulas may be; the plain one is a sum, its parts as short as they can be."""
    plain = "1+" * (MOST_LETTERS // 2 - 1) + "1"
    assert len(LONG[what]) <= MOST_LETTERS
    assert best(lambda: parse(LONG[what])) < 5 * best(lambda: parse(plain))
