"""A PostgreSQL of the tests' own: one server for the session in a temporary folder, a new database for every test."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests.live import REQUIRED

_USER = "perfeval"


def programs() -> Path | None:
    """The folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def account() -> str | None:
    """Whom the server runs as: never root, which it refuses."""
    return "postgres" if os.name == "posix" and os.geteuid() == 0 else None


@dataclass
class Server:
    """A running server, reached through a socket in its folder."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{_USER}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The URL of a database with nothing in it."""
        name = f"test{next(self._numbers)}"
        self.say(f"CREATE DATABASE {name}")
        return self.url(name)

    def say(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def end_connections(self) -> None:
        """Every connection but this one is cut off, as a restart of the server does."""
        self.say(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname <> 'postgres' AND backend_type = 'client backend'"
        )


def started(folder: Path) -> Generator[Server, None, None]:
    """A server in a folder, until the generator is closed."""
    bin_ = programs()
    assert bin_ is not None
    user = account()
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(program: str, *words: str | Path) -> None:
        subprocess.run(
            [bin_ / program, "-D", data, *words], user=user, cwd=folder, check=True, capture_output=True
        )

    run("initdb", "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run("pg_ctl", "-w", "-o", options, "-l", folder / "log", "start")
    try:
        yield Server(folder)
    finally:
        run("pg_ctl", "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The session's server; skipped where none is installed, unless PERFEVAL_REQUIRE_LIVE is set."""
    if programs() is None:
        if REQUIRED:
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    # A short path: a socket's has at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="pe-pg-"))
    try:
        yield from started(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with nothing in it, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'results.db'}"
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()
