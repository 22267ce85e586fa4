"""PE508 on texts: the unit and the years that a report's title names, and the year that a goal is set for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from perfeval_xl import patterns as re
from perfeval_xl.forms.records import Field, IndicatorForm, Narrative
from perfeval_xl.grid import Place
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim
from perfeval_xl.text import clean

#: What a report's title says besides the unit.
_OF_TITLE = re.compile(
    r"20\d\d年?度?|^\d+[、.．]|^(?:附件\d*[:、]?)?(?:关于)?|的?(?:自评|评价|绩效)*报告.*$|[《》“”\"()]"
)
_SUBJECT = re.compile(
    r"^(?P<unit>.*?)(?:部门|单位|本级|机关)?(?:整体支出|整体|项目支出|项目|预算支出|财政支出|财政资金|预算|支出|绩效|自评)"
)
#: How the name of a unit ends.
_UNIT = re.compile(
    "(?:局|委|委员会|院|中心|镇|乡|街道|街道办|学校|中学|小学|幼儿园|馆|办|办公室|会|联|站|所|处|队|政府|部|厅|社|公司|园|医院|联合会)$"
)
#: Letters of units' names that tell none from another.
_COMMON = frozenset("省市州区县乡镇局委院中心站所处队办公室会馆厅部的和与及")


def reports(narratives: Sequence[Narrative], context: Context, units: Sequence[Field]) -> Iterator[Claim]:
    """What a report's title, or all of its text, says of the year, and its title of the unit."""
    year = context.year
    for report in narratives:
        yield from _title_unit(report, units)
        if report.year is None and year is not None:
            yield from _years_of(report, year)


def _title_unit(report: Narrative, units: Sequence[Field]) -> Iterator[Claim]:
    """The title names another unit than all the forms."""
    named = _SUBJECT.match(_OF_TITLE.sub("", clean(report.title.text)))
    unit = named["unit"] if named is not None else ""
    known = [clean(field.text) for field in units]
    if len(unit) < 4 or not _UNIT.search(unit) or not known:
        return
    if not all(_is_other(unit, name) or _is_slip(unit, name) for name in known):
        return
    yield Claim(
        report.title.place,
        f"报告标题写的是“{unit}”，{units[0].place}写的是“{known[0]}”，不是同一个单位。",
        expected=known[0],
        actual=unit,
        suggestion="改正标题；套用别的报告的，正文也要核对。",
        related=(units[0].place,),
        label="报告标题/单位",
        figures=(unit, known[0]),
    )


