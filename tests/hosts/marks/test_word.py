"""The marked copy of a Word document: shading and a comment where the findings are, everything else as it was."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import docx.oxml
import pytest

from perfeval_xl.cli import main
from perfeval_xl.findings import Report
from perfeval_xl.hosts.marks.word import AUTHOR, highlight
from perfeval_xl.runs.checking import check
from tests import word

CHANGED = {"word/document.xml", "word/comments.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"}


def source(tmp_path: Path) -> Path:
    path = tmp_path / "示例.docx"
    path.write_bytes(word.build("before", False))
    return path


def checked(path: Path) -> Report:
    return check(path, policy="hunan-2023")


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def texts(data: bytes) -> list[str]:
    document = docx.Document(io.BytesIO(data))
    lines = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        lines += [cell.text for cell in table._cells]
    return lines


def comments(data: bytes) -> list[str]:
    root = docx.oxml.parse_xml(parts(data)["word/comments.xml"])
    return ["".join(map(str, item.itertext())) for item in root]


def shaded(data: bytes) -> list[str]:
    """The texts of shaded cells and runs."""
    root = docx.oxml.parse_xml(parts(data)["word/document.xml"])
    found = root.xpath("//w:tc[w:tcPr/w:shd] | //w:r[w:rPr/w:shd]")
    return ["".join(item.xpath(".//w:t/text()")) for item in found]


def test_every_place_with_findings_has_a_comment_and_nothing_else_changes(tmp_path: Path) -> None:
    path = source(tmp_path)
    report = checked(path)
    marked = highlight(path, report)
    assert marked.suffix == ".docx"
    assert marked.notes == ()
    before, after = parts(path.read_bytes()), parts(marked.data)
    assert {name for name in after if before.get(name) != after[name]} <= CHANGED
    assert texts(marked.data) == texts(path.read_bytes())
    places = {finding.place for finding in report.findings}
    assert len(comments(marked.data)) == len(places)
    assert sum(text.count("PE") for text in comments(marked.data)) >= len(report.findings)


def test_the_words_that_contradict_are_shaded_not_the_paragraph(tmp_path: Path) -> None:
    path = source(tmp_path)
    found = shaded(highlight(path, checked(path)).data)
    assert "创业培训447人，完成目标任务的149%" in found
    assert "人社局机关现有在编人员36人" in found
    assert "374人" in found


def _reporting(folder: Path, told: str) -> Path:
    """A report whose only paragraph tells this behind a harmless sentence."""
    document = docx.Document()
    document.add_paragraph("某局2016年度整体支出绩效自评报告")
    document.add_paragraph(f"一年来工作平稳。{told}。")
    path = folder / "报告.docx"
    document.save(str(path))
    return path


def test_of_words_too_many_to_quote_all_are_shaded_and_no_other(tmp_path: Path) -> None:
    told = (
        "“三公”经费决算206.86万元，其中因公出国（境）费10.20万元，比上年减少2.86万元，公务接待费150.94万元，比上年减少8.75万元，"
        "公务用车购置及运行费35.72万元"
    )
    path = _reporting(tmp_path, f"{told}，与上年持平")
    report = check(path, select=["PE602"])
    assert len(report.findings) == 1
    found = shaded(highlight(path, report).data)
    assert found == [told]


def test_quotes_of_one_sentence_that_overlap_are_shaded_together(tmp_path: Path) -> None:
    told = (
        "“三公”经费支出12.5万元，较上年的14.2万元减少1.7万元，下降15.3%，其中公务接待费3.1万元，公务用车运行维护费8.4万元，"
        "因公出国（境）费0万元"
    )
    path = _reporting(tmp_path, told)
    report = check(path, select=["PE602", "PE610"])
    assert [finding.rule for finding in report.findings] == ["PE602", "PE610"]
    assert shaded(highlight(path, report).data) == [told]


def test_marking_again_replaces_the_marks(tmp_path: Path) -> None:
    path = source(tmp_path)
    report = checked(path)
    once = highlight(path, report).data
    again = highlight(once, report).data
    assert comments(again) == comments(once)
    assert texts(again) == texts(once)
    assert sorted(shaded(again)) == sorted(shaded(once))


def test_comments_of_others_stay(tmp_path: Path) -> None:
    path = source(tmp_path)
    report = checked(path)
    other = highlight(path, report).data
    theirs = parts(other)["word/comments.xml"].replace(AUTHOR.encode(), "科长".encode())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts(other).items():
            archive.writestr(name, theirs if name == "word/comments.xml" else content)
    marked = highlight(target.getvalue(), report).data
    assert len(comments(marked)) == 2 * len(comments(other))


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, copy = source(tmp_path), tmp_path / "标注.docx"
    assert (
        main(["check", str(path), "--policy", "hunan-2023", "--highlight", str(copy), "--format", "json"])
        == 1
    )
    assert "已另存标注副本" in capsys.readouterr().err
    assert comments(copy.read_bytes())
    assert main(["check", str(path), "--highlight", str(tmp_path / "标注.xlsx"), "--format", "json"]) == 2
    assert ".docx" in capsys.readouterr().err
