"""Look at a metric card, or at a QualDash specification, before it is used."""

from __future__ import annotations

from gateway.labour.card_files import BadCard, read_card
from gateway.labour.qualdash import read_mss
from gateway.records.card import Where


def check_card_file(content: bytes, name: str, *, qualdash: bool) -> tuple[tuple[str, ...], str | None]:
    """Lines of what the file counts, and what is wrong with it, if anything is."""
    try:
        if not qualdash:
            card = read_card(content, name)
            return (f"{card.metric}: {card.title}", f"counts {_words(card.numerator)} in {card.table}"), None
        metrics, warnings = read_mss(content, name)
    except BadCard as error:
        return (), str(error)
    lines = [f"{one.metric}: {s.aggregate} of {s.variable}, {_words(s.filter)}" for one in metrics for s in one.series]
    return (*lines, *(f"warning: {warning}" for warning in warnings)), None


def _words(filter_: Where) -> str:
    joined = f" {filter_.operator or 'AND'} ".join(f"{c} is {' or '.join(v)}" for c, v in filter_.where.items())
    return f"rows where {joined}" if joined else "all rows"
