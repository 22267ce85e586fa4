"""What an author is told: row and column, what is wrong, what would be right; all of it in one run."""

from __future__ import annotations

from perfeval_xl.grid import Cell
from perfeval_xl.policy import load_policy
from perfeval_xl.rules.book.samples import tried
from perfeval_xl.rules.book.sheet import read_sheet
from tests.support import grid_of

from .workbooks import book

POLICY = load_policy("national-2020")


def told(**rule: str) -> list[str]:
    return [str(remark) for remark in book({"公式": "附件2[项目支出] > 0", **rule}).remarks]


def test_an_unknown_form() -> None:
    assert told(公式="附件13[项目支出] > 0") == [
        "第4行“公式”：没有“附件13”。可用：附件1、附件2、附件3…；是不是“附件1”？"
    ]


def test_an_unknown_label_with_those_like_it() -> None:
    (line,) = told(公式="附件2[项目经费] > 0")
    assert line.startswith("第4行“公式”：附件2里没有叫“项目经费”的格子，相近的有")
    assert "“项目支出”" in line


def test_a_label_that_fits_two_cells() -> None:
    (line,) = told(公式="附件2[其他资金] > 0")
    assert line.startswith(
        "第4行“公式”：“其他资金”在附件2有2处，请写成 附件2[按收入性质分, 其他资金]、附件2[其他资金, "
    )


def test_a_label_that_needs_its_column() -> None:
    (line,) = told(公式="附件1[三公经费] > 0")
    assert "“三公经费”在附件1有3处，请写成 附件1[三公经费, 本年决算数]、附件1[三公经费, 预算数]" in line


def test_a_row_where_there_are_none() -> None:
    assert told(公式="本行[得分] ≤ 本行[分值]") == ["第4行“公式”：“本行”要写“范围”，如 附件3*.指标 每行"]


def test_kinds_that_cannot_be_compared() -> None:
    assert told(公式="附件2[执行率] = 附件2[项目支出]") == ["第4行“公式”：左边是百分比，右边是万元，不能相等"]


def test_a_rate_beside_a_bare_number() -> None:
    assert told(公式="附件2[执行率] ≥ 90") == ["第4行“公式”：一边是百分比，另一边请写成 90%"]


def test_a_text_that_is_compared_as_a_number() -> None:
    (line,) = told(范围="附件3*.指标 每行", 公式="本行[实际完成值] ≥ 100")
    assert line == "第4行“公式”：本行[实际完成值] 是文字，不能比大小；要取其中的数，请写 数(本行[实际完成值])"


def test_a_cell_that_became_a_formula_of_excel() -> None:
    grid = grid_of("审核公式", [["编号", "公式"], ["县01", "x"]])
    cells = {**grid.cells, (2, 2): Cell(2, 2, None, "", formula="=B1+1")}
    found = read_sheet(type(grid)("审核公式", cells), "书", "0" * 64)
    assert "第2行“公式”：成了 Excel 公式，请把这一栏设为文本，不要以 = 开头" in [
        str(one) for one in found.remarks
    ]


def test_a_chain_of_relations() -> None:
    (line,) = told(范围="每个附件3", 公式="90% ≤ 本表[执行率] ≤ 100%")
    assert line == "第4行“公式”：一条规则只写一个关系；请分成两条（“且”只能用在条件里）"


def test_a_rate_without_a_tolerance() -> None:
    lines = told(范围="每个附件3", 公式="本表[执行率] = 比率(本表[全年执行数], 本表[年初预算数])")
    assert "第4行“容差”：比率没有写容差，按“取整”处理" in lines


def test_a_number_that_is_used_twice() -> None:
    found = book(
        {"编号": "县07", "公式": "附件2[项目支出] > 0"}, {"编号": "县07", "公式": "附件2[项目支出] > 1"}
    )
    assert [str(one) for one in found.remarks] == ["第5行“编号”：县07 用了两次（第4、5行）"]


