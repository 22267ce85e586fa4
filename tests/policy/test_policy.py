"""Policies: the bundled ones hold together, a bureau's own file changes only what it names, a wrong file says where."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest

from perfeval_xl.policy import Policy, PolicyError, bundled, describe, load_policy
from perfeval_xl.policy.showing import _PROOF, _SEVERITY
from perfeval_xl.targets import judge
from tests.rules.test_rules import BASE
from tests.support import check_rows

HEAD = 'id = "mine"\ntitle = "某区口径"\ninherits = "national-2020"\n'
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str | bytes, name: str = "mine.toml") -> str:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def refused(path: str) -> str:
    """The one line that says why a file is refused."""
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    said = str(caught.value)
    assert len(said.splitlines()) == 1
    assert Path(path).name in said
    return said


# -- bundled --------------------------------------------------------------------------------------------------


def test_the_bundled_policies() -> None:
    assert bundled() == (
        "chongqing", "hubei-2020", "hunan-2023", "national-2020", "sichuan-2025", "sichuan-pidu-2025", "xinjiang",
        "yunnan-20-80",
    )  # fmt: skip


@pytest.mark.parametrize("name", bundled())
def test_bundled_policies_load(name: str) -> None:
    policy = load_policy(name)
    assert policy.id == name
    assert policy.title
    assert load_policy(name) is policy  # read once
    assert all(sum(split) == 100 for split in policy.splits)
    assert [band.floor for band in policy.grades] == [90, 80, 70 if "sichuan" in name else 60, 0]
    assert all(band.floor < band.ceiling for band in policy.degrees)
    assert policy.overshoot.mode == ("zero" if name == "sichuan-pidu-2025" else "explain")


@pytest.mark.parametrize("name", bundled())
def test_every_basis_says_how_it_is_proven(name: str) -> None:
    basis = load_policy(name).basis
    assert basis
    for code, entry in basis.items():
        assert re.fullmatch(r"PE\d{3}", code)
        assert entry.text
        assert entry.proof in _PROOF
        assert entry.document or entry.proof in ("derived", "convention")
        assert "第" not in entry.document or entry.proof == "seen", "no article numbers from memory"


def test_hunan_inherits_the_national_policy() -> None:
    hunan, national = load_policy("hunan-2023"), load_policy("national-2020")
    assert hunan.inherits == "national-2020"
    own = {"id", "title", "inherits", "basis", "sangong_basis", "narrative_required", "due", "valid"}
    for field in fields(Policy):
        if field.name not in own:
            assert getattr(hunan, field.name) == getattr(national, field.name), field.name
    assert hunan.basis["PE306"] == national.basis["PE306"]
    assert hunan.basis["PE301"] != national.basis["PE301"]
    assert set(hunan.basis) >= {*national.basis, "PE507"}


def test_unknown_name() -> None:
    with pytest.raises(PolicyError, match=r"没有政策“hubei”.*national-2020"):
        load_policy("hubei")


# -- a bureau's own file --------------------------------------------------------------------------------------


def test_one_threshold_changes_and_the_others_stay(write: Write) -> None:
    mine = load_policy(write(HEAD + "[overshoot]\nratio = 150\n"))
    national = load_policy("national-2020")
    assert mine.id == "mine"
    assert mine.overshoot.ratio == 150
    assert mine.overshoot.min_gap == national.overshoot.min_gap
    assert mine.overshoot.mode == national.overshoot.mode
    for field in fields(Policy):
        if field.name not in ("id", "title", "inherits", "overshoot"):
            assert getattr(mine, field.name) == getattr(national, field.name), field.name
    assert load_policy("national-2020").overshoot.ratio == 130  # the inherited policy is untouched


def test_figures_are_exact(write: Write) -> None:
    assert load_policy(write(HEAD + "[tolerance]\ndue = 0.1\n")).tolerance.due == Decimal("0.1")
    assert load_policy(write(HEAD + "[execution]\nfloor = 0\n")).execution_floor == 0
    assert load_policy(write(HEAD + "[trust]\ntyped = 9.5\n")).trust.typed == Decimal("9.5")


def test_a_file_may_inherit_a_file(write: Write) -> None:
    write(HEAD + "[execution]\nfloor = 85\n[severity]\nPE405 = 'off'\n", "city.toml")
    mine = load_policy(write('id = "区"\ntitle = "区"\ninherits = "city.toml"\n[severity]\nPE406 = "info"\n'))
    assert mine.execution_floor == 85
    assert mine.severity == {"PE405": "off", "PE406": "info"}


def test_byte_order_mark_and_windows_lines(write: Write) -> None:
    text = "\ufeff" + HEAD.replace("\n", "\r\n")
    assert load_policy(write(text)).title == "某区口径"


def test_bands_are_sorted_best_first(write: Write) -> None:
    bands = '[{word = "不行", aliases = [], floor = 0}, {word = "行", aliases = ["可以"], floor = 70}]'
    mine = load_policy(write(HEAD + f"[grade]\nbands = {bands}\n"))
    assert [band.word for band in mine.grades] == ["行", "不行"]
    assert mine.grade_of(Decimal("69.99")).word == "不行"


# -- refused --------------------------------------------------------------------------------------------------

# what is added below the head, the line that is wrong, what is said of it (the key and the gist)
WRONG = [
    ("colour = 3\n", 4, "colour", "没有这个设置"),
    ("[overshoot]\nmode = 'explain'\nratoi = 150\n", 6, "overshoot.ratoi", "可用的是 ratio、min_gap、mode"),
    ("[colours]\nred = 1\n", 4, "colours", "没有这个设置"),
    ("[severity]\nPE4 = 'off'\n", 5, "severity.PE4", "没有这个设置"),
    ("[severity]\nPE = 'off'\n", 5, "severity.PE", "没有这个设置"),
    ("\n[execution]\n\nfloor = '90'\n", 7, "execution.floor", "应为数字"),
    ("[execution]\nfloor = true\n", 5, "execution.floor", "应为数字"),
    ("[execution]\nfloor = -1\n", 5, "execution.floor", "数字"),
    ("[tolerance]\ndue = -0.01\n", 5, "tolerance.due", "数字"),
    ("[tolerance]\ndue = nan\n", 5, "tolerance.due", "数字"),
    ("[tolerance]\ndue = inf\n", 5, "tolerance.due", "数字"),
    ("[adjustment]\nthreshold = -30\n", 5, "adjustment.threshold", "数字"),
    ("execution = 90\n", 4, "execution", "应为一节设置"),
    ("acceptable = 'PE405'\n", 4, "acceptable", "应为列表"),
    ("acceptable = ['PE405', 'E406']\n", 4, "acceptable", "应为规则编号"),
    (
        "[severity]\nPE405 = 'off'\nPE406 = 'fatal'\n",
        6,
        "severity.PE406",
        "应为 error、warning、info、off 之一",
    ),
    ("[severity]\nPE406 = ['off']\n", 5, "severity.PE406", "应为 error"),
    ("[overshoot]\nmode = 'ignore'\n", 5, "overshoot.mode", "应为 explain、deduct、fixed、zero 之一"),
    ("[weights]\nsplits = [10, 90]\n", 5, "weights.splits", "应为列表"),
    ("[grade]\nbands = [{word = '优', floor = 90}]\n", 5, "grade.bands", "应有且只有 word、aliases、floor"),
    ("[[grade.bands]]\nword = '优'\nfloor = 90\n", 4, "grade.bands", "应有且只有"),
    ("[basis.PE405]\nsource = '说明'\n", None, "basis.PE405", ""),
    ("[basis.PE405]\ntext = '说明'\ndocument = ''\nproof = 'hearsay'\n", None, "basis.PE405", "seen、memory"),
]


@pytest.mark.parametrize(("text", "line", "key", "gist"), WRONG)
def test_wrong_settings_are_named_with_their_line(
    write: Write, text: str, line: int | None, key: str, gist: str
) -> None:
    said = refused(write(HEAD + text))
    named = re.search(r"：第 (\d+) 行：([\w.]+)：", said)
    assert named is not None, said
    assert named[2].startswith(key)
    assert gist in said
    if line is None:  # a record: its header or the key below it
        assert 4 <= int(named[1]) <= 7
    else:
        assert int(named[1]) == line


def test_text_instead_of_a_number_in_the_head(write: Write) -> None:
    assert "第 2 行：title：应为文字" in refused(write('id = "mine"\ntitle = 3\n'))


@pytest.mark.parametrize(
    ("text", "line"),
    [("[overshoot\nratio = 150\n", 4), ("[overshoot]\nratio = \n", 5), ("[grade]\n[grade]\n", 5)],
)
def test_broken_toml_names_the_line(write: Write, text: str, line: int) -> None:
    said = refused(write(HEAD + text))
    assert f"第 {line} 行：不是正确的TOML" in said


def test_toml_that_breaks_off_at_its_end(write: Write) -> None:
    assert "不是正确的TOML" in refused(write(HEAD + "[overshoot]\nratio ="))


def test_not_utf8(write: Write) -> None:
    assert "不是UTF-8编码" in refused(write(HEAD.encode("gb18030")))


def test_no_such_file(tmp_path: Path) -> None:
    assert "读不了政策文件" in refused(str(tmp_path / "none.toml"))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    assert "读不了政策文件" in refused(str(tmp_path / "folder.toml"))


def test_missing_inherited_policy(write: Write) -> None:
    said = refused(write('id = "mine"\ntitle = "某区"\ninherits = "national-2019"\n'))
    assert "第 3 行：inherits 指的政策“national-2019”不存在" in said


def test_inheriting_in_a_circle(write: Write) -> None:
    write('id = "a"\ntitle = "甲"\ninherits = "mine.toml"\n', "a.toml")
    with pytest.raises(PolicyError, match=r"(a|mine)\.toml：.*绕成了一圈"):
        load_policy(write('id = "mine"\ntitle = "乙"\ninherits = "a.toml"\n'))
    assert "绕成了一圈" in refused(write('id = "me"\ntitle = "己"\ninherits = "me.toml"\n', "me.toml"))


def test_a_wrong_inherited_file_is_the_one_named(write: Write) -> None:
    write(HEAD + "[execution]\nfloor = 'x'\n", "city.toml")
    path = write('id = "mine"\ntitle = "区"\ninherits = "city.toml"\n')
    with pytest.raises(PolicyError, match=r"city\.toml：第 5 行：execution\.floor"):
        load_policy(path)


@pytest.mark.parametrize(
    "text", ["", 'id = "mine"\n', 'id = "mine"\ntitle = "某区"\n[execution]\nfloor = 90\n']
)
def test_without_inheritance_everything_must_be_there(write: Write, text: str) -> None:
    assert "缺少" in refused(write(text))


@pytest.mark.parametrize("table", ["[grade]\nbands = []\n", "[qualitative]\nbands = []\n"])
def test_bands_must_not_be_empty(write: Write, table: str) -> None:
    assert "不能为空" in refused(write(HEAD + table))


# -- grades ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "word"),
    [
        ("100", "优"), ("90", "优"), ("90.00", "优"), ("89.99", "良"), ("80", "良"), ("79.99", "中"), ("60", "中"),
        ("59.99", "差"), ("0", "差"), ("-1", "差"), ("120", "优"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", bundled())
def test_grade_of(name: str, score: str, word: str) -> None:
    policy = load_policy(name)
    if score == "60" and policy.grades[2].floor == 70:
        word = "差"
    assert policy.grade_of(Decimal(score)).word == word


# -- showing --------------------------------------------------------------------------------------------------


def test_describe_names_every_changed_severity(write: Write) -> None:
    changes = {"PE405": "off", "PE406": "error", "PE301": "info", "PE307": "warning"}
    text = "[severity]\n" + "".join(f"{code} = '{severity}'\n" for code, severity in changes.items())
    mine = load_policy(write(HEAD + text))
    lines = describe(mine).splitlines()
    for code, severity in changes.items():
        assert f"{code} 级别改为：{_SEVERITY[severity]}" in lines


@pytest.mark.parametrize("name", bundled())
def test_describe_says_every_basis_with_its_proof(name: str) -> None:
    policy = load_policy(name)
    lines = describe(policy).splitlines()
    assert policy.id in lines[0]
    for code, basis in policy.basis.items():
        line = next(line for line in lines if line.startswith(f"{code} 依据："))
        assert basis.text in line
        assert _PROOF[basis.proof] in line
    assert any("级别改为" in line for line in lines) == bool(policy.severity)


def test_describe_says_the_settings(write: Write) -> None:
    text = (
        "acceptable = ['PE406', 'PE401']\n[overshoot]\nratio = 150.50\nmode = 'deduct'\n[execution]\nfloor = 80\n"
        "[groups]\nrequired = ['数量指标']\n[sangong]\nbasis = 'budget'\n"
    )
    said = describe(load_policy(write(HEAD + text)))
    for part in (
        "沿用 national-2020", "150.5% 的按比例扣分", "执行率下限：80%", "必设指标：数量指标", "按预算数比较",
        "写了说明即不计的错误：PE401、PE406", "10/50/30/10；10/20/40/20/10", "优 ≥90，良 ≥80，中 ≥60，差 ≥0",
    ):  # fmt: skip
        assert part in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "执行率得分：执行率×分值"),
        ("[execution]\nweight = 20", "执行率×分值；表上没有分值的按 20 分"),
        ('[execution]\nmethod = "per_point"\nper_point = 0.5', "低于100%的，每个百分点扣 0.5 分"),
        (
            '[execution]\nmethod = "steps"\nsteps = [{ floor = 80, share = 60 }, { floor = 95, share = 100 }]',
            "执行率得分：95%以上得100%，80%以上得60%",
        ),
        ('[weights]\nnot_applicable = "rescale"', "有不适用指标的：总分＝"),
        ("[score]\ncoefficient = true", "表上有得分系数的：得分＝分值×得分系数"),
        ("[score]\nrow_rule_column = true", "按本行的规则记分"),
    ],
)
def test_describe_says_how_points_are_earned(write: Write, text: str, told: str) -> None:
    assert told in describe(load_policy(write(HEAD + text)))
    assert not text or told not in describe(load_policy("national-2020"))


def test_missed_targets_by_steps(tmp_path: Path) -> None:
    path = tmp_path / "县.toml"
    path.write_text(
        'id = "x"\ntitle = "甲县"\ninherits = "national-2020"\n'
        "[missed]\nsteps = [{ floor = 60, share = 50 }, { floor = 90, share = 80 }]\n",
        encoding="utf-8",
    )
    policy = load_policy(str(path))
    due = [
        judge("≥100人", f"{done}人", weight=Decimal(10), policy=policy).due for done in (95, 90, 60, 59, 100)
    ]
    assert due == [Decimal(8), Decimal(8), Decimal(5), Decimal(0), Decimal(10)]
    assert "完成90%以上得80%" in describe(policy)


def test_the_forms_that_are_due(write: Write) -> None:
    mine = load_policy(write(HEAD + "[due]\nforms = ['basic', 'gov_fund']\n"))
    assert mine.due == {"basic", "gov_fund"}
    assert "必须上报的表：附件1、附件4" in describe(mine)
    assert load_policy("hunan-2023").due == {"basic", "overall", "project", "narrative"}
    assert "必须上报的表：不规定" in describe(load_policy("national-2020"))
    report = check_rows({"附件2": BASE["附件2"]}, policy=mine)
    assert [gap.reason for gap in report.coverage.gaps] == ["缺附件1", "缺附件4"]


@pytest.mark.parametrize("forms", ["['附件1']", "['basic', 'basic']", "'basic'", "[1]", "['target']"])
def test_due_forms_are_strict(write: Write, forms: str) -> None:
    assert "due.forms" in refused(write(HEAD + f"[due]\nforms = {forms}\n"))


# -- what cannot be meant --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[severity]\nPE199 = "off"', "severity.PE199：没有规则 PE199"),
        ('acceptable = ["PE199"]', "acceptable：没有规则 PE199"),
        ('[grade]\nbands = [{ word = "优", aliases = [], floor = 60 }]', "最低一档从 60 起"),
        ("[missed]\nsteps = [{ floor = 90, share = 50 }, { floor = 50, share = 80 }]", "不能比完成得多的高"),
        ("[execution]\ncaps = [{ below = 80, most = 79 }, { below = 70, most = 89 }]", "不能比执行率高的高"),
        ("[execution]\ncaps = [{ below = 80, most = 79 }, { below = 80, most = 89 }]", "有两档的 below 相同"),
        ("[valid]\nfrom = 2023\nuntil = 2020", "不能早于 from"),
        ('[execution]\nmethod = "steps"', '写 "steps" 的才有分档 steps，两个设置要一起写'),
        ("[execution]\nsteps = [{ floor = 90, share = 80 }]", '写 "steps" 的才有分档 steps'),
        ('[execution]\nmethod = "per_point"', '写 "per_point" 的才有每个百分点扣的分 per_point'),
        ("[execution]\nper_point = 1", '写 "per_point" 的才有每个百分点扣的分 per_point'),
        (
            '[execution]\nmethod = "steps"\nsteps = [{ floor = 90, share = 50 }, { floor = 50, share = 80 }]',
            "execution.steps：完成得少的一档，得分（share）不能比完成得多的高",
        ),
        ('[execution]\nmethod = "linear"', "应为 proportional、steps、per_point 之一"),
        ("[execution]\nweight = 101", "应为 0 到 100 之间的数字"),
        ('[weights]\nnot_applicable = "drop"', "应为 keep、rescale 之一"),
        ("[score]\ncoefficient = 1", "应为 true 或 false"),
        ('[score]\nrow_rule_column = "有"', "应为 true 或 false"),
    ],
)
def test_what_contradicts_itself_is_refused(write: Write, text: str, said: str) -> None:
    message = refused(write(HEAD + text))
    assert said in message
    assert re.search(r"第 \d+ 行", message)


def test_an_own_file_does_not_pass_for_a_bundled_one(write: Write) -> None:
    assert "是自带政策的编号" in refused(
        write('id = "hunan-2023"\ntitle = "我的"\ninherits = "national-2020"\n')
    )


def test_rules_about_the_file_may_be_named(write: Write) -> None:
    assert load_policy(write(HEAD + '[severity]\nPE902 = "off"')).severity == {"PE902": "off"}
