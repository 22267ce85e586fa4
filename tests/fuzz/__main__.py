"""Coverage-guided fuzzing (atheris): inputs that reach code which none reached before are kept and changed further.

    python -m tests.fuzz [--seconds 3600] [--corpus FOLDER] [TARGET …]

Needs the extra ``fuzz``. Every target gets its share of the time, in a process of its own. What a target raises, hangs in or
dies of is written to ``tests/fuzz/seeds/TARGET/``, once for each place in the code; ``test_fuzz.py`` holds the mended code to it.
``--corpus`` keeps the inputs found for the next run.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from perfeval_xl.errors import Exhausted

#: So much memory a target may take, in MB, with atheris and all that is loaded; so long one input until the process is ended.
MEMORY, PATIENCE = 1_500, 300


def fuzz(name: str, seconds: int, corpus: Path) -> None:
    """In a process of its own, which this ends: a target fuzzed for so long."""
    import atheris

    with atheris.instrument_imports(include=["perfeval_xl"]):
        from .targets import SEEDS, TARGETS, run

    target, known = TARGETS[name], set[str]()
    for seed in target.seeds():
        (corpus / _digest(seed)).write_bytes(seed)

    def once(data: bytes) -> None:
        try:
            run(target, data)
        except (Exception, Exhausted) as error:
            where = _where(error)
            if where not in known:
                known.add(where)
                _keep(SEEDS / name, data)
                print(f"FOUND {name}: {where}\n{traceback.format_exc()}", flush=True)

    options = [
        sys.argv[0], str(corpus), f"-max_total_time={seconds}", f"-max_len={target.most}", f"-timeout={PATIENCE}", f"-report_slow_units={PATIENCE}",
        f"-rss_limit_mb={MEMORY}", f"-artifact_prefix={corpus.parent}/died-", "-print_final_stats=1", "-verbosity=1",
    ]  # fmt: skip
    if (SEEDS / name).is_dir():
        options.insert(2, str(SEEDS / name))
    atheris.Setup(options, once, **({} if target.change is None else {"custom_mutator": target.change}))
    atheris.Fuzz()


def _where(error: BaseException) -> str:
    """The kind of an error and the last line of ours that it came through."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "perfeval_xl" in frame.filename]
    last = ours[-1] if ours else None
    return (
        f"{type(error).__name__} {Path(last.filename).name}:{last.lineno}" if last else type(error).__name__
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def _keep(folder: Path, data: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _digest(data)
    path.write_bytes(data)
    return path


_STATISTIC = re.compile(r"stat::(number_of_executed_units|peak_rss_mb):\s*(\d+)")


def fuzzed(name: str, seconds: int, corpus: Path) -> str:
    """Fuzz a target in children until the time is over; how it went, in a line. An input that one of them died of is kept."""
    from .targets import SEEDS

    corpus.mkdir(parents=True, exist_ok=True)
    start, executed, died, found, most = time.monotonic(), 0, 0, 0, 0
    while (left := seconds - int(time.monotonic() - start)) > 1:
        with tempfile.TemporaryDirectory() as folder:
            artifacts = Path(folder)
            own = artifacts / "corpus"
            own.symlink_to(corpus.resolve(), target_is_directory=True)
            command = [sys.executable, "-m", "tests.fuzz", "--inside", str(own)]
            done = subprocess.run(
                [*command, "--seconds", str(left), name],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            for path in artifacts.glob("died-*"):
                kept = _keep(SEEDS / name, path.read_bytes())
                died += 1
                print(f"DIED {name}: {path.name.split('-')[1]}, kept as {kept.name}", flush=True)
        statistics = dict(_STATISTIC.findall(done.stderr))
        executed += int(statistics.get("number_of_executed_units", 0))
        most = max(most, int(statistics.get("peak_rss_mb", 0)))
        found += done.stdout.count("FOUND ")
        print(
            done.stdout[done.stdout.find("FOUND ") :] if "FOUND " in done.stdout else "", end="", flush=True
        )
        if not statistics:
            return f"{name}: could not be run\n{done.stderr[-2000:]}"
    took = time.monotonic() - start
    return (
        f"{name}: {executed} inputs, {executed / took:.1f} a second, {found} faults, {died} deaths, {most} MB"
    )


def main() -> None:
    from .targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.targets) - TARGETS.keys():
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    names = options.targets or list(TARGETS)
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            corpus = (options.corpus or Path(folder)) / name
            print(fuzzed(name, options.seconds // len(names), corpus), flush=True)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(add_help=False)
    arguments.add_argument("--inside", type=Path)
    arguments.add_argument("--seconds", type=int)
    inside, rest = arguments.parse_known_args()
    if inside.inside is not None:
        fuzz(rest[0], inside.seconds, inside.inside)
    else:
        main()
