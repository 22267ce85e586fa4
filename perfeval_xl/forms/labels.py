"""The words that forms are found by: synonyms of every label, as published by thirty bureaus.

Tables only; the matching is one function. Whole labels match first, endings of labels last, and columns that
merely look alike (上年完成值, 复核分, 权重占比 …) are named so that they are never taken for the real one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from perfeval_xl import patterns as re
from perfeval_xl.text import label, without_notes

Table = Mapping[str, tuple[str, ...]]

INDICATOR_COLUMNS: Table = {
    "level1": ("一级指标", "一级", "一级指标名称"),
    "level2": ("二级指标", "二级", "二级指标名称"),
    "name": ("三级指标", "三级指标名称", "指标名称", "三级", "绩效指标名称", "指标内容", "具体指标", "具体指标名称"),
    "sign": ("指标性质", "计算符号", "符号", "指标方向", "运算符号", "比较符", "比较符号", "运算符", "计算符"),
    "target": (
        "年度指标值", "指标值", "年初目标值", "年初指标值", "年度目标指标值", "目标值", "预期指标值",
        "年度目标值", "指标目标值", "全年目标值", "年初设定值", "计划指标值", "绩效目标值", "年度绩效指标值",
        "预期值", "计划完成值",
    ),
    "adjusted": ("调整指标值", "调整后指标值"),
    "unit": ("度量单位", "计量单位", "单位"),
    "actual": (
        "实际完成值", "单项指标实际完成值", "指标实际完成值", "实施进度", "全年完成值", "全年实际值",
        "全年实际完成值", "年终完成值", "完成值", "实际完成指标值", "实际值", "年度完成值", "实际完成情况",
        "全年完成情况", "年度实际完成值", "完成情况", "自评完成值",
    ),
    "weight": ("分值", "权重", "指标权重", "分值权重", "指标分值权重", "指标分值", "标准分", "权重分值"),
    "score": ("得分", "自评得分", "自评分", "指标得分", "自评分数", "自评得分情况", "单项指标得分"),
    "reason": (
        "偏差原因分析及改进措施", "未完成原因分析", "未完成原因和改进措施", "未完成原因及拟采取的改进措施",
        "未完成原因及改进措施", "偏差原因分析", "原因分析", "偏差原因", "未完成原因", "偏差原因及改进措施",
        "未完成或偏离原因分析及改进措施", "偏差原因分析与改进措施",
    ),
    "completion": ("完成率", "指标完成率", "完成比例"),
    "coefficient": ("得分系数",),
    "row_rule": ("指标赋分规则", "赋分规则"),
    "other": (
        "上年完成值", "指标值设置依据", "佐证资料", "复核分", "权重占比",
        "指标折算得分", "评价标准", "指标说明", "指标解释", "是否核心指标", "备注", "评分标准",
        "自评内容", "指标值说明", "单项指标完成情况", "需提供的支撑材料", "上年实际完成值", "计分标准",
        "指标值及单位", "绩效指标", "年度绩效指标", "序号",
    ),
}  # fmt: skip
#: What the words of a column heading say where the whole heading is in no table: the first pattern that is found holds.
INDICATOR_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("reason", re.compile("原因|偏差(说明|情况)|(改进|整改)措施")),
    ("other", re.compile("率|预计|预测|执行|预算|标准$|办法|规则|细则|等级|备注|材料|来源")),
    ("score", re.compile("(得|自评|评)分|^自评$")),
    ("weight", re.compile("分值|权重|满分|标准分|^分数$")),
    ("target", re.compile("^计划(完成|实现)?(值|数|量)?$|(目标|预期|计划|设定|批复)(?!.*(实际|完成|达成)).*(值|数|量)$|^(年度|绩效|年初|指标|预期|计划)*目标$")),
    ("actual", re.compile("(实际|完成|达成|实现).*(值|数|量|情况|结果)$|^(全年|年末|年终)?(实际|完成|达成|实际完成|实际达成)$")),
)  # fmt: skip
INDICATOR_ENDINGS: Table = {
    "name": ("三级指标", "指标名称"),
    "target": ("指标值", "目标值"),
    "actual": ("完成值", "实际值"),
    "weight": ("分值", "权重"),
    "score": ("得分", "自评分"),
    "reason": ("改进措施", "原因分析"),
}

FUND_COLUMNS: Table = {
    "initial": ("年初预算数", "年初预算", "年初预算安排", "年初预算金额", "年初批复预算数"),
    "budget": (
        "全年预算数", "调整后预算数", "调整预算数", "预算数", "全年预算", "转移支付预算数", "全年调整预算数",
        "预算安排情况", "预算安排数", "全年预算金额", "年度预算数", "年度金额", "资金安排数",
    ),
    "executed": (
        "全年执行数", "预算执行数", "执行数", "实际执行数", "资金执行情况", "全年执行", "全年支出数",
        "实际支出数", "全年执行金额", "执行金额", "资金使用情况合计", "资金使用数", "实际使用数", "实际使用资金",
    ),
    "weight": ("分值", "权重", "执行率权重", "分值权重", "标准分"),
    "rate": ("执行率", "预算执行率", "预算执行进度", "全年执行率", "资金执行率"),
    "score": ("得分", "自评得分", "执行率得分", "自评分", "执行率自评得分"),
    "reason": ("原因", "未完成原因", "偏差原因", "原因分析"),
    "other": ("资金到位情况", "资金来源", "年度预算数", "全年到位资金", "复核分"),
}  # fmt: skip

FUND_ROWS: Table = {
    "total": (
        "年度资金总额", "资金总额", "总额", "合计", "年度资金总和", "资金合计", "全年资金总额", "预算总额",
        "项目资金总额", "总计", "年度总额", "年度总金额", "年度财政资金总额", "年度资金", "资金总计",
    ),
    "fiscal": (
        "当年财政拨款", "本年财政拨款", "财政拨款", "财政资金", "本年财政资金", "当年财政资金",
        "中央省市补助", "一般公共预算", "一般公共预算拨款",
    ),
    "carryover": ("上年结转资金", "上年结转", "上年结转结余资金", "结转资金", "上年结余资金", "上年结转结余"),
    "other": ("其他资金", "其它资金", "其他", "其它"),
}  # fmt: skip

#: Sources that a form breaks down by budget, and the budgets that do: 财政拨款 = 一般公共预算 + 政府性基金 + 国有资本经营.
FISCAL_WHOLE = (
    "财政拨款",
    "财政资金",
    "财政性资金",
    "当年财政拨款",
    "本年财政拨款",
    "财政拨款资金",
    "财政拨款收入",
    "财政拨款小计",
)
BUDGETS: Table = {
    "public": ("一般公共预算", "一般公共预算拨款", "一般公共预算资金", "一般公共预算财政拨款", "一般公共预算收入"),
    "other": (
        "政府性基金", "政府性基金预算", "政府性基金拨款", "政府性基金预算拨款", "政府性基金预算资金", "政府性基金预算财政拨款",
        "国有资本经营预算", "国有资本经营预算拨款", "国有资本经营预算资金", "国有资本经营预算财政拨款", "国有资本经营",
        "社会保险基金", "社会保险基金预算",
    ),
}  # fmt: skip

INCOME_LINES: Table = {
    "income": ("按收入性质分", "按收入性质"),
    "public_budget": ("一般公共预算", "一般公共预算拨款", "一般公共预算收入", "经费拨款"),
    "gov_fund": ("政府性基金拨款", "政府性基金", "政府性基金预算", "政府性基金预算拨款"),
    "state_capital": ("国有资本经营预算", "国有资本经营预算拨款", "国有资本经营"),
    "special_account": (
        "纳入专户管理的非税收入拨款", "纳入专户管理的非税收入", "财政专户管理资金", "专户资金",
        "纳入财政专户管理的非税收入拨款", "教育收费", "纳入预算管理的非税收入拨款",
    ),
    "other_income": ("其他资金", "其它资金", "其他收入", "单位资金", "事业收入", "上级补助", "上年结转"),
}  # fmt: skip
SPENDING_LINES: Table = {
    "spending": ("按支出性质分", "按支出性质"),
    "basic": ("基本支出",),
    "projects": ("项目支出",),
}

HEAD: Table = {
    "project": ("项目支出名称", "项目名称", "专项资金名称", "专项名称", "资金名称", "转移支付名称", "项目"),
    "unit": (
        "预算单位名称", "单位名称", "填报单位", "部门名称", "部门", "区级预算单位名称", "部门单位名称",
        "县级预算单位名称", "市级预算单位名称", "预算部门", "填报部门", "填报单位名称", "预算单位",
    ),
    "department": ("主管部门", "县级主管部门", "主管部门及代码", "地方主管部门", "项目主管部门", "中央主管部门"),
    "office": ("实施单位", "项目单位", "资金使用单位", "项目实施单位", "具体实施单位"),
    "year": ("年度", "预算年度", "评价年度"),
    "score": ("自评总分", "总分", "自评得分"),
}  # fmt: skip

#: Labels in a head whose values nothing is asked of; like all labels they are nobody else's value.
OTHER_HEAD = re.compile(
    r"(项目|单位|部门|资金|预算|主管|实施|财政|自评|报告|起止|评价|填报|分管|填表|经办|财务|绩效)*"
    r"(负责人|联系人|经办人|填[报表]人|联系电话|电话|电子邮箱|地址|项目地址|邮编|邮政编码|类别|类型|属性|编[码号]|代码|期限|起止时间|实施期|日期|时间|方式|机构|性质|级次|等级|评分|审定评分|复核得分)(\(签[字章]\))?"
)

GOALS: Table = {
    "expected": ("预期目标", "年初设定目标", "年度预期目标", "预期绩效目标", "年度目标", "年初预期目标"),
    "achieved": (
        "实际完成情况", "全年实际完成情况", "目标实际完成情况", "全年完成情况", "年度目标实际完成情况",
        "实际完成目标",
    ),
}  # fmt: skip

TOTAL_ROW: Table = {
    "total": (
        "总分",
        "合计",
        "总计",
        "总分合计",
        "自评总分",
        "总得分",
        "合计得分",
        "综合得分",
        "得分合计",
        "分值合计",
    )
}

STAFF_COLUMNS: Table = {
    "quota": ("编制数", "编制人数", "核定编制数", "人员编制", "编制"),
    "actual": ("实际在职人数", "在职人数", "年末实际在职人数", "实有人数", "年末在职人数"),
    "rate": ("控制率", "在职人员控制率", "人员控制率"),
}

BUILDING_COLUMNS: Table = {
    "approved": ("批复规模",),
    "actual": ("实际规模",),
    "rate": ("规模控制率",),
    "budget": ("预算投资", "概算投资", "批复投资"),
    "spent": ("实际投资",),
    "cost_rate": ("投资概算控制率", "投资控制率"),
}

BUDGET_LINES: Table = {
    "sangong": ("三公经费", "三公经费支出", "三公"),
    "vehicles": (
        "公务用车购置和维护经费", "公务用车购置和维护", "公务用车购置及维护经费", "公务用车购置及运行维护费",
        "公务用车购置和运行维护费", "公务用车购置及运行费", "公务用车购置和运行维护经费",
    ),
    "vehicle_purchase": ("公车购置", "公务用车购置", "公务用车购置费", "公车购置费"),
    "vehicle_upkeep": (
        "公车运行维护", "公务用车运行维护", "公务用车运行维护费", "公车运行维护费", "公务用车运行费",
        "公务用车维护", "公车运行维护经费",
    ),
    "abroad": ("出国经费", "因公出国", "因公出国境费", "因公出国经费", "出国境经费", "出国费", "因公出国费"),
    "reception": ("公务接待", "公务接待费", "公务接待经费"),
    "basic": ("基本支出",),
    "projects": ("项目支出", "项目支出合计"),
    "public": ("公用经费", "日常公用经费"),
    "procurement": ("政府采购金额", "政府采购", "政府采购支出"),
    "adjustment": (
        "部门基本支出预算调整", "部门整体支出预算调整", "基本支出预算调整", "预算调整", "单位基本支出预算调整",
    ),
}  # fmt: skip

FUND_TABLE_COLUMNS: Table = {
    "code": ("功能分类科目编码", "科目编码", "编码", "支出功能分类科目编码"),
    "name": ("科目名称", "项目", "功能分类科目名称", "项目名称", "基金名称", "险种"),
    "carry_in": ("上年结转", "年初结转和结余", "上年结转和结余", "年初结转", "上年结转结余", "上年结余"),
    "income": ("本年收入", "收入", "本年收入预算", "本年收入合计", "本年收入数"),
    "spending": ("小计", "本年支出", "支出", "本年支出合计", "支出小计", "本年支出数"),
    "basic": ("基本支出",),
    "projects": ("项目支出",),
    "carry_out": ("年末结转和结余", "年末结转", "年末结转结余", "年末结余"),
    "balance": ("本年收支结余", "本年结余", "收支结余"),
    "rolled_in": ("上年滚存结余", "年初滚存结余", "上年滚存"),
    "rolled_out": ("年末滚存结余", "滚存结余", "年末滚存"),
}  # fmt: skip

#: Rows under the funds that tell how they were managed; the fund block ends above them.
MANAGEMENT_ROWS: Table = {
    "management": (
        "资金管理情况", "资金管理", "情况说明", "分配科学性", "下达及时性", "拨付合规性", "使用规范性", "执行准确性",
        "预算绩效管理情况", "支出责任履行情况", "资金分配情况", "资金使用情况", "资金拨付情况", "资金使用管理情况", "资金下达情况",
        "管理制度执行情况", "存在问题和改进措施",
    ),
}  # fmt: skip
#: Labels of the grade in the total row or in a row below it.
GRADE: Table = {
    "grade": (
        "评价等级", "自评等级", "等级", "评定等级", "绩效等级", "绩效评价等级", "自评结果等级", "评价结果", "自评结果", "考核等级",
        "评价结论", "自评结论", "绩效自评等级", "自评档次", "档次",
    ),
}  # fmt: skip
#: How the name of a row begins that breaks the indicator above it down.
PART_OF_ABOVE = re.compile(
    r"^(其中|其中包括|包括|分别为|-|—|·|•|\(\d+\)|\([一二三四五六七八九十]\)|[①-⑨]|\d+\))(?=.)[:：、]?"
)

#: Where an indicator table ends although no total row was met.
TABLE_ENDINGS = (
    "说明", "注", "备注", "其他需要说明", "单位负责人", "填表人", "填报人", "评价结论", "存在问题", "存在的问题",
    "改进措施", "项目负责人", "审核意见", "填报日期", "联系电话", "经办人", "自评结论", "负责人", "主管部门意见",
)  # fmt: skip
#: Rows under a table that say why something was not reached.
REMARKS = re.compile("原因|问题|需要说明|偏差")
#: Heads of the columns in which 资金管理情况 is told, beside the funds.
MANAGEMENT = re.compile("^(情况说明|存在(的|主要)*问题.{0,8})$")
#: Column labels that only look like the ones we read (forms F22, F27, F28).
DECOYS = re.compile("上年|复核|系数|占比|折算|依据|说明|解释|评分标准|评价标准|调整|单位$|分析$")

_ORDINAL_PREFIX = re.compile(r"^指标\s*\d+[:：.、．]?|^[★☆*]+|^其中[:：]?")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """A label as it is compared: NFKC, without white space, notes in brackets, 其中, ★ and final colons."""
    return _ORDINAL_PREFIX.sub("", label(without_notes(label(text)))).strip(":：")


def is_head_label(text: str) -> bool:
    """Whether a text is a label of a form's head, read or not, and so no value."""
    return role_of(text, HEAD) is not None or OTHER_HEAD.fullmatch(plain(text)) is not None


