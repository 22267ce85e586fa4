"""What a new book contains: rules to copy from, and the list of all names that may be written (名称表)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from perfeval_xl.forms.records import Kind

from .names import ROW_WORDS, SORT_WORD, columns_of, words_of
from .records import COLUMNS, PAPERS
from .sorts import FUNCTIONS, POLICY_SORTS

#: What each column is for, shown beside the cell that is typed in.
PROMPTS: Mapping[str, str] = {
    "编号": "每条规则一个编号，如 县01，不能重复。报告里就用这个编号。",
    "名称": "几个字说明查什么，报告里作标题。",
    "范围": "全本：整本只查一次。每个附件3：逐个项目查，公式里写“本表”。附件3*.指标 每行：逐行查，公式里写“本行”。",
    "条件": "什么时候才查，可以空着。几个条件用“且”连接。写 空=0 表示空格当 0 算，不写则空着就跳过。",
    "公式": "应当成立的关系，只写一个：左边 关系 右边。关系：= ≠ ≥ ≤ > < 包含 不包含 匹配 不匹配 属于。不要以 = 开头。",
    "容差": "自动：按表里的小数位。也可以写 0.01、1%、取整。",
    "级别": "错误：要退回。核实：要说明。提示：看一眼。错误（可说明）：写了说明就不算。",
    "提示": "给填表人看的话。{左} {右} {差} 会换成公式两边的数和相差，{比率} 换成完成率；也可以写格子的名称。",
    "怎么改": "告诉填表人怎么办，可以空着。",
    "依据": "文件名称和文号，可以空着。",
    "启用": "停用的规则不查。",
    "应过样例": "举一个对的例子，如 附件2[项目支出]=29.08；全年执行数=11.86, 17.22",
    "应错样例": "举一个错的例子，写法相同。",
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "范围": ("全本", "每个附件3", "附件2.指标 每行", "附件3*.指标 每行", "附件1.项目 每行"),
    "容差": ("自动", "取整", "0", "0.01", "1%"),
    "级别": ("错误", "核实", "提示", "错误（可说明）"),
    "启用": ("启用", "停用"),
}
TITLE = "审核公式（把本行改成本规则的名称，如 某县2024年度自评审核规则）"
HINT = (
    "一行一条规则。前五条是例子，启用一栏改成“启用”就能用；也可以照着改。能写的名称见“名称表”。"
    "写完存盘，用 perfeval-xl rules --book 本文件 --test 检查写得对不对。"
)

_EXAMPLES = (
    ("例01", "项目支出等于各项目之和", "全本", "", "附件2[项目支出] = 合计(附件3*[年度资金总额, 全年执行数])", "自动", "错误",
     "附件2项目支出 {左}，各项目执行数合计 {右}，相差 {差}", "逐个核对附件3的全年执行数", "", "停用",
     "附件2[项目支出]=29.08；全年执行数=11.86, 17.22", "附件2[项目支出]=29.80；全年执行数=11.86, 17.22"),
    ("例02", "三公经费不超预算", "全本", "附件1[三公经费, 预算数] > 0", "附件1[三公经费, 本年决算数] ≤ 附件1[三公经费, 预算数]", "自动", "核实",
     "三公经费决算 {左} 万元，超预算 {差} 万元", "核对两个数；确实超了的，在报告里写明原因", "", "停用",
     "预算数=3；本年决算数=2.58", "预算数=3；本年决算数=3.58"),
    ("例03", "执行率低要写原因", "每个附件3", "本表[执行率] < 90%", "非空(本表[偏差原因])", "", "核实",
     "执行率 {左}，低于90%，没有写原因", "在偏差原因一栏写明钱为什么没有用完", "", "停用",
     "执行率=85%；偏差原因=项目尾款未到结算期", "执行率=85%；偏差原因=空"),
    ("例04", "得分不超过分值", "附件3*.指标 每行", "", "本行[得分] ≤ 本行[分值]", "0", "错误",
     "“{行}”得分 {左}，超过分值 {右}", "改正得分", "", "停用", "得分=5；分值=5", "得分=6；分值=5"),
    ("例05", "满意度要有调查结果", "附件3*.指标 每行", "本行[三级指标] 包含 \"满意\"", "本行[实际完成值] 不包含 \"投诉|未调查\"", "", "核实",
     "没有投诉不等于满意，应填调查结果", "写明调查了多少人、多少人满意", "", "停用",
     "三级指标=群众满意度；实际完成值=96%", "三级指标=群众满意度；实际完成值=未收到投诉"),
)  # fmt: skip


def examples() -> list[Mapping[str, str]]:
    """Rules to copy from, each with both examples; none is switched on."""
    return [dict(zip(COLUMNS, row, strict=True)) for row in _EXAMPLES]


#: A line of 名称表: where, how it is written, what it holds, and what is to be known of it.
Line = tuple[str, str, str, str]
NAME_COLUMNS = ("哪里", "写法", "是什么", "说明")
_FORMS: tuple[tuple[str, Kind, str], ...] = (
    ("附件1", "basic", "附件1"), ("附件2", "overall", "附件2"), ("附件3", "project", "本表"), ("附件4", "gov_fund", "附件4"),
    ("附件5", "state_capital", "附件5"), ("附件6", "social_insurance", "附件6"),
)  # fmt: skip


def name_lines() -> Iterator[Line]:
    """All that may be written in a formula, from the tables by which it is read."""
    for form, kind, source in _FORMS:
        if kind == "project":
            yield (
                form,
                "本表[…]",
                "",
                "范围写“每个附件3”；全部项目写 附件3*[…]，放在 合计 等里面；某一张写 附件3-2[…]",
            )
        for entry in words_of(kind).entries:
            also = "、".join(entry.labels[-1].names[1:4])
            told = f"也可以写 {also}" if also else ""
            yield form, f"{source}[{', '.join(entry.short)}]", SORT_WORD[entry.sort], told
        for word in ROW_WORDS[kind]:
            where = f"{form}每行（{word}）"
            yield where, "本行[…]", "", f"范围写“{'附件3*' if kind == 'project' else form}.{word} 每行”"
            for entry in columns_of(word).entries:
                yield where, f"本行[{entry.labels[0].names[0]}]", SORT_WORD[entry.sort], ""
    yield "附件1、附件2、附件3", "附件2[指标名称, 得分]", "", "某一个指标、某一行项目：写它在表里的名称和栏名"
    yield "报告", "报告", "文字", '全文，用 包含、匹配 来查，如 报告 包含 "调整"'
    yield "报告", "报告[项目支出]", "万元", "报告里写的这个数"
    yield "上年", "上年.附件1[三公经费, 本年决算数]", "", "检查时要给出上年文件（--previous）；条件写 有 上年"
    for paper in PAPERS:
        yield paper, f"{paper}[…]", "", f"没有{paper}时这条规则跳过；条件可以写 有 {paper}"
    for name, sort in POLICY_SORTS.items():
        yield "政策", f"政策[{name}]", SORT_WORD[sort], "所用政策里的数"
    for name, function in FUNCTIONS.items():
        gives = SORT_WORD[function.gives] if function.gives is not None else ""
        yield "函数", function.usage, gives, _USES.get(name, "")
    yield "函数", "同名(附件3*.指标)[年度指标值]", "", "另一处同名的一行；范围是每个附件3时，与项目同名的一行"


_USES: Mapping[str, str] = {
    "合计": "加起来；空着的不算", "平均": "平均数", "最大": "最大的", "最小": "最小的", "计数": "有几个；后面可以跟条件",
    "绝对值": "去掉负号", "取整": "四舍五入到几位小数", "比率": "前一个除以后一个，得百分比", "若": "条件成立取第一个，否则取第二个",
    "空": "这一格空着（“无”“/”也算空）", "非空": "这一格填了", "数": "文字里的数，如 ≥5000份 是 5000", "日期": "文字里的日期",
    "达标": "完成值是否达到指标值", "应得分": "按政策应得多少分", "等级": "分数对应的等级",
}  # fmt: skip
