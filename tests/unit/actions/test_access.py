"""Who may do what: the whole table once more, written down by hand, so that no change of it goes unseen."""

from __future__ import annotations

import pytest

from gateway.actions import access
from gateway.actions.access import ROLE_WORDS, ROLES, Person, may, require
from gateway.errors import NotAllowed

#                     pharmacist  audit-clerk  integrator  manager   administrator
TABLE = """
worklist.see          yes         no           no          no        no
review.see            yes         no           no          no        no
review.decide         yes         no           no          no        no
review.sign           yes         no           no          no        no
review.assign         yes         no           no          no        no
arrivals.take         yes         no           no          no        no
outcome.send          yes         no           no          no        no
outcome.see           yes         no           no          no        no
outcome.print         yes         no           no          no        no
outcome.export        yes         no           no          no        no
follow-up.see         yes         no           no          no        no
follow-up.close       yes         no           no          no        no
evidence.row          yes         no           no          no        no
evidence.cited        yes         yes          no          no        no
audit.see             yes         yes          no          no        no
audit.answer          no          yes          no          no        no
sources.see           yes         no           yes         yes       no
sources.edit          no          no           yes         no        no
alias.see             yes         no           yes         no        no
alias.confirm         yes         no           no          no        no
work.tell             yes         yes          yes         yes       yes
realist.write         yes         yes          no          yes       no
labour.see            yes         yes          yes         yes       no
accounts.edit         no          no           no          no        yes
access-log.see        no          no           no          no        yes
"""
COLUMNS = ("pharmacist", "audit-clerk", "integrator", "manager", "administrator")
LINES = [line.split() for line in TABLE.strip().splitlines()]
CASES = [(act, role, answer == "yes") for act, *answers in LINES for role, answer in zip(COLUMNS, answers, strict=True)]


def person(role: str) -> Person:
    return Person(account="a1", name="zz", display_name="Zz Somebody", role=role)


@pytest.mark.parametrize(("act", "role", "allowed"), CASES, ids=[f"{act} {role}" for act, role, _ in CASES])
def test_every_act_of_every_role(act: str, role: str, allowed: bool) -> None:
    assert may(role, act) is allowed
    if allowed:
        require(person(role), act)
    else:
        with pytest.raises(NotAllowed) as error:
            require(person(role), act)
        assert ROLE_WORDS[role] in error.value.words
        assert "Zz Somebody" not in error.value.words


def test_the_table_above_is_whole() -> None:
    assert {act for act, *_ in LINES} == set(access._MAY)
    assert set(COLUMNS) == set(ROLES) == set(ROLE_WORDS)


@pytest.mark.parametrize("role", ["", "admin", "Pharmacist", "pharmacist ", "*"])
def test_an_unknown_role_may_nothing(role: str) -> None:
    for act, *_ in LINES:
        assert not may(role, act)
        with pytest.raises(NotAllowed, match="unknown"):
            require(person(role), act)


@pytest.mark.parametrize("act", ["", "review", "review.delete", "Review.see"])
def test_an_unknown_act_is_a_slip_in_the_code(act: str) -> None:
    for role in ROLES:
        with pytest.raises(KeyError):
            may(role, act)
        with pytest.raises(KeyError):
            require(person(role), act)
