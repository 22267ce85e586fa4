"""What counts as a submission: folders, zips, loose files; and what is left out, with its reason."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from perfeval_xl.errors import BatchError, Unreadable
from perfeval_xl.hosts.limits import LIMITS
from perfeval_xl.runs.desk import archives
from perfeval_xl.runs.desk.submissions import Intake, find

from .intake import zipped


def files(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return folder


def found(intake: Intake) -> dict[str, list[str]]:
    return {one.name: [piece.name for piece in one.pieces] for one in intake.submissions}


def left(intake: Intake) -> dict[str, str]:
    return {one.path: one.reason for one in intake.left_out}


def test_folders_zips_and_loose_files_in_a_natural_order(tmp_path: Path) -> None:
    desk = files(
        tmp_path / "收件", "单位10.xlsx", "单位2.xlsx", "甲/表.xlsx", "甲/附件/报告.docx", "甲/附件/盖章.pdf"
    )
    zipped(desk / "乙.zip", {"乙/表.xlsx": b"1", "乙/报告/报告.docx": b"2"})
    intake = find([desk], tmp_path / "结果")
    assert list(found(intake).items()) == [
        ("乙", ["报告.docx", "表.xlsx"]),
        ("单位2.xlsx", ["单位2.xlsx"]),
        ("单位10.xlsx", ["单位10.xlsx"]),
        ("甲", ["报告.docx", "表.xlsx"]),
    ]
    assert left(intake) == {"甲/附件/盖章.pdf": "PDF 文件，不是 Excel 或 Word 文件"}
    inside = {piece.name: piece.content(LIMITS) for piece in intake.submissions[0].pieces}
    assert inside == {"表.xlsx": b"1", "报告.docx": b"2"}


def test_every_file_on_its_own(tmp_path: Path) -> None:
    desk = files(tmp_path / "收件", "甲/表.xlsx", "甲/报告.docx", "乙.xlsx")
    assert list(found(find([desk], tmp_path / "结果", each_file=True))) == [
        "乙.xlsx",
        "甲/报告.docx",
        "甲/表.xlsx",
    ]


def test_locks_temporary_files_and_our_own_are_left_out(tmp_path: Path) -> None:
    desk = files(
        tmp_path / "收件",
        "甲.xlsx", "甲-已标注.xlsx", "乙-已标注.xlsx", "~$甲.xlsx", ".~lock.甲.xlsx#", "Thumbs.db", ".DS_Store", "x.tmp",
        "结果/结果.jsonl", "结果/标注/甲-已标注.xlsx", "上次/结果.jsonl", "上次/汇总.xlsx", "__MACOSX/._甲.xlsx",
    )  # fmt: skip
    intake = find([desk], desk / "结果")
    assert list(found(intake)) == ["乙-已标注.xlsx", "甲.xlsx"]
    assert left(intake) == {
        "甲-已标注.xlsx": "本程序的结果",
        "~$甲.xlsx": "打开文件时产生的锁文件",
        ".~lock.甲.xlsx#": "打开文件时产生的锁文件",
        "Thumbs.db": "临时文件或系统文件",
        ".DS_Store": "临时文件或系统文件",
        "x.tmp": "临时文件或系统文件",
        "结果/": "本程序的结果文件夹",
        "上次/": "本程序的结果文件夹",
        "__MACOSX/": "链接或系统文件夹",
    }


def test_results_beside_what_was_handed_in(tmp_path: Path) -> None:
    desk = files(
        tmp_path,
        "甲.xlsx",
        "汇总.xlsx",
        "汇总.html",
        "结果.jsonl",
        "结果.db",
        "标注/甲-已标注.xlsx",
        "乙/汇总.xlsx",
    )
    assert found(find([desk], desk)) == {"乙": ["汇总.xlsx"], "甲.xlsx": ["甲.xlsx"]}


def test_a_folder_without_tables_keeps_what_it_has(tmp_path: Path) -> None:
    desk = files(tmp_path / "收件", "甲/盖章扫描件.pdf", "乙/表.rar")
    assert found(find([desk], tmp_path / "结果")) == {"乙": ["表.rar"], "甲": ["盖章扫描件.pdf"]}


def test_equal_names_are_told_apart(tmp_path: Path) -> None:
    first = files(tmp_path / "一", "甲/表/1.xlsx", "甲/报告/1.xlsx", "乙.xlsx")
    second = files(tmp_path / "二", "乙.xlsx")
    assert found(find([first, second], tmp_path / "结果")) == {
        "乙.xlsx": ["乙.xlsx"],
        "乙.xlsx（2）": ["乙.xlsx"],
        "甲": ["报告／1.xlsx", "表／1.xlsx"],
    }


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    desk = files(tmp_path / "收件", "甲/表.xlsx")
    (desk / "甲" / "圈").symlink_to(desk)
    intake = find([desk], tmp_path / "结果")
    assert found(intake) == {"甲": ["表.xlsx"]}
    assert left(intake) == {"甲/圈/": "链接或系统文件夹"}


@pytest.mark.parametrize("windows", [True, False])
def test_names_in_a_zip_are_read_as_they_were_meant(tmp_path: Path, *, windows: bool) -> None:
    path = zipped(
        tmp_path / "全部.zip", {"收件/甲县图书馆/表.xlsx": b"", "收件/乙.xlsx": b""}, windows=windows
    )
    assert found(find([path], tmp_path / "结果")) == {"乙.xlsx": ["乙.xlsx"], "甲县图书馆": ["表.xlsx"]}


def test_nothing_in_a_zip_leads_out_of_it(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "坏.zip",
        {"../../甲.xlsx": b"1", "/etc/乙.xlsx": b"2", "C:\\丙.xlsx": b"3", "丁/里.zip": b"4"},
    )
    intake = find([path], tmp_path / "结果")
    assert found(intake) == {"etc": ["乙.xlsx"], "丙.xlsx": ["丙.xlsx"], "甲.xlsx": ["甲.xlsx"]}
    assert left(intake) == {"丁/里.zip": "压缩包里的压缩包，请先解压"}


def test_a_zip_that_cannot_be_read_is_a_submission_that_says_so(tmp_path: Path) -> None:
    desk = files(tmp_path / "收件", "坏.zip")
    assert found(find([desk], tmp_path / "结果")) == {"坏.zip": ["坏.zip"]}


def test_bombs_and_passwords_in_zips(tmp_path: Path) -> None:
    path = zipped(tmp_path / "大.zip", {"大.xlsx": b"\0" * 3_000_000, "密.xlsx": b"1"})
    small = LIMITS.changed(["file_bytes=1000000"])
    with pytest.raises(Unreadable, match=r"大\.xlsx：文件太大"):
        archives.read(path, 0, small)
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(Unreadable, match="设有密码"):
        archives.read(path, 1, LIMITS)


def test_a_zip_with_a_huge_directory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "多.zip", {f"{number}.xlsx": b"" for number in range(20)})
    monkeypatch.setattr(archives, "MOST_MEMBERS", 10)
    with pytest.raises(Unreadable, match=r"文件太多（20 个）"):
        archives.members(path)
    data = bytearray(path.read_bytes())
    end = data.rfind(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<L", 50_000_000)
    path.write_bytes(bytes(data))
    monkeypatch.setattr(zipfile, "ZipFile", None)  # it is not asked
    with pytest.raises(Unreadable, match="压缩包太大"):
        archives.members(path)


def test_nothing_to_check_is_said(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="找不到"):
        find([tmp_path / "没有"], tmp_path / "结果")
    files(tmp_path / "空", "~$甲.xlsx")
    with pytest.raises(BatchError, match="没有可检查的文件（跳过 1 个"):
        find([tmp_path / "空"], tmp_path / "结果")
