"""What the documents name exists: files, modules, commands, options; and what must stand in one place stands in one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from perfeval_xl.cli import COMMANDS
from perfeval_xl.version import __version__
from tests.support import ROOT

PAGES = ("README.md", "README.en.md", "CONTRIBUTING.md", "CHANGELOG.md", *(
    path.relative_to(ROOT).as_posix() for folder in ("docs", "tests") for path in sorted((ROOT / folder).rglob("*.md"))
))  # fmt: skip
#: For those who type commands, not for those who read of them in passing.
MANUALS = ("README.md", "README.en.md", "docs/使用手册.md")

#: Names of files that the reader gives or the program writes.
EXAMPLES = {
    "my.toml",
    "审核规则.toml",
    "its.toml",
    "installed.json",
    "dropped.json",
    "report.json",
    "说明.toml",
    "venv/bin/",
    ".venv/bin/",
}
_FILE = re.compile(
    r"[\w./-]+\.(?:py|md|toml|yaml|json|bas|j2|cfg)\b|(?<![\w./])\w[\w.-]*(?:/[\w.-]+)*/(?![\w*])"
)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
#: A name that stands for any of its kind: PExxx.yaml, NAME.toml.
_PLACEHOLDER = re.compile(r"PExxx|\b[A-Z]{3,}\b")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def code_in(page: str) -> Iterator[str]:
    """What is set as code: lines of fenced and indented blocks, and what stands between back-ticks."""
    fenced = False
    for line in text_of(page).splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or re.match(r" {4,}\S", line):
            yield line
        yield from re.findall(r"`([^`]+)`", line)


def everything() -> Iterator[str]:
    """Every file and folder of the project, folders with a slash behind them."""
    skipped = {".git", ".venv", "venv", "dist", "build", "node_modules", "__pycache__"}
    folders = [ROOT]
    while folders:
        for path in folders.pop().iterdir():
            if path.name not in skipped and not path.name.endswith((".egg-info", "_cache")):
                folders += [path] if path.is_dir() else []
                yield f"/{path.relative_to(ROOT).as_posix()}{'/' if path.is_dir() else ''}"


PATHS = tuple(everything())


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_is_there(page: str) -> None:
    """By its whole path, or by the last part of it where the text says in which room it is."""
    named = {name for code in code_in(page) for name in _FILE.findall(code)} - EXAMPLES
    named = {name for name in named if not _PLACEHOLDER.search(name)}
    assert [name for name in sorted(named) if not any(path.endswith(f"/{name}") for path in PATHS)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    assert [link for link in _LINK.findall(text_of(page)) if not (folder / link).exists()] == []


def modules_in(page: str) -> Iterator[str]:
    for code in code_in(page):
        yield from re.findall(r"python3? -m ((?:tests|perfeval_xl)[\w.]*)", code)


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_is_to_be_run_is_there(page: str) -> None:
    assert [
        module
        for module in modules_in(page)
        if not (ROOT / f"{module.replace('.', '/')}.py").is_file()
        and not (ROOT / module.replace(".", "/") / "__main__.py").is_file()
    ] == []


def calls() -> Iterator[Any]:
    """Every line that calls the program, from all pages: the command and its options."""
    for page in PAGES:
        for code in code_in(page):
            for call in re.findall(r"(?:^|[\s/(])perfeval-xl ([a-z]+)\b([^#&|；，。]*)", code):
                yield pytest.param(*call, id=f"{page}: {call[0]}{call[1].rstrip()}")


@pytest.mark.parametrize(("command", "rest"), list(calls()))
def test_every_command_that_is_shown_takes_its_options(command: str, rest: str) -> None:
    assert command in COMMANDS
    options = [word for word in rest.split() if re.match(r"--?[a-z]", word)]
    known = {name for action in COMMANDS[command].parser().options for name in action.option_strings}
    assert [option for option in options if option.partition("=")[0] not in known] == []


@pytest.mark.parametrize("page", MANUALS)
def test_every_option_that_is_spoken_of_is_one(page: str) -> None:
    """Of some command; or of the script that the same line names."""
    known = {
        name for one in COMMANDS.values() for action in one.parser().options for name in action.option_strings
    }
    for line in text_of(page).splitlines():
        scripts = "".join(text_of(name) for name in re.findall(r"(?:workbook|bench|docs)/\w+\.py", line))
        assert [
            option for option in _OPTION.findall(line) if option not in known and option not in scripts
        ] == []


def test_every_command_stands_in_the_manual() -> None:
    manual = text_of("docs/使用手册.md")
    assert [name for name in COMMANDS if f"perfeval-xl {name}" not in manual] == []


def test_every_large_sample_is_named_to_contributors() -> None:
    """What can be run as a module of the tests and takes long is found without looking for it."""
    runnable = {
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__main__")
        for path in (ROOT / "tests").rglob("*.py")
        if 'if __name__ == "__main__"' in path.read_text(encoding="utf-8")
    }
    named = {module for page in PAGES for module in modules_in(page)}
    served = {"tests.excel.served_udfs", "tests.workbook.in_calc", "tests.test_documents"}  # tests start them
    assert runnable - named - served == set()


def test_the_version_stands_in_one_place() -> None:
    sources = [
        path
        for folder in ("perfeval_xl", "workbook", "docs", "bench")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".bas"}
    ]
    literal = re.compile(rf"""["']{re.escape(__version__)}["']""")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sources
        if literal.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["perfeval_xl/version.py"]
    assert "version" in settings()["project"]["dynamic"]


def settings() -> dict[str, Any]:
    return tomllib.loads(text_of("pyproject.toml"))


def test_what_a_contributor_needs_is_in_the_source_archive() -> None:
    included = settings()["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    for name in included:
        assert (ROOT / name).exists(), name
    needed = {"CONTRIBUTING.md", "CHANGELOG.md", "Makefile", ".pre-commit-config.yaml", ".ci", "bench"}
    assert needed <= set(included)


def test_hooks_download_nothing() -> None:
    hooks = yaml.safe_load(text_of(".pre-commit-config.yaml"))["repos"]
    assert [hook["repo"] for hook in hooks] == ["local"]
    for hook in hooks[0]["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/")


def recipe(target: str) -> list[str]:
    """The commands of a task, without where they lie."""
    lines = iter(text_of("Makefile").splitlines())
    for line in lines:
        if line.startswith(f"{target}:"):
            break
    found = []
    for line in lines:
        if not line.startswith("\t"):
            break
        found.append(line.strip().removeprefix("$(bin)/"))
    return found


def test_ci_runs_what_the_task_check_runs() -> None:
    script = text_of(".ci/run")
    assert len(recipe("check")) >= 6
    assert [command for command in recipe("check") if f"$bin/{command}" not in script] == []


def test_tasks_are_those_contributors_are_told_of() -> None:
    tasks = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    told = {task for page in PAGES for code in code_in(page) for task in re.findall(r"\bmake ([a-z]+)", code)}
    assert told == tasks
