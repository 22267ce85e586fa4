"""The actions that make a paper of the open workbook: the report to publish, and the 审核报告 of a check.

Both work on the workbook as it stands and write a file of their own where the clerk says; the workbook stays as it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perfeval_xl.calc_engine import OfficeError
from perfeval_xl.errors import LiveError
from perfeval_xl.files import sha256
from perfeval_xl.hosts.live import office_api
from perfeval_xl.hosts.live.office_api import FileKind

from .documents import file_name, folder_of, write_named
from .reading import NO_FORM, checked, read, verdict
from .session import Outcome, Session, few

if TYPE_CHECKING:
    from perfeval_xl.runs.exporting import Private

WORD = FileKind("Word 文件", (".docx",))
PDF = FileKind("PDF 文件", (".pdf",))
_MOST_LISTED, _MOST_NOTES = 8, 5
_NO_OFFICE = "生成 PDF 要用 LibreOffice，这台电脑上没有找到。请用“导出Word”，在 Word 或 WPS 里打开，再另存为 PDF；或者请管理员安装 LibreOffice。"


# --- the report to publish -------------------------------------------------------------------------------------------


def export_word(session: Session) -> Outcome:
    """The report with its forms as a Word document, private numbers masked if the clerk wants it."""
    return _export(session, "导出Word", WORD)


def export_pdf(session: Session) -> Outcome:
    """The same as PDF, where LibreOffice is there to make it."""
    from perfeval_xl.runs.exporting import can_make_pdf

    if not can_make_pdf():
        raise LiveError(_NO_OFFICE)
    return _export(session, "导出PDF", PDF)


def _export(session: Session, title: str, kind: FileKind) -> Outcome:
    from perfeval_xl.runs import exporting

    book = read(session)
    session.progress("正在导出")
    suffix = kind.suffixes[0]
    with _told_plainly():
        ready = exporting.prepare(book)
    redact = bool(ready.private) and session.ask(_question(ready.private))
    with _told_plainly():
        done = exporting.export_prepared(ready, suffix, redact=redact)
    name = file_name(f"{Path(book.name).stem}-自评报告", suffix)
    path = write_named(session, title, name, kind, done.data)
    if path is None:
        return Outcome("没有导出。")
    lines = [f"已导出：\n{path}"]
    if done.private:
        lines.append(
            f"手机号、身份证号等 {len(done.private)} 处{'已遮盖' if redact else '没有遮盖，公开前请处理'}。"
        )
    lines += few([f"▲ {note}" for note in done.notes], _MOST_NOTES, "条")
    return Outcome("\n".join(lines))


@contextmanager
def _told_plainly() -> Iterator[None]:
    """What cannot be exported is told to the clerk in its one line."""
    from perfeval_xl.errors import ExportError

    try:
        yield
    except (ExportError, OfficeError) as error:
        raise LiveError(str(error)) from error


def _question(private: Sequence[Private]) -> str:
    """What must not be published as it is, each with its cell."""
    lines = [f"要导出的内容里有 {len(private)} 处手机号、身份证号或银行账号，公开前应当遮盖："]
    lines += few([str(one) for one in private], _MOST_LISTED, "处")
    lines.append("现在遮盖吗？（只遮盖导出的文件，工作簿不变；选“否”照原样导出）")
    return "\n".join(lines)


# --- the 审核报告 ----------------------------------------------------------------------------------------------------


def audit_report(session: Session) -> Outcome:
    """Check the workbook as it stands, and write the 审核报告 of that check."""
    from perfeval_xl.runs import auditing

    report = checked(session)
    if not report.summaries:
        return Outcome(NO_FORM)
    digest = _digest(session.book)
    session.progress("正在生成审核报告")
    hashes = () if digest is None else (digest,)
    data = auditing.audit_report(report, ".docx", when=dt.datetime.now(), hashes=hashes)
    path = write_named(session, "审核报告", auditing.file_name(session.book.name, ".docx"), WORD, data)
    if path is None:
        return Outcome("没有生成审核报告。")
    lines = [f"审核报告已写好：\n{path}", verdict(report)]
    if digest is None:
        lines.append(
            "报告里没有文件校验码：工作簿有没存盘的改动，或者不在本机。要存档的，请先存盘，再点一次“审核报告”。"
        )
    return Outcome("\n".join(lines))


def _digest(book: Any) -> str | None:
    """The hash of the file on this computer that the open workbook is known to be as."""
    if folder_of(book) is None or not office_api.is_saved(book):
        return None
    with suppress(OSError):
        return sha256(Path(book.fullname))
    return None
