#!/usr/bin/env python3
"""How much of xlwings' own test suite the Calc engine passes.

    python bench/calc_conformance.py PATH_OF_A_CHECKOUT_OF_XLWINGS

The tests are copied to a temporary folder and run there against the engine; docs/calc-engine.md lists the failures
by cause. Needs LibreOffice, its Python bridge and pytest.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SUITES = ("ndim", "range", "conversion", "sheet", "book", "names", "app", "active")
CONFTEST = "from perfeval_xl import calc_engine\n\ncalc_engine.register()\n"


def main() -> int:
    if len(sys.argv) != 2 or not Path(sys.argv[1], "tests").is_dir():
        print(__doc__)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        tests = Path(folder, "tests")
        shutil.copytree(Path(sys.argv[1], "tests"), tests)
        (tests / "pytest.ini").unlink(missing_ok=True)
        (tests / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        files = [f"tests/test_{suite}.py" for suite in SUITES]
        plain = ["-p", "no:cacheprovider", "-p", "no:warnings", "--tb=line", "-rfs", "--rootdir=."]
        command = [sys.executable, "-m", "pytest", *plain, *files]
        return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
