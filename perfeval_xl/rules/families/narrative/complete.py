"""Whether a list of a text gives everything: by the nature of its parts, by how it is told, or because a list told beside it
adds up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from perfeval_xl import patterns as re
from perfeval_xl.equations import HALF, HUNDRED
from perfeval_xl.prose import Listing
from perfeval_xl.prose.precision import adds_up
from perfeval_xl.text import clean

from .stated import Passage

_TWO = 2


def signs_of(passage: Passage, found: Listing) -> tuple[int, ...]:
    """Changes the other way count against the whole's."""
    whole = passage.prose.said[found.whole]
    if whole.role != "change":
        return (1,) * len(found.parts)
    return tuple(passage.prose.said[part].sign * whole.sign for part in found.parts)


_ROLES: tuple[tuple[str, frozenset[str]], ...] = (
    ("total", frozenset({"basic", "projects"})),
    ("sangong", frozenset({"vehicles", "abroad", "reception"})),
    ("vehicles", frozenset({"vehicle_purchase", "vehicle_upkeep"})),
)
_ABROAD = re.compile(
    "(?:没有|未|无)[^，,。;；]{0,12}(?:出国|出境)|(?:出国|出境)[^，,。;；]{0,12}(?:没有|未|无)"
)
#: Kinds that leave no other: of amounts, and of persons and things.
_KINDS: tuple[tuple[str, ...], ...] = (
    ("货物", "工程", "服务"),
    ("工资福利", "商品和服务", "个人和家庭"),
    ("人员", "公用", "项目"),
    ("出国", "接待", "用车"),
    ("出国", "接待", "购置", "运行"),
)
#: Parts of a year, all of them.
_PERIODS: tuple[tuple[str, ...], ...] = (("一季度", "二季度", "三季度", "四季度"), ("上半年", "下半年"))
#: Kinds that do not overlap, though there may be others.
_APART: tuple[tuple[str, ...], ...] = (
    ("专业技术|专技", "管理", "工勤"),
    ("行政|公务员", "事业", "工勤", "参公|参照"),
    ("男", "女"),
    ("全额", "差额", "自收自支"),
    ("在职|在编", "离休", "退休", "临聘|编外|聘用|临时|合同", "遗属"),
    ("正高", "副高|高级", "中级", "初级"),
    ("博士", "硕士|研究生", "本科|学士", "专科|大专"),
    ("幼儿|学前", "小学", "初中", "高中", "中职"),
    ("本级", "上级"),
    ("新建", "续建"),
    ("党政", "行政", "事业"),
)
#: Of these whoever names three names all, or whoever names the lowest (初级, 大专及以下).
_STAFF = _APART[:2] + _APART[3:5]
_DEGREES = _APART[5:7]
_LOWEST = re.compile("初级|以下")
#: Kinds of which two leave no third, of amounts, persons and things.
_PAIRS: tuple[tuple[str, str], ...] = (
    ("男", "女"), ("本级", "上级"), ("新建", "续建"), ("税收", "非税"), ("集中采购", "分散采购"), ("线上", "线下"),
    ("过夜", "一日游"), ("上半年", "下半年"), ("集体", "个人"), ("主办", "协办"), ("承办", "协办"), ("财政部门", "税务部门"), ("城镇", "农村"), ("城镇", "乡村"),
    ("行政编制", "事业编制"), ("行政人员", "事业人员"), ("在编", "编外"), ("在编", "临聘"), ("在编", "聘用"), ("个人", "企业"),
    ("城市", "农村"), ("机关", "事业单位"), ("国内", "入境"), ("电话", "非电话"), ("教学人员", "非教学人员"),
)  # fmt: skip
_TAKEN_ON = re.compile("受理|受案|收案|接收|立案")
_BY_NATURE = ("无", "非")
_NOT, _YES = re.compile("^(?:不|未|非|无)"), re.compile("^(?:已|有)")


