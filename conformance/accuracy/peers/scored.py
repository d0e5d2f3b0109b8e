"""Published methods that score pairs of names, on the same pairs in the same run.

Each one is bench-only; what is not installed is named, and the table goes on without it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence

from msgspec import Struct

from conformance.accuracy.records import Pair


class Scored(Struct, frozen=True):
    name: str
    score: Callable[[Sequence[Pair]], list[float]]


#: Peer and the packages it needs.
NEEDS = {"splink": ("splink", "duckdb", "pandas"), "recordlinkage": ("recordlinkage", "pandas")}


def missing() -> dict[str, str]:
    """Peers that cannot run here, with what they lack."""
    found = {}
    for peer, packages in NEEDS.items():
        lacks = [one for one in packages if importlib.util.find_spec(one) is None]
        if lacks:
            found[peer] = f"not installed: {', '.join(lacks)}"
    return found


def peers() -> list[Scored]:
    from conformance.accuracy.peers import similarity

    found = [
        Scored("rapidfuzz token_set_ratio", similarity.token_set),
        Scored("rapidfuzz token_sort_ratio", similarity.token_sort),
    ]
    if "splink" not in missing():
        from conformance.accuracy.peers import splink_pairs

        found.append(Scored("splink", splink_pairs.score))
    if "recordlinkage" not in missing():
        from conformance.accuracy.peers import recordlinkage_pairs

        found.append(Scored("recordlinkage", recordlinkage_pairs.score))
    return found
