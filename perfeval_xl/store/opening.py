"""Opening a store: the database by its URL, its tables brought to this version, and transactions that survive a lost connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from perfeval_xl.errors import StoreError

T = TypeVar("T")
_MIGRATIONS = Path(__file__).parent / "migrations"
#: Any number that no other program takes for its lock.
_LOCK = 0x7065_7266
#: Seconds to wait before each further try of a transaction; a database server restarts in less.
_PAUSES = (0.1, 0.3, 1.0, 3.0, 6.0)
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
#: Seconds to wait for another program that is writing into the same SQLite file.
_BUSY = 60


class Store:
    """An open database. ``name`` is what a user is told of it, without its password."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in one transaction, again from its start where the connection was lost. StoreError where that does not
        help. ``work`` therefore leaves the same behind however often it is done."""
        for pause in (*_PAUSES, None):
            try:
                with self.engine.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                if pause is None or not _passing(error):
                    raise StoreError(f"结果库 {self.name} 写不进去：{_first_line(error)}") from error
                time.sleep(pause)
        raise AssertionError("unreachable")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from, all of one state. StoreError where the database does not answer."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise StoreError(f"结果库 {self.name} 读不出来：{_first_line(error)}") from error

    def close(self) -> None:
        self.engine.dispose()


def _passing(error: DBAPIError) -> bool:
    """Whether trying again may help: the connection was lost, another program was writing."""
    return error.connection_invalidated or isinstance(error, OperationalError) or _clashed(error)


def _clashed(error: DBAPIError) -> bool:
    """Two programs wrote the same at the same time (unique violation, serialization failure, deadlock)."""
    return getattr(error.orig, "sqlstate", None) in ("23505", "40001", "40P01")


def _first_line(error: Exception) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def sqlite_url(path: Path) -> URL:
    """The URL of a store in a file of its own."""
    return URL.create("sqlite", database=str(path))


def open_store(given: str | URL) -> Store:
    """Open the store of a URL (sqlite:///结果.db, postgresql://user@host/name); its tables are made, or brought to this version.

    StoreError, in one Chinese line: no such kind of database, its driver missing, no answer, made by a later version.
    """
    url = _url(given)
    name = url.render_as_string(hide_password=True)
    try:
        engine = create_engine(url, pool_pre_ping=True, connect_args=_arguments(url))
    except ModuleNotFoundError as error:
        raise StoreError(
            f'连接 {url.get_backend_name()} 还缺组件 {error.name}：请先安装 pip install "perfeval-xl[postgres]"'
        ) from None
    except NoSuchModuleError:
        raise StoreError(f"结果库只能用 SQLite 或 PostgreSQL，不是 {url.drivername}") from None
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _as_we_say)
        event.listen(engine, "begin", _begun)
    store = Store(engine, name)
    try:
        store.write(_migrate)
    except BaseException:
        store.close()
        raise
    return store


def _url(given: str | URL) -> URL:
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise StoreError("结果库的写法应是 sqlite:///文件.db 或 postgresql://用户:密码@主机/库名") from None
    backend = url.get_backend_name()
    if backend not in ("sqlite", *_DRIVERS):
        raise StoreError(f"结果库只能用 SQLite 或 PostgreSQL，不是 {backend}")
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def _arguments(url: URL) -> dict[str, Any]:
    return {"timeout": _BUSY} if url.get_backend_name() == "sqlite" else {"connect_timeout": 15}


def _as_we_say(connection: Any, _record: Any) -> None:
    """Python's own module would not put CREATE TABLE into a transaction: a kill would leave half of the tables."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begun(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _migrate(connection: Connection) -> None:
    """One program at a time; nothing is loaded where the tables are as they should be."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    found = MigrationContext.configure(connection).get_current_revision()
    if found == scripts.get_current_head():
        return
    try:
        if found is not None:
            scripts.get_revision(found)
    except CommandError:
        raise StoreError("结果库是由更新版本的程序建立的：请升级 perfeval-xl，或换一个结果库") from None
    command.upgrade(config, "head")
