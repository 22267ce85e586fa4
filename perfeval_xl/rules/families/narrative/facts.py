"""PE606–PE609: what the report says of the unit as a whole: its staff, funds, sections, score and grade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from perfeval_xl import patterns as re
from perfeval_xl.equations import HUNDRED, Equation, Quotation, Term, quantum
from perfeval_xl.forms.records import Field, FundTable, IndicatorForm, Kind, Narrative
from perfeval_xl.prose import Figure, agrees, tables
from perfeval_xl.rules.cells import factor, shown, stated_total
from perfeval_xl.rules.context import Context
from perfeval_xl.rules.registry import Claim, Result, Skip, rule
from perfeval_xl.text import clean, plain, shortened

from .measures import FUNDS, NEAR, family, is_current, passages_of
from .quoted import QUOTED, compared
from .stated import Passage, Statement, fund_spending, passages

_NO_REPORT = Skip("工作簿中没有自评报告")

# -- staff ----------------------------------------------------------------------------------------------------


@rule(
    "PE606",
    "narrative.staff",
    "warning",
    "报告写的编制数或在职人数与附件1不符",
    basis="自评报告中的编制数、在职人数应与附件1一致",
)
def staff(context: Context) -> Iterator[Result]:
    """报告里的编制数、在职人数与附件1核对。

    说明：编制数与编制数比，在编、在职人数与在职人数比。离退休、临聘、编外人员和含这些人员的合计不比；行政编制、事业编制等分项不比。下属单位分别写的，几处加起来相等也可以。
    错误示例：附件1在职15人，报告写“在编人员36人”。
    正确示例：附件1在职15人，报告写“在编人员15人”。
    如何改：核对人员名册；报告含二级机构的，写明口径，或把附件1改为同一口径。
    """
    basic = context.basic
    if basic is None or basic.staff is None or not context.forms.narratives:
        yield Skip("没有附件1财政供养人员或没有自评报告")
        return
    fields = {"quota": (basic.staff.quota, "编制数"), "actual": (basic.staff.actual, "实际在职人数")}
    for role, (field, name) in fields.items():
        said = list(_staff_figures(context, role))
        if field.number is None or not said:
            continue
        stated = Statement(name, f"{basic.caption}{name}", field, field.number, 0, "done")
        agreeing = [pair for pair in said if agrees(pair[1], field.number, 0)]
        if not agreeing and _adds_up(context, role, said, field.number):
            continue
        for passage, figure in agreeing or said[:1]:
            advice = "报告含二级机构的，写明口径，或把附件1改为同一口径。"
            yield from compared("PE606", passage, figure, [stated], "warning", advice)


_STAFF_OF = {name: role for role, names in tables.STAFF.items() for name in names}
_STAFF_LEADS = tuple(sorted({*tables.STAFF_LEADS, *tables.LEADS}, key=lambda word: (-len(word), word)))


def _staff_figures(context: Context, role: str) -> Iterator[tuple[Passage, Figure]]:
    for passage in passages_of(context, "report"):
        for figure in passage.figures:
            if figure.dimension != "count" or family(figure.unit) not in ("人", "个"):
                continue
            if figure.year not in (None, context.year) or figure.scope & {"change", "other_year"}:
                continue
            if figure.bracket is None and _staff_role(figure.name) == role:
                yield passage, figure


_STAFF_WORDS = {"quota": re.compile("编制|核编"), "actual": re.compile("在职|在编|实有|现有")}
_UNITS_BELOW = re.compile("下属|所属|二级|基层|直属")


def _adds_up(context: Context, role: str, told: Sequence[tuple[Passage, Figure]], wanted: Decimal) -> bool:
    """What the report tells in several places adds up to the form's figure, or up to three figures of one paragraph do, or
    the paragraph speaks of units below."""
    if sum(figure.value for _, figure in told) == wanted:
        return True
    for passage in passages_of(context, "report"):
        said = [
            figure
            for figure in passage.figures
            if family(figure.unit) in ("人", "个") and _STAFF_WORDS[role].search(figure.name)
        ][:NEAR]
        if any(_UNITS_BELOW.search(figure.name) for figure in said):
            return True
        values = [figure.value for figure in said]
        if any(sum(some) == wanted for size in (2, 3) for some in combinations(values, size)):
            return True
    return False


def _staff_role(name: str) -> str | None:
    """quota or actual where a name is one of theirs, whatever unit stands in front of it."""
    text = re.sub(r"[“”\"()、]|20\d\d年?|为$|共$|共有$|有$|数为$|是$", "", clean(name)).removesuffix("总数")
    if any(word in text for word in (*tables.NOT_STAFF, *tables.STAFF_PARTS)):
        return None
    for _ in range(8):
        if text in _STAFF_OF:
            return _STAFF_OF[text]
        lead = next((word for word in _STAFF_LEADS if text.startswith(word)), None)
        if lead is None:
            break
        text = text[len(lead) :]
    return next(
        (
            role
            for word, role in _STAFF_OF.items()
            if text.endswith((f"现有{word}", f"实有{word}", f"核定{word}"))
        ),
        None,
    )


# -- funds ----------------------------------------------------------------------------------------------------

_NONE = re.compile(
    r"(?:没有|未安排|未发生|不涉及|暂无|无)(?:年初|当年|本年度?|使用|安排|涉及|发生|任何|有关|纳入)*的?"
    r"(?P<fund>政府性基金|国有资本经营|社会保险基金)(?!.{0,6}(?:结余|结转|收入|违规|挪用))"
)
_NONE_AFTER = re.compile(
    r"(?P<fund>政府性基金|国有资本经营|社会保险基金)[^，,。；;、:]{0,14}?(?:没有|未安排|未发生|不涉及|为零|为无)(?:支出|安排|使用|发生)?(?=[，,。；;]|$)"
)


@rule(
    "PE607",
    "narrative.funds",
    "error",
    "报告说没有的基金，表里有支出（或相反）",
    basis="报告中政府性基金、国有资本经营、社会保险基金的有无应与附件4至附件6一致",
)
def funds(context: Context) -> Iterator[Result]:
    """报告里说基金有没有支出，与附件4、附件5、附件6核对。

    说明：报告写某项基金支出为0或没有安排，对应的表应为空或0；报告写了支出金额，对应的表应有数。
    错误示例：报告写“2023年政府性基金预算支出为0万元”，附件4支出合计50。
    正确示例：报告写“2023年政府性基金预算支出为0万元”，附件4支出合计0。
    如何改：核对决算，改正报告或对应的表。
    """
    if not context.forms.narratives:
        yield _NO_REPORT
        return
    stated = {table.kind: (table, found) for table in context.forms.funds if (found := fund_spending(table))}
    if not stated:
        yield Skip("工作簿中没有附件4、附件5、附件6，或表中的合计读不出来")
        return
    for kind, (table, (field, value)) in stated.items():
        scale = factor(table.money_unit)
        statement = Statement(
            kind,
            f"{table.caption}支出合计",
            field,
            value,
            field.decimals - scale.adjusted(),
            "done",
            kind,
            scale,
        )
        for passage, figure, words in _fund_words(context, kind):
            said_none = figure is None or figure.value == 0
            if figure is not None and statement.single and not (figure.value and value):
                yield from compared("PE607", passage, figure, [statement], "error", "")
            elif said_none != (value == 0):
                yield _fund_claim(passage, figure, words, statement, table)
                break


def stated_funds(context: Context) -> frozenset[Kind]:
    """The funds of which the report says that money was spent."""
    kinds: tuple[Kind, ...] = ("gov_fund", "state_capital", "social_insurance")
    return frozenset(
        kind
        for kind in kinds
        if any(figure is not None and figure.value for _, figure, _ in _fund_words(context, kind))
    )


def _fund_claim(
    passage: Passage, figure: Figure | None, words: str, stated: Statement, table: FundTable
) -> Claim:
    """That there was no fund is said in words, or the table gives several amounts: no cell to set against a figure."""
    return Claim(
        passage.field.place,
        f"报告写“{shortened(words, QUOTED)}”，{table.caption}支出合计是 {plain(stated.value)} 万元，两处不一致。",
        expected=f"{plain(stated.value)}万元",
        actual=words if figure is None else figure.words,
        suggestion=f"核对决算，改正报告或{table.caption}。",
        related=(stated.field.place,),
        uses=(stated.field.place,),
        label=FUNDS[stated.role],
        figures=(words, shown(stated.field)),
    )


def _fund_words(context: Context, kind: str) -> Iterator[tuple[Passage, Figure | None, str]]:
    """Where the report says what was spent of a fund: a figure, or words that there was none."""
    for passage in passages(context):
        if passage.kind != "report":
            continue
        for index, figure in enumerate(passage.figures):
            if passage.roles[index] == kind and is_current(figure, context) and "plan" not in figure.scope:
                yield passage, figure, passage.prose.quote(figure)
        for pattern in (_NONE, _NONE_AFTER):
            for match in pattern.finditer(passage.prose.text):
                if match["fund"] == FUNDS[kind] and _of_this_year(passage.prose.text, match.start(), context):
                    yield passage, None, match[0]


def _of_this_year(text: str, position: int, context: Context) -> bool:
    years = re.findall(r"20\d\d(?=年)", text[max(0, position - 200) : position])
    return not years or context.year is None or int(years[-1]) == context.year


# -- sections, score and grade --------------------------------------------------------------------------------

_NUMBERED = re.compile(
    r"^(?:[一二三四五六七八九十]+[、.．]|\([一二三四五六七八九十]+\)|\d+[、.．]|第[一二三四五六七八九十]+部分)"
)
_TOP = re.compile(r"^(?:[一二三四五六七八九十]+[、.．]|第[一二三四五六七八九十]+部分|\d+[、.．])")
#: A section's title is within so many letters of its paragraph.
_TITLE = 30


@rule(
    "PE608",
    "narrative.sections",
    "warning",
    "报告缺少必有的部分，或该部分没有内容",
    basis="自评报告应按规定的提纲写全",
    forms=("narrative",),
)
def sections(form: Narrative, context: Context) -> Iterator[Result]:
    """自评报告的各部分是否齐全。

    说明：政策要求报告必有的部分（如基本情况、支出情况、绩效情况、存在的问题、改进措施），应有标题和内容。写“无”的算有内容。
    错误示例：报告没有“存在的问题”，或只有标题没有内容。
    正确示例：“七、存在的问题及原因分析”下面写了两条。
    如何改：按提纲补上缺的部分；确实没有的，写明“无”。
    """
    titles = list(_titles(form))
    if len(form.paragraphs) < 3:
        yield Skip("自评报告只有一两段，看不出各部分")
        return
    required = context.policy.narrative_required
    missing = [name for name in required if not any(_is_section(name, text) for text, _ in titles)]
    if missing:
        names = "、".join(f"“{name}”" for name in missing)
        yield Claim(
            form.title.place,
            f"报告没有{names}部分。",
            suggestion="按提纲补上；确实没有的，写明“无”。",
            label="报告的部分",
            figures=tuple(missing),
        )
    found = (next((field for text, field in titles if _is_section(name, text)), None) for name in required)
    bare = list(dict.fromkeys(field for field in found if field is not None and _is_bare(form, field)))
    if bare:
        names = "、".join(f"“{clean(field.text)}”" for field in bare)
        yield Claim(
            bare[0].place,
            f"报告{names}下面没有内容。",
            suggestion="补上内容；确实没有的，写明“无”。",
            related=tuple(field.place for field in bare[1:]),
            label=clean(bare[0].text),
            figures=tuple(clean(field.text) for field in bare),
        )


def _titles(form: Narrative) -> Iterator[tuple[str, Field]]:
    """The titles of sections: headings, and the beginnings of numbered paragraphs."""
    headings = {field.place for field in form.headings}
    for field in form.paragraphs:
        text = clean(field.text)
        if field.place in headings or _NUMBERED.match(text) or len(text) <= _TITLE:
            yield re.split("[。:]", text)[0][:_TITLE], field


def _is_section(name: str, text: str) -> bool:
    return any(word in text for word in tables.SECTIONS.get(name, (name,)))


def _is_bare(form: Narrative, heading: Field) -> bool:
    """A title of the first level with nothing up to the next one, or to the end."""
    text = clean(heading.text)
    if heading not in form.headings or not _TOP.match(text):
        return False
    index = form.paragraphs.index(heading)
    if index + 1 == len(form.paragraphs):
        return True
    following = clean(form.paragraphs[index + 1].text)
    same = re.match("[一二三四五六七八九十]+[、.．]", text) and re.match(
        "[一二三四五六七八九十]+[、.．]", following
    )
    return bool(same) and form.paragraphs[index + 1] in form.headings


_SCORE = re.compile(
    r"(?P<name>(?:整体支出|部门整体|绩效|自评|综合|评价)[^，,。；;、()]{0,12}?(?:总得分|总评分|得分|总分|评分|自评分))(?:分)?(?:为|是|:|达|共)?(?P<value>\d{1,3}(?:\.\d{1,2})?)分"
)
_GRADE = re.compile(
    r"(?P<name>(?:自评|评价|评定|绩效|考核)?(?:等级|等次|结果|结论|档次)(?:评定)?(?:为|是|:|属于)+)[“\"‘]?(?P<grade>优秀|良好|合格|不合格|较差|优|良|中|差)[”\"’]?(?=[，,。；;、)等级档]|$)"
)


@rule(
    "PE609",
    "narrative.score",
    "error",
    "报告写的总分或等级与附件2不符",
    basis="自评报告中的得分、等级应与附件2一致",
)
def text_score(context: Context) -> Iterator[Result]:
    """报告里的自评总分、等级与附件2核对。

    说明：报告写的自评得分应等于附件2的总分，等级应与附件2的等级（没有等级的，与总分对应的等级）一致。说到某个项目的得分不比。
    错误示例：附件2总分97，报告写“自评得分95分”。
    正确示例：附件2总分97，报告写“自评得分97分，等级为优”。
    如何改：以附件2为准改正报告；附件2算错的先改附件2。
    """
    overall = context.overall
    stated = stated_total(overall) if overall is not None else None
    if overall is None or stated is None or stated.number is None or not context.forms.narratives:
        yield Skip("没有自评报告，或附件2没有总分")
        return
    texts = [passage.prose.text for passage in passages(context) if passage.kind == "report"]
    if not any(_SCORE.search(text) or _GRADE.search(text) for text in texts):
        yield Skip("报告没有写自评总分或等级")
        return
    yield from _score_claims(context, overall, stated)


def _score_claims(context: Context, overall: IndicatorForm, stated: Field) -> Iterator[Result]:
    unit = _unit_of(context)
    for passage in passages(context):
        text = passage.prose.text
        if passage.kind != "report" or not _of_this_year(text, len(text), context):
            continue
        for match in _SCORE.finditer(text):
            value = Decimal(match["value"])
            if _about_a_part(text, match.start(), match["name"], unit):
                continue
            if (
                value < _LOWEST_TOTAL
                and not re.search("总|整体|综合", match["name"])
                and value != stated.number
            ):
                continue
            yield _score_equation(passage, match, overall, stated)
        yield from _grade_claims(context, overall, stated, passage)


def _score_equation(
    passage: Passage, match: re.Match[str], overall: IndicatorForm, stated: Field
) -> Equation:
    """The score in the text is the form's, rounded to the decimals it is written with."""
    written = match["value"]
    decimals = len(written.partition(".")[2])
    most = quantum(decimals) / 2 if stated.decimals > decimals else Decimal(0)
    quotation = Quotation(
        f"{written}分", f"“{match[0]}”", match.start("value"), passage.form.caption, stated.place
    )
    field = Field(
        passage.field.place,
        f"{written}分",
        "number",
        Decimal(written),
        decimals,
        "分",
        formula=passage.field.formula,
    )
    return Equation(
        "PE609",
        passage.form.caption,
        Term(field, "自评总分", low=None, quotation=quotation),
        (Term(stated, f"{overall.caption}总分"),),
        (1,),
        "报告的得分与附件2总分一致",
        stated_twice=True,
        leeway=(-most, most),
        words=f"报告写“{match[0]}”，{overall.caption}总分是 {shown(stated)}，两处不一致",
        advice="附件2算错的先改附件2，报告随附件2改。",
    )