def gives_all(passage: Passage, found: Listing) -> bool:
    """A list gives everything: in brackets, unless it says otherwise; by the nature of its parts, by ending in 其他, or by
    shares that make 100 %."""
    names = _names(passage, found)
    things = passage.figures[found.whole].dimension == "count"
    shares = [_share_behind(passage, part) for part in found.parts]
    if len(shares) > 1 and all(shares) and abs(sum(share for share in shares if share) - HUNDRED) <= HALF:
        return True
    if passage.prose.said[found.whole].role == "change":
        return not things and any(_each_once(names, kinds) for kinds in _KINDS)
    if not things and (_pair_of_all(passage, found) or any(_each_once(names, kinds) for kinds in _KINDS)):
        return True
    return not found.partial and (
        _are_a_pair(passage, found, names)
        or any(_each_once(names, kinds) for kinds in _PERIODS)
        or _is_spelt_out(passage, found)
        or _are_so_many(passage, found)
        or are_years(passage, found)
        or (things and _names_all(names))
        or _ends_in_others(names)
        or ends_in_own_money(passage, found)
        or _is_classed(passage, found)
        or (found.bracketed and _by_brackets(passage, found))
    )


def ends_in_own_money(passage: Passage, found: Listing) -> bool:
    """The last of several parts is what is mostly named after all others: 县级配套, 自筹."""
    names = _names(passage, found)
    return len(names) > _TWO and names[-1].endswith(_LAST)


def _ends_in_others(names: Sequence[str]) -> bool:
    return len(names) > 1 and names[-1].startswith(("其他", "其它"))


def _names_all(names: Sequence[str]) -> bool:
    """Three kinds of staff, or degrees down to the lowest."""
    if len(names) <= _TWO:
        return False
    lowest = _LOWEST.search(names[-1]) is not None and _in_one_row(names, _DEGREES)
    return lowest or _in_one_row(names, _STAFF)


#: Whoever comes to these has named all others.
_LAST = ("配套", "配套资金", "自筹", "自筹资金")


def _is_classed(passage: Passage, found: Listing) -> bool:
    """按功能分类: the kinds that follow are all there are."""
    whole, first = passage.figures[found.whole], passage.figures[found.parts[0]]
    between = passage.prose.text[whole.end : first.start]
    return not found.partial and len(found.parts) > 1 and _CLASSED.search(between) is not None


def _are_so_many(passage: Passage, found: Listing) -> bool:
    """As many parts as are said to be: 3个标段980万元，其中一标段…、二标段…、三标段…."""
    near = passage.figures[max(0, found.whole - _TWO) : found.whole]
    whole = passage.figures[found.whole]
    return len(found.parts) > _TWO and any(
        one.dimension == "count"
        and one.value == len(found.parts)
        and one.sentence == whole.sentence
        and not one.bound
        and alike_in_kind(passage, found)
        for one in near
    )


def are_years(passage: Passage, found: Listing) -> bool:
    """Each part is of another year, of as many as the whole is of: 三年累计900万元，其中2020年…，2021年…，2022年…."""
    figures = [passage.figures[part] for part in found.parts]
    named = [match[0] for one in figures if (match := _OWN_YEAR.match(one.name.removeprefix("其中")))]
    several = _SEVERAL_YEARS.search(passage.figures[found.whole].clause)
    if several is None or len(named) != len(figures) or len(set(named)) != len(named):
        return False
    return _YEARS_IN_WORDS.get(several["number"], 0) == len(named)


_OWN_YEAR = re.compile(r"20\d\d(?=年)")
_SEVERAL_YEARS = re.compile("(?P<number>[两二三四五])年")
_YEARS_IN_WORDS = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5}


def _is_spelt_out(passage: Passage, found: Listing) -> bool:
    """共计95万元:甲…，乙…，丙…。 A total with nothing but a colon behind it, and nothing behind its parts."""
    whole, first, last = (passage.figures[place] for place in (found.whole, found.parts[0], found.parts[-1]))
    text = passage.prose.text
    if found.bracketed or found.behind or len(found.parts) <= _TWO or whole.dimension != "money":
        return False
    directly = text[whole.end : whole.end + 1] == ":" and found.parts[0] == found.whole + 1
    total = _TOTAL_IN_FRONT.search(whole.name) is not None and first.start - whole.end < _A_NAME
    return directly and total and text[last.end : last.end + 1] in ("。", "")


