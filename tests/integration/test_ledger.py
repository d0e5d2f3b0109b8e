"""The ledger on real databases: append-only, chained, and every tampering found."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database, open_database

AT = "2026-11-24T10:00:00+00:00"


def fill(database: Database, rows: int) -> None:
    acts = [
        Act(
            kind="row.decided", subject="r1", item=f"row{n}", role="pharmacist", reason="dose-changed", payload={"n": n}
        )
        for n in range(rows)
    ]
    with database.write() as connection:
        ledger.append(connection, acts, AT)


def test_rows_come_back_as_they_were_written(database: Database) -> None:
    fill(database, 3)
    with database.read() as connection:
        found = list(ledger.entries(connection))
        assert [e.act.payload for e in found] == [{"n": 0}, {"n": 1}, {"n": 2}]
        assert found[0].previous == ledger.GENESIS
        assert found[1].previous == found[0].hash
        assert ledger.verify(connection) == ()
        assert ledger.head(connection) == (3, found[2].hash)


def test_a_transaction_that_fails_leaves_no_row(database: Database) -> None:
    def write_and_fail() -> None:
        with database.write() as connection:
            ledger.append(connection, [Act(kind="row.decided", subject="r1")], AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with database.read() as connection:
        assert ledger.head(connection) == (0, ledger.GENESIS)


def test_the_database_refuses_to_change_or_delete_a_row(database: Database) -> None:
    fill(database, 2)
    for statement in ("UPDATE ledger SET reason = 'x'", "DELETE FROM ledger"):
        with pytest.raises(DatabaseError, match="append-only"), database.write() as connection:
            connection.execute(text(statement))


def without_triggers(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE ledger DISABLE TRIGGER ledger_append_only"))
    else:
        connection.execute(text("DROP TRIGGER ledger_no_update"))
        connection.execute(text("DROP TRIGGER ledger_no_delete"))


def edit(connection: Connection, chance: random.Random, seq: int) -> None:
    column = chance.choice(["kind", "subject", "item", "actor", "role", "reason", "payload", "at", "staff_group"])
    connection.execute(text(f"UPDATE ledger SET {column} = 'changed' WHERE seq = :seq"), {"seq": seq})


def delete(connection: Connection, chance: random.Random, seq: int) -> None:
    connection.execute(text("DELETE FROM ledger WHERE seq = :seq"), {"seq": seq})


def swap(connection: Connection, chance: random.Random, seq: int) -> None:
    other = seq - 1 if seq > 1 else seq + 1
    for old, new in ((seq, -1), (other, seq), (-1, other)):
        connection.execute(text("UPDATE ledger SET seq = :new WHERE seq = :old"), {"old": old, "new": new})


def cut(connection: Connection, chance: random.Random, seq: int) -> None:
    connection.execute(text("DELETE FROM ledger WHERE seq >= :seq"), {"seq": seq})


@pytest.mark.parametrize("tamper", [edit, delete, swap, cut], ids=lambda t: t.__name__)
def test_every_tampering_is_found_given_an_exported_head(database: Database, tamper: object) -> None:
    rows, tries = 40, 250
    fill(database, rows)
    with database.write() as connection:
        without_triggers(connection)
    with database.read() as connection:
        exported = ledger.head(connection)
    chance = random.Random(5)
    for _ in range(tries):
        connection = database.engine.connect().execution_options(gateway_write=True)
        transaction = connection.begin()
        tamper(connection, chance, chance.randint(1, rows))  # type: ignore[operator]
        assert ledger.verify(connection, exported)
        transaction.rollback()
        connection.close()
    with database.read() as connection:
        assert ledger.verify(connection, exported) == ()


def test_many_writers_give_one_unbroken_chain(database: Database) -> None:
    def write(n: int) -> None:
        with database.write() as connection:
            ledger.append(connection, [Act(kind="review.opened", subject=f"r{n}")], AT)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(100)))
    with database.read() as connection:
        assert ledger.verify(connection) == ()
        assert ledger.head(connection)[0] == 100


def test_opening_again_changes_nothing(database: Database, database_url: str) -> None:
    fill(database, 2)
    again = open_database(database_url)
    with again.read() as connection:
        assert ledger.head(connection)[0] == 2
    again.close()


def test_sqlite_writes_reach_the_disk_before_they_are_acknowledged(database: Database) -> None:
    if not database.is_sqlite:
        return
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
