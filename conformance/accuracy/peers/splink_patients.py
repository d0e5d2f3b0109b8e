"""splink on invented patients: pairs of one patient and of different lists; trained on the same, nothing told."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import splink.comparison_library as cl
from splink import Linker, SettingsCreator
from splink.backends.duckdb import DuckDBAPI
from splink.blocking_rule_library import CustomRule

from conformance.accuracy.peers.populations import Name, Scores, as_written, records
from conformance.accuracy.synthetic import Patient

_PAIRS = "l.patient = r.patient and l.list <> r.list"


def score(people: Sequence[Patient], name: Name = as_written) -> Scores:
    linker = trained(people, name)
    found = linker.inference.predict(threshold_match_weight=-1000).as_pandas_dataframe()
    columns = ("patient_l", "entry_l", "entry_r", "match_weight")
    return [((int(n), a, b), float(w)) for n, a, b, w in zip(*(found[c] for c in columns), strict=True)]


def trained(people: Sequence[Patient], name: Name) -> Linker:
    database = DuckDBAPI()
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.8]),
            cl.JaroWinklerAtThresholds("first_word", [0.95, 0.88]),
            cl.ExactMatch("strength"),
            cl.ExactMatch("form"),
        ],
        blocking_rules_to_generate_predictions=[CustomRule(_PAIRS)],
        additional_columns_to_retain=["patient", "entry"],
    )
    linker = Linker(database.register(pd.DataFrame(records(people, name))), settings, log_level=40)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(CustomRule(_PAIRS))
    return linker