def _grade_claims(
    context: Context, overall: IndicatorForm, stated: Field, passage: Passage
) -> Iterator[Claim]:
    text = passage.prose.text
    assert stated.number is not None
    total = overall.total
    full = (
        total.weight.number
        if total is not None and total.weight is not None and total.weight.number
        else HUNDRED
    )
    band = context.policy.grade_of(stated.number / full * HUNDRED)
    written = total.grade if total is not None and total.grade is not None and total.grade.filled else None
    right = {clean(written.text)} if written is not None else {band.word, *band.aliases}
    bands = [{item.word, *item.aliases} for item in context.policy.grades]
    unit = _unit_of(context)
    for match in _GRADE.finditer(text):
        same = next((words for words in bands if match["grade"] in words), None)
        if same is None or same & right or _graded_part(text, match, unit):
            continue
        word = clean(written.text) if written is not None else band.word
        field = written or stated
        yield _grade_claim(
            passage, match[0], f"{overall.caption}是“{word}”（总分 {shown(stated)}）", word, field
        )


def _graded_part(text: str, match: re.Match[str], unit: str) -> bool:
    """The grade is that of what the sentence scored before it, or of what stands in front of it."""
    start = max(text.rfind(end, 0, match.start()) for end in "。；;") + 1
    scored = list(_SCORE.finditer(text, start, match.start()))
    if scored:
        return _about_a_part(text, scored[-1].start(), scored[-1]["name"], unit)
    return _about_a_part(text, match.start(), match["name"], unit)