_TOTAL_IN_FRONT = re.compile("共|合计|总")
#: A name has fewer letters.
_A_NAME = 30
_CLASSED = re.compile("按[^，,。;；:]{1,8}(?:分类|划分|分)(?:科目)?[:，,]")


def _by_brackets(passage: Passage, found: Listing) -> bool:
    """Brackets give everything, but for 其中 and 含: of amounts, of things that are told in one breath."""
    opening = passage.figures[found.parts[0]].bracket
    if opening is None or _OF_WHICH.match(passage.prose.text, opening + 1):
        return False
    return passage.figures[found.whole].dimension != "count" or told_in_one(passage, found)


_OF_WHICH = re.compile("其中|含|包括")


def _are_a_pair(passage: Passage, found: Listing, names: Sequence[str]) -> bool:
    """Two parts that leave no third: 新建 and 续建, 满意 and 不满意, 税收 and 非税; the whole is of neither."""
    if len(names) != _TWO:
        return False
    whole = _name(passage, found.whole)
    if any(_each_once(names, pair) and not any(word in whole for word in pair) for pair in _PAIRS):
        return True
    bare = [name.removeprefix("其中") for name in names]
    if _TAKEN_ON.search(whole) and not any(name.startswith(_BY_NATURE) for name in bare):
        return False  # 受理271件，批准181件，不批准73件: the rest is not decided yet
    return any(
        _NOT.match(one) is not None and _NOT.sub("", one) == _YES.sub("", other)
        for one, other in (bare, bare[::-1])
    )


def _names(passage: Passage, found: Listing) -> list[str]:
    """What the parts are called; the second of two figures told of one thing goes by the first one's name (134件187人)."""
    return [_name(passage, part) for part in found.parts]


def _name(passage: Passage, index: int) -> str:
    figure = passage.figures[index]
    before = passage.figures[index - 1] if index else None
    if not figure.name and before is not None and before.end == figure.start:
        return _name(passage, index - 1)
    return clean(figure.name) or clean(figure.after)


def is_vouched_for(passage: Passage, found: Listing) -> bool:
    """Another list told in the same breath, of the same things one by one, adds up: the cases beside the persons, the
    levels beside the changes."""
    return any(
        other is not found
        and len(other.parts) == len(found.parts) > 1
        and all(0 < abs(one - two) <= _BESIDE for one, two in zip(other.parts, found.parts, strict=True))
        and other.whole not in found.parts
        and found.whole not in other.parts
        and _adds_up_telling(passage, other)
        and _is_compared_alike(passage, found)
        for whole in range(found.whole - _BESIDE, found.whole + _BESIDE + 1)
        for other in passage.prose.by_whole.get(whole, ())
    )


#: A total of so many digits is no sum by chance, nor one of two that so many parts give.
_TELLING, _NO_DIGIT = 3, 10
#: So many figures may stand between two that are told of one thing.
_BESIDE = 4


def _is_compared_alike(passage: Passage, found: Listing) -> bool:
    """Changes are of the same year or budget for the whole and its parts, and each is told by its own level."""
    leads = [passage.prose.said[place].lead for place in (found.whole, *found.parts)]
    compared = [set(_COMPARED_WITH.findall(_SAME_TIME.sub("上年", lead))) for lead in leads]
    named = [one for one in compared if one]
    return not any("分别" in lead for lead in leads) and all(one == named[0] for one in named)


_COMPARED_WITH = re.compile(r"预算|20\d\d年|上年|上月|环比")
_SAME_TIME = re.compile("(?:去年|上一年|上年)?(?:同期|同比)|去年|上一年")


