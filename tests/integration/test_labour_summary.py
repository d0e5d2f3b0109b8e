"""Stored labour summaries on both databases: what a page reads equals what the ledger says."""

from __future__ import annotations

import random

import msgspec
import pytest

from conformance.labour.month import Month
from gateway.labour.work_steps import work_steps
from gateway.store import labour, ledger
from gateway.store.database import Database
from tests.unit.labour.test_summary import content

WORDS = work_steps()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_brought_forward_equals_what_is_recomputed(database: Database, seed: int) -> None:
    rng, acts = random.Random(seed), Month(seed, reviews=20, cases=10).acts
    while acts:
        some = rng.randrange(1, 200)
        with database.write() as connection:
            ledger.append_dated(connection, acts[:some])
        acts = acts[some:]
        with database.write() as connection:
            labour.bring_forward(connection, WORDS)
        with database.read() as connection:
            assert content(labour.read_cube(connection)) == content(labour.recompute(connection, WORDS))


def test_a_page_may_ask_for_some_weeks(database: Database) -> None:
    with database.write() as connection:
        ledger.append_dated(connection, Month(4, reviews=20, cases=5).acts)
        labour.bring_forward(connection, WORDS)
    with database.read() as connection:
        whole = labour.read_cube(connection)
        first = labour.read_cube(connection, before="2026-10-12")
        rest = labour.read_cube(connection, since="2026-10-12")
    assert list(first.cells())
    assert list(rest.cells())
    first.merge(rest)
    assert content(first) == content(whole)


def test_another_vocabulary_makes_the_summary_again(database: Database) -> None:
    other = msgspec.structs.replace(WORDS, unverified_below=9)
    with database.write() as connection:
        ledger.append_dated(connection, Month(5, reviews=3, cases=20).acts)
        labour.bring_forward(connection, WORDS)
        before = content(labour.read_cube(connection))
        labour.bring_forward(connection, other)
        after = content(labour.read_cube(connection))
        assert after == content(labour.recompute(connection, other))
    assert before != after
