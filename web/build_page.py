"""Builds the checker as one web page: ``python web/build_page.py OUT.html``.

The page holds the interpreter (Pyodide), its standard library without what no check needs, this package with the pure Python
packages it stands on, and the screens (``web/src``, TypeScript). Everything that is not ours is pinned by version and hash
(``package-lock.json``, ``requirements.txt``); the same sources give the same bytes. Needs node with npm, and pip.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "workbook"))
from third_party import licensed

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SOURCES, MODULES, WHEELS = HERE / "src", HERE / "node_modules", HERE / "node_modules" / ".wheels"
PACKAGE = ROOT / "perfeval_xl"
#: The oldest browsers the scripts are written down to; ``gate.js`` turns older ones away.
TARGET = "es2020"

#: Rooms of the package that work on a computer, not in a page.
LEFT_OUT = ("cli", "excel", "installing", "hosts/live", "drop.py", "__main__.py", "data")
#: Files the package carries in a wheel, from where they are in a checkout.
CARRIED = {"perfeval_xl/data/template.xlsx": ROOT / "workbook" / "template.xlsx"}
EXAMPLE = ROOT / "workbook" / "example-2023.xlsx"
#: What no check needs of the standard library, by the beginning of its path.
UNUSED = (
    "_aix", "_osx", "_pyio", "_pyrepl", "_sysconfigdata", "antigravity", "argparse", "bdb", "cProfile", "cmd.py", "code.py",
    "compileall", "concurrent/futures/process", "configparser", "ctypes/macholib", "curses", "dbm", "doctest", "encodings/",
    "ensurepip", "ftplib", "http/cookie", "http/server", "idlelib", "imaplib", "logging/config", "logging/handlers", "mailbox",
    "modulefinder", "multiprocessing", "netrc", "optparse", "pdb", "pickletools", "plistlib", "poplib", "profile", "pstats",
    "pyclbr", "pydoc", "rlcompleter", "sched", "shelve", "smtplib", "socketserver", "sqlite3", "statistics", "symtable",
    "sysconfig/__main__", "tabnanny", "tarfile", "this.py", "timeit", "tkinter", "trace.py", "turtle", "unittest", "venv",
    "wave", "webbrowser", "wsgiref", "xml/dom", "xmlrpc", "zipapp", "__hello__", "__phello__",
)  # fmt: skip
#: What of those is needed all the same.
USED = (
    "encodings/__init__", "encodings/aliases", "encodings/ascii", "encodings/cp1252", "encodings/cp437", "encodings/cp936",
    "encodings/gb", "encodings/hz", "encodings/idna", "encodings/latin_1", "encodings/punycode", "encodings/raw_unicode",
    "encodings/unicode", "encodings/utf",
)  # fmt: skip

#: Of the packages what is no part of using them.
TOOLS = ("lark/tools/", "lark/__pyinstaller/")

PYODIDE_NOTICE = """Pyodide is subject to the terms of the Mozilla Public License, v. 2.0; the text is at https://mozilla.org/MPL/2.0/.
It is carried unmodified but for the parts of the standard library that are left out. Its source code is at
https://github.com/pyodide/pyodide, under the tag of its version. It holds the runtime of Emscripten (MIT), and zlib, bzip2,
xz and libffi under their own permissive licences."""


class BuildError(Exception):
    """The page cannot be built; one line says why and what to do."""


def build() -> tuple[str, Mapping[str, int]]:
    """The page, and how many bytes of it each part takes."""
    install()
    return assembled(compiled(standard_library(), 2), compiled(zipped(dict(sorted(python_files()))), 0))


def assembled(stdlib: bytes, python: bytes) -> tuple[str, Mapping[str, int]]:
    """A page with these zips as its standard library and its site-packages."""
    main = bundled("main.ts", "iife")
    style, gate = minified("page.css"), minified("gate.js")
    parts = {
        "worker": packed(bundled("worker.ts", "iife").encode()),
        "wasm": packed((MODULES / "pyodide" / "pyodide.asm.wasm").read_bytes()),
        "stdlib": packed(stdlib),
        "python": packed(python),
        "example": base64.b64encode(EXAMPLE.read_bytes()).decode(),
        "lock": lock(),
        "licences": json.dumps(licences(), ensure_ascii=False).replace("<", "\\u003c"),
    }
    inserted = {**parts, "style": style, "gate": gate, "main": main, "csp": policy(style, [gate, main])}
    page = (SOURCES / "page.html").read_text(encoding="utf-8")
    text = re.sub("@([a-z]+)@", lambda name: inserted[name[1]], page)
    return text, {name: len(part.encode()) for name, part in inserted.items() if name != "csp"}


def policy(style: str, scripts: Iterable[str]) -> str:
    """What the page may do: run its own scripts and the worker made of them, and reach nothing."""
    allowed = " ".join(f"'{digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed} blob: 'wasm-unsafe-eval'; worker-src blob:; style-src '{digest(style)}'; "
        "img-src data:; connect-src 'none'; form-action 'none'; base-uri 'none'"
    )


def digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


# -- what is pinned -------------------------------------------------------------------------------------------


def install() -> None:
    """The npm packages and the wheels, unless what is pinned is there already."""
    pinned = [HERE / "package-lock.json", HERE / "requirements.txt"]
    stamp, wanted = (
        MODULES / ".pinned",
        "".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in pinned),
    )
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    run(["npm", "ci", "--silent"], "npm 装不上 web/package-lock.json 里的包")
    platforms = ["pyemscripten_2026_0_wasm32", "manylinux2014_x86_64"]
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes",
        "--python-version", "3.14", "--implementation", "cp", "--abi", "cp314",
        *(word for name in platforms for word in ("--platform", name)),
        "--dest", str(WHEELS), "--requirement", str(HERE / "requirements.txt"),
    ]  # fmt: skip
    run(command, "pip 取不到 web/requirements.txt 里的包")
    stamp.write_text(wanted)


def run(command: list[str], failed: str) -> str:
    try:
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise BuildError(f"{failed}：找不到 {command[0]}，请先安装") from None
    if done.returncode:
        raise BuildError(f"{failed}：{(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


# -- scripts --------------------------------------------------------------------------------------------------


def bundled(entry: str, form: str) -> str:
    """A script with all it imports, as one text."""
    options = [
        "--bundle", f"--format={form}", f"--target={TARGET}", "--minify", "--charset=utf8", "--legal-comments=none",
        "--log-level=error", "--external:node:*", "--external:ws", "--external:fs", "--external:fs/promises", "--external:path",
        "--define:import.meta.url=\"https://page.invalid/worker.js\"", "--external:url", "--external:vm", "--external:crypto", "--external:child_process",
    ]  # fmt: skip
    return whole(
        run([str(MODULES / ".bin" / "esbuild"), str(SOURCES / entry), *options], f"{entry} 编译不了")
    )


def minified(name: str) -> str:
    target = ["--target=es5"] if name.endswith(".js") else [f"--target={TARGET}"]
    return whole(
        run(
            [str(MODULES / ".bin" / "esbuild"), str(SOURCES / name), "--minify", *target], f"{name} 编译不了"
        ).strip()
    )


def whole(text: str) -> str:
    """A script or style that stands in the page as it is; BuildError where it would end its element."""
    if re.search(r"</(script|style)|<!--", text, re.IGNORECASE):
        raise BuildError("脚本里有会提前结束元素的文字，不能放进网页")
    return text


# -- the interpreter and its packages -------------------------------------------------------------------------


def packed(data: bytes) -> str:
    """Gzip, which every browser unpacks by itself, as text."""
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files as a zip that packs nothing: it is packed as a whole, which is smaller."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return held.getvalue()


def compiled(archive: bytes, level: int) -> bytes:
    """The zip with bytecode in the place of Python's sources, made by the page's own interpreter; level 2 drops docstrings."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given.zip", Path(folder) / "made.zip"
        given.write_bytes(archive)
        run(["node", str(SOURCES / "compile.mjs"), str(given), str(made), str(level)], "Python 模块编译不了")
        return made.read_bytes()


