"""What the indicator language knows, as data: signs, units, words, and which kinds of indicator want more or less.

A sign that stands in the target always wins over what is known of the kind. Where a kind wants less, the reason
stands beside it; everything not named here wants more (counts, positive rates).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

Direction = Literal["floor", "ceiling", "equal"]
Growth = Literal["up", "down"]

# -- signs ----------------------------------------------------------------------------------------------------

#: Signs and words in front of a figure. ``equal`` says nothing of the direction.
SIGNS_BEFORE: Mapping[str, Direction] = {
    "≥": "floor", ">": "floor", "不得少于": "floor", "不得低于": "floor", "不少于": "floor", "不低于": "floor",
    "不小于": "floor", "不短于": "floor", "大于等于": "floor", "大于或等于": "floor", "高于或等于": "floor", "至少": "floor",
    "最少": "floor", "最低": "floor", "超过": "floor", "大于": "floor", "高于": "floor", "多于": "floor", "超": "floor",
    "≤": "ceiling", "<": "ceiling", "不得超过": "ceiling", "不得高于": "ceiling", "不得大于": "ceiling", "不超过": "ceiling",
    "不高于": "ceiling", "不大于": "ceiling", "不多于": "ceiling", "不突破": "ceiling", "不长于": "ceiling", "不超": "ceiling",
    "小于等于": "ceiling", "小于或等于": "ceiling", "低于或等于": "ceiling", "小于": "ceiling", "低于": "ceiling", "少于": "ceiling", "不足": "ceiling",
    "最多": "ceiling", "最高": "ceiling", "=": "equal", "等于": "equal", "为": "equal", "约": "equal", "约为": "equal", "近": "equal",
    "大约": "equal",
}  # fmt: skip
#: Words in front of a figure whose direction gives way to a sign behind it: 达到90%以上, 控制在90%以上.
WEAK_SIGNS: Mapping[str, Direction] = {
    "达到": "floor", "达": "floor", "控制在": "ceiling", "控制": "ceiling", "限制在": "ceiling", "保持在": "equal", "维持在": "equal",
    "稳定在": "equal",
}  # fmt: skip
#: Words behind a figure.
SIGNS_AFTER: Mapping[str, Direction] = {
    "及以上": "floor", "或以上": "floor", "以上": "floor", "之上": "floor", "起步": "floor", "及以下": "ceiling", "或以下": "ceiling",
    "以下": "ceiling", "之内": "ceiling", "以内": "ceiling", "内": "ceiling", "之下": "ceiling", "左右": "equal", "上下": "equal",
    "余": "equal", "多": "equal",
}  # fmt: skip
#: Signs that say "about": the actual may miss by APPROXIMATELY (our convention; no document gives a number).
ABOUT = ("约", "约为", "大约", "近", "左右", "上下", "余", "多")
APPROXIMATELY = Decimal("0.1")
#: Signs that exclude the figure itself, so that ">0" is no empty target and 5 % does not reach "<5%".
STRICT = (">", "大于", "高于", "超过", "多于", "<", "小于", "低于", "少于", "不足")

#: Words in front of a figure that say that, when or how it was counted; they do not change it.
LEADS = (
    "已完成", "超额完成", "全部完成", "实际完成", "累计完成", "共完成", "计划完成", "完成率", "完成", "已", "共计", "合计", "总计", "累计", "共",
    "实际", "全年", "本年度", "本年", "当年", "年度", "年内", "年均", "新增", "发放", "培训", "举办", "开展", "组织", "建设", "服务", "覆盖",
    "受理", "处理", "办理", "支付", "控制总额", "每次", "平均", "其中",
)  # fmt: skip
#: Words behind a figure that do not change it.
TAILS = (
    "完成任务", "完成率", "全部完成", "已完成", "完成", "达标", "到位", "办结", "支付", "发放", "完工", "竣工", "验收", "投入使用", "覆盖", "合格", "满意", "含", "整",
    "的标准", "标准",
)  # fmt: skip

#: 较上年增长5%: a change, in which way.
GROWTH: Mapping[str, Growth] = {
    "增长率": "up", "增长": "up", "增加": "up", "提高": "up", "提升": "up", "上升": "up", "增幅": "up", "上浮": "up", "净增": "up",
    "下降率": "down", "下降": "down", "降低": "down", "减少": "down", "压减": "down", "缩减": "down", "缩短": "down", "下浮": "down",
    "降幅": "down", "削减": "down", "节约": "down",
}  # fmt: skip
#: What a change is measured against; said or not, it is last year.
COMPARED = ("比上年同期", "较上年同期", "较上年度", "比上年度", "较上年", "比上年", "较去年", "比去年", "与上年相比", "同比", "环比", "上年", "年均", "年")  # fmt: skip

# -- figures --------------------------------------------------------------------------------------------------

MULTIPLIERS: Mapping[str, int] = {
    "千万": 10_000_000, "百万": 1_000_000, "十万": 100_000, "亿": 100_000_000, "万": 10_000, "千": 1000, "百": 100,
}  # fmt: skip
CHINESE_DIGITS: Mapping[str, int] = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
CHINESE_UNITS: Mapping[str, int] = {"十": 10, "百": 100, "千": 1000}

# -- units ----------------------------------------------------------------------------------------------------

_MINUTE, _HOUR, _DAY, _MONTH, _YEAR = (Decimal(number) for number in (1, 60, 1440, 43_800, 525_600))
#: Units by dimension, each with its size in the dimension's base unit (元, %, minutes, m², m, kg, m³, kWh, points).
#: A month is a twelfth of 365 days, so that 12个月 is 1年; see CALENDAR for 30天 beside 1个月.
UNITS: Mapping[str, Mapping[str, Decimal]] = {
    "money": {
        "元": Decimal(1), "人民币": Decimal(1), "元人民币": Decimal(1), "百元": Decimal(100), "千元": Decimal(1000),
        "万元": Decimal(10_000), "万元人民币": Decimal(10_000), "百万元": Decimal(1_000_000), "千万元": Decimal(10_000_000),
        "亿元": Decimal(100_000_000), "亿元人民币": Decimal(100_000_000),
    },
    "share": {
        "%": Decimal(1), "百分比": Decimal(1), "百分点": Decimal(1), "个百分点": Decimal(1), "个点": Decimal(1), "‰": Decimal("0.1"),
        "成": Decimal(10),
    },
    "time": {
        "分钟": _MINUTE, "小时": _HOUR, "个小时": _HOUR, "天": _DAY, "日": _DAY, "个自然日": _DAY, "自然日": _DAY, "日历天": _DAY,
        "工作日": _DAY, "个工作日": _DAY, "工作天": _DAY, "周": 7 * _DAY, "星期": 7 * _DAY, "个星期": 7 * _DAY, "月": _MONTH, "个月": _MONTH,
        "季度": 3 * _MONTH, "个季度": 3 * _MONTH, "年": _YEAR, "个年度": _YEAR, "周年": _YEAR,
    },
    "area": {
        "平方米": Decimal(1), "m2": Decimal(1), "平方": Decimal(1), "平米": Decimal(1), "亩": Decimal(2000) / 3,
        "公顷": Decimal(10_000), "平方公里": Decimal(1_000_000), "平方千米": Decimal(1_000_000), "km2": Decimal(1_000_000),
    },
    "length": {
        "米": Decimal(1), "m": Decimal(1), "延米": Decimal(1), "延长米": Decimal(1), "厘米": Decimal("0.01"), "cm": Decimal("0.01"),
        "毫米": Decimal("0.001"), "mm": Decimal("0.001"), "公里": Decimal(1000), "千米": Decimal(1000), "km": Decimal(1000),
    },
    "mass": {
        "克": Decimal("0.001"), "g": Decimal("0.001"), "斤": Decimal("0.5"), "公斤": Decimal(1), "千克": Decimal(1), "kg": Decimal(1),
        "吨": Decimal(1000), "t": Decimal(1000),
    },
    "volume": {
        "立方米": Decimal(1), "m3": Decimal(1), "立方": Decimal(1), "方": Decimal(1), "升": Decimal("0.001"), "l": Decimal("0.001"),
    },
    "power": {"千瓦": Decimal(1), "kw": Decimal(1), "兆瓦": Decimal(1000)},
    "energy": {"千瓦时": Decimal(1), "度": Decimal(1), "kwh": Decimal(1)},
    "points": {"分": Decimal(1), "个积分": Decimal(1)},
    "temperature": {"°c": Decimal(1), "摄氏度": Decimal(1)},
}  # fmt: skip
#: A calendar unit beside days is exact to this (30天 is a month, 365天 and 366天 a year).
CALENDAR = Decimal("0.035")
CALENDAR_UNITS = frozenset({"月", "个月", "季度", "个季度", "年", "个年度", "周年"})
WORKING_DAYS = frozenset({"工作日", "个工作日", "工作天"})
#: So many days may a working day last, with weekends and the long holidays.
LONGEST_WORKING_DAY = Decimal("1.8")
#: What is counted by persons, and what by occasions: a figure of the one does not answer a figure of the other.
PERSONS = ("人次", "人员", "人", "名", "位", "户", "家")
#: Families of persons: single ones, and what they live and work in. 90户 is not 90人; 人次 is counted either way.
SINGLE_PERSONS = ("人员", "人", "名", "位")
HOUSEHOLDS = ("户", "家")
VISITS = ("人次",)
OCCASIONS = ("场次", "批次", "场", "次", "期", "届", "批", "轮", "趟")
#: Classifiers; a noun may follow them ("5个项目", "10名学生").
COUNTS = (
    *PERSONS, *OCCASIONS, "个", "项", "件", "份", "起", "套", "台", "条", "例", "宗", "只", "辆", "座", "处", "所", "间", "栋", "幢", "块",
    "张", "册", "本", "篇", "株", "棵", "头", "种", "类", "支", "队", "门", "班", "课时", "学时", "课", "节", "部", "幅", "副", "组", "盏", "根",
    "对", "口", "枚", "粒", "片", "瓶", "盒", "箱", "包", "袋", "桶", "羽", "尾", "匹", "艘", "架", "面", "扇", "樘", "孔", "眼", "井", "站",
    "村", "社区", "乡镇", "镇", "街道", "县", "校", "床", "床位", "车次", "车", "班次", "单", "笔", "票", "卷", "盘", "集", "部门", "单位",
    "企业", "商户", "字", "点", "点位", "亩次", "公里次", "平方米次", "辆次", "户次", "件次", "头次", "台次", "工时", "工日", "人天", "人日", "人月", "标段", "页", "版", "则", "首", "档", "级", "倍", "事故",
)  # fmt: skip
#: A unit no longer than this counts things; a longer text is prose.
LONGEST_COUNT_UNIT = 6
#: A classifier with the noun it counts may be longer (37个基层医疗机构).
LONGEST_COUNTED = 14
#: What stands behind 每 in front of a figure (每人每月1000元), and other names of denominators.
PER = (
    "人", "户", "亩", "年", "月", "日", "天", "季度", "周", "次", "个", "公里", "平方米", "吨", "头", "村", "家", "生", "名", "学期", "场", "期",
)  # fmt: skip
PER_NAMES: Mapping[str, str] = {
    "个月": "月", "m2": "平方米", "平米": "平方米", "天": "日", "名": "人", "位": "人", "生": "人", "千米": "公里",
}  # fmt: skip
LONGEST_DENOMINATOR = 4
#: What may multiply a denominator: 6.5次/10万公顷.
MULTIPLE_OF_DENOMINATOR = r"\d{0,3}[百千万亿]{0,2}"
#: Denominators that the year's form leaves out as often as not.
SILENT_PER = frozenset({"年"})

# -- kinds of indicator ---------------------------------------------------------------------------------------

#: Names whose figure is better when lower. 变动率, 调整率, 控制率, 结转结余率: the common indicators of 财预〔2013〕53号
#: are good when small; the rest are losses, accidents and complaints, bad by their nature.
CEILING_NAMES = (
    "失业率", "事故", "投诉", "投诉率", "发病率", "死亡率", "差错率", "错误率", "出错率", "流失率", "变动率", "调整率", "控制率", "结余率",
    "结转率", "负债率", "欠费", "逾期", "逾期率", "违规", "违法", "上访", "损坏率", "故障率", "超支", "变质", "退货率", "漏损率", "能耗",
    "排放", "受害率", "成灾率", "患病率", "感染率", "伤亡", "死亡", "空置率", "不良率", "返工率", "废品率", "误差率", "偏差率", "差评率",
    "超标率", "舆情", "群体性事件", "安全事件", "火灾", "纠纷", "失误率", "失误", "差错", "拥堵", "延误", "损耗率", "损失率", "投诉量",
    "复发率", "再犯率", "失信率", "违约率", "不合格率", "不满意率", "缺勤率", "辍学率", "超预算率", "超概算率", "超支率", "超编率", "超期率", "超时率", "闲置率",
    "拖欠率", "发案率", "案发率", "重复率", "返贫率", "病死率", "坏账率", "漏检率", "漏报率", "误报率", "误诊率", "缺陷率", "不达标率", "未完成率",
    "未办结率", "未达标率",
)  # fmt: skip
#: What may stand behind such a word at the end of a name: 事故发生起数, 投诉次数.
CEILING_TAILS = (
    "发生", "次数", "起数", "件数", "人数", "数量", "数", "率", "量", "情况", "控制", "总", "比例", "比率", "占比", "程度", "指标",
)  # fmt: skip
#: Names in which such a word is turned round by another one, or is not what is measured.
NOT_CEILING_NAMES = (
    "办结", "处理", "处置", "回复", "受理", "查处", "查办", "整改", "排查", "化解", "调解", "下降", "降低", "减少", "节约", "压减", "结案",
    "办理", "演练", "宣传", "应急", "控制率达标", "防治", "防控", "预防", "救援",
)  # fmt: skip
#: Money that is spent: outside 成本指标 it is open whether less of it is a saving or a shortfall.
SPENDING = ("经费", "支出", "费用", "购置", "采购", "开支", "预算", "造价", "工程款", "投入")
#: Times that are better when shorter.
CEILING_TIMES = ("时限", "时间", "时效", "及时", "期限", "周期", "响应", "工期", "天数", "时长", "时日")
#: Names that ask for a day or a month.
POINTS_IN_TIME = ("时间", "时限", "日期", "时点")
#: Times that are better when longer.
FLOOR_TIMES = (
    "使用年限", "年限", "持续期", "服务期", "持续时间", "持续影响", "持续发挥", "使用期", "受益期", "质保", "寿命", "有效期", "开放时间", "播出",
    "学时", "培训时间", "运行", "值守", "开放", "开馆", "执勤", "优良天数", "服务时间", "服务年", "影响年",
)  # fmt: skip
#: Shares that cannot exceed 100 %.
CAPPED_SHARES = (
    "满意度", "满意率", "合格率", "覆盖率", "知晓率", "及格率", "达标率", "入学率", "参与率", "准确率", "完好率", "及时率", "通过率", "结案率",
    "办结率", "正确率", "优良率", "成活率", "治愈率",
)  # fmt: skip
#: Shares that can, so that ≤100 % binds.
UNCAPPED_SHARES = ("控制率", "执行率", "完成率", "变动率", "增长率")
#: Shares that say by how much something grew.
GROWING = ("增长", "增速", "增幅", "增加", "同比", "提高率", "提升率", "提升幅度", "提高幅度")
#: What can be negative, so that ≥0 binds.
MAY_BE_NEGATIVE = ("增长", "变动", "结余", "增幅", "利润", "收益", "温度", "差额", "增速", "盈余")

# -- words ----------------------------------------------------------------------------------------------------

_TIMELY = ("及时", "按时", "按期", "如期", "准时")
_DEEDS = ("", "完成", "到位", "支付", "发放", "拨付", "办结", "开展", "实施", "完工", "竣工", "足额发放", "足额支付", "足额到位", "足额", "上报", "报送")  # fmt: skip
ON_TIME = frozenset(
    f"{begin}{word}{deed}" for begin in ("", "已", "均", "均已") for word in _TIMELY for deed in _DEEDS
)
DONE = frozenset(
    {
        "完成", "已完成", "超额完成", "全部完成", "完成任务", "均已完成", "达成", "达成预期指标", "达成年度指标", "达成预期目标", "达成年度目标", "达到预期指标",
        "达到预期目标", "达到预期", "达标", "合格", "是", "有", "已达标", "已达成", "全部达成", "全部", "完成目标", "实现", "已实现", "到位",
        "已到位", "圆满完成", "已全部完成", "年内完成", "当年完成", "全面完成", "已完工", "已竣工", "已发放", "已支付", "已开展", "达到目标",
        "完成预期目标", "完成年度目标", "已完成目标", "达成指标", "达到指标", "实现目标", "全部合格", "全部达标", "全部到位",
    }
)  # fmt: skip
NOT_DONE = frozenset(
    {
        "建设中", "在建", "正在建设", "实施中", "正在实施", "进行中", "正在进行", "施工中", "正在施工", "推进中", "正在推进", "待验收", "未验收", "未完工", "未竣工", "未开工",
        "未完成", "没有完成", "未达成", "未达标", "未达成预期指标", "未达成年度指标", "未开展", "未实施", "不合格", "未达到", "未达到预期",
        "没有达到", "否", "尚未完成", "暂未完成", "未全部完成", "未达到预期指标", "未达成且效果较差", "未启动", "尚未启动", "未实现", "未支付",
        "未到位", "未按时完成", "未及时完成", "没有开展", "未达成预期目标", "未达成年度目标", "未达到目标", "未能完成", "未按期完成", "未如期完成", "延期", "已延期", "延期完成", "逾期", "逾期完成",
    }
)  # fmt: skip
PARTLY_DONE = ("部分达成", "部分完成", "部分实现", "基本达成", "基本完成", "大部分完成", "大部分达成")
#: What official answers hang on their core: 部分达成(年度指标)并具有一定效果 is 部分达成.
DEGREE_FILLERS = (
    "并具有一定效果", "且具有一定效果", "并取得一定效果", "具有一定效果", "且效果较差", "并且效果较差", "效果较差", "年度", "预期", "绩效", "既定", "设定", "当年",
    "指标值", "指标", "目标值", "目标", "任务", "要求", "已经", "已", "均", "了", ",",
)  # fmt: skip
#: How a sentence begins that says that something was not done, and what was not done.
DENIALS = ("尚未", "还未", "暂未", "未能", "没有", "没能", "仍未", "未", "没")
DENIED_HOW = (
    "全部",
    "全面",
    "完全",
    "按期",
    "按时",
    "如期",
    "及时",
    "按计划",
    "正式",
    "能",
    "有效",
    "明显",
    "显著",
    "持续",
    "进一步",
)
DENIED_DEEDS = (
    "达成", "完成", "实现", "达到", "达标", "开展", "实施", "启动", "到位", "支付", "拨付", "发放", "落实", "建成", "开工", "完工", "竣工", "办结", "见效", "执行",
    "投入使用", "验收", "整改", "提升", "提高", "改善", "增加", "增长", "增强", "促进", "优化",
)  # fmt: skip
#: How a sentence ends that says that there was no effect to speak of.
WITHOUT_EFFECT = (
    "不明显",
    "不显著",
    "不理想",
    "效果较差",
    "成效较差",
    "未见成效",
    "没有变化",
    "无变化",
    "无明显变化",
    "收效甚微",
    "效果不佳",
    "成效不佳",
    "效果不好",
    "不到位",
)
#: How an answer begins that says that it still goes on.
GOES_ON = ("尚在", "仍在", "还在")
#: Words of a change for the better or upwards, and of one the other way.
RISES = (
    "提升",
    "提高",
    "增加",
    "增长",
    "增强",
    "改善",
    "上升",
    "促进",
    "扩大",
    "优化",
    "好转",
    "加强",
    "推动",
    "巩固",
    "健全",
    "完善",
)
FALLS = (
    "下降",
    "降低",
    "减少",
    "减弱",
    "恶化",
    "下滑",
    "变差",
    "弱化",
    "退步",
    "缩小",
    "削弱",
    "阻碍",
    "倒退",
    "滑坡",
)
#: Words that only say how much.
DEGREES = (
    "进一步", "较为", "有效", "明显", "显著", "有所", "持续", "不断", "逐步", "大幅度", "大幅", "较大", "稳步", "切实", "全面", "得到", "得以", "得", "略有", "稍有",
    "大大", "很大", "一定", "程度", "地", "到", "了",
)  # fmt: skip
#: Answers and targets that say that something did not happen.
NOTHING = frozenset(
    {"无", "零", "没有", "未发生", "无发生", "没有发生", "不发生", "未出现", "零发生", "杜绝", "无事故", "零事故", "零投诉", "无投诉", "0"}
)  # fmt: skip
NOTHING_BEGINS = ("零", "无", "未发生", "不发生", "没有发生", "未出现", "杜绝", "不出现")
#: What can fail to happen: 零事故 is a count of accidents, 无挪用 none of anything.
HAPPENINGS = (
    "事故",
    "投诉",
    "上访",
    "事件",
    "案件",
    "差错",
    "伤亡",
    "发生",
    "舆情",
    "违规",
    "违法",
    "违纪",
    "失误",
    "纠纷",
    "火灾",
)
#: Targets that everything must be done: 100 % answers them as well as words do.
EVERYTHING = (
    "全部", "全覆盖", "全面", "全员", "足额", "全额", "及时", "按时", "按期", "合格", "达标", "完成", "到位", "应", "零", "无", "不发生", "规范",
    "合规", "严格", "按", "符合",
)  # fmt: skip
#: Scales of quality, best first; a word further down is less than one further up.
GRADES: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("优", "优秀"), ("良", "良好"), ("中", "合格", "一般", "中等"), ("差", "较差", "不合格")),
    (("高", "很高"), ("较高",), ("中", "一般", "中等"), ("低", "较低")),
    (("好", "很好"), ("较好",), ("一般",), ("差", "较差")),
    (("满意", "非常满意"), ("基本满意", "较满意"), ("不满意",)),
    (("是",), ("否",)),
    (("合格",), ("不合格",)),
)
#: A ceiling by reference to another figure: "不超过预算投入".
REFERENCE = (
    "不超",
    "控制在",
    "不高于",
    "不大于",
    "不突破",
    "小于",
    "低于",
    "≤",
    "<",
    "预算内",
    "预算范围内",
    "以内",
    "之内",
)
#: A floor by reference ("不低于上年"), and levels that are references by themselves.
FLOOR_REFERENCE = ("不低于", "不少于", "高于", "优于", "超过", "≥", ">", "达到")
LEVELS = ("零增长", "不增长", "只减不增", "上年水平", "去年水平", "持平", "同期水平")
REFERRED = (
    "预算",
    "概算",
    "批复",
    "标准",
    "计划",
    "限额",
    "定额",
    "指标",
    "上年",
    "去年",
    "合同",
    "平均",
    "目标值",
)

# -- dates ----------------------------------------------------------------------------------------------------

#: The last month of a part of the year.
PARTS_OF_YEAR: Mapping[str, tuple[int, int]] = {
    "一季度": (1, 3), "二季度": (4, 6), "三季度": (7, 9), "四季度": (10, 12), "1季度": (1, 3), "2季度": (4, 6), "3季度": (7, 9),
    "4季度": (10, 12), "上半年": (1, 6), "下半年": (7, 12),
}  # fmt: skip
#: First and last day of a part of the month.
PARTS_OF_MONTH: Mapping[str, tuple[int, int]] = {
    "上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "初": (1, 10), "中": (11, 20), "底": (21, 31), "末": (21, 31),
}  # fmt: skip
#: Words in front of and behind a date that do not change it.
DATE_LEADS = (
    "完成时间为", "完成时限为", "完成时间", "完成时限", "截至", "截止到", "截止", "确保", "力争", "预计", "计划", "已于", "于", "在", "到", "至",
    "≤", "<", "不晚于", "不迟于", "=", "已", "实际",
)  # fmt: skip
DATE_TAILS = (
    "完成全部工作", "全部完成", "按时完成", "按期完成", "如期完成", "完成任务", "完成支付", "完成验收", "完成", "已完成", "支付完毕", "支付到位",
    "支付", "发放到位", "发放完毕", "发放", "拨付到位", "拨付", "到位", "完工", "结束", "竣工", "执行完毕", "执行", "交付使用", "交付", "验收", "办结", "开展",
    "全部", "已", "按时", "按期", "如期", "期间", "时", "完毕", "份",
)  # fmt: skip
#: The date is the last day on which it may happen.
CLOSING = ("之前", "以前", "前", "之内", "以内", "内")
#: The current year, by other names.
THIS_YEAR = ("本年度", "当年度", "全年度", "本年", "当年", "全年", "年度", "年")
