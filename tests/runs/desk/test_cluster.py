"""The same batch on a Dask cluster on loopback: a scheduler, two workers, one of them killed in the middle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from perfeval_xl.errors import BatchError
from perfeval_xl.runs.batch import Job, Progress, batch
from perfeval_xl.runs.desk import cluster as there
from perfeval_xl.runs.desk.terms import Terms

from .cluster import cluster
from .intake import desk


def test_a_cluster_gives_what_one_machine_gives_also_when_a_worker_is_killed(tmp_path: Path) -> None:
    folder = desk(tmp_path / "收件", 12)
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04")
    unreadable = folder / "没有权限.zip"
    unreadable.write_bytes(b"no zip at all")
    here = Job([folder], tmp_path / "本机", Terms(marked=True), jobs=2)
    alone = batch(here)
    with cluster(tmp_path / "集群") as running:

        def killed(progress: Progress) -> None:
            if progress.done == 4 and len(running.workers) == 2:
                running.kill_worker()

        job = replace(here, out=tmp_path / "结果", scheduler=running.address)
        summary = batch(job, killed)
    assert summary.examined == alone.examined == 14
    assert len(running.workers) == 1
    assert (job.out / "结果.jsonl").read_bytes() == (here.out / "结果.jsonl").read_bytes()
    names = sorted(path.relative_to(here.out) for path in here.out.rglob("*-已标注.xlsx"))
    assert sorted(path.relative_to(job.out) for path in job.out.rglob("*-已标注.xlsx")) == names
    assert batch(replace(job, scheduler=None)).examined == 0


def test_no_cluster_and_another_version_are_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job([desk(tmp_path / "收件", 1)], tmp_path / "结果", scheduler="127.0.0.1:1")
    monkeypatch.setattr(there, "_SECONDS_TO_CONNECT", 3)
    with pytest.raises(BatchError, match=r"连不上集群 127\.0\.0\.1:1"):
        batch(job)
    with cluster(tmp_path / "集群", workers=0) as running:
        job = replace(job, scheduler=running.address)
        with pytest.raises(BatchError, match="没有工作进程"):
            batch(job)
        running.add_worker()
        monkeypatch.setattr(there, "_SECONDS_TO_CONNECT", 60)
        monkeypatch.setattr(there, "__version__", "9.9")
        with pytest.raises(BatchError, match=r"这里是 9\.9 版"):
            batch(job)