def standard_library() -> bytes:
    """Pyodide's standard library without what no check needs."""
    with zipfile.ZipFile(MODULES / "pyodide" / "python_stdlib.zip") as archive:
        return zipped({name: archive.read(name) for name in sorted(archive.namelist()) if _is_used(name)})


def _is_used(name: str) -> bool:
    return name.startswith(USED) or not name.startswith(UNUSED)


def python_files() -> Iterator[tuple[str, bytes]]:
    """What goes into site-packages: the package, what it stands on, and what it carries."""
    for path in PACKAGE.rglob("*"):
        name = path.relative_to(PACKAGE).as_posix()
        if path.is_file() and "__pycache__" not in name and not name.startswith(LEFT_OUT):
            yield f"perfeval_xl/{name}", path.read_bytes()
    for name, path in CARRIED.items():
        yield name, path.read_bytes()
    for wheel in sorted(WHEELS.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if not name.endswith("/") and _is_carried(wheel.name, name):
                    yield name, archive.read(name)


def _is_carried(wheel: str, name: str) -> bool:
    """Not the metadata, and of a wheel for another platform only its Python."""
    foreign = "wasm32" not in wheel and name.endswith(".so")
    return (
        ".dist-info/" not in name
        and not foreign
        and not name.endswith((".pyi", ".c"))
        and not name.startswith(TOOLS)
    )


def lock() -> str:
    """What Pyodide asks of its lock file: for which interpreter it is; the page installs no packages by it."""
    whole = json.loads((MODULES / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8"))
    return json.dumps({"info": whole["info"], "packages": {}})


# -- licences -------------------------------------------------------------------------------------------------


def licences() -> list[dict[str, str]]:
    """Of everything the page carries: name, version, licence and its text."""
    pyodide = json.loads((MODULES / "pyodide" / "package.json").read_text(encoding="utf-8"))
    found = [
        _licence("perfeval-xl", _version(), "Apache-2.0", (ROOT / "LICENSE").read_text(encoding="utf-8")),
        _licence("Pyodide", pyodide["version"], pyodide["license"], PYODIDE_NOTICE),
        _licence("Python", json.loads(lock())["info"]["python"], "PSF-2.0", _python_licence()),
    ]
    for wheel in sorted(WHEELS.glob("*.whl")):
        one = licensed(wheel)
        text = "\n\n".join(text for _, text in one.texts)
        found.append(_licence(one.name, one.version, one.licence, text))
    return found


def _licence(name: str, version: str, licence: str, text: str) -> dict[str, str]:
    return {"name": name, "version": version, "licence": licence, "text": text.strip() or licence}


def _python_licence() -> str:
    """The text as et-xmlfile carries it, which holds a module of Python's."""
    with zipfile.ZipFile(next(WHEELS.glob("et_xmlfile-*.whl"))) as archive:
        return archive.read(
            next(name for name in archive.namelist() if name.endswith("LICENCE.python"))
        ).decode()


def _version() -> str:
    found = re.search('__version__ = "(.+)"', (PACKAGE / "version.py").read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the checker as one web page.")
    parser.add_argument("out", type=Path, help="the page to write, OUT.html")
    out: Path = parser.parse_args().out
    try:
        page, sizes = build()
    except BuildError as error:
        print(error, file=sys.stderr)
        return 2
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8", newline="\n")
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"{size / 1e6:7.2f} MB  {name}")
    print(f"{len(page.encode()) / 1e6:7.2f} MB  {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
