"""splink, linking the left names to the right ones: Jaro-Winkler on name and first word, strength and form exact.

u is estimated from random pairs, m by expectation maximisation on the pairs themselves; nothing is told to it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from conformance.accuracy.peers.fields import fields
from conformance.accuracy.records import Pair


def score(pairs: Sequence[Pair]) -> list[float]:
    """Match weights, in the order of the pairs."""
    linker = trained(pairs)
    found = linker.inference.predict(threshold_match_weight=-1000).as_pandas_dataframe()
    weights = dict(zip(found["pair_l"], found["match_weight"], strict=True))
    return [float(weights[n]) for n in range(len(pairs))]


def trained(pairs: Sequence[Pair]) -> Linker:
    database = DuckDBAPI()
    sides = [
        database.register(pd.DataFrame([{"unique_id": n, "pair": n, **fields(one)} for n, one in enumerate(names)]))
        for names in ([p.a for p in pairs], [p.b for p in pairs])
    ]
    linker = Linker(sides, settings(block_on("pair")), log_level=40)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("pair"))
    return linker


def settings(*blocking: object) -> SettingsCreator:
    return SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.8]),
            cl.JaroWinklerAtThresholds("first_word", [0.95, 0.88]),
            cl.ExactMatch("strength"),
            cl.ExactMatch("form"),
        ],
        blocking_rules_to_generate_predictions=list(blocking),
        additional_columns_to_retain=["pair"],
    )
