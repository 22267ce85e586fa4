"""What lies in a folder beside workbooks: named as what it is, with what to hand in instead, whatever the command."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from perfeval_xl.cli import main
from perfeval_xl.runs.desk.submissions import find

Capture = pytest.CaptureFixture[str]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2040
#: A file's name, its content, what it is called, and what is to be handed in or done instead.
ODD: dict[str, tuple[bytes, str, str]] = {
    "扫描.jpg": (b"\xff\xd8\xff\xe0" + b"x" * 99, "图片或扫描件", "请交原来的 Excel"),
    "扫描.png": (b"\x89PNG\r\n\x1a\n" + b"x" * 99, "图片或扫描件", "请交原来的 Excel"),
    "扫描.tif": (b"II*\0" + b"x" * 99, "图片或扫描件", "请交原来的 Excel"),
    "扫描.bmp": (b"BM\x80\x01\xff\xfe\0\0\0\0" + b"\x80\xff" * 99, "图片或扫描件", "请交原来的 Excel"),
    "照片.heic": (b"\0\0\0\x18ftypheic" + b"\x80\xff" * 99, "图片或扫描件", "请交原来的 Excel"),
    "照片.webp": (b"RIFF\x10\0\0\0WEBPVP8 " + b"\x80\xff" * 99, "图片或扫描件", "请交原来的 Excel"),
    "报告.pdf": (b"%PDF-1.7\n" + b"x" * 99, "PDF 文件", "不要打印成 PDF"),
    "通知.txt": ("请于本周五前报送".encode(), "纯文本", "请交原来的 Excel"),
    "材料.rar": (b"Rar!\x1a\x07\0" + b"x" * 99, "压缩包（.rar）", "请解压"),
    "材料.7z": (b"7z\xbc\xaf'\x1c" + b"x" * 99, "压缩包（.7z）", "请解压"),
    "材料.zip": (b"", "压缩包（.zip）", "perfeval-xl batch"),
    "报告.wps": (_OLE, "旧版 WPS 文件", "另存为 .xlsx 或 .docx"),
    "附表.et": (_OLE, "旧版 WPS 文件", "另存为 .xlsx 或 .docx"),
    "~$单位.xlsx": (b"\x05admin" + b" " * 50, "临时锁文件", "同名文件"),
    ".~单位.xlsx": (b"\x05admin" + b" " * 50, "临时锁文件", "同名文件"),
    "文件夹": (b"", "文件夹", "perfeval-xl batch"),
}
#: Every command that takes a file, and where.
COMMANDS = (
    "check {odd}", "check {odd} --unmark {out}.xlsx", "compare {odd} {odd}", "recalc {odd} -o {out}.xlsx",
    "undo {odd} -o {out}.xlsx", "import {odd} -o {out}.xlsx", "export {odd} -o {out}.docx",
    "new {out}.xlsx --from {odd}", "rules --book {odd}", "rules --names {odd}",
)  # fmt: skip


def odd(folder: Path, name: str) -> Path:
    path = folder / name
    if name == "文件夹":
        path.mkdir()
    elif name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("说明.txt", "x")
    else:
        path.write_bytes(ODD[name][0])
    return path


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_named_as_what_it_is(command: str, name: str, tmp_path: Path, capsys: Capture) -> None:
    path, (_, what, instead) = odd(tmp_path, name), ODD[name]
    assert main([word.format(odd=path, out=tmp_path / "出") for word in command.split()]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert what in said
    assert instead in said
    assert not list(tmp_path.glob("出*"))


def test_of_several_files_lock_files_are_passed_over_with_a_word(
    tmp_path: Path, example: Path, capsys: Capture
) -> None:
    lock = odd(tmp_path, "~$单位.xlsx")
    assert main(["check", str(lock), str(example), "--format", "jsonl"]) == 1
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    assert f"跳过 1 个打开工作簿时产生的临时锁文件，如 {lock}" in said.err


@pytest.mark.parametrize(
    ("name", "reason"), [("扫描.jpg", "图片或扫描件"), ("报告.pdf", "PDF 文件"), ("材料.rar", "压缩包")]
)
def test_beside_a_workbook_it_is_left_out_by_its_name(
    name: str, reason: str, tmp_path: Path, example: Path
) -> None:
    unit = tmp_path / "某局"
    unit.mkdir()
    (unit / "自评.xlsx").write_bytes(example.read_bytes())
    odd(unit, name)
    odd(unit, "~$单位.xlsx")
    found = find([tmp_path], tmp_path / "结果")
    left = {one.path: one.reason for one in found.left_out}
    assert left[f"某局/{name}"] == f"{reason}，不是 Excel 或 Word 文件"
    assert "锁文件" in left["某局/~$单位.xlsx"]
    assert [len(one.pieces) for one in found.submissions] == [1]


@pytest.fixture
def example() -> Path:
    from tests.report.samples import EXAMPLE

    return EXAMPLE
