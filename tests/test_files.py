"""Results appear whole or not at all, and never over a checked file."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from perfeval_xl.errors import OutputError
from perfeval_xl.files import reading, why_unread, why_unwritten, write_atomically


def _left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".tmp"))


def test_writes_and_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "审核 报告.html"
    write_atomically(path, b"first")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert os.listdir(tmp_path) == [path.name]


def test_others_may_read_what_the_umask_lets_them(tmp_path: Path) -> None:
    plain, written = tmp_path / "plain", tmp_path / "written"
    plain.write_bytes(b"")
    write_atomically(written, b"")
    assert stat.S_IMODE(written.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.parametrize("how", ["same", "dots", "symlink", "hard link"])
def test_refuses_to_overwrite_an_input(tmp_path: Path, how: str) -> None:
    source, other = tmp_path / "单位.xlsx", tmp_path / "other.xlsx"
    source.write_bytes(b"input")
    if how == "symlink":
        other.symlink_to(source)
    if how == "hard link":
        other.hardlink_to(source)
    output = {"same": source, "dots": tmp_path / ".." / tmp_path.name / source.name}.get(how, other)
    with pytest.raises(OutputError, match="就是被检查的文件"):
        write_atomically(output, b"new", inputs=[tmp_path / "missing.xlsx", source])
    assert source.read_bytes() == b"input"
    assert _left_over(tmp_path) == []


def test_a_link_to_another_file_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_missing_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="文件夹不存在") as caught:
        write_atomically(tmp_path / "无" / "x.xlsx", b"")
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_output(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="不是普通文件"):
        write_atomically(tmp_path, b"")


def test_a_device_is_not_replaced() -> None:
    with pytest.raises(OutputError, match="不是普通文件"):
        write_atomically(Path(os.devnull), b"")


def test_read_only_folder_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Patched rather than chmod, which does not bind root.
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(OutputError, match="没有写入权限"):
        write_atomically(tmp_path / "x.xlsx", b"")


def test_nothing_is_left_when_the_rename_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OutputError):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert _left_over(tmp_path) == []


# -- reading --------------------------------------------------------------------------------------------------


def test_an_ordinary_file_is_read(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"content")
    link.symlink_to(path)
    for one in (path, link):
        with reading(one) as stream:
            assert stream.read() == b"content"


@pytest.mark.skipif(os.name == "nt", reason="no pipes with names, and no devices")
@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: os.mkfifo(path), "管道或设备"),
        (lambda path: path.symlink_to("/dev/zero"), "管道或设备"),
        (lambda path: path.mkdir(), "文件夹"),
        (lambda path: path.symlink_to(path), "绕成了一圈"),
        (lambda path: path.with_suffix(".x"), "找不到"),
    ],
)
def test_what_is_no_ordinary_file_is_refused_without_waiting(
    make: Callable[[Path], object], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "a"
    make(path)
    with pytest.raises(OSError, match=str(path)) as caught:
        reading(path)
    assert reason in why_unread(caught.value)


def test_a_reason_nobody_knows_is_the_systems_own() -> None:
    assert why_unread(OSError(errno.ENOLCK, "No locks")) == "系统报告：No locks"
    assert why_unwritten(OSError("odd")) == "系统报告：odd"
    assert why_unwritten(OutputError("无法写入")) == "无法写入"


def test_a_circle_of_links_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.symlink_to(path)
    with pytest.raises(OutputError, match="绕成了一圈"):
        write_atomically(path, b"x")
    assert path.is_symlink()
