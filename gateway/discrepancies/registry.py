"""Which file answers which rule: `dose-differs` is rules/dose_differs.py, and its `run` is called.

A rule of the pack without a file is not evaluated in this version, and says so; a file without a rule is an error that
a test finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeAlias

from gateway.discrepancies.raised import Cannot, Raised

if TYPE_CHECKING:
    from gateway.discrepancies.pack import RulePack
    from gateway.discrepancies.view import RuleView

Run: TypeAlias = "Callable[[RuleView, RulePack], Iterable[Raised | Cannot]]"

PACKAGE = "gateway.discrepancies.rules"


@cache
def run_of(rule_id: str) -> Run | None:
    """The rule's function, None where this version has none."""
    module = f"{PACKAGE}.{rule_id.replace('-', '_')}"
    if find_spec(module) is None:
        return None
    run: Run = import_module(module).run
    return run