def test_a_condition_that_never_holds() -> None:
    found = book(
        {"条件": "附件2[项目支出] > 100", "公式": "附件2[基本支出] > 0", "应过样例": "项目支出=1；基本支出=2"}
    )
    assert [str(one) for one in tried(found, POLICY)] == ["第4行“条件”：在样例里从来没有用上（条件恒假）"]


def test_numbers_alone() -> None:
    assert told(公式="1 + 1 = 2") == ["第4行“公式”：两边都是写死的数，没有取任何格子，结果永远一样"]


def test_a_rate_that_the_program_reckons_otherwise() -> None:
    lines = told(
        范围="每个附件3", 公式="本表[执行率] = 比率(本表[全年执行数], 本表[年初预算数])", 容差="取整"
    )
    assert lines == [
        "第4行“公式”：与 PE204 的口径不同（那里是 本表[执行率] = 比率(本表[全年执行数], 本表[全年预算数])），两条都会报"
    ]


def test_a_rule_that_the_program_has() -> None:
    (line,) = told(
        范围="每个附件3",
        公式="本表[执行率] = 比率(本表[年度资金总额, 全年执行数], 本表[全年预算数])",
        容差="取整",
    )
    assert "与 PE204 相同" in line


def test_a_hole_that_is_no_number_of_the_rule() -> None:
    (line,) = told(提示="比 {上年} 多")
    assert line.startswith(
        "第4行“提示”：提示里的 {上年} 不是本规则用到的数，可以写：{左}、{右}、{差}、{比率}"
    )


def test_an_example_that_does_not_pass() -> None:
    found = book(
        {
            "公式": "附件2[项目支出] = 合计(附件3*[年度资金总额, 全年执行数])",
            "应过样例": "项目支出=29.80；全年执行数=11.86, 17.22",
            "应错样例": "项目支出=29.08；全年执行数=11.86, 17.22",
        }
    )
    assert [str(one) for one in tried(found, POLICY)] == [
        "第4行“应过样例”：应过样例没有通过：11.86 + 17.22 = 29.08，写的是 29.80",
        "第4行“应错样例”：应错样例没有报出来：11.86 + 17.22 = 29.08，写的是 29.08",
    ]


def test_everything_is_told_in_one_run() -> None:
    found = book(
        {
            "编号": "PE204",
            "公式": "附件13[x] > 0",
            "级别": "严重",
            "容差": "大概",
            "启用": "也许",
            "范围": "所有表",
        },
        {"编号": "", "公式": "SUM(附件3*[总分]) > 0", "条件": "本行[得分] > 0"},
    )
    lines = [str(one) for one in found.remarks]
    assert [line.partition("：")[0] for line in lines] == [
        "第4行“范围”", "第4行“公式”", "第4行“级别”", "第4行“编号”", "第4行“容差”", "第4行“启用”",
        "第5行“条件”", "第5行“公式”", "第5行“编号”",
    ]  # fmt: skip
    assert "请用 合计" in lines[7]
    assert not found.usable


def test_columns_that_are_unknown_twice_or_missing() -> None:
    found = read_sheet(
        grid_of("审核公式", [["编号", "编号", "名字", "提示"], ["县01", "x", "y", "z"]]), "书", "0" * 64
    )
    lines = [str(one) for one in found.remarks]
    assert any("没有“名字”这一栏，是不是“名称”？" in line for line in lines)
    assert any("这一栏有两个" in line for line in lines)
    assert any("缺“公式”一栏" in line for line in lines)


def test_empty_rows_and_an_empty_switch_say_nothing() -> None:
    grid = grid_of(
        "审核公式",
        [
            ["某县规则"],
            ["编号", "公式", "启用"],
            ["县01", "附件2[项目支出] > 0", None],
            [None],
            [None, None, "启用"],
        ],
    )
    found = read_sheet(grid, "书", "0" * 64)
    assert [rule.code for rule in found.rules] == ["县01"]
    assert found.rules[0].enabled
    assert found.title == "某县规则"
    assert found.remarks == ()
