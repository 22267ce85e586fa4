"""What a bureau's own file may not say, and the line it is told."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from perfeval_xl.errors import AcceptError
from perfeval_xl.policy import PolicyError, bundled, load_policy
from perfeval_xl.rules.families import load
from perfeval_xl.runs import accepted

HEAD = 'id = "test"\ntitle = "试用"\ninherits = "national-2020"\n'


def _load(tmp_path: Path, text: str) -> str:
    """The message for a file that cannot be used."""
    path = tmp_path / "bureau.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(str(path))
    message = str(caught.value)
    assert "\n" not in message
    assert "bureau.toml" in message
    return message


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (HEAD + "[weights]\nsplits = [[10, 50, 30, 9]]", 5, "各项之和应为100，现为 99"),
        (HEAD + "[weights]\nsplits = [[10, 90], [10, 90]]", 5, "第 2 项重复"),
        (HEAD + '[weights]\nsplits = [[10, "90"]]', 5, "应为数字"),
        (HEAD + "[execution]\nfloor = 900", 5, "应为 0 到 100 之间的数字"),
        (HEAD + "[execution]\nfloor = -1", 5, "应为 0 到 100 之间的数字"),
        (HEAD + "[execution]\nfloor = nan", 5, "应为 0 到 100 之间的数字"),
        (HEAD + "[execution]\nfloor = true", 5, "应为数字"),
        (HEAD + "[overshoot]\nratio = 1.3", 5, "应为 100 到"),
        (HEAD + 'acceptable = ["PE101", "PE102", "PE101"]', 4, "第 3 项重复"),
        (HEAD + 'acceptable = ["101"]', 4, "规则编号"),
        (HEAD + '[basis.PE101]\ntext = "甲"\ndocument = ""\nproof = "seen"', 4, "应写明 document"),
        (HEAD + '[basis.PE101]\ntext = ""\ndocument = ""\nproof = "derived"', 4, "text 不能为空"),
        (HEAD + '[basis.PE101]\ntext = "甲"\nproof = "derived"', 4, "应有且只有"),
        (HEAD + '[grade]\nbands = [\n  { word = "优", aliases = [], floor = 90 },\n  { word = "良", aliases = [], floor = "八十" },\n]', 7, "第 2 项的 floor 应为数字"),
        (HEAD + '[[grade.bands]]\nword = "优"\naliases = []\nfloor = 90\n[[grade.bands]]\nword = "良"\naliases = []\nfloor = 800', 8, "第 2 项的 floor"),
        (HEAD + '[grade]\nbands = [{ word = "优", aliases = ["好"], floor = 90 }, { word = "好", aliases = [], floor = 0 }]', 5, "“好”在两个等级里"),
        (HEAD + '[qualitative]\nbands = [{ words = ["达成"], floor = 100, ceiling = 80 }]', 5, "floor 应小于 ceiling"),
        (HEAD + '[narrative]\nrequired = ["问题", "问题"]', 5, "第 2 项重复"),
        (HEAD + '[compare]\nstrict = "是"', 5, "应为 true 或 false"),
        (HEAD + "[results]\nfloor = 120", 5, "应为 0 到 100 之间的数字"),
        (HEAD + "[weights]\ntotal = 0", 5, "应为 1 到 1000 之间的数字"),
        (HEAD + "[overshoot]\nreason_excuses_to = 2", 5, "应为 100 到"),
        (HEAD + '[words]\nslogans = ["加强", "加强"]', 5, "第 2 项重复"),
        (HEAD + '[words]\nslogans = "加强"', 5, "应为列表"),
        (HEAD + '[words]\nstock = ["加强"]', 5, "没有这个设置"),
        ('title = "试用"\ninherits = "national-2020"', 1, "缺少 id"),
        ('id = "x"\ninherits = "national-2020"', 1, "缺少 title"),
        (HEAD + 'id = "again"', 4, "TOML"),
    ],
)  # fmt: skip
def test_refused_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    message = _load(tmp_path, text)
    found = re.search(r"第 (\d+) 行", message)
    assert found is not None, message
    assert (int(found[1]), said in message) == (line, True), message


def test_a_circle_names_the_line_that_closes_it(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('id = "b"\ntitle = "乙"\ninherits = "bureau.toml"', encoding="utf-8")
    (tmp_path / "bureau.toml").write_text('id = "a"\ntitle = "甲"\ninherits = "other.toml"', encoding="utf-8")
    with pytest.raises(PolicyError, match=r"other\.toml：第 3 行：inherits 绕成了一圈"):
        load_policy(str(tmp_path / "bureau.toml"))


def test_a_name_that_is_no_name() -> None:
    with pytest.raises(PolicyError):
        load_policy("\0.toml")


def test_every_rule_about_the_forms_rests_on_something() -> None:
    """In the national policy, with its proof. What the family ``reading`` says is of the file and of the program: it rests
    on no document, no arithmetic and no convention that a bureau could change."""
    rules = load().values()
    about_the_forms = {rule.code for rule in rules if rule.family != "reading"}
    assert set(load_policy("national-2020").basis) == about_the_forms


def test_bundled_policies_name_rules_that_exist() -> None:
    for name in bundled():
        policy = load_policy(name)
        assert {*policy.basis, *policy.severity, *policy.acceptable} <= set(load())


def test_a_remembered_document_is_quoted_without_an_article() -> None:
    for name in ("national-2020", "hunan-2023"):
        for code, basis in load_policy(name).basis.items():
            if basis.proof == "memory":
                assert not re.search(r"第[一二三四五六七八九十\d]+条", basis.text + basis.document), code


def test_tolerances_are_exact() -> None:
    tolerance = load_policy("hunan-2023").tolerance
    assert (tolerance.amount, tolerance.score, tolerance.due) == (
        Decimal("0.01"),
        Decimal("0.01"),
        Decimal("0.05"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 5000 + "]" * 5000, "嵌套太深"),
        ("a = " + "9" * 5000, "不是正确的TOML"),
        ("# " + "x" * 1_000_001, "文件太大"),
    ],
)
def test_settings_made_to_hurt_are_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "恶意.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=said) as policy:
        load_policy(str(file))
    with pytest.raises(AcceptError, match=said) as reasons:
        accepted.load(file)
    assert "\n" not in f"{policy.value}{reasons.value}"
