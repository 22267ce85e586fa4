"""Which figures of a paragraph are listed as parts of which: in the brackets behind it, behind 其中 or 包括, or in front of
a total (甲X万元、乙Y万元，共Z万元).

"运行费101万元（租金78万元、网络23万元）" and "总支出320万元，其中基本支出210万元，项目支出110万元"; 其中 may begin the next sentence. A list
inside a part (含, 包括, 由…组成) belongs to that part; what is said of a part besides (its change, its share, last year's
figure) is no part. Where several readings of a list are possible, the one that adds up is meant.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby, pairwise

from perfeval_xl import patterns as re
from perfeval_xl.records import replace

from .naming import kind_of
from .precision import adds_up, prefixes_that_add_up
from .records import Figure, Listing, Role, Said

#: A list in brackets is not longer than this.
_LONGEST = 2000
#: So many letters behind the last part may say that there are more (等).
_WORDS_BEHIND = 2
#: So many figures are looked at for the sum of a list, and for its parts.
_NEAR = 100
#: So many figures may be the whole of one list; so many parts are looked at, and so many of a list inside one of them.
_MOST_WHOLES, _MOST_PARTS, _MOST_NESTED = 4, 40, 12
#: Words of a list that does not give everything.
_PARTIAL = re.compile("主要|部分|包括但|其余|剩余|含|其中|重点|先后|[，,;；](?:另|还)")
#: 等 behind a figure, or behind the last name; 水系连通工程等项目136.2亿元 is a part like any other.
_AND_MORE = re.compile("等")
#: Words that begin a list in the middle of a sentence; what comes behind a semicolon is listed by 其中 alone.
_OF_WHICH = re.compile(
    r"其中[^;；]*$|(?:包括|包含|内含|(?:[，,(]|^)含|组成)[^;；)]*$|主要(?:是|为|有|包括)[^，,;；]*$"
)
_FEW_KINDS = 2
#: A sentence of so many amounts tells more than one sum.
_MANY_AMOUNTS = 6
_LISTS = re.compile("其中")
_SUBLIST = re.compile(
    r"^[^，,;；]{0,4}(?:[，,(]?)(?:其中|包括|包含|内含|含(?![量税])|主要(?:是|为|有|用于)|由)"
)
_NEXT_SENTENCE = re.compile(
    "[。;；](?:其中|具体(?:为|是|如下|情况)?[:，,]|分项(?:来)?看|(?:按|从)[^。;；，,]{2,12}(?:分|分类|看|划分|来看|情况)[:，,])"
)
_COLON = re.compile(
    r"^[，,]?按[^，,。;；:\d]{1,12}[:]|^[^，,。;；\d]{0,12}[:](?:[一1①][、.．是]?|\([一1]\))?"
    r"|^[，,][^，,。;；:\d]{0,4}用于(?:以下|如下|下列)[^，,。;；:\d]{0,6}[:]|^中[，,:]"
)
_OTHER_SUBJECT = re.compile("另外|另有|另|此外|同时|另安排|除此")
_HELD = re.compile("(?:的|目标|任务|计划|预算)")
#: What was done with the things listed is none of them.
_TAKEN_OFF = re.compile("^(?:调减|调增|追加|收回|上缴|结转|结余|剩余|全年实际|实际)")
_DONE = re.compile("^(?:已|共|全部)?(?:办结|审结|结案|回复|回访|答复|处理|整改)")
#: A whole of several years: 三年累计投入900万元，其中2020年…
_SEVERAL_YEARS = re.compile("[两二三四五]年[^，,。;；]{0,2}(?:累计|合计|共)")
_DONE_ALREADY = re.compile("已经?(?P<what>.{2,6})$")
_TOTAL = re.compile(
    r"(?:共计|合计|总计|总共|一共|累计共|共)(?!节约|结余|节省|核减|挽回)(?:[^，,。;；\d]{0,4})$"
)
_TOTAL_WORD = re.compile("^.*(?:共计|合计|总计|总共|一共|共)")
#: Behind a semicolon a total of all that it parts; 求助类共20件 is a part.
_TOTAL_OF_ALL = re.compile("^[;；](?:以上|上述|各项|[一二三四五六七八九十两]+项)*(?:共计|合计|总计|总共|共)")
_ADDED = re.compile("加上")
#: Where a list of the next sentence gives more than so much of what is in front, it is a list of something else.
_FAR_ABOVE = Decimal("1.5")
#: Of several it is a list of the one that it misses by no more.
_CLOSE = Decimal("0.1")
_NUMBERED = re.compile(r"1[.、]|一是|\(一\)|①")
_ORDINAL = re.compile(r"(?:^|[。;；:，,])\(?(?P<number>\d{1,2}|[一二三四五六七八九十])(?:[.、]|\))(?!\d)")
_DIGITS = "一二三四五六七八九十"
#: So many figures in front of the first item the whole of a numbered list is looked for.
_FEW = 4
_SEMICOLON = re.compile(r"[;；]")


def listings(
    text: str, figures: Sequence[Figure], brackets: Mapping[int, int], said: Sequence[Said]
) -> Iterator[Listing]:
    """Every list of a paragraph, those in brackets first; of money, of things, of changes."""
    kinds = [kind_of(figure.dimension, figure.unit) for figure in figures]
    reader = _Reader(text, figures, brackets, said, kinds)
    yield from reader.in_brackets()
    yield from reader.behind_of_which()
    yield from reader.totals_behind()
    yield from reader.numbered()


def _ordinal(text: str) -> int:
    return int(text) if text.isdigit() else _DIGITS.index(text) + 1


class _Reader:
    """One paragraph, read for lists."""

    def __init__(
        self,
        text: str,
        figures: Sequence[Figure],
        brackets: Mapping[int, int],
        said: Sequence[Said],
        kinds: Sequence[str],
    ) -> None:
        self.text, self.figures, self.brackets, self.said, self.kinds = text, figures, brackets, said, kinds
        self.bracketed: set[int] = set()

    # -- in brackets ------------------------------------------------------------------------------------------

    def in_brackets(self) -> Iterator[Listing]:
        owners = {
            figure.end: index for index, figure in enumerate(self.figures) if self._may_have_parts(index)
        }
        inside: dict[int, list[int]] = {}
        for index, figure in enumerate(self.figures):
            if figure.bracket is not None:
                inside.setdefault(figure.bracket, []).append(index)
        for opening, closing in self.brackets.items():
            owner = owners.get(opening)
            if owner is None or opening not in inside or closing - opening > _LONGEST:
                continue
            parts = tuple(index for index in inside[opening] if self._may_be_part(index, owner))
            if parts:
                around = re.sub(r"\([^()]*\)", "", self.text[opening + 1 : closing])
                self.bracketed.update(parts)
                yield Listing(owner, parts, True, self._is_partial(around, parts))

    def _is_partial(self, around: str, parts: Sequence[int]) -> bool:
        """Whether the words of a list in brackets say that there is more; 含 before several kinds of things does not."""
        several = len(parts) > _FEW_KINDS and self.kinds[parts[0]] != "money"
        bare = around.removeprefix("其中")
        return (
            self._has_more(parts) or _PARTIAL.search(bare.removeprefix("含") if several else bare) is not None
        )

    def _has_more(self, parts: Sequence[int]) -> bool:
        """等 stands right behind a part, or behind the last."""
        ends = [self.figures[part].end for part in parts]
        behind = [self.text[end : end + 1] for end in ends[:-1]]
        return "等" in behind or _AND_MORE.search(self.text[ends[-1] : ends[-1] + _WORDS_BEHIND]) is not None

    def _may_have_parts(self, index: int) -> bool:
        return self.kinds[index] == "money" or self.figures[index].dimension == "count"

    def _may_be_part(self, index: int, owner: int) -> bool:
        """A figure of the same kind, said in the same way: a level of a level, a change of a change."""
        if self.kinds[index] != self.kinds[owner] or self.figures[index].scope & {"each"}:
            return False
        part, whole = self.said[index].role, self.said[owner].role
        return part == "change" if whole == "change" else part == "level"

    # -- behind 其中 ------------------------------------------------------------------------------------------

    def behind_of_which(self) -> Iterator[Listing]:
        starts = [index for index in range(1, len(self.figures)) if self._is_introduced(index)]
        for number, start in enumerate(starts):
            following = starts[number + 1] if number + 1 < len(starts) else len(self.figures)
            for role in ("level", "change"):
                wholes = [whole for whole in self._wholes(start) if self.said[whole].role == role]
                for kind in dict.fromkeys(self.kinds[whole] for whole in wholes):
                    of_kind = [whole for whole in wholes if self.kinds[whole] == kind]
                    found = self._list_from(start, following, role, of_kind)
                    if found is not None:
                        yield found

    def _is_introduced(self, index: int) -> bool:
        """其中 or 包括 stands between a figure and the one before it."""
        before, figure = self.figures[index - 1], self.figures[index]
        between = self.text[before.end : figure.start]
        if figure.bracket is not None and figure.bracket >= before.end:
            return False  # a list in brackets
        if before.sentence == figure.sentence and (self._are_sexes(index) or self._are_done_and_not(index)):
            return True
        if before.sentence == figure.sentence:
            return _OF_WHICH.search(between) is not None or _COLON.search(between) is not None
        return before.sentence + 1 == figure.sentence and _NEXT_SENTENCE.search(between) is not None

    def _are_sexes(self, index: int) -> bool:
        """职工49名，男职工31名，女职工18名: a list without a word that says so."""
        names = [figure.name for figure in self.figures[index : index + 2]]
        return len(names) > 1 and {name[:1] for name in names} == {"男", "女"}

    def _are_done_and_not(self, index: int) -> bool:
        """批复500万元，已拨付450万元，未拨付50万元."""
        names = [figure.name for figure in self.figures[index : index + 2]]
        done = _DONE_ALREADY.match(names[0])
        return (
            len(names) > 1 and done is not None and names[1] in (f"未{done['what']}", f"尚未{done['what']}")
        )

    def _list_from(self, start: int, following: int, role: Role, wholes: Sequence[int]) -> Listing | None:
        """The list of levels, or of changes, of one kind that 其中 begins in front of a figure."""
        besides = role == "change" and self.said[start].role != "change"  # the parts' levels are told too
        possible: list[Listing] = []
        for whole in wholes:
            near = range(start, min(following, start + 4))
            first = next((index for index in near if self._may_be_part(index, whole)), None)
            if first is None or self.figures[first].sentence != self.figures[start].sentence:
                continue
            found = self._listing(whole, first, start)
            if found is None:
                continue
            total, parts = self.figures[whole], [self.figures[part] for part in found.parts]
            if len(parts) > 1 and adds_up(total, parts, self._signs(found)):
                return found
            possible.append(found)
        if not possible:
            return None
        wholes, possible = self._of_one_side(wholes, possible)
        between = self.text[self.figures[start - 1].end : self.figures[start].start]
        same = self._is_same_sentence(start)
        nearest = same and _SEMICOLON.search(between) is None
        best = possible[0] if nearest else min(possible, key=self._miss)
        if nearest and len(best.parts) == 1 and self._is_above(best):
            # 共420人:第一批150人、第二批140人、第三批130人，其中女性196人 is said of all
            best = next((found for found in possible[1:] if not self._is_above(found)), best)
        alone = len(wholes) == 1 or same
        if not alone and self._miss(best) > _CLOSE:
            return None  # which of several a new sentence lists is not clear
        sure = alone and best is possible[0] and not besides and self._is_sure(best, wholes, start)
        return replace(best, sure=sure)

    def _of_one_side(
        self, wholes: Sequence[int], possible: list[Listing]
    ) -> tuple[Sequence[int], list[Listing]]:
        """Of a budget and what was spent the one that the parts are of, where there are both: 预算44万元，决算22万元。其中…"""
        planned = "plan" in self.figures[possible[0].parts[0]].scope
        fitting = [found for found in possible if ("plan" in self.figures[found.whole].scope) == planned]
        if not fitting:
            return wholes, possible
        return [whole for whole in wholes if ("plan" in self.figures[whole].scope) == planned], fitting

    def _miss(self, found: Listing) -> Decimal:
        """By how much of its whole a list misses it."""
        total = self.figures[found.whole].base
        signed = zip(self._signs(found), found.parts, strict=True)
        added = sum((sign * self.figures[part].base for sign, part in signed), Decimal(0))
        return abs(added - total) / (abs(total) or 1)

    def _is_above(self, found: Listing) -> bool:
        """Whether the parts are more than their whole."""
        return sum(self.figures[part].base for part in found.parts) > self.figures[found.whole].base

    def _is_sure(self, found: Listing, wholes: Sequence[int], start: int) -> bool:
        """Whether no other figure may be the whole: a list that begins a sentence, or is numbered, may be of several."""
        total = self.figures[found.whole].base
        added = sum(self.figures[part].base for part in found.parts)
        if not self._is_same_sentence(start):
            return len(wholes) == 1 and (self.kinds[found.whole] == "money" or added <= total * _FAR_ABOVE)
        between = self.text[self.figures[start - 1].end : self.figures[start].start]
        if _SEMICOLON.search(between):
            return False  # 收入包括:…;支出包括:… are lists of what stands in front of both
        return len(wholes) == 1 or _NUMBERED.search(between) is None

    def _is_same_sentence(self, start: int) -> bool:
        return self.figures[start - 1].sentence == self.figures[start].sentence

    def _signs(self, found: Listing) -> tuple[int, ...]:
        own = self.said[found.whole].sign
        if self.said[found.whole].role != "change":
            return (1,) * len(found.parts)
        return tuple(self.said[part].sign * own for part in found.parts)

    def _wholes(self, start: int) -> list[int]:
        """The figures that 其中 may belong to, the likeliest first: the last one of its own depth in front of it that can
        have parts; where it begins a sentence, those of the sentence before."""
        same = self._is_same_sentence(start)
        sentence = self.figures[start].sentence - (0 if same else 1)
        found = []
        for index in range(start - 1, max(-1, start - 1 - _NEAR), -1):
            figure = self.figures[index]
            if figure.sentence < sentence:
                break
            deeper = figure.bracket not in (self.figures[start].bracket, None)
            if figure.sentence != sentence or deeper or not self._may_have_parts(index):
                continue
            if self.said[index].role not in ("level", "change") or self._is_held_against(index):
                continue
            other = "other_year" in figure.scope or figure.year not in (None, self.figures[start].year)
            other = other and _SEVERAL_YEARS.search(figure.clause) is None
            if other and self.said[index].role != "change":
                continue
            found.append(index)
            if len(found) == _MOST_WHOLES:
                break
        return found

    def _is_held_against(self, index: int) -> bool:
        """占年初预算109466万元的90.9%: what only a rate is of has no parts here."""
        following = index + 1
        return (
            following < len(self.figures)
            and self.kinds[following] == "share"
            and _HELD.match(self.text[self.figures[index].end : self.figures[following].start]) is not None
        )

    def _listing(self, whole: int, first: int, start: int) -> Listing | None:
        raw = self._parts(whole, first)
        if not raw:
            return None
        parts, unsure = self._without_sublists(raw)
        for option in (parts, raw):
            counts = [count for count in self._prefixes(whole, option) if not self._goes_on(option, count)]
            if counts and counts[-1] > 1:
                return Listing(whole, tuple(option[: counts[-1]]), False, False)
        kept = parts[: self._first_cut(parts, raw)]
        words = self.text[self.figures[start - 1].end : self.figures[kept[-1]].end + _WORDS_BEHIND]
        bare = _LISTS.sub("", words, count=1)
        nested = unsure is not None and unsure <= kept[-1]
        partial = self._has_more(kept) or _PARTIAL.search(bare) is not None
        return Listing(whole, tuple(kept), False, partial, nested)

    def _goes_on(self, parts: Sequence[int], count: int) -> bool:
        """The part behind so many is told in one breath with them (甲4个、乙3个、丙2个): the list does not end there."""
        if count == len(parts) or parts[count] != parts[count - 1] + 1:
            return False
        between = self.text[self.figures[parts[count - 1]].end : self.figures[parts[count]].start]
        return between.startswith("、") and self.figures[parts[0]].end < self.figures[parts[count]].start

    def _parts(self, whole: int, first: int) -> list[int]:
        """The figures that may be parts, to the end of the sentence."""
        parts: list[int] = []
        for index in range(first, min(len(self.figures), first + _NEAR)):
            if len(parts) == _MOST_PARTS:
                break
            figure = self.figures[index]
            if figure.sentence != self.figures[first].sentence:
                break
            if figure.bracket != self.figures[first].bracket or not self._may_be_part(index, whole):
                continue
            if parts and _OTHER_SUBJECT.search(self.said[index].lead):
                break
            if (
                len(parts) > 1
                and _TAKEN_OFF.match(figure.name)
                and not _TAKEN_OFF.match(self.figures[parts[0]].name)
            ):
                break
            done = _DONE.match(figure.name) if figure.dimension == "count" else None
            if done is not None and len(parts) > 1 and _DONE.match(self.figures[parts[0]].name) is None:
                break
            if "other_year" in figure.scope and "other_year" not in self.figures[first].scope:
                continue
            parts.append(index)
        return parts

    def _without_sublists(self, parts: Sequence[int]) -> tuple[list[int], int | None]:
        """The parts without those that are listed inside one of them, and the first of them behind which such a list ends
        nobody knows where."""
        kept: list[int] = []
        unsure: int | None = None
        position = 0
        while position < len(parts):
            part = parts[position]
            between = self.text[self.figures[part - 1].end : self.figures[part].start]
            if kept and _SUBLIST.search(between) and self.figures[part].bracket is None:
                counts = self._prefixes(kept[-1], parts[position : position + _MOST_NESTED])
                end = position + counts[0] if counts else None
                if end is None and unsure is None:
                    unsure = kept[-1]
                position = end if end is not None else self._comma_after(parts, position)
                continue
            kept.append(part)
            position += 1
        return kept, unsure

    def _comma_after(self, parts: Sequence[int], position: int) -> int:
        """Where a list parted by 、 ends: at the first comma or semicolon."""
        for place in range(position + 1, len(parts)):
            between = self.text[self.figures[parts[place - 1]].end : self.figures[parts[place]].start]
            if re.search("[，,;；]", between):
                return place
        return len(parts)

    def _prefixes(self, whole: int, parts: Sequence[int]) -> list[int]:
        """After how many of its parts a list adds up."""
        signs = self._signs(Listing(whole, tuple(parts), False, False))
        return prefixes_that_add_up(self.figures[whole], [self.figures[part] for part in parts], signs)

    def _first_cut(self, parts: Sequence[int], raw: Sequence[int]) -> int:
        """Where a list ends that does not add up: at the first semicolon, unless semicolons part all of it, or at the comma
        behind parts told in one breath (甲4个、乙3个，涉及单位7个)."""
        gaps = [
            self.text[self.figures[one].end : self.figures[other].start] for one, other in pairwise(parts)
        ]
        ends_inner = [any(one < part < other for part in raw) for one, other in pairwise(parts)]
        parted = [
            bool(_SEMICOLON.search(between)) and not inner
            for between, inner in zip(gaps, ends_inner, strict=True)
        ]
        if not all(parted) and any(parted):
            return parted.index(True) + 1
        joined = [between.startswith("、") for between in gaps]
        if any(joined) and not all(joined) and joined[0] and self.kinds[parts[0]] != "money":
            return joined.index(False) + 1
        return len(parts)

    # -- numbered -----------------------------------------------------------------------------------------------

    def numbered(self) -> Iterator[Listing]:
        """1.甲X万元，增长…。2.乙Y万元…: the first figure of each item, where the items are sentences of their own."""
        items: list[int] = []
        for match in _ORDINAL.finditer(self.text):
            number = _ordinal(match["number"])
            if number == 1:
                yield from self._of_items(items)
                items = []
            if number == len(items) + 1:
                items.append(match.end())
        yield from self._of_items(items)

    def _of_items(self, items: Sequence[int]) -> Iterator[Listing]:
        if len(items) < 2:
            return
        places = [bisect_left(self.figures, position, key=lambda figure: figure.start) for position in items]
        if not places[0] or len(set(places)) < len(places) or places[-1] >= len(self.figures):
            return
        if all(self.figures[place].sentence == self.figures[places[0] - 1].sentence for place in places):
            return  # one sentence: behind 其中, or no list
        kinds: set[str] = set()
        for whole in range(places[0] - 1, max(-1, places[0] - 1 - _FEW), -1):
            role = self.said[whole].role
            if not self._may_have_parts(whole) or role not in ("level", "change"):
                continue
            if (
                self.kinds[whole] in kinds
                or self.figures[whole].sentence < self.figures[places[0]].sentence - 1
            ):
                continue
            found = self._column(whole, places)
            if found is None:
                continue
            given = [self.figures[part] for part in found.parts]
            if adds_up(self.figures[whole], given, self._signs(found)):
                yield found
            elif role == "change":
                between = (self.said[place].role for place in range(whole + 1, places[0]))
                if all(one in ("growth", "share") for one in between) and self._are_first(
                    found.parts, places
                ):
                    yield found
                continue
            elif len(items) > 2 and len(found.parts) == len(places):
                yield replace(found, sure=False)
            kinds.add(self.kinds[whole])

    def _are_first(self, parts: Sequence[int], places: Sequence[int]) -> bool:
        """Every item begins with its part, or has one figure in front of it."""
        pairs = zip(parts, places, strict=False)
        return len(parts) == len(places) and all(part - place <= 1 for part, place in pairs)

    def _column(self, whole: int, places: Sequence[int]) -> Listing | None:
        """The figures of the items that are of one kind with a whole: 1.甲发生1起，死亡3人 of 发生21起，死亡80人."""
        ends = (*places[1:], len(self.figures))
        parts = [self._first_part(place, end, whole) for place, end in zip(places, ends, strict=True)]
        told = tuple(part for part in parts if part is not None)
        return Listing(whole, told, False, False) if len(told) > 1 else None

    def _first_part(self, place: int, end: int, whole: int) -> int | None:
        """The first figure of an item that may be a part; none of another sentence, none behind a change."""
        for index in range(place, min(end, place + _FEW)):
            if self.figures[index].sentence != self.figures[place].sentence:
                break
            if self._may_be_part(index, whole):
                return index
            if self.said[index].role == "change" and self.said[whole].role != "change":
                break
        return None

    # -- in front of a total ----------------------------------------------------------------------------------

    def totals_behind(self) -> Iterator[Listing]:
        for _, group in groupby(range(len(self.figures)), key=lambda index: self.figures[index].sentence):
            places = list(group)
            for position, index in enumerate(places):
                if (
                    position >= 2
                    and _TOTAL.search(self.said[index].lead)
                    and self.said[index].role == "level"
                ):
                    found = self._total(index, places[max(0, position - _NEAR) : position])
                    if found is not None:
                        yield found

    def _total(self, total: int, before: Sequence[int]) -> Listing | None:
        parts = [
            index
            for index in before
            if self._may_be_part(index, total) and self.figures[index].bracket == self.figures[total].bracket
        ]
        counts = [count for count in self._prefixes(total, parts[::-1]) if count > 1]
        if counts:
            return Listing(total, tuple(parts[-counts[0] :]), False, False, behind=True)
        if len(parts) > 1 and self._same_verb(parts, total):
            return Listing(total, tuple(parts), False, False, behind=True)
        for chosen in (
            self._joined(parts, total),
            self._one_by_one(before, total),
            self._by_semicolons(before, total),
        ):
            if len(chosen) > 1:
                return Listing(total, tuple(chosen), False, False, behind=True)
        return Listing(total, tuple(parts), False, False, behind=True, sure=False) if len(parts) > 1 else None

    def _same_verb(self, parts: Sequence[int], total: int) -> bool:
        """The total says of all what each part says of itself: 甲支出X万元，乙支出Y万元，共计支出Z万元."""
        verb = _TOTAL_WORD.sub("", self.figures[total].name)
        return len(verb) > 1 and all(self.figures[part].name.endswith(verb) for part in parts)

    def _one_by_one(self, before: Sequence[int], total: int) -> list[int]:
        """All figures of a sentence but its last, each with its own name: 结转X万元，拨款Y万元，合计Z万元."""
        run = list(range(before[0], total))
        alone = len(run) < _MANY_AMOUNTS and all(self.said[index].role == "level" for index in run)
        if not alone or any(self.kinds[index] != "money" or not self.figures[index].name for index in run):
            return []
        return run if re.match("^[，,](?:合计|总计|共计)(?:为|是)?$", self.said[total].lead) else []

    def _by_semicolons(self, before: Sequence[int], total: int) -> list[int]:
        """The figures of a sentence that semicolons part, one between any two: 甲X万元；乙Y万元；共计Z万元."""
        run = [index for index in before if self.kinds[index] == self.kinds[total]]
        while run and not _SEMICOLON.search(self.text[self.figures[run[0]].end : self.figures[total].start]):
            run.pop(0)
        begins = max(
            (place for place in range(len(run)) if self.said[run[place]].role != "level"), default=-1
        )
        run = run[begins + 1 :]
        parted = all(
            len(_SEMICOLON.findall(self.text[self.figures[one].end : self.figures[other].start])) == 1
            for one, other in pairwise((*run, total))
        )
        named = all(self.figures[index].name for index in run)
        return run if parted and named and _TOTAL_OF_ALL.match(self.said[total].lead) else []

    def _joined(self, parts: Sequence[int], total: int) -> list[int]:
        """The figures right in front of a total that are told in one breath (甲X万元、乙Y万元，共Z万元; X加上Y，合计Z)."""
        if not parts or not re.match(r"^[^，,;；]{0,3}[，,]?[^，,;；]{0,6}$", self.said[total].lead):
            return []
        chosen = [parts[-1]]
        for one, other in zip(reversed(parts[:-1]), reversed(parts), strict=False):
            between = self.text[self.figures[one].end : self.figures[other].start]
            if other - one > 1 or not (_ADDED.search(between) or re.match("^[、和及与+]", between)):
                break
            chosen.insert(0, one)
        return chosen
