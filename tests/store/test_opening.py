"""The database: made, brought to this version, refused where it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from perfeval_xl.errors import StoreError
from perfeval_xl.store.opening import open_store
from perfeval_xl.store.tables import Base
from tests.postgres import Server


def test_the_migrations_make_the_tables_of_this_version(store_url: str) -> None:
    store = open_store(store_url)
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    store.close()
    open_store(store_url).close()  # and again, with nothing to do


def test_a_database_of_a_later_version_is_refused(store_url: str) -> None:
    store = open_store(store_url)
    store.write(
        lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    )
    store.close()
    with pytest.raises(StoreError, match="更新版本的程序"):
        open_store(store_url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("results.db", "写法应是"),
        ("mysql://root@localhost/x", "只能用 SQLite 或 PostgreSQL"),
        ("postgresql://user:secret@127.0.0.1:1/x", "写不进去"),
        ("sqlite:////nowhere/at/all/results.db", "写不进去"),
    ],
)
def test_what_cannot_be_opened_is_told_in_a_line_without_passwords(
    url: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perfeval_xl.store.opening._PAUSES", ())
    with pytest.raises(StoreError, match=said) as caught:
        open_store(url)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "结果.db"
    path.write_bytes(b"nothing of ours" * 100)
    with pytest.raises(StoreError, match="写不进去"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == b"nothing of ours" * 100


def test_a_transaction_is_done_again_where_the_connection_was_lost(postgres: Server) -> None:
    store = open_store(postgres.new_database())
    tries = []

    def work(connection: Connection) -> int:
        tries.append(1)
        connection.execute(text("INSERT INTO output VALUES ('', 'x', 'k', '', '', 1)"))
        if len(tries) == 1:
            postgres.end_connections()
        return int(connection.execute(text("SELECT count(*) FROM output")).scalar_one())

    assert store.write(work) == 1
    assert len(tries) == 2
    store.close()