#: The roles by their names, of each table above by its identity.
_INVERTED: dict[int, tuple[Table, Mapping[str, str]]] = {}


def _inverted(table: Table) -> Mapping[str, str]:
    known = _INVERTED.get(id(table))
    if known is None:  # the table is kept, so that nothing else gets its identity
        known = table, {name: role for role, names in table.items() for name in names}
        _INVERTED[id(table)] = known
    return known[1]


def role_of(text: str, table: Table) -> str | None:
    """The role a whole label has in a table of synonyms, or None."""
    if not text or len(text) > 60:
        return None
    return _inverted(table).get(plain(text))


def role_by_ending(text: str, endings: Table) -> str | None:
    """The role of a label by how it ends, decoys excluded; the last resort but one of a header row."""
    name = plain(text)
    if not name or len(name) > 30 or DECOYS.search(name):
        return None
    for role, tails in endings.items():
        if name.endswith(tails):
            return role
    return None


def role_by_words(text: str) -> str | None:
    """The role of an indicator column by the words in its heading; the last resort of a header row."""
    name = plain(text)
    if not name or len(name) > 20 or ("原因" not in name and DECOYS.search(name)):
        return None
    found = next((role for role, pattern in INDICATOR_WORDS if pattern.search(name)), None)
    return None if found == "other" else found


#: How the rows of indicators are headed: a row that begins so belongs to no table of funds.
OF_INDICATORS = re.compile(
    r"^(一级指标|二级指标|三级指标|(项目)?(产出|效益|效果|满意度?|成本|数量|质量|时效|(社会|经济|生态)效益|可持续影响|服务对象满意度)指标)"
)


def roles(texts: Iterable[str], table: Table) -> set[str]:
    """The roles that some labels have."""
    known = _inverted(table)
    return {known[name] for text in texts if text and len(text) <= 60 and (name := plain(text)) in known}
