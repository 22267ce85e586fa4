"""Submissions, documents, tables and settings made to hurt, each given to every command that takes such a file.

    python -m tests.attacks [NAME …] [--sample N]

Whatever is in them: at most 6 s of processor time and 300 MB of one process, an exit code from 0 to 3 that no traceback comes
with, and where nothing was done one line. LibreOffice takes part with ``--office`` alone. A line for each file with its
costliest commands, and one for each fault; exit code 1 where there is one.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.sizes import Cost, base, cost, faults, packed

from .documents import DOCUMENTS
from .others import OLD, SETTINGS, TABLES
from .packages import PACKAGES
from .texts import TEXTS

#: What stands in a command for the file, for a good workbook, and for the folder of outputs.
BAD, GOOD, OUT = "BAD", "GOOD", "OUT/"
_ALL = (
    "check BAD -o OUT/a.docx", "check BAD -o OUT/a.html", "check BAD GOOD --together --format jsonl", "recalc BAD -o OUT/r{}", "undo BAD -o OUT/u{}",
    "undo OUT/r{} -o OUT/v{}", "import BAD -o OUT/i.xlsm", "export BAD -o OUT/e.docx", "new OUT/n.xlsx --from BAD", "compare BAD GOOD -o OUT/c.html",
    "check GOOD --previous BAD", "batch BAD --out OUT/desk --marked --audit", "rules --names BAD",
)  # fmt: skip
_MARKED = (
    "check BAD --format json --highlight OUT/m{}",
    "check OUT/m{} --unmark OUT/o{}",
    "check BAD --unmark OUT/p{}",
)
_BOOK = ("rules --book BAD --test", "rules --book BOOK --dry DIR", "check GOOD --rules BAD")
_TABLE = ("judge --csv BAD -o OUT/a.csv", "judge --csv BAD")
_SET = (
    "check GOOD --policy BAD",
    "check GOOD --accept BAD",
    "policy BAD",
    "judge ≥5人 6人 --policy BAD",
    "rules --book BAD",
)


def _files() -> Iterator[tuple[str, tuple[str, Callable[[], bytes], Sequence[str]]]]:
    for of in (TEXTS, PACKAGES):
        yield from ((name, (".xlsx", build, (*_MARKED, *_ALL, *_BOOK))) for name, build in of.items())
    yield from ((name, (".docx", build, (*_MARKED, *_ALL))) for name, build in DOCUMENTS.items())
    yield from ((name, (suffix, build, (*_MARKED[:1], *_ALL))) for name, (suffix, build) in OLD.items())
    yield from ((name, (".csv", build, _TABLE)) for name, build in TABLES.items())
    yield from ((name, (".toml", build, _SET)) for name, build in SETTINGS.items())


#: By name: suffix, how the bytes are made, the commands.
ATTACKS: Mapping[str, tuple[str, Callable[[], bytes], Sequence[str]]] = dict(_files())


def tried(name: str, folder: Path, only: str = "") -> Iterator[tuple[str, Cost, list[str]]]:
    """Every command on a file: its words, what it took, what was wrong with it."""
    suffix, build, commands = ATTACKS[name]
    bad, good, out, book = (
        folder / "坏" / f"单位{suffix}",
        folder / "好.xlsx",
        folder / "出",
        folder / "审核规则.xlsx",
    )
    bad.parent.mkdir()
    out.mkdir()
    data = build()
    bad.write_bytes(data)
    good.write_bytes(packed(base()))
    if any("BOOK" in command for command in commands):
        cost("rules", "--new", str(book))
    kind = suffix if suffix in (".xlsx", ".docx") else ".xlsx"
    stand = {BAD: str(bad), GOOD: str(good), "BOOK": str(book), "DIR": str(bad.parent)}
    for command in commands:
        if only not in command:
            continue
        words = [stand.get(word, word.format(kind).replace(OUT, f"{out}/")) for word in command.split()]
        if any(word.startswith(str(out)) and not Path(word).exists() for word in words[1:2]):
            continue  # what it reads was not made
        done = cost(*words)
        found = faults(done)
        yield command, done, [*found, *([] if bad.read_bytes() == data else ["the file was changed"])]


def told(name: str, folder: Path) -> int:
    """Try a file and print what it took; how many commands went wrong."""
    worst: dict[str, Cost] = {}
    wrong = 0
    for command, done, found in tried(name, folder):
        worst[command] = done
        if found:
            wrong += 1
            print(f"!! {name}: {command}: {'; '.join(found)}", flush=True)
    slowest, largest = (
        max(worst, key=lambda one: getattr(worst[one], what)) for what in ("seconds", "memory")
    )
    print(
        f"{name:42} {worst[slowest].seconds:6.2f} s ({slowest.split()[0]})  {worst[largest].memory / 1e6:5.0f} MB ({largest.split()[0]})"
        f"  exits {''.join(str(done.code) for done in worst.values())}  {worst[next(iter(worst))].said.strip()[-90:]}",
        flush=True,
    )
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all where none is given")
    parser.add_argument("--sample", type=int, help="so many of them, drawn")
    parser.add_argument("--office", action="store_true", help="with LibreOffice")
    options = parser.parse_args()
    if not options.office:
        os.environ["PATH"] = ""
    names = options.names or list(ATTACKS)
    if options.sample:
        names = random.sample(names, options.sample)
    wrong = 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            wrong += told(name, Path(folder))
    print(f"{len(names)} files, {wrong} commands went wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
