"""Reads a paragraph of report prose: every figure with its unit, the words that name it, and what limits it.

"其中人员经费299.66万元" gives 299.66 万元 named 人员经费; lists, brackets, 其中, Chinese numerals and 约/余/以上 are
understood; the year, plans, changes and comparisons that a figure belongs to stay with it as its scope, so that only
figures of the same measure are ever compared. Time is linear in the length of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from perfeval_xl import patterns as re
from perfeval_xl.targets.measure import chinese_number
from perfeval_xl.targets.tables import COUNTS, UNITS
from perfeval_xl.text import clean

from . import tables
from .listing import listings
from .records import Bound, Dimension, Figure, Listing, Prose
from .roles import roles


def read(text: str) -> Prose:
    """The figures of a paragraph. Never raises; what is not understood is no figure."""
    plain = plain_text(text)
    dates = [match.span() for match in _DATES.finditer(plain)]
    spans = [span for span in _spans(plain) if not _inside(span[0].start(), dates)]
    listing = _brackets(plain, [match.start() for match, *_ in spans])
    figures = tuple(_figures(plain, spans, listing))
    said = tuple(roles(plain, figures))
    lists = tuple(listings(plain, figures, listing, said))
    wholes = {part: found.whole for found in reversed(lists) for part in found.parts}
    by_whole: dict[int, list[Listing]] = {}
    for found in lists:
        by_whole.setdefault(found.whole, []).append(found)
    return Prose(plain, figures, listing, lists, wholes, by_whole, said)


def plain_text(text: str) -> str:
    """NFKC without white space; a full-width comma stays one, for it never groups thousands."""
    return clean(text.replace("，", "\ue001")).replace("\ue001", "，")


# -- scanning -------------------------------------------------------------------------------------------------


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


#: Units that measure things rather than count them; a text compares them as counts.
_MEASURES = ("area", "length", "mass", "volume")
_MONEY = {**UNITS["money"], "亿": Decimal(100_000_000), "万": Decimal(10_000)}
_SIZES: dict[str, tuple[Dimension, Decimal]] = {
    **{unit: ("other", Decimal(1)) for units in UNITS.values() for unit in units},
    **{unit: ("count", Decimal(1)) for unit in COUNTS},
    **{unit: ("other", Decimal(1)) for unit in (*UNITS["time"], "岁", "号", "页", "级", "条线")},
    **{unit: ("count", size) for kind in _MEASURES for unit, size in UNITS[kind].items()},
    **{unit: ("money", size) for unit, size in _MONEY.items()},
    **{unit: ("points", Decimal(1)) for unit in UNITS["points"]},
    "%": ("share", Decimal(1)),
    "‰": ("other", Decimal(1)),
    "个百分点": ("other", Decimal(1)),
    "百分点": ("other", Decimal(1)),
}
_SIZES |= {unit: ("count", _SIZES[unit][1]) for unit in UNITS["area"]}
_MULTIPLIED = tuple(
    f"{word}{unit}"
    for word in ("亿", "万", "千", "百")
    for unit in (*COUNTS, *(unit for kind in _MEASURES for unit in UNITS[kind] if unit not in ("克", "米")))
)
_MULTIPLIERS = {"亿": Decimal(100_000_000), "万": Decimal(10_000), "千": Decimal(1000), "百": Decimal(100)}
#: 176个年度计划新开项目 counts no years.
_UNIT = _alternatives((*_SIZES, *_MULTIPLIED)).replace("个年度", "个年度(?!计划|目标|任务|重点|预算|新)")
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?![\d])|\d+)(?:\.\d+)?"
_CHINESE = r"[一二三四五六七八九两十百千零〇]+"
_FIGURE = re.compile(
    rf"(?P<share>百分之)?(?<![\dA-Za-z.第〔\[])(?P<number>-?{_ARABIC}|{_CHINESE})(?P<more>[余多])?"
    rf"(?:(?P<unit>{_UNIT})(?P<behind>{_alternatives((*tables.FLOOR_AFTER, *tables.CEILING_AFTER, *tables.ABOUT_AFTER))})?)?"
)
#: Dates and numbers of documents hold no figures.
_DATES = re.compile(
    r"20\d\d[-—~至到]20\d\d年?|20\d\d年(?:\d{1,2}月(?:\d{1,2}[日号])?)?|\d{1,2}月(?:份|底|初|末|中旬|上旬|下旬)?(?:\d{1,2}[日号])?"
    r"|20\d\d([-./])\d{1,2}\1\d{1,2}(?!\d)|20\d\d[-/]\d{1,2}(?!\d)|[〔\[(]20\d\d[〕\])]\d*号?|附件\d+(?:-\d+)?|(?<!\d)\d+[—–-]\d+号"
)


def _spans(text: str) -> Iterator[tuple[re.Match[str], Decimal, int]]:
    """Every figure with a unit, its value and its decimals."""
    position = 0
    while (match := _FIGURE.search(text, position)) is not None:
        position = max(match.end(), match.start() + 1)
        number, unit = match["number"], match["unit"]
        if match["share"]:
            value = Decimal(number) if number[0].isdigit() else _chinese(number)
            if value is not None:
                yield match, value, 0
        elif unit is None:
            position = match.start() + len(number)
        elif number[0].isdigit() or number[0] == "-":
            digits = number.replace(",", "")
            yield match, Decimal(digits), len(digits.partition(".")[2])
        elif (value := _chinese(number)) is not None and _counts_in_words(number, unit):
            yield match, value, 0


def _chinese(text: str) -> Decimal | None:
    value = chinese_number(text)
    return None if value is None else Decimal(value)


_TWO_DIGITS = re.compile("[一二三四五六七八九两]{2}")


def _counts_in_words(number: str, unit: str) -> bool:
    """一个, 一批, 三级 and 十四五 say no count; 一百二十人 and 三万元 do."""
    if _TWO_DIGITS.search(number):
        return False
    return (len(number) >= 2 and any(letter in "十百千" for letter in number)) or unit in _MONEY


def _inside(position: int, spans: list[tuple[int, int]]) -> bool:
    """Whether a position stands in one of some spans (few, in order)."""
    low, high = 0, len(spans)
    while low < high:
        middle = (low + high) // 2
        if spans[middle][1] <= position:
            low = middle + 1
        else:
            high = middle
    return low < len(spans) and spans[low][0] <= position


def _brackets(text: str, figures: list[int]) -> dict[int, int]:
    """The brackets that hold a figure, by where they open; the others belong to the name they stand in."""
    found: dict[int, int] = {}
    opened: list[int] = []
    index = 0
    first: list[int] = []
    for position, letter in enumerate(text):
        while index < len(figures) and figures[index] < position:
            index += 1
        if letter == "(":
            opened.append(position)
            first.append(index)
        elif letter == ")" and opened:
            start, before = opened.pop(), first.pop()
            if index > before:
                found[start] = position
    return found


# -- what a figure belongs to ---------------------------------------------------------------------------------

_BOUNDARIES = frozenset("，,。;；:、!?！？\n")
_SENTENCE_END = frozenset("。!?！？\n")
_JOINS = frozenset("和及与")
_COMPARING = frozenset("与较比同和")
#: Where a comparison ends, and where a clause does.
_COMPARED = re.compile("[，,。;；!?！？]|其中")
#: What follows the clause of another year belongs to it still: 上年支出10万元，其中基本支出6万元.
_STILL = re.compile("其中|包括|分别")
#: A year that only says of which year a figure for comparison is: 2024年为2190万元.
_ENDED = re.compile("[，,。;；]")
_BARE_YEAR = re.compile(r"20\d\d年度?(?:同期|预算数?|决算数?|执行数|全年)?(?:则?为|是|的|仅|只有|有)*\d")
_YEAR = re.compile(r"20\d\d(?=年)")
_SCOPE_YEARS = re.compile(
    rf"(?P<other>20\d\d年?[-—~至到]+20\d\d(?=年)|{_alternatives(tables.OTHER_YEAR)})|(?P<this>{_alternatives(tables.THIS_YEAR)})|(?P<year>20\d\d)(?=年)"
)
#: What is compared with another year's figure (较2022年的20万元减少2万元): neither is this year's level.
_CHANGE = re.compile(rf"[较比](?:20\d\d年|上一?年|去年)|{_alternatives(tables.CHANGES)}")
#: A heading in front of a colon that says what was aimed at.
_AIMED = re.compile("(?:绩效|项目|年度|总体|预期|工作)?(?:目标|计划|任务)(?:为|是)?$")
#: 分别为甲5万元、乙6万元: each figure has its own name.
_IN_TURN = re.compile(r"分别(?:为|是|有)(?=[^\d，,。;；]{2})")
_PLAN = re.compile(_alternatives(tables.PLANS))
_SPENT = re.compile(_alternatives(tables.SPENT))
_NO_PLAN = re.compile(_alternatives(tables.NO_PLANS))
#: 已完成年度投资计划746.4亿元: what was done of it.
_DONE_PLAN = re.compile(r"已(?:累计)?完成(?:了)?(?:年度|全年)?[^，,。;；\d]{0,8}(?:投资)?计划(?=$)")
_BEFORE: tuple[tuple[tuple[str, ...], Bound], ...] = (
    (tables.CEILING_BEFORE, "ceiling"), (tables.FLOOR_BEFORE, "floor"), (tables.ABOUT_BEFORE, "about"),
)  # fmt: skip
_LONGEST_NAME = 40
#: So many letters back a year or a verb is looked for.
_FAR = 400


def _figures(
    text: str, spans: list[tuple[re.Match[str], Decimal, int]], listing: dict[int, int]
) -> Iterator[Figure]:
    sentences = [0]
    for position, letter in enumerate(text):
        if letter in _SENTENCE_END:
            sentences.append(position + 1)
    closing = {end: start for start, end in listing.items()}
    previous_end, sentence = 0, 0
    enclosing = _enclosing([match.start() for match, *_ in spans], listing)
    for index, (match, value, decimals) in enumerate(spans):
        start, end = match.start(), match.end()
        while sentence + 1 < len(sentences) and sentences[sentence + 1] <= start:
            sentence += 1
        dimension, size = _sized("%" if match["share"] else match["unit"])
        begin = _name_start(text, start, max(previous_end, sentences[sentence]), listing, closing)
        name, bound = _bounded(_IN_TURN.split(text[begin:start].strip(":"))[-1], match)
        yield Figure(
            start=start,
            end=end,
            words=match[0],
            name=name,
            after=_behind(text, end),
            value=value,
            decimals=decimals,
            unit=match["unit"] or "%",
            dimension=dimension,
            size=size,
            bound=bound,
            year=_year(text, start),
            scope=frozenset(_scope(text, begin, start, sentences[sentence], end)),
            sentence=sentence,
            bracket=enclosing[index],
            clause=text[_clause_start(text, begin, max(previous_end, sentences[sentence])) : begin] + name,
        )
        previous_end = end


def _sized(unit: str) -> tuple[Dimension, Decimal]:
    if unit in _SIZES:
        return _SIZES[unit]
    return "count", _MULTIPLIERS[unit[0]] * _SIZES[unit[1:]][1]


def _name_start(
    text: str, start: int, earliest: int, listing: dict[int, int], closing: dict[int, int]
) -> int:
    """Where the name in front of a figure begins: after the last boundary outside brackets that belong to it."""
    position, depth = start, 0
    earliest = max(earliest, start - _LONGEST_NAME)
    while position > earliest:
        letter = text[position - 1]
        if letter == ")" and position - 1 not in closing:
            depth += 1
        elif letter == "(" and position - 1 not in listing:
            if depth == 0:
                break
            depth -= 1
        elif depth == 0 and (letter in _BOUNDARIES or letter in "()"):
            if letter == ":" and position == start:
                position -= 1
                continue
            break
        position -= 1
    while position < start and text[position] in _JOINS and position == earliest:
        position += 1
    return position


def _bounded(name: str, match: re.Match[str]) -> tuple[str, Bound]:
    """The name without the words that say "about" or "at least", and what they said."""
    behind = (match["more"] or "") + (match["behind"] or "")
    bound: Bound = ""
    if behind:
        bound = (
            "about"
            if behind in tables.ABOUT_AFTER
            else ("ceiling" if behind in tables.CEILING_AFTER else "floor")
        )
        if match["more"] or behind in ("余", "多"):
            bound = "about"
    for words, said in _BEFORE:
        word = next((word for word in words if name.endswith(word)), None)
        if word is not None and not name.endswith(tables.NOT_ABOUT):
            return name[: -len(word)], bound or said
    if not bound and "控制在" in name[-4:]:
        bound = "ceiling"
    return name, bound


def _behind(text: str, end: int) -> str:
    """The words behind a figure up to the next boundary or figure."""
    position = end
    while position < min(len(text), end + _LONGEST_NAME):
        if text[position] in _BOUNDARIES or text[position] in "()" or text[position].isdigit():
            break
        position += 1
    return text[end:position]


def _year(text: str, start: int) -> int | None:
    """The year the paragraph last named in front of a place."""
    found = None
    for match in _YEAR.finditer(text, max(0, start - _FAR), start):
        if (
            found is not None
            and _BARE_YEAR.match(text, match.start())
            and _ENDED.search(text, match.end(), start)
        ):
            continue
        if not _is_compared(text, match, start):
            found = int(match[0])
    return found


def _is_compared(text: str, match: re.Match[str], start: int) -> bool:
    """A year that is only compared with (与2022年相比，…; 较上年增加2万元；…) is not that of what follows the comparison."""
    compared = text[max(0, match.start() - 1) : match.start()] in _COMPARING
    return compared and _COMPARED.search(text[match.end() : start]) is not None


#: A new item, this year's words, or where a move from another year's figure leads to: 由上年的820万元增加到865万元.
_ON = re.compile(
    "[;；]|[，,](?:全年|本年|今年|当年|实际)|(?:增加|减少|增长|上升|下降|提高|降低|压减|压缩|扩大)(?:到|至|为)"
)


def _is_over(text: str, end: int, start: int) -> bool:
    """Whether the clause that names another year (上年结转5万元，本年收入…) has ended."""
    between = text[end:start]
    if _ON.search(between):
        return True
    return _ENDED.search(between) is not None and _STILL.search(between) is None


def _enclosing(starts: list[int], listing: dict[int, int]) -> list[int | None]:
    """The innermost list bracket that every one of some places stands in."""
    edges = sorted([*listing.items(), *((end, -1) for end in listing.values())])
    found: list[int | None] = []
    opened: list[int] = []
    index = 0
    for start in starts:
        while index < len(edges) and edges[index][0] < start:
            position, end = edges[index]
            if end < 0:
                opened.pop()
            else:
                opened.append(position)
            index += 1
        found.append(opened[-1] if opened else None)
    return found


def _scope(text: str, begin: int, start: int, sentence: int, end: int) -> Iterator[str]:
    last = None
    for match in _SCOPE_YEARS.finditer(text, max(sentence, start - _FAR), start):
        if match["other"] and _is_over(text, match.end(), start):
            continue
        if not _is_compared(text, match, start):
            last = match
    if last is not None and last["other"]:
        yield "other_year"
    if "原因" in text[max(sentence, start - _FAR) : start]:
        yield "change"  # why something changed: by so much in this, by so much in that
    clause = text[_clause_start(text, begin, sentence) : start]
    headed = text.rfind(":", max(sentence, start - _FAR), start)
    if headed >= 0 and _AIMED.search(text[max(sentence, headed - _LONGEST_NAME) : headed]):
        yield "plan"  # 项目目标:辅具适配200人
    yield from scope_of(_IN_TURN.sub("", clause) if _IN_TURN.search(clause) else clause)
    if re.match(r"[/每]", text[end : end + 1]):
        yield "each"


def scope_of(text: str) -> frozenset[str]:
    """Whether words speak of a plan or of a change."""
    bare = _DONE_PLAN.sub("", _NO_PLAN.sub("", text))
    found = {"change": _CHANGE, "plan": _PLAN}
    return frozenset(scope for scope, pattern in found.items() if pattern.search(bare))


def says_spent(text: str) -> bool:
    """Whether words say that money was spent, not only what for."""
    return _SPENT.search(text) is not None


def _clause_start(text: str, begin: int, sentence: int) -> int:
    """Where the clause of a name begins: a list after 、 goes back to the verb or colon in front of it."""
    position = begin
    while position > max(sentence, begin - _FAR) and text[position - 1] not in "，,;；:(":
        position -= 1
    return position


# -- comparing ------------------------------------------------------------------------------------------------


def agrees(figure: Figure, value: Decimal, decimals: int) -> bool:
    """Whether a figure of the text agrees with a stated one in the same unit; the finer rounds to the coarser."""
    least, most = leeway(figure, decimals)
    gap = figure.base - value
    return (least is None or gap >= least) and (most is None or gap <= most)


def leeway(figure: Figure, decimals: int) -> tuple[Decimal | None, Decimal | None]:
    """By how much a figure of the text may be more than a stated one of so many decimals, at least and at most; None for
    any amount.

    约, 左右, 余, 近 stand for one unit of the last digit that is not 0; 以上 and 以内 for a bound. Decimals may be cut off.
    """
    own, own_decimals = figure.base, figure.base_decimals
    if figure.bound == "floor":
        return None, Decimal(0)
    if figure.bound == "ceiling":
        return Decimal(0), None
    if figure.bound == "about":
        last = own.normalize().as_tuple().exponent
        most = max(Decimal(1).scaleb(last if isinstance(last, int) else 0), abs(own) / 50)
        return -most, most
    if own_decimals == decimals:
        return Decimal(0), Decimal(0)
    unit = Decimal(1).scaleb(-min(own_decimals, decimals))
    return -unit / 2, unit - Decimal(1).scaleb(-own_decimals) if own_decimals > decimals else unit / 2
