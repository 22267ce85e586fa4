"""Papers made of the open workbook: what is typed and not saved is in them, and the workbook stays as it is."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import docx
import pytest

pytest.importorskip("xlwings")

from perfeval_xl.errors import LiveError
from perfeval_xl.excel import live as live_module
from perfeval_xl.excel.actions import BY_ID
from perfeval_xl.excel.commands import COMMANDS
from perfeval_xl.excel.session import Outcome, Session
from perfeval_xl.hosts import libreoffice
from perfeval_xl.hosts.libreoffice import OfficeError
from perfeval_xl.hosts.live import office_api
from perfeval_xl.hosts.live.office_api import FileKind
from perfeval_xl.hosts.reading.loading import read_book
from perfeval_xl.report.audit import NO_HASH

PHONE = "13812345678"


class Clerk:
    """Somebody who takes the name that is suggested, or none, and answers questions."""

    def __init__(self, folder: Path | None, *, yes: bool = True) -> None:
        self.folder, self.yes = folder, yes
        self.suggested: list[tuple[str, str]] = []
        self.asked: list[str] = []

    def save_as(self, title: str, kind: FileKind, name: str) -> Path | None:  # noqa: ARG002
        self.suggested.append((title, name))
        return None if self.folder is None else self.folder / name

    def ask(self, question: str) -> bool:
        self.asked.append(question)
        return self.yes

    def press(self, book: Any, action: str) -> Outcome:
        return COMMANDS[action](Session(book, ask=self.ask, save_as=self.save_as))


def text_of(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


# --- 审核报告 ------------------------------------------------------------------------------------------------------


def test_an_audit_report_of_a_saved_workbook_names_its_file(book: Any, path: Path, tmp_path: Path) -> None:
    clerk = Clerk(tmp_path)
    outcome = clerk.press(book, "audit_report")
    made = tmp_path / "示例 单位-审核报告.docx"
    assert clerk.suggested == [("审核报告", made.name)]
    assert str(made) in outcome.message
    assert "不通过：× 错误" in outcome.message
    text = text_of(made)
    assert hashlib.sha256(path.read_bytes()).hexdigest() in text
    assert path.name in text
    assert not book.api.isModified()


def test_what_is_not_saved_is_in_it_and_then_no_hash_is(book: Any, path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    book.sheets["附件2"]["F15"].value = "511人"
    outcome = Clerk(tmp_path).press(book, "audit_report")
    text = text_of(tmp_path / "示例 单位-审核报告.docx")
    assert "100人 → 511人" in text
    assert NO_HASH in text
    assert "先存盘" in outcome.message
    assert path.read_bytes() == before


def test_a_workbook_in_the_cloud_has_no_file_to_hash(
    book: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(book), "fullname", "https://d.docs.live.net/1/示例.xlsx")
    Clerk(tmp_path).press(book, "audit_report")
    assert NO_HASH in text_of(tmp_path / "示例 单位-审核报告.docx")


def test_a_reason_that_was_written_stands_in_it(book: Any, tmp_path: Path) -> None:
    Clerk(None).press(book, "check_all")
    sheet = book.sheets["校验结果"]
    headings = sheet["A1:P12"].value
    top = next(index for index, row in enumerate(headings) if "说明" in row)
    row = next(number for number in range(top + 2, top + 40) if "核实" in str(sheet[f"B{number}"].value))
    sheet.range((row, headings[top].index("说明") + 1)).value = "上年结转项目，文件可查"
    Clerk(tmp_path).press(book, "audit_report")
    text = text_of(tmp_path / "示例 单位-审核报告.docx")
    assert "已说明的（1 条）" in text
    assert "上年结转项目，文件可查" in text


def test_no_audit_report_without_forms_or_without_a_place(calc: Any, book: Any) -> None:
    assert Clerk(None).press(book, "audit_report").message == "没有生成审核报告。"
    clerk = Clerk(None)
    assert "没有认出任何附件表" in clerk.press(calc.books.add(), "audit_report").message
    assert clerk.suggested == []


# --- 导出 ----------------------------------------------------------------------------------------------------------


def test_export_as_word_with_what_is_not_saved(book: Any, path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    book.sheets["附件3-1"]["B4"].value = "改过没存的项目"
    clerk = Clerk(tmp_path)
    outcome = clerk.press(book, "export_word")
    made = tmp_path / "示例 单位-自评报告.docx"
    assert clerk.suggested == [("导出Word", made.name)]
    assert str(made) in outcome.message
    assert "改过没存的项目" in text_of(made)
    assert {"附件1", "附件2"} <= {grid.sheet for grid in read_book(made).grids}
    assert path.read_bytes() == before


@pytest.mark.parametrize("yes", [True, False])
def test_private_numbers_are_listed_and_masked_if_wanted(book: Any, tmp_path: Path, yes: bool) -> None:
    book.sheets["附件1"]["A45"].value = f"填表人：某某　联系电话：{PHONE}"
    clerk = Clerk(tmp_path, yes=yes)
    outcome = clerk.press(book, "export_word")
    (question,) = clerk.asked
    assert "附件1!A45" in question
    assert PHONE not in question
    assert (PHONE in text_of(tmp_path / "示例 单位-自评报告.docx")) is not yes
    assert ("已遮盖" in outcome.message) is yes
    assert PHONE in book.sheets["附件1"]["A45"].value


def test_without_private_numbers_nothing_is_asked(book: Any, tmp_path: Path) -> None:
    clerk = Clerk(tmp_path)
    clerk.press(book, "export_word")
    assert clerk.asked == []
    assert Clerk(None).press(book, "export_word").message == "没有导出。"


def test_export_as_pdf(book: Any, tmp_path: Path) -> None:
    outcome = Clerk(tmp_path).press(book, "export_pdf")
    made = tmp_path / "示例 单位-自评报告.pdf"
    assert str(made) in outcome.message
    assert made.read_bytes().startswith(b"%PDF")


def test_without_libreoffice_beside_excel_nothing_is_asked_in_vain(
    book: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    clerk = Clerk(tmp_path)
    with pytest.raises(LiveError, match="请用“导出Word”"):
        clerk.press(book, "export_pdf")
    assert clerk.suggested == []


def test_a_failing_conversion_is_one_line(book: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> bytes:
        raise OfficeError("LibreOffice 打不开这个文件")

    monkeypatch.setattr(libreoffice, "convert", failing)
    with pytest.raises(LiveError, match="LibreOffice 打不开这个文件"):
        Clerk(tmp_path).press(book, "export_pdf")


def test_a_workbook_without_forms_is_not_exported(calc: Any, tmp_path: Path) -> None:
    book = calc.books.add()
    with pytest.raises(LiveError, match="没有找到绩效自评表"):
        Clerk(tmp_path).press(book, "export_word")


def test_where_there_is_no_window_it_goes_beside_the_workbook(
    book: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_api, "can_choose_files", lambda _: False)
    outcome = COMMANDS["audit_report"](Session(book, folder=tmp_path))
    assert str(tmp_path / "示例 单位-审核报告.docx") in outcome.message


# --- pressed -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("audit_report", "示例 单位-审核报告.docx"),
        ("export_word", "示例 单位-自评报告.docx"),
        ("export_pdf", "示例 单位-自评报告.pdf"),
    ],
)
def test_pressed_in_a_living_workbook(
    action: str, name: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the button to the file and the message; only the window where a file is named is answered for the clerk."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    asked: list[tuple[str, Path, str]] = []

    def choose(_app: Any, title: str, _kind: FileKind, folder: Path, name: str) -> tuple[str, bool]:
        asked.append((title, folder, name))
        return str(folder / name), True

    monkeypatch.setattr(office_api, "choose_where", choose)
    with live_module.opened(path, visible=False) as session:
        session.panel.click(action)
        assert session.step(5)
        message = session.app.impl.answered[-1]
        session.book.close()
    assert asked == [(BY_ID[action].label, tmp_path, name)]
    assert str(tmp_path / name) in message
    made = (tmp_path / name).read_bytes()
    assert made.startswith(b"%PDF") if name.endswith(".pdf") else docx.Document(io.BytesIO(made)).tables
