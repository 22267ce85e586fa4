"""What the indicator language knows, as data: signs, units, words, and which kinds of indicator want more or less.

A sign that stands in the target always wins over what is known of the kind; the kinds cite why they are here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

Direction = Literal["floor", "ceiling", "equal"]

#: Signs and words in front of a figure, longest first.
SIGNS_BEFORE: tuple[tuple[str, Direction], ...] = (
    ("控制在", "ceiling"), ("不得少于", "floor"), ("不得低于", "floor"), ("不得超过", "ceiling"), ("不得高于", "ceiling"),
    ("不少于", "floor"), ("不低于", "floor"), ("不小于", "floor"), ("大于等于", "floor"), ("大于或等于", "floor"),
    ("不超过", "ceiling"), ("不高于", "ceiling"), ("不大于", "ceiling"), ("不多于", "ceiling"), ("不超", "ceiling"),
    ("小于等于", "ceiling"), ("小于或等于", "ceiling"), ("至少", "floor"), ("达到", "floor"), ("超过", "floor"),
    ("大于", "floor"), ("高于", "floor"), ("多于", "floor"), ("小于", "ceiling"), ("低于", "ceiling"), ("少于", "ceiling"),
    ("最多", "ceiling"), ("最少", "floor"), ("等于", "equal"), ("约", "equal"), ("≥", "floor"), ("≤", "ceiling"),
    (">", "floor"), ("<", "ceiling"), ("=", "equal"), ("共", "equal"),
)  # fmt: skip
#: Words behind a figure, longest first.
SIGNS_AFTER: tuple[tuple[str, Direction], ...] = (
    ("及以上", "floor"), ("(含)以上", "floor"), ("以上", "floor"), ("及以下", "ceiling"), ("以下", "ceiling"),
    ("之内", "ceiling"), ("以内", "ceiling"), ("内", "ceiling"), ("左右", "equal"),
)  # fmt: skip
#: What may follow a figure without changing it.
TAILS = ("完成任务", "完成", "达标", "到位", "办结", "支付", "含")

#: Units by dimension, each with its size in the dimension's base unit.
UNITS: Mapping[str, Mapping[str, Decimal]] = {
    "money": {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)},
    "share": {"%": Decimal(1), "百分比": Decimal(1), "百分点": Decimal(1), "个百分点": Decimal(1), "‰": Decimal("0.1")},
    "time": {
        "分钟": Decimal(1) / 1440, "小时": Decimal(1) / 24, "天": Decimal(1), "日": Decimal(1), "工作日": Decimal(1),
        "个工作日": Decimal(1), "周": Decimal(7), "月": Decimal(30), "个月": Decimal(30), "季度": Decimal(90),
        "个季度": Decimal(90), "年": Decimal(360), "个年度": Decimal(360),
    },
    "area": {
        "平方米": Decimal(1), "㎡": Decimal(1), "m2": Decimal(1), "平方": Decimal(1), "平米": Decimal(1),
        "亩": Decimal("666.6667"), "公顷": Decimal(10_000), "平方公里": Decimal(1_000_000), "平方千米": Decimal(1_000_000),
    },
    "length": {"米": Decimal(1), "m": Decimal(1), "公里": Decimal(1000), "千米": Decimal(1000), "km": Decimal(1000)},
    "mass": {"克": Decimal("0.001"), "斤": Decimal("0.5"), "公斤": Decimal(1), "千克": Decimal(1), "kg": Decimal(1), "吨": Decimal(1000)},
    "volume": {"立方米": Decimal(1), "m3": Decimal(1), "方": Decimal(1), "升": Decimal("0.001")},
}  # fmt: skip
MULTIPLIERS: Mapping[str, int] = {"亿": 100_000_000, "万": 10_000}
#: A unit no longer than this counts things (人, 人次, 份, 件, 场 …); a longer text is prose.
LONGEST_COUNT_UNIT = 6

#: Names whose figure is better when lower. Sources: head of the PE4xx rules; 53号 common indicators (变动率, 调整率,
#: 控制率, 结转结余率 are better small); losses and accidents by their nature.
CEILING_NAMES = (
    "失业率", "事故", "投诉", "发病率", "死亡率", "差错率", "错误率", "流失率", "变动率", "调整率", "控制率", "结余率", "结转率",
    "负债率", "欠费", "逾期", "违规", "违法", "上访", "损坏率", "故障率", "超支", "变质", "退货率", "漏损率", "能耗", "排放", "受害率", "成灾率", "患病率", "感染率",
    "病死率", "复发率", "辍学率", "破损率", "空置率", "离职率", "延误率", "缺陷率", "伤亡", "受灾率", "返贫率", "信访量",
)  # fmt: skip
#: What may stand behind such a word at the end of a name: 事故发生起数, 投诉次数.
CEILING_TAILS = ("发生", "次数", "起数", "件数", "人数", "数量", "数", "率", "量", "情况", "控制", "总")
#: Names in which such a word is turned round by another one, or is not what is measured.
NOT_CEILING_NAMES = (
    "办结",
    "处理",
    "回复",
    "受理",
    "查处",
    "整改",
    "排查",
    "化解",
    "调解",
    "下降",
    "降低",
    "减少",
    "节约",
    "压减",
    "结案",
    "办理",
)
#: Times that are better when shorter.
CEILING_TIMES = ("时限", "时间", "时效", "及时", "期限", "周期", "响应", "工期", "天数", "时长", "时日")
#: Times that are better when longer.
FLOOR_TIMES = (
    "使用年限",
    "持续期",
    "服务期",
    "持续时间",
    "持续影响",
    "持续发挥",
    "使用期",
    "受益期",
    "质保",
    "寿命",
    "有效期",
    "开放时间",
    "播出",
    "学时",
    "培训时间",
)
#: Shares that cannot exceed 100 %.
CAPPED_SHARES = (
    "满意度",
    "满意率",
    "合格率",
    "覆盖率",
    "知晓率",
    "及格率",
    "达标率",
    "入学率",
    "参与率",
    "准确率",
    "完好率",
    "及时率",
    "通过率",
)
#: Shares that can, so that ≤100 % binds.
UNCAPPED_SHARES = ("控制率", "执行率", "完成率", "变动率", "增长率")
#: What can be negative, so that ≥0 binds.
MAY_BE_NEGATIVE = ("增长", "变动", "结余", "增幅", "利润", "收益", "温度", "差额")

ON_TIME = frozenset(
    {
        "及时",
        "按时",
        "按期",
        "如期",
        "准时",
        "按时完成",
        "按期完成",
        "及时完成",
        "如期完成",
        "准时完成",
        "已按时完成",
        "及时到位",
        "按时到位",
        "及时支付",
        "按时发放",
        "及时发放",
        "按时支付",
    }
)
DONE = frozenset(
    {
        "完成",
        "已完成",
        "全部完成",
        "完成任务",
        "均已完成",
        "达成",
        "达成预期指标",
        "达成年度指标",
        "达成预期目标",
        "达成年度目标",
        "达到预期指标",
        "达到预期目标",
        "达到预期",
        "达标",
        "合格",
        "是",
        "有",
        "已达标",
        "已达成",
        "全部达成",
        "全部",
        "完成目标",
        "实现",
        "已实现",
        "到位",
        "已到位",
        "100%完成",
        "已完成100%",
        "圆满完成",
    }
)
NOT_DONE = frozenset(
    {
        "未完成",
        "没有完成",
        "未达成",
        "未达标",
        "未达成预期指标",
        "未达成年度指标",
        "未开展",
        "未实施",
        "不合格",
        "未达到",
        "未达到预期",
        "没有达到",
        "否",
    }
)
#: Targets that everything must be done: 100 % answers them as well as words do.
EVERYTHING = (
    "全部",
    "全覆盖",
    "全面",
    "全员",
    "足额",
    "全额",
    "及时",
    "按时",
    "合格",
    "达标",
    "完成",
    "到位",
    "应",
    "零",
    "无",
    "不发生",
    "规范",
    "合规",
    "严格",
    "按",
    "符合",
)
#: Grades of quality, best first.
GRADES = (("优", "优秀"), ("良", "良好"), ("中", "合格", "一般", "中等"), ("差", "较差", "不合格"))
#: A ceiling by reference to another figure: "不超过预算投入".
REFERENCE = ("不超", "控制在", "不高于", "不大于", "不突破", "小于", "低于", "≤", "<")
REFERRED = ("预算", "概算", "批复", "标准", "计划", "限额", "定额", "指标", "上年", "合同")
