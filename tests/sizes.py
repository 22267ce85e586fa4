"""Workbooks of valid forms with extreme sizes, names and figures: what a check of them costs.

Every shape makes a workbook larger in one way (rows, forms, sheets, letters, digits …) by a number. ``python -m tests.sizes``
draws several shapes and numbers at a time, writes the workbook, checks, marks and corrects it as a user would, each in a
process of its own, and prints processor time and memory, both also per byte of what the file unpacks to. It ends with 1
where one passed the bounds, broke, or was told nothing of. ``--seed`` and ``--rounds`` repeat what was found.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter

from tests.support import TESTS, read_yaml

Rows = list[list[Any]]
Sheets = dict[str, Rows]
Shape = Callable[[Sheets, int], None]

#: What no file may take, whatever is in it: seconds of processor time, bytes of memory of one process.
MOST_SECONDS, MOST_BYTES = 6.0, 300_000_000


def base() -> Sheets:
    """The whole submission that the tests of rules change."""
    given = read_yaml(TESTS / "rules/base.yaml")
    return {name: [list(row) for row in rows] for name, rows in given.items()}


def at(rows: Rows, label: str) -> int:
    """The first row that holds a label."""
    return next(index for index, row in enumerate(rows) if any(str(cell) == label for cell in row))


def rows_of(sheets: Sheets, name: str) -> Rows:
    """The rows of the first sheet of that name."""
    return next(rows for sheet, rows in sheets.items() if name in sheet)


def _replaced(row: list[Any], old: str, new: str) -> list[Any]:
    return [new if cell == old else cell for cell in row]


def lines(sheets: Sheets, number: int) -> None:
    """附件1 with so many lines under 专项资金."""
    rows = rows_of(sheets, "附件1")
    here = at(rows, "阅读推广")
    more = [[f"专项{one}", *rows[here][1:-3], one % 97, one % 97, one % 97] for one in range(number)]
    rows[here + 1 : here + 1] = more


def indicators(sheets: Sheets, number: int) -> None:
    """附件2 with so many indicators more."""
    rows = rows_of(sheets, "附件2")
    here = at(rows, "办证数")
    rows[here + 1 : here + 1] = [_replaced(rows[here], "办证数", f"培训人数{one}") for one in range(number)]


def equal_names(sheets: Sheets, number: int) -> None:
    """附件2 with so many indicators of one name."""
    rows = rows_of(sheets, "附件2")
    here = at(rows, "办证数")
    rows[here + 1 : here + 1] = [list(rows[here]) for _ in range(number)]


def funds(sheets: Sheets, number: int) -> None:
    """附件4 with so many rows."""
    rows = rows_of(sheets, "附件4")
    here = at(rows, "合计")
    rows[here:here] = [[str(2_000_000 + one), f"基金{one}", 1, 2, 3, 4, 5, 6] for one in range(number)]


def forms(sheets: Sheets, number: int) -> None:
    """So many 附件3 under each other on one sheet."""
    rows = rows_of(sheets, "附件3")
    rows[:] = [list(row) for _ in range(number) for row in (*rows, [])]


def projects(sheets: Sheets, number: int) -> None:
    """So many sheets more, each with a 附件3, and their lines in 附件1."""
    rows = rows_of(sheets, "附件3")
    for one in range(number):
        sheets[f"附件3-x{one}"] = [[str(cell).replace("业务", f"业务{one}") for cell in row] for row in rows]
    lines(sheets, number)


def heads(sheets: Sheets, number: int) -> None:
    """So many titles of a 附件3 with nothing below them, on its sheet."""
    rows = rows_of(sheets, "附件3")
    rows.extend(list(row) for _ in range(number) for row in rows[:2])


def scores(sheets: Sheets, number: int) -> None:
    """附件2 with so many indicators whose score is neither their weight's nor their target's."""
    rows = rows_of(sheets, "附件2")
    here = at(rows, "办证数")
    rows[here + 1 : here + 1] = [
        [*rows[here][:3], f"培训场次{one}", f"≥{1_000 + one % 7}场", f"{800 + one}场", 10, 7 + one % 5]
        for one in range(number)
    ]


def prose(sheets: Sheets, number: int) -> None:
    """A report of so many paragraphs, each with figures."""
    text = "其中：维修费{}万元，培训{}人次，其他支出5万元（含办公费3万元）；较2022年增加2万元。"
    rows_of(sheets, "报告").extend([text.format(one % 89, one)] for one in range(number))


def paragraph(sheets: Sheets, number: int) -> None:
    """One paragraph of so many figures, as far as a cell holds them."""
    text = "".join(f"培训{one}人次，支出{one % 97}万元，完成率{one % 100}%；" for one in range(number))
    rows_of(sheets, "报告").append([text[:32_000]])


def named(sheets: Sheets, number: int) -> None:
    """So many indicators, and a report that names each of them."""
    indicators(sheets, number)
    rows_of(sheets, "报告").extend([f"完成培训人数{one}共1100个。"] for one in range(number))


def long_names(sheets: Sheets, number: int) -> None:
    """Names of indicators, lines and projects of so many letters."""
    for rows in sheets.values():
        for row in rows:
            row[:] = [
                cell + "的完成情况" * (number // 5) if isinstance(cell, str) and 3 < len(cell) < 9 else cell
                for cell in row
            ]


def long_texts(sheets: Sheets, number: int) -> None:
    """Goals, targets and reasons of so many letters."""
    rows = rows_of(sheets, "附件2")
    here = at(rows, "办证数")
    rows[here] = [
        cell + "，确保完成" * (number // 5) if isinstance(cell, str) else cell for cell in rows[here]
    ]


def digits(sheets: Sheets, number: int) -> None:
    """Figures of so many digits, as text, in forms and report."""
    long = "9" * min(number, 30_000)
    rows = rows_of(sheets, "附件2")
    here = at(rows, "办证数")
    rows[here] = [long if isinstance(cell, int) else cell for cell in rows[here]]
    rows_of(sheets, "报告").append([f"培训{long}人次，支出{long}万元，占{long}%。"])


def goals(sheets: Sheets, number: int) -> None:
    """Targets that ask for so many things at once."""
    rows = rows_of(sheets, "附件2")
    here = at(rows, "办证数")
    target = "、".join(f"举办{one}场" for one in range(number))[:32_000]
    rows[here] = [target if isinstance(cell, str) and cell.startswith("≥") else cell for cell in rows[here]]


#: By name: the shape, and a number that is much for it and that a check still reads.
SHAPES: dict[str, tuple[Shape, int]] = {
    "lines": (lines, 4_000),
    "indicators": (indicators, 4_000),
    "equal-names": (equal_names, 2_000),
    "funds": (funds, 4_000),
    "forms": (forms, 300),
    "heads": (heads, 300),
    "scores": (scores, 4_000),
    "projects": (projects, 300),
    "prose": (prose, 4_000),
    "paragraph": (paragraph, 1_500),
    "named": (named, 2_000),
    "long-names": (long_names, 30_000),
    "long-texts": (long_texts, 30_000),
    "digits": (digits, 30_000),
    "goals": (goals, 5_000),
}


def grown(shape: str, number: int) -> Sheets:
    """The submission, larger in one way."""
    sheets = base()
    SHAPES[shape][0](sheets, number)
    return sheets


def drawn(seed: int) -> tuple[str, Sheets]:
    """A submission that is larger in up to three ways, and what they are. Half of the numbers are small."""
    chance = random.Random(seed)
    sheets, told = base(), []
    for shape in chance.sample(sorted(SHAPES), chance.randint(1, 3)):
        make, most = SHAPES[shape]
        number = max(1, int(most * chance.random() ** 2 / 2))
        make(sheets, number)
        told.append(f"{shape} {number}")
    return ", ".join(told), sheets


def packed(sheets: Sheets) -> bytes:
    """The submission as an .xlsx."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell not in (None, ""):
                    sheet.write(number, column, cell)
    book.close()
    return stream.getvalue()


