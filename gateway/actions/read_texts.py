"""How a text is understood, and how two names relate: the shapes of `gateway read` and `gateway compare`."""

from __future__ import annotations

from typing import Any

from gateway.actions.reconciliation_json import dose_object, product_object
from gateway.matching.compare import compare
from gateway.normalise.dose_text import read_dose_text
from gateway.normalise.product import read_name
from gateway.records.matching import MatchLevel
from gateway.terminology.vocabulary import Vocabulary

Json = dict[str, Any]


def medicine(text: str, vocabulary: Vocabulary) -> Json:
    """One line of `gateway read medicine`."""
    product = read_name(text, vocabulary)
    if product.understood:
        return {"text": text, "product": product_object(product), "dose": None, "abstained": None}
    cause = "; ".join(product.contradictions) or ("the name is not known" if text.strip() else "there is no text")
    return {"text": text, "product": None, "dose": None, "abstained": cause}


def dose(text: str, vocabulary: Vocabulary) -> Json:
    """One line of `gateway read dose`."""
    read = read_dose_text(text, vocabulary)
    return {
        "text": text,
        "product": None,
        "dose": dose_object(read) if read.parsed else None,
        "abstained": None if read.parsed else read.why_not,
    }


def pair(a: str, b: str, vocabulary: Vocabulary) -> Json:
    """One line of `gateway compare`. `single` does not occur; `confirmed` needs a person and does not either."""
    match = compare(read_name(a, vocabulary), read_name(b, vocabulary), vocabulary)
    level = match.level if match.level is not MatchLevel.SINGLE else MatchLevel.APART
    return {"a": a, "b": b, "level": level.value, "suggestion": match.suggestion, "reasons": list(match.reasons)}
