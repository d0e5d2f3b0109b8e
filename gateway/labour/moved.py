"""Time that a change saved, and time that it only moved from one role to another."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct


class Move(Struct, frozen=True, kw_only=True):
    """`amount` of work that role `from_` no longer does and role `to` does now."""

    from_: str
    to: str
    amount: Decimal


class Balance(Struct, frozen=True, kw_only=True):
    """`change` by role is after minus before; `saved` what all roles together no longer do."""

    change: dict[str, Decimal]
    saved: Decimal
    moves: tuple[Move, ...]


def balance(before: Mapping[str, Decimal], after: Mapping[str, Decimal]) -> Balance:
    """Work by role before and after, in one unit and for the same volume (minutes for one discharge, say).

    What one role gained is taken once from what others lost, in proportion to each loss and each gain, so that no
    minute is moved twice: sum(moves) = min(sum of losses, sum of gains).
    """
    roles = sorted({*before, *after})
    change = {role: after.get(role, Decimal(0)) - before.get(role, Decimal(0)) for role in roles}
    losses = {role: -d for role, d in change.items() if d < 0}
    gains = {role: d for role, d in change.items() if d > 0}
    lost, gained = sum(losses.values(), Decimal(0)), sum(gains.values(), Decimal(0))
    whole = min(lost, gained)
    moves = tuple(
        Move(from_=source, to=target, amount=whole * loss / lost * gain / gained)
        for source, loss in losses.items()
        for target, gain in gains.items()
    )
    return Balance(change=change, saved=lost - gained, moves=moves)
