"""The zip for computers without internet: complete for Windows whatever system it is made on, or not written at all."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import offline_bundle
import pytest
from offline_bundle import BundleError, bundle, installer, main, readme

from perfeval_xl.version import XLWINGS, __version__

#: File names and requirements of a small world of wheels.
WORLD = {
    "xlwings": (
        f"xlwings-{XLWINGS}-cp311-cp311-win_amd64.whl",
        ['pywin32>=224; platform_system == "Windows"'],
    ),
    "pywin32": ("pywin32-312-cp311-cp311-win_amd64.whl", []),
    "rich": ("rich-14.0-py3-none-any.whl", ['uvloop; sys_platform != "win32"', 'attrs; extra == "other"']),
}
OWN = ["rich>=13", f'xlwings=={XLWINGS}; extra == "excel"', 'pytest; extra == "test"']


def write_wheel(folder: Path, name: str, requires: Sequence[str]) -> None:
    project, version = name.split("-")[:2]
    lines = ["Metadata-Version: 2.1", f"Name: {project}", f"Version: {version}"]
    lines += [f"Requires-Dist: {line}" for line in requires]
    with zipfile.ZipFile(folder / name, "w") as wheel:
        wheel.writestr(f"{project}-{version}.dist-info/METADATA", "\n".join(lines) + "\n\n")


class FakePip:
    """Knows the world above; like pip, it never thinks of what only Windows needs."""

    def __init__(self, world: dict[str, tuple[str, list[str]]], page: bytes | None = None) -> None:
        self.world = world
        self.page = page
        self.calls: list[list[str]] = []

    def __call__(self, arguments: Sequence[str]) -> None:
        self.calls.append(list(arguments))
        if arguments[0] == "wheel":
            folder = Path(arguments[arguments.index("--wheel-dir") + 1])
            own = f"perfeval_xl-{__version__}-py3-none-any.whl"
            write_wheel(folder, own, OWN)
            if self.page is not None:
                with zipfile.ZipFile(folder / own, "a") as archive:
                    archive.writestr("perfeval_xl/data/page.html", self.page)
            return
        folder = Path(arguments[arguments.index("--dest") + 1])
        asked = " ".join(arguments)
        for name, (wheel, requires) in self.world.items():
            if name in asked.replace("perfeval", "") or name in ("rich", "xlwings"):
                write_wheel(folder, wheel, requires)


def test_the_zip_holds_what_windows_needs_and_nothing_else(tmp_path: Path) -> None:
    run, target = FakePip(WORLD), tmp_path / "离线.zip"
    bundle(target, run=run)
    with zipfile.ZipFile(target) as packed:
        names = set(packed.namelist())
        assert packed.read("安装.cmd") == installer(["3.11"])
        assert packed.read("说明.txt") == readme(["3.11"])
    wheels = {wheel for wheel, _ in WORLD.values()} | {f"perfeval_xl-{__version__}-py3-none-any.whl"}
    assert names == {"安装.cmd", "说明.txt"} | {f"wheels/{wheel}" for wheel in wheels}
    downloads = [call for call in run.calls if call[0] == "download"]
    assert all({"--only-binary=:all:", "win_amd64", "3.11"} <= set(call) for call in downloads)
    assert [call[-1] for call in downloads[1:]] == ["pywin32>=224"]


def test_the_page_that_the_wheel_carries_lies_on_top(tmp_path: Path) -> None:
    target = tmp_path / "离线.zip"
    bundle(target, run=FakePip(WORLD, b"page"))
    with zipfile.ZipFile(target) as packed:
        assert packed.read("自评检查.html") == b"page"
        assert packed.read("说明.txt") == readme(["3.11"], page=True) != readme(["3.11"])


@pytest.mark.parametrize(
    "world",
    [
        {name: made for name, made in WORLD.items() if name != "pywin32"},
        WORLD | {"pywin32": ("pywin32-312-cp311-cp311-win32.whl", [])},
        WORLD | {"pywin32": ("pywin32-312-cp310-cp310-win_amd64.whl", [])},
        WORLD | {"pywin32": ("pywin32-200-cp311-cp311-win_amd64.whl", [])},
    ],
)
def test_without_every_wheel_there_is_no_zip(world: dict[str, tuple[str, list[str]]], tmp_path: Path) -> None:
    target = tmp_path / "离线.zip"
    with pytest.raises(BundleError, match="pywin32"):
        bundle(target, run=FakePip(world))
    assert not target.exists()


def test_a_failing_pip_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_: Sequence[str]) -> None:
        raise BundleError("pip wheel: no network")

    monkeypatch.setattr(offline_bundle, "bundle", lambda *_: fails([]))
    assert main([str(tmp_path / "x.zip")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("a-1-py3-none-any.whl", True),
        ("a-1-py2.py3-none-any.whl", True),
        ("a-1-cp39-abi3-win_amd64.whl", True),
        ("a-1-cp312-abi3-win_amd64.whl", False),
        ("a-1-cp311-cp311-win_arm64.whl", False),
        ("a-1-cp311-cp311-manylinux_2_28_x86_64.whl", False),
        ("a-1-py2-none-any.whl", False),
    ],
)
def test_what_can_be_installed_there(name: str, fits: bool) -> None:
    assert offline_bundle._fits(Path(name), "3.11") is fits


def test_the_installer_is_as_the_prompt_reads_it() -> None:
    text = installer(["3.12", "3.11"]).decode("gbk")
    lines = text.split("\r\n")
    assert "\n" not in "".join(lines)
    labels = {line[1:] for line in lines if line.startswith(":")}
    assert {line.rpartition("goto ")[2] for line in lines if "goto " in line} == labels
    tried = [line.partition(" -c")[0] for line in lines if " -c " in line]
    assert tried == ["python", "py -3.11", "python", "py -3.12"]  # the last that is there is taken
    assert f'"perfeval-xl[excel]=={__version__}"' in text
    assert not any(line.startswith("echo") and set("&|<>^%") & set(line) for line in lines)
