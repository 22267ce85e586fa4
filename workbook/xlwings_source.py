"""xlwings.bas of the pinned xlwings, as much of it as our macros call, as text.

The rest (importing functions, freezing, SQL, settings dialogs, other Office programs) would only make the project look like what
virus scanners look for. What is kept is found by following calls from ``ROOTS``; comments go, the licence stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from vba_project import ProjectError

from perfeval_xl.version import XLWINGS

#: What our modules call, and what xlwings' Python calls on macOS.
ROOTS = ("RunPython", "XLPy", "FileExists", "ParentFolder", "WScript", "ExpandEnvironmentStrings", "GetConfigFilePath",
         "GetConfigFromFile", "CleanUp", "XLWINGS_VERSION")  # fmt: skip
#: Ours instead (PE_Guard): settings are looked for in fewer places, errors are said in Chinese.
OWN = ("GetConfig", "ShowError")
#: What conditional compilation asks, where the answer is known: Excel 2010 or newer, on macOS 2016 or newer.
_KNOWN = {'App = "Microsoft Excel"': True, 'App = "Microsoft Word"': False, "VBA7": True, "MAC_OFFICE_VERSION >= 15": True}  # fmt: skip

_IF = re.compile(r"\s*#If (.+) Then\s*(?:'.*)?")
_PROCEDURE = re.compile(r"\s*(?:Public |Private )?(Function|Sub) (\w+)")
_DECLARED = re.compile(r"\s*(?:Public |Private )?(?:Declare PtrSafe Function|Const) (\w+)")
_CALLED = re.compile(r"\b[A-Za-z_]\w*\b")


@dataclass(frozen=True, slots=True)
class Piece:
    """A procedure with its lines, or a declaration; of what stands between #If and #End If also these."""

    name: str
    lines: tuple[str, ...]

    @property
    def calls(self) -> set[str]:
        return {
            word.casefold() for line in self.lines for word in _CALLED.findall(re.sub(r'"[^"]*"', "", line))
        }


@cache
def code() -> str:
    """The whole code, as Excel compiles it: without comments, one line a statement, LF between lines; ProjectError where it is
    another xlwings."""
    return "".join(f"{line}\n" for line in _resolved(_plain(original().split("\n"))))


def module(changed: str) -> str:
    """The module of such a code: the licence, then what is called."""
    lines = original().split("\n")
    last = next(index for index, line in enumerate(lines) if "POSSIBILITY OF SUCH DAMAGE" in line)
    pieces = list(_pieces(iter(changed.splitlines())))
    found = _reached(pieces)
    kept = [piece for piece in pieces if piece.name.casefold() in found]
    procedures = [piece for piece in kept if _PROCEDURE.match(piece.lines[0])]
    declared = [piece for piece in kept if piece not in procedures]
    head = [line for line in lines[: last + 1] if not line.startswith("#Const")]
    return "\n".join([*head, *_declarations(declared), *_bodies(procedures), ""])


def original() -> str:
    """The file as the wheel has it."""
    spec = find_spec("xlwings")
    if spec is None or spec.origin is None or version("xlwings") != XLWINGS:
        raise ProjectError(f"the build needs xlwings {XLWINGS}: pip install 'perfeval-xl[build]'")
    text = (Path(spec.origin).parent / "xlwings.bas").read_text(encoding="ascii")
    if f"'Version: {XLWINGS}" not in text:
        raise ProjectError(f"xlwings.bas is not of version {XLWINGS}")
    return text


def without_comment(line: str) -> str:
    """A line of VBA without what stands behind an apostrophe that is in no text."""
    inside = False
    for index, letter in enumerate(line):
        if letter == '"':
            inside = not inside
        elif letter == "'" and not inside:
            return line[:index].rstrip()
    return line.rstrip()


def _plain(lines: Sequence[str]) -> Iterator[str]:
    """Lines of code, a continued one as one, without comments and blank lines."""
    waiting = ""
    for line in lines:
        code = without_comment(line)
        code = waiting + code.lstrip() if waiting else code
        waiting = ""
        if code.endswith(" _"):
            waiting = code.removesuffix("_").rstrip() + " "
        elif code.strip() and not code.startswith(("Attribute ", "#Const")):
            yield code


def _resolved(lines: Iterator[str]) -> Iterator[str]:
    """Only the branches that can be compiled; questions about the system stay."""
    known: list[bool | None] = []  # None: stays
    for line in lines:
        word = line.strip()
        if question := _IF.fullmatch(line):
            known.append(_KNOWN.get(question[1]))
            told = known[-1] is None
        elif word.startswith("#ElseIf"):
            # Of a known question the first branch was the right one.
            known[-1], told = (None, True) if known[-1] is None else (False, False)
        elif word.startswith("#Else"):
            known[-1], told = (None, True) if known[-1] is None else (not known[-1], False)
        elif word.startswith("#End If"):
            told = known.pop() is None
        else:
            told = True
        if told and all(branch is not False for branch in known):
            yield line


def _pieces(lines: Iterator[str]) -> Iterator[Piece]:
    around: list[str] = []
    for line in lines:
        if found := _PROCEDURE.match(line):
            yield Piece(found[2], (line.strip(), *_body(lines, found[1])))
        elif found := _DECLARED.match(line):
            yield Piece(found[1], (*around, line.strip()))
        elif line.strip().startswith(("#If", "#Else")):
            around = [line.strip()]
        elif line.strip().startswith("#End If"):
            around = []


def _body(lines: Iterator[str], kind: str) -> Iterator[str]:
    for line in lines:
        yield line
        if line.strip() == f"End {kind}":
            return


def _reached(pieces: Sequence[Piece]) -> set[str]:
    """The names that are called, from the roots on."""
    called: dict[str, set[str]] = {}
    for piece in pieces:
        called.setdefault(piece.name.casefold(), set()).update(piece.calls)
    found, waiting = set(), [name.casefold() for name in ROOTS]
    while waiting:
        name = waiting.pop()
        if name not in found and name in called and name not in {own.casefold() for own in OWN}:
            found.add(name)
            waiting += called[name]
    return found


def _declarations(pieces: Sequence[Piece]) -> Iterator[str]:
    """Constants and functions of libraries, those of 64 bits apart from those of 32."""
    for branch in ("", "#If Win64 Then", "#Else"):
        inside = [
            piece.lines[-1] for piece in pieces if (piece.lines[0] if len(piece.lines) > 1 else "") == branch
        ]
        yield from [branch] if branch else []
        yield from inside
    yield "#End If"


def _bodies(pieces: Sequence[Piece]) -> Iterator[str]:
    for piece in pieces:
        yield ""
        yield from piece.lines