def _adds_up_telling(passage: Passage, found: Listing) -> bool:
    """A list adds up, and not by chance."""
    total = passage.figures[found.whole]
    digits = len(total.value.normalize().as_tuple().digits)
    several = len(found.parts) >= _TELLING and total.value >= _NO_DIGIT
    return (digits >= _TELLING or several) and adds_up(
        total, [passage.figures[part] for part in found.parts], signs_of(passage, found)
    )


def alike_in_kind(passage: Passage, found: Listing) -> bool:
    """The parts are kinds of one thing, as their names begin or end alike: 法定不起诉、证据不足不起诉."""
    names = [_SAID.sub("", name.removeprefix("其中")) for name in _names(passage, found)]
    shortest = min(names, key=len)
    tails = (shortest[place:] for place in range(len(shortest)))
    heads = (shortest[:place] for place in range(len(shortest), 0, -1))
    tail = next((one for one in tails if all(name.endswith(one) for name in names)), "")
    head = next((one for one in heads if all(name.startswith(one) for name in names)), "")
    alike = max(len(_OF_ANY.sub("", tail)), len(_OF_ANY.sub("", head))) > 1
    return len(names) > _TWO and alike and len(set(names)) == len(names)


_SAID = re.compile("(?:为|是|有|共|达|的)+$")
#: What any things may be called, also such as overlap: 党员干部、女干部.
_OF_ANY = re.compile("人员|人数|干部|职工|项目|企业|单位|机构|工作|资金|经费|支出|收入|数量|总数")


def _each_once(names: Sequence[str], kinds: Sequence[str]) -> bool:
    """Every kind is named by one part, every part but those of no kind by one."""
    return len(names) == len(kinds) and all(sum(kind in name for name in names) == 1 for kind in kinds)


def told_in_one(passage: Passage, found: Listing) -> bool:
    """Things in brackets, parted by 、 and nothing else: （男8人、女6人）."""
    figures = [passage.figures[part] for part in found.parts]
    text = passage.prose.text
    return len(figures) > 1 and all(
        re.match("^[、和及]", text[one.end : other.start]) for one, other in pairwise(figures)
    )


def is_by_nature_all(passage: Passage, found: Listing) -> bool:
    """A total behind the kinds that by their nature are all of it: 出国0万元，用车4.5万元，接待1.2万元，“三公”经费共计5.7万元."""
    if not found.behind or passage.figures[found.whole].dimension != "money":
        return False
    roles = {passage.roles[part] for part in found.parts}
    if roles & _CARS:
        roles = (roles - _CARS) | {"vehicles"}
    return any(passage.roles[found.whole] == role and roles == members for role, members in _ROLES)


#: Upkeep alone is all that cars cost where none was bought.
_CARS = {"vehicle_purchase", "vehicle_upkeep"}


def _pair_of_all(passage: Passage, found: Listing) -> bool:
    """The parts named are by their nature all there are; that nobody went abroad may be said in words."""
    owner = passage.roles[found.whole]
    roles = {passage.roles[part] for part in found.parts}
    if _ABROAD.search(passage.prose.text):
        roles = roles | {"abroad"}
    return any(owner == role and roles == members for role, members in _ROLES)


def apart(passage: Passage, found: Listing) -> bool:
    """The parts are persons or things of kinds that do not overlap."""
    names = _names(passage, found)
    return _are_a_pair(passage, found, names) or (len(names) > 1 and _in_one_row(names, _APART))


def _in_one_row(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Every name is of another kind of one row."""
    return any(
        all(any(re.search(kind, name) for kind in kinds) for name in names)
        and all(sum(re.search(kind, name) is not None for name in names) < _TWO for kind in kinds)
        for kinds in rows
    )


def _share_behind(passage: Passage, index: int) -> Decimal | None:
    """The share in per cent that is said right behind a figure: 20.1万元，占88.86%."""
    following = index + 1
    if following >= len(passage.figures) or passage.prose.said[following].role != "share":
        return None
    return passage.figures[following].value