class Cost(NamedTuple):
    """What a run took: exit code, seconds of processor time, bytes at most, what it said on standard error."""

    code: int
    seconds: float
    memory: int
    said: str


_MEASURE = (
    "import json, resource, subprocess, sys; done = subprocess.run(sys.argv[1:], capture_output=True); "
    "used = resource.getrusage(resource.RUSAGE_CHILDREN); print(json.dumps([done.returncode, used.ru_utime + used.ru_stime, "
    "used.ru_maxrss * 1024, done.stderr.decode(errors='replace')]))"
)


def cost(*words: str) -> Cost:
    """What the command line takes for these words, and all it starts."""
    command = (sys.executable, "-c", _MEASURE, sys.executable, "-m", "perfeval_xl", *words)
    return Cost(*json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout))


def faults(done: Cost) -> Iterator[str]:
    """What is wrong with a run."""
    if done.code not in (0, 1, 2, 3) or "Traceback" in done.said or "程序出错" in done.said:
        yield f"ends with {done.code}: {done.said.strip()[-200:]}"
    if done.code == 2 and done.said.count("\n") != 1:
        yield "does not say why in one line"
    if done.seconds > MOST_SECONDS:
        yield "too slow"
    if done.memory > MOST_BYTES:
        yield "too much memory"


def tried(seed: int, folder: Path) -> int:
    """Make a workbook, run the commands on it and print what they took; how many went wrong."""
    told, sheets = drawn(seed)
    path = folder / "自评表.xlsx"
    path.write_bytes(packed(sheets))
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
    wrong = 0
    marked, corrected = str(folder / "标注.xlsx"), str(folder / "更正.xlsx")
    for words in (
        ("check", str(path), "--highlight", marked, "--format", "json"),
        ("recalc", str(path), "-o", corrected),
    ):
        done = cost(*words)
        found = [*faults(done)]
        wrong += bool(found)
        print(
            f"{seed:5} {words[0]:7} {unpacked / 1e6:6.2f} MB {done.seconds:6.2f} s {1e6 * done.seconds / unpacked:5.1f} µs/B"
            f" {done.memory / 1e6:5.0f} MB {done.memory / unpacked:6.0f} B/B  exit {done.code}  {told}  {'!! ' * bool(found)}"
            f"{'; '.join(found)}",
            flush=True,
        )
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first workbook")
    parser.add_argument("--rounds", type=int, default=20, help="how many workbooks")
    options = parser.parse_args()
    wrong = 0
    for seed in range(options.seed, options.seed + options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            wrong += tried(seed, Path(folder))
    print(f"{options.rounds} workbooks, {wrong} runs went wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