def _is_other(one: str, other: str) -> bool:
    """Two names without a telling letter in common, the place in front aside: short forms share some."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    first, second = ({*name[start:]} - _COMMON for name in (one, other))
    shares = first & (second | {*other[:start]}) or second & {*one[:start]}
    return bool(first) and bool(second) and not shares


def _is_slip(one: str, other: str) -> bool:
    """The same name with one letter another."""
    differing = sum(first != second for first, second in zip(one, other, strict=False))
    return len(one) == len(other) >= 6 and differing == 1


_YEAR = re.compile(r"20\d\d(?=年)")
#: A report that names one other year so often and never the forms' own is last year's.
_OFTEN = 2


def _years_of(report: Narrative, year: int) -> Iterator[Claim]:
    found = [
        (paragraph, int(match[0]))
        for paragraph in report.paragraphs
        for match in _YEAR.finditer(clean(paragraph.text))
    ]
    years = {named for _, named in found}
    if len(found) < _OFTEN or len(years) != 1 or year in years:
        return
    paragraph, named = found[0]
    yield Claim(
        paragraph.place,
        f"报告写的都是 {named} 年，各表是 {year} 年度。",
        expected=str(year),
        actual=str(named),
        suggestion="核对是不是套用了别的年度的报告，改正年度和内容。",
        label="报告/年度",
        figures=(str(named), str(year)),
    )


#: So often a form must name one other year, in so many cells, before its title is doubted; a date of filing in the year after
#: speaks for it as well.
_NAMED, _CELLS = 3, 2
_FILED = re.compile(r"(?:填报|填表)(?:日期|时间):?(20\d\d)[年.\-/]")


def titles(forms: Sequence[IndicatorForm], context: Context) -> Iterator[Claim]:
    """A form's title names a year that no cell of it does, while they name one other, years away, again and again, or once and
    the form was filed in the year after, or once of what was done although it lay ahead; or it is the project's name with
    another year."""
    grids = {grid.sheet: grid for grid in context.grids}
    for form in forms:
        grid = grids.get(form.sheet)
        agreeing = sum(other.year == form.year for other in context.forms)
        if grid is None or form.year is None or agreeing > 1:
            continue
        renamed = _renamed(form)
        if renamed is not None:
            yield renamed
            continue
        left_out = {form.title.place, *([form.signature.place] if form.signature is not None else [])}
        texts = {
            Place(form.sheet, *key): clean(cell.text) for key, cell in grid.cells.items() if key in form.area
        }
        texts |= {remark.place: clean(remark.text) for remark in form.remarks}
        filed = {place: int(match[1]) for place, text in texts.items() if (match := _FILED.search(text))}
        named = {
            place: _YEAR.findall(text)
            for place, text in texts.items()
            if place not in left_out and place not in filed
        }
        named = {place: years for place, years in named.items() if years}
        years = [int(year) for found in named.values() for year in found]
        if len(set(years)) != 1:
            continue
        (year,) = set(years)
        after = [place for place, filing in filed.items() if filing == year + 1]
        ahead = year > form.year + 1 and any(_tells(form, place, texts[place]) for place in named)
        if not after and not ahead and (len(years) < _NAMED or len(named) < _CELLS):
            continue
        if abs(year - form.year) > 1:  # last year's projects and next year's deadlines are usual
            yield Claim(
                form.title.place,
                f"标题写的是 {form.year} 年度，表里 {len(years)} 处写的都是 {year} 年"
                + (f"，填报日期在 {year + 1} 年。" if after else "。"),
                expected=str(year),
                actual=str(form.year),
                suggestion="核对标题的年度。",
                related=(*tuple(named)[:8], *after),
                label=f"{form.caption}/标题年度",
                figures=(str(form.year), str(year)),
            )


#: What lies ahead, or reaches over years.
_PLANNED = re.compile(
    r"规划|计划(?!生育)|拟|将|下一步|今后|预计|有效期|质保|年限|为期|[到至—~～-]20|20\d\d年?[到至—~～-]|底前|之前|以前|月前|日前"
)


def _tells(form: IndicatorForm, place: Place, text: str) -> bool:
    """Whether a cell tells what was, or what the project is: what is asked for may lie years ahead, what was done may not."""
    asked = [cell.place for row in form.indicators for cell in (row.name, row.target)]
    asked += [cell.place for cell in form.goals.get("expected", ())]
    return place not in asked and not _PLANNED.search(text)


_DATED = re.compile(r"(20\d\d)年?度?")


def _renamed(form: IndicatorForm) -> Claim | None:
    """The title is the project's name and "自评表", but for the year in front."""
    title, project = clean(form.title.text), form.head.get("project")
    ours, theirs = _DATED.match(title), _DATED.match(clean(project.text)) if project is not None else None
    if project is None or ours is None or theirs is None or ours[1] == theirs[1]:
        return None
    rest = clean(project.text)[theirs.end() :]
    if len(rest) < _SAME_NAME or not title[ours.end() :].startswith(rest):
        return None
    return Claim(
        form.title.place,
        f"标题写的是 {ours[1]} 年，项目名称写的是 {theirs[1]} 年，项目是同一个。",
        actual=ours[1],
        suggestion="核对标题和项目名称的年度，改正写错的一个。",
        related=(project.place,),
        label=f"{form.caption}/标题年度",
        figures=(ours[1], theirs[1]),
    )


#: Letters of a project's name that are no coincidence in a title.
_SAME_NAME = 6


#: A goal that begins with a year: what is done in it. What is said of a project, of money carried over, of a span is not.
_GOAL = re.compile(
    r"(?:^|[。;；])(?:\(?[\d一二三四五六七八九十]{1,2}[.、)．])?(?:目标\d?[:.]?)?(?:计划|预计|拟)?(?:在|于)?"
    r"(?P<year>20\d\d)年(?:度|内|全年|底前?|\d{1,2}月\d{0,2}日?[前底])?(?P<clause>[^，,。;；]*)"
)
_NO_TIME = re.compile(
    "项目|工程|资金|尾款|欠款|结转|专项|批次|以前|以后|以来|起|至|—|-|~|～|规划|评价|考核|计划|文件|款|清算|补发|级|上年|到20"
)
#: Goals of a project over several years may lie so many years ahead.
_AHEAD = 5


def goals(forms: Sequence[IndicatorForm], context: Context) -> Iterator[Claim]:
    """A goal of a form is set for another year than the form's."""
    for form in forms:
        year = form.year or context.year
        title = clean(form.name)
        for field in form.goal_fields:
            text = clean(field.text)
            if year is None or str(year) in text:
                continue
            for match in _GOAL.finditer(text):
                named = int(match["year"])
                if (
                    year <= named <= year + _AHEAD
                    or _NO_TIME.search(match["clause"])
                    or match["year"] in title
                ):
                    continue
                yield Claim(
                    field.place,
                    f"目标写的是 {named} 年，本表是 {year} 年度。",
                    expected=str(year),
                    actual=str(named),
                    suggestion="核对是不是套用了别的年度的目标，改正年度。",
                    related=(form.title.place,),
                    label=f"{form.caption}/目标年度",
                    figures=(str(named), str(year)),
                )
                break