#: Words of a sentence about the unit's own score.
_OWN_SCORE = re.compile(
    "20\\d\\d年度?|部门|单位|我[局委办院校镇乡馆中心]*|本[局委办院校镇乡馆中心]*|整体|支出|财政|预算|绩效|自我|自评|评价|评定|考核|综合|总|最终|最后|经|"
    "年度|全年|结果|情况|本次|此次|打分|得|分|的|为|等级|等次|结论|档次"
)
#: A score that is not called 总 or 整体 is a group's or a row's below this.
_LOWEST_TOTAL = Decimal(60)


def _about_a_part(text: str, position: int, name: str, unit: str) -> bool:
    """The sentence speaks of a project, of a group of indicators, of a row, or of the most that can be had."""
    whole = re.search("整体|部门|总|综合", name) is not None
    near = re.split("[。；;]", text[max(0, position - 30) : position])[-1] + name
    if re.search(
        "项目|满分|指标|分值|产出|效益|满意度|过程|投入|以上|预算执行|决策|管理|单项|平均|该项|本项|此项",
        near,
    ):
        return True
    words = text[max(0, position - 40) : position] + name
    clause = re.split("[，,。；;:、]|(?=本次|此次|本年度)", words)[
        -1
    ]  # a title may stand in front: …情况本次自评得分
    rest = _OWN_SCORE.sub("", clause)
    if len(rest) > _FEW_LETTERS and rest not in _OWN_SCORE.sub("", unit):
        return True
    return not whole and "项目" in text[max(0, position - 80) : position]


#: What may be left of a clause about the unit's own score, besides the unit's name.
_FEW_LETTERS = 2


def _unit_of(context: Context) -> str:
    return next((clean(form.unit_name.text) for form in context.forms if form.unit_name is not None), "")


def _grade_claim(passage: Passage, words: str, found: str, right: str, field: Field) -> Claim:
    """A grade is a word, and no arithmetic."""
    return Claim(
        passage.field.place,
        f"报告写“{words}”，{found}，两处不一致。",
        expected=right,
        actual=words,
        suggestion="以附件2为准改正报告；附件2算错的先改附件2。",
        related=(field.place,),
        uses=(field.place,),
        label="自评总分",
        figures=(words, shown(field)),
    )
