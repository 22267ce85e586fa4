"""The zip for computers without internet: complete for Windows whatever system it is made on, or not written at all."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import offline_bundle
import pytest
import third_party
from offline_bundle import BundleError, bundle, installer, installer_with_python, main, readme

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
    lines += ["License-Expression: MIT"]
    with zipfile.ZipFile(folder / name, "w") as wheel:
        wheel.writestr(f"{project}-{version}.dist-info/METADATA", "\n".join(lines) + "\n\n")
        wheel.writestr(f"{project}-{version}.dist-info/licenses/LICENSE", f"the licence of {project}\n")
        wheel.writestr(f"{project}/__init__.py", "")
        wheel.writestr(f"{project}-{version}.data/data/{project}.dll", "library")
        wheel.writestr(f"{project}-{version}.data/scripts/{project}", "#!python")


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
    bundle(target, ["3.11"], run=run)
    with zipfile.ZipFile(target) as packed:
        names = set(packed.namelist())
        assert packed.read("安装.cmd") == installer(["3.11"])
        assert packed.read("说明.txt") == readme(["3.11"])
    wheels = {wheel for wheel, _ in WORLD.values()} | {f"perfeval_xl-{__version__}-py3-none-any.whl"}
    assert names == {"安装.cmd", "说明.txt", "第三方许可.txt"} | {f"wheels/{wheel}" for wheel in wheels}
    downloads = [call for call in run.calls if call[0] == "download"]
    assert all({"--only-binary=:all:", "win_amd64", "3.11"} <= set(call) for call in downloads)
    assert [call[-1] for call in downloads[1:]] == ["pywin32>=224"]


def test_the_page_that_the_wheel_carries_lies_on_top(tmp_path: Path) -> None:
    target = tmp_path / "离线.zip"
    bundle(target, ["3.11"], run=FakePip(WORLD, b"page"))
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
        bundle(target, ["3.11"], run=FakePip(world))
    assert not target.exists()


def test_a_failing_pip_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_: Sequence[str]) -> None:
        raise BundleError("pip wheel: no network")

    monkeypatch.setattr(offline_bundle, "bundle", lambda *_, **__: fails([]))
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


def scripts() -> list[str]:
    return [installer(["3.12", "3.11"]).decode("gbk"), installer_with_python().decode("gbk")]


@pytest.mark.parametrize("text", scripts())
def test_the_installer_is_as_the_prompt_reads_it(text: str) -> None:
    lines = text.split("\r\n")
    assert "\n" not in "".join(lines)
    labels = {line[1:] for line in lines if line.startswith(":")}
    assert {line.rpartition("goto ")[2] for line in lines if "goto " in line} == labels
    assert not any(line.startswith("echo") and set("&|<>^%") & set(line) for line in lines)
    # Every way through ends: nothing runs on into the words for another case.
    for label in labels - {"fill"}:
        before = lines[lines.index(f":{label}") - 1]
        assert before.startswith(("exit /b", "goto ")), label
    assert text.index("perfeval_xl install") < text.index("perfeval_xl doctor")


def test_a_python_that_fits_is_looked_for_the_newest_last() -> None:
    text = scripts()[0]
    lines = text.split("\r\n")
    tried = [line.partition(" -c")[0] for line in lines if 'set "PYTHON=' in line and " -c " in line]
    assert tried == ["python", "py -3.11", "python", "py -3.12"]  # the last that is there is taken
    assert f'"perfeval-xl[excel]=={__version__}"' in text


def test_an_environment_that_does_not_run_is_made_anew() -> None:
    lines = scripts()[0].split("\r\n")
    whole = next(line for line in lines if "import pip" in line)
    start, end = lines.index(whole), lines.index(":fill")
    assert whole.endswith("goto fill")
    assert [line.split('"%PLACE%"')[0].strip() for line in lines[start + 1 : end]] == [
        "if exist", "if exist", "%PYTHON% -P -m venv",
    ]  # fmt: skip
    assert 'rmdir /s /q "%PLACE%"' in lines[start + 1]
    assert "--force-reinstall" in lines[end + 1]


def test_the_installer_to_fetch_is_named_with_its_hash() -> None:
    text = readme(["3.11", "3.12"]).decode("utf-8-sig")
    assert offline_bundle.INSTALLER in text
    assert offline_bundle.INSTALLER_SHA256 in text
    assert "certutil" in text
    assert offline_bundle.INSTALLER not in readme(["3.12"], with_python=True).decode("utf-8-sig")
    assert offline_bundle.INSTALLER in scripts()[0]


# --- with a Python of its own --------------------------------------------------------------------------------


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What python.org gives, in small."""
    path = tmp_path / offline_bundle.EMBEDDABLE
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("python.exe", "program")
        packed.writestr("python312.zip", "library")
        packed.writestr("python312._pth", "python312.zip\r\n.\r\n#import site\r\n")
        packed.writestr("LICENSE.txt", "the licence of Python\n")
    monkeypatch.setattr(offline_bundle, "EMBEDDABLE_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def of_312(world: dict[str, tuple[str, list[str]]]) -> dict[str, tuple[str, list[str]]]:
    return {name: (wheel.replace("cp311", "cp312"), needs) for name, (wheel, needs) in world.items()}


def test_with_a_python_the_zip_needs_nothing_else(tmp_path: Path, python: Path) -> None:
    target, run = tmp_path / "离线.zip", FakePip(of_312(WORLD))
    bundle(target, ["3.11"], run=run, with_python=python)
    with zipfile.ZipFile(target) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    assert files["安装.cmd"] == installer_with_python()
    assert files["program/python.exe"] == b"program"
    assert files["program/python312._pth"].split() == [
        b"python312.zip",
        b".",
        b"Lib\\site-packages",
        b"import",
        b"site",
    ]
    assert files["program/xlwings.dll"] == b"library"  # beside Python, where Excel looks for it
    assert "program/Lib/site-packages/perfeval_xl/__init__.py" in files
    assert (
        f"program/Lib/site-packages/xlwings-{XLWINGS}.dist-info/METADATA" in files
    )  # the doctor asks for the version
    assert b'"%~dp0python.exe" -P -m perfeval_xl %*' in files["program/perfeval-xl.cmd"]
    assert not any(name.endswith((".whl", "scripts/xlwings")) for name in files)
    assert all("3.12" in call for call in run.calls if call[0] == "download")
    licences = files["第三方许可.txt"].decode("utf-8-sig")
    assert "the licence of Python" in licences
    assert "the licence of xlwings" in licences


def test_another_file_than_the_published_one_is_refused(tmp_path: Path, python: Path) -> None:
    python.write_bytes(python.read_bytes() + b"x")
    with pytest.raises(BundleError, match="SHA-256"):
        bundle(tmp_path / "离线.zip", run=FakePip(of_312(WORLD)), with_python=python)


@pytest.mark.parametrize("name", ["../a.py", "a/../../b.py", "/etc/passwd", "folder/"])
def test_no_file_lands_outside_the_folder(name: str) -> None:
    assert offline_bundle._placed(name) is None


# --- licences ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ("License-Expression: BSD-3-Clause\nLicense: other", "BSD-3-Clause"),
        (
            "Classifier: License :: OSI Approved\nClassifier: License :: OSI Approved :: MIT License",
            "MIT License",
        ),
        ("License: Apache 2.0", "Apache 2.0"),
    ],
)
def test_a_wheel_says_under_which_licence_it_is(metadata: str, licence: str, tmp_path: Path) -> None:
    path = tmp_path / "a-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("a-1.dist-info/METADATA", f"Name: a\nVersion: 1\n{metadata}\n\n")
    assert third_party.licensed(path).licence == licence


def test_a_component_is_listed_once_whatever_the_pythons(tmp_path: Path) -> None:
    for tag in ("cp311", "cp312"):
        write_wheel(tmp_path, f"lxml-6.0-{tag}-{tag}-win_amd64.whl", [])
    text = third_party.page(sorted(tmp_path.glob("*.whl")))
    assert text.count("lxml 6.0　MIT") == text.count("the licence of lxml") == 1


def test_a_wheel_that_says_nothing_of_its_licence_is_not_handed_on(tmp_path: Path) -> None:
    path = tmp_path / "a-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("a-1.dist-info/METADATA", "Name: a\nVersion: 1\n\n")
    with pytest.raises(third_party.Unlicensed, match="a-1"):
        third_party.licensed(path)
