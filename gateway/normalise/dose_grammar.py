"""The grammar of dosage instructions: at each place the production that accounts for most of the text is taken.

A text is read only if facts and harmless words account for every word of it; one unknown word leaves it text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from gateway.normalise import dose_amounts, dose_limits, dose_reasons, dose_times
from gateway.normalise.dose_amounts import Read
from gateway.normalise.dose_facts import Fact, Filler, Join, Once, Route, SameTime, Stop
from gateway.normalise.dose_scan import Scan

Production = Callable[[Scan, int], Read | None]

_FILLER = Filler()
_SIGNS = frozenset(",;.()&-")


def _once(scan: Scan, i: int) -> Read | None:
    found = scan.at(i, "once")
    return ((Once(undivided="single" in found[0] or "one" in found[0]),), found[1]) if found else None


def _route(scan: Scan, i: int) -> Read | None:
    found = scan.at(i, "route")
    return ((Route(found[0]),), found[1]) if found else None


def _then(scan: Scan, i: int) -> Read | None:
    found = scan.at(i, "then")
    return ((Join(then=True),), found[1]) if found else None


def _and(scan: Scan, i: int) -> Read | None:
    found = scan.at(i, "and")
    return ((Join(also=True),), found[1]) if found else None


def _stop(scan: Scan, i: int) -> Read | None:
    found = scan.at(i, "stop")
    return ((Stop(),), found[1]) if found else None


def _same_time(scan: Scan, i: int) -> Read | None:
    found = scan.at(i, "same_time")
    return ((SameTime(found[0]),), found[1]) if found else None


def _filler(scan: Scan, i: int) -> Read | None:
    kinds = scan.kinds(i)
    ends = [kinds[kind][1] for kind in ("harmless", "verb") if kind in kinds]
    if ends and scan.token(max(ends)) == "or" and (second := scan.at(max(ends) + 1, "verb")):
        ends.append(second[1])
    return ((_FILLER,), max(ends)) if ends else None


def _advice(scan: Scan, i: int) -> Read | None:
    """A run of words of advice, joined by "and", "of", "the"."""
    end = j = i
    while found := scan.at(j, "advice"):
        end = j = found[1]
        while joint := scan.at(j, "advice_joint"):
            j = joint[1]
    return ((_FILLER,), end) if end > i else None


def _unit_alone(scan: Scan, i: int) -> Read | None:
    """ "Apply patch every 72 hours": what is taken, not how much."""
    j = scan.skip(i, "adjective")
    found = scan.at(j, "unit")
    return ((_FILLER,), found[1]) if found else None


#: By the kind of phrase that begins at the place; of those that account for equally much the first is taken.
_BY_KIND: dict[str, tuple[Production, ...]] = {
    "maximum": (dose_limits.most,),
    "maximum_daily": (dose_limits.most,),
    "apart": (dose_limits.apart,),
    "up_to": (dose_times.times, dose_limits.up_to_every),
    "times_word": (dose_times.times,),
    "every": (dose_times.every, dose_times.days),
    "frequency": (dose_times.frequency,),
    "as_needed": (dose_reasons.as_needed,),
    "as_needed_for": (dose_reasons.as_needed,),
    "at_onset_of": (dose_reasons.as_needed,),
    "once": (_once,),
    "same_time": (_same_time,),
    "lasting": (dose_limits.duration, dose_limits.count),
    "lasting_up_to": (dose_limits.duration,),
    "over": (dose_limits.over,),
    "first_day": (dose_limits.first_day,),
    "day_span": (dose_limits.day_span,),
    "after": (dose_limits.after,),
    "until": (dose_limits.until,),
    "starting": (dose_limits.starting,),
    "stop": (_stop,),
    "offset": (dose_times.when,),
    "reduce_by": (dose_limits.reduce,),
    "pause_lead": (dose_limits.pause,),
    "day": (dose_times.days,),
    "at": (dose_times.clock, dose_times.when),
    "route": (_route,),
    "when": (dose_times.when,),
    "number": (
        dose_times.times,
        dose_times.every,
        dose_limits.pause,
        dose_limits.duration,
        dose_times.when,
        dose_amounts.quantity,
        dose_amounts.scheme,
    ),
    "article": (dose_amounts.quantity,),
    "then": (_then,),
    "and": (_and,),
    "harmless": (dose_times.when, dose_times.days, _filler),
    "verb": (_filler,),
    "reason_for": (dose_reasons.reason,),
    "advice": (_advice,),
    "unit": (_unit_alone,),
    "adjective": (_unit_alone,),
}
_DIGITS: tuple[Production, ...] = (
    dose_times.times,
    dose_times.every,
    dose_times.clock,
    dose_limits.pause,
    dose_limits.duration,
    dose_times.when,
    dose_amounts.quantity,
    dose_amounts.scheme,
)


def read(scan: Scan, start: int = 0) -> tuple[list[Fact], str | None]:
    """Facts in order, and the words that stopped the reading (None where all was read)."""
    facts: list[Fact] = []
    i = start
    while i < scan.size:
        stops = scan.at(i, "stays_text")
        best = _best(scan, i)
        if stops and (best is None or best[1] <= stops[1]):
            return facts, scan.words(i, stops[1])
        if best is None:
            best = dose_amounts.bracketed(scan, i)
        if best is None and scan.token(i) == "#" and scan.numeric(i + 1):
            best = ((_FILLER,), i + 2)
        if best is None and scan.token(i) == "/" and facts and isinstance(facts[-1], Route) and scan.at(i + 1, "route"):
            best = ((_FILLER,), i + 1)
        if best is None:
            if scan.token(i) not in _SIGNS and scan.token(i) != ":":
                return facts, scan.words(i, min(i + 4, scan.size))
            best = ((Join(colon=scan.token(i) == ":"),), i + 1)
        facts += best[0]
        i = best[1]
    return facts, None


@cache
def _productions(kinds: tuple[str, ...]) -> tuple[Production, ...]:
    return tuple(p for kind, ps in _BY_KIND.items() if kind in kinds for p in ps)


def _best(scan: Scan, i: int) -> Read | None:
    kinds = scan.kinds(i)
    productions = _productions(tuple(kinds))
    if scan.numeric(i):
        productions += _DIGITS
    best: Read | None = None
    for production in productions:
        one = production(scan, i)
        if one is not None and (best is None or one[1] > best[1]):
            best = one
    return best
