"""GP Connect spreads one medicine over a MedicationStatement, its plan and its orders: together they are one entry.

The statement names the entry. From the plan come quantity, days' supply and prescription type; from the orders the last
issue. Where statement and plan disagree, the statement stands and the entry is flagged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from gateway.fhir.elements import Tree, text, tree, trees
from gateway.fhir.items import identity
from gateway.records.as_written import EntryAsWritten


def folds(statements: Iterable[Tree], requests: Sequence[tuple[str, Tree]]) -> dict[str, list[str]]:
    """For each statement ("MedicationStatement/id") the requests it stands for, in order.

    A request belongs to a statement based on it, to one whose plan it is based on (through any chain), or to one
    whose plan shares its groupIdentifier. A request that two statements claim belongs to neither.
    """
    based = {name: set(_based_on(one)) for name, one in requests}
    group = {name: text(tree(one.get("groupIdentifier")).get("value")) for name, one in requests}
    claims: dict[str, list[str]] = {}
    for statement in statements:
        name = identity(statement)
        roots = {r for r in _based_on(statement) if r in based}
        reached = set(roots)
        groups = {g for r in roots if (g := group[r])}
        growing = True
        while growing:
            more = {
                r
                for r in based
                if r not in reached and (based[r] & reached or (group[r] is not None and group[r] in groups))
            }
            reached |= more
            growing = bool(more)
        claims[name] = sorted(reached)
    claimed = [r for found in claims.values() for r in found]
    return {name: [r for r in found if claimed.count(r) == 1] for name, found in claims.items()}


def _based_on(one: Tree) -> list[str]:
    found = []
    for reference in trees(one.get("basedOn")):
        target = text(reference.get("reference")) or ""
        parts = target.split("/")
        if len(parts) >= 2 and parts[-2] == "MedicationRequest":
            found.append("/".join(parts[-2:]))
    return found


def fold(statement: EntryAsWritten, parts: Sequence[EntryAsWritten]) -> EntryAsWritten:
    """The statement with what its plan and orders add."""
    if not parts:
        return statement
    plans = [p for p in parts if p.intent == "plan"] or list(parts)
    plan = max(plans, key=lambda p: (p.status == "active", p.asserted or "", p.resource))
    orders = [p for p in parts if p.intent != "plan"]
    flags = list(statement.flags)
    if plan.status != statement.status and {plan.status, statement.status} & {"active"}:
        flags.append(f"its plan has status {plan.status}")
    ours, theirs = [d.text for d in statement.dosages], [d.text for d in plan.dosages]
    if statement.dosages and plan.dosages and ours != theirs:
        flags.append("its plan has another dosage")
    return msgspec.structs.replace(
        statement,
        dosages=statement.dosages or plan.dosages,
        quantity=statement.quantity or plan.quantity,
        days_supply=statement.days_supply or plan.days_supply,
        prescription_type=statement.prescription_type or plan.prescription_type,
        prescribed_elsewhere=statement.prescribed_elsewhere or plan.prescribed_elsewhere,
        change_note=statement.change_note or plan.change_note,
        status_reason=statement.status_reason or plan.status_reason,
        reason=statement.reason or plan.reason,
        notes=tuple(dict.fromkeys((*statement.notes, *plan.notes))),
        last_issued=statement.last_issued or max((o.start or o.asserted or "" for o in orders), default="") or None,
        folded=tuple(p.resource for p in parts),
        flags=tuple(flags),
    )
