"""Productions for amounts: how much is taken each time."""

from __future__ import annotations

from decimal import Decimal

from gateway.normalise.dose_facts import Also, Fact, Quantity, Scheme
from gateway.normalise.dose_scan import Scan
from gateway.normalise.dose_words import holders, measured_units
from gateway.records.dose import AmountRange

Read = tuple[tuple[Fact, ...], int]

_VOLUME = frozenset({"ml", "litre"})
_MASS = frozenset({"mg", "g", "microgram", "nanogram"})
#: After a bare number these say that it was no amount.
_NOT_AFTER = frozenset({"x", "%", "/", ":", "#", "*", "="})
#: "Apply to 2 areas": a number before a place or thing counts these, unless the word says something else too.
_ALSO_ADVICE = frozenset({"route", "harmless", "verb", "when"})
_SPOONS = frozenset({Decimal("2.5"), Decimal(5), Decimal(10), Decimal(15), Decimal(20)})


def quantity(scan: Scan, i: int) -> Read | None:
    """ "1-2 tablets", "two 5ml spoonfuls", "2 x 500mg", "4 tablets (10 mg)", "a tablet", "one"."""
    found = _amount(scan, i)
    if found is None:
        return None
    one, j = found
    second = _equal(scan, one, j)
    return ((second[0],), second[1]) if second else ((one,), j)


def bracketed(scan: Scan, i: int) -> Read | None:
    """ "(20 mg)", "(four pumps)", "(= 10 ml)"."""
    if scan.token(i) != "(":
        return None
    found = _amount(scan, i + 2 if scan.token(i + 1) == "=" else i + 1)
    if found is None or found[0].unit is None or scan.token(found[1]) != ")":
        return None
    return (Also(found[0]),), found[1] + 1


def same_twice(one: Quantity, other: Quantity) -> Quantity | None:
    """The first with the second as the same amount, where one is counted and the other measured."""
    if one.equal_to is not None or one.unit is None or not _two_ways(one, other, plain=False):
        return None
    return Quantity(one.low, one.high, one.unit, AmountRange(other.low, other.high, other.unit or ""))


def _amount(scan: Scan, i: int) -> tuple[Quantity, int] | None:
    return _one_of(scan, i) or _numbered(scan, i)


def _one_of(scan: Scan, i: int) -> tuple[Quantity, int] | None:
    """ "A tablet", "a teaspoonful"."""
    article = scan.at(i, "article")
    if article is None:
        return None
    unit = _unit(scan, article[1])
    if unit:
        return Quantity(Decimal(1), Decimal(1), unit[0]), unit[1]
    spoon = scan.at(article[1], "spoon")
    return (Quantity(spoon[0], spoon[0], "ml"), spoon[1]) if spoon else None


def _numbered(scan: Scan, i: int) -> tuple[Quantity, int] | None:
    span = scan.span(i)
    if span is None:
        return None
    low, high, j = span
    multiplied = scan.token(j) == "x"
    inner = _strength_inside(scan, low, high, j + 1 if multiplied else j, strict=not multiplied and scan.numeric(j - 1))
    if inner or multiplied:
        return inner
    spoon = scan.at(j, "spoon")
    if spoon:
        return Quantity(low * spoon[0], high * spoon[0], "ml"), spoon[1]
    unit = _unit(scan, j)
    if unit is None:
        # "At 9" is a time of the day without its half.
        return None if scan.token(i - 1) in {"at", "@", "um"} else _bare(scan, low, high, j)
    name, end = unit
    if scan.token(end) == "/" and not scan.at(end, "frequency"):
        return None
    joint = scan.at(end, "between")
    if joint and low == high:
        second = scan.number(joint[1])
        other = _unit(scan, second[1]) if second else None
        if second and other and (factor := _factor(other[0], name)) is not None:
            top = second[0] * factor
            return (Quantity(low, top, name), other[1]) if top > low else None
    if name in _MASS and scan.token(end) in holders():
        return None
    if name == "ml" and (said := _spoon(scan, end)):
        end = said
    return Quantity(low, high, name), end


#: What one of a unit is in mg.
_IN_MG = {"g": Decimal(1000), "mg": Decimal(1), "microgram": Decimal("0.001")}


def _factor(unit: str | None, into: str | None) -> Decimal | None:
    """How many `into` one `unit` is: "500mg-1g" is 500 to 1000 mg."""
    if unit == into:
        return Decimal(1)
    if unit in _IN_MG and into in _IN_MG:
        return _IN_MG[unit] / _IN_MG[into]
    return None


def _unit(scan: Scan, j: int) -> tuple[str | None, int] | None:
    """A unit, with what may stand before it: "heaped", "of the"."""
    found = scan.at(j, "unit")
    steps = 0
    while found is None and steps < 3:
        adjective = scan.at(j, "adjective")
        if adjective is None:
            return None
        j, steps = adjective[1], steps + 1
        found = scan.at(j, "unit")
    return (found[0], found[1]) if found else None


def _strength_inside(scan: Scan, low: Decimal, high: Decimal, j: int, *, strict: bool) -> tuple[Quantity, int] | None:
    """ "two 500mg tablets", "2 x 5ml spoonfuls", "2 x 500mg". After digits without "x" only spoons, never "2 5mg"."""
    while (adjective := scan.at(j, "adjective")) and not scan.at(j, "unit"):
        j = adjective[1]
    each = scan.number(j) if scan.numeric(j) else None
    unit = scan.at(each[1], "unit") if each else None
    if each is None or unit is None or unit[0] not in measured_units():
        return None
    total = AmountRange(low * each[0], high * each[0], unit[0])
    spoon = _spoon(scan, unit[1])
    if spoon:
        return (Quantity(total.low, total.high, "ml"), spoon) if unit[0] == "ml" and each[0] in _SPOONS else None
    counted = _unit(scan, unit[1])
    if strict:
        return None
    if counted and counted[0] not in measured_units():
        return Quantity(low, high, counted[0], total), counted[1]
    if scan.token(j - 1) == "x":
        return Quantity(total.low, total.high, total.unit), unit[1]
    return None


def _spoon(scan: Scan, j: int) -> int | None:
    """The place after "spoonful", "medicine spoon"."""
    named = scan.at(j, "spoon")
    unit = _unit(scan, j)
    if named:
        return int(named[1])
    return unit[1] if unit and unit[0] == "spoonful" else None


def _bare(scan: Scan, low: Decimal, high: Decimal, j: int) -> tuple[Quantity, int] | None:
    """A number alone. "2 weekly" is two a week, two every week, or one every two weeks, and is not read."""
    kinds = scan.kinds(j)
    if "period" in kinds or "times" in kinds or ("meal" in kinds and scan.token(j) == "-"):
        return None
    if scan.token(j) in _NOT_AFTER or (scan.token(j) == "-" and (scan.numeric(j + 1) or _rare(scan, j + 1))):
        return None
    if scan.token(j) == "-" and "period" in scan.kinds(j + 1):
        return None
    if scan.token(j) == "." and "unit" in scan.kinds(j + 1):
        return None
    if "advice" in kinds and not _ALSO_ADVICE & kinds.keys():
        return None
    if not low == high == 1 and _rare(scan, j):
        return None
    if scan.numeric(j - 1) and ("am" in kinds or "pm" in kinds):
        return None
    if scan.numeric(j) and scan.numeric(j - 1) and not _times_follow(scan, j):
        return None
    return Quantity(low, high, None), j


def _rare(scan: Scan, j: int) -> bool:
    often = scan.at(j, "frequency")
    return bool(often and often[0][2] in {"wk", "mo", "a", "h"} and scan.token(j) not in {"once", "every", "each", "q"})


def _times_follow(scan: Scan, j: int) -> bool:
    """ "1 2 times a day": two numbers side by side are an amount and a frequency only where "times" follows."""
    span = scan.span(j)
    return bool(span and (scan.at(span[2], "times") or scan.at(span[2], "unit") or scan.token(span[2]) in {"x", "/"}))


def _equal(scan: Scan, one: Quantity, j: int) -> tuple[Quantity, int] | None:
    """The same amount in a second unit, where one is counted and the other measured (or mass and volume)."""
    if one.equal_to is not None or one.unit is None:
        return None
    bracket = scan.token(j) == "("
    k = j + 1 if bracket else j
    sign = scan.token(k) == "="
    if sign:
        k += 1
    elif scan.words(k, min(k + 2, scan.size)) == "equivalent to":
        k += 2
        sign = True
    second = _amount(scan, k)
    if second is None or second[0].unit is None:
        return None
    other, end = second
    total = False
    while (word := scan.token(end)) in {"total", "in", "dose", "solution", "of", "each"}:
        if word == "each":
            other = Quantity(other.low * one.low, other.high * one.high, other.unit)
        total, end = True, end + 1
    if bracket:
        if scan.token(end) != ")":
            return None
        end += 1
    elif not (total or sign or one.low == one.high == 1):
        return None
    if not _two_ways(one, other, plain=not (bracket or sign or total)):
        return None
    return Quantity(one.low, one.high, one.unit, AmountRange(other.low, other.high, other.unit or "")), end


def _two_ways(one: Quantity, other: Quantity, *, plain: bool) -> bool:
    if not one.low or not other.low or (one.low == one.high) != (other.low == other.high):
        return False
    counted = (one.unit not in measured_units()) + (other.unit not in measured_units())
    if counted == 1:
        return not plain or other.unit in measured_units()
    kinds = {_kind(one.unit), _kind(other.unit)}
    return counted == 0 and len(kinds) == 2 and not plain


def _kind(unit: str | None) -> str:
    return "mass" if unit in _MASS else "volume" if unit in _VOLUME else "other"


def scheme(scan: Scan, i: int) -> Read | None:
    """1-0-1, 1-0-1-0, ½-0-½; three amounts that only count up (1-2-3) are no scheme."""
    amounts: list[Decimal] = []
    j = i
    while True:
        one = scan.number(j)
        if one is None or (not scan.numeric(j) and scan.token(j) not in {"½", "¼", "¾"}):
            return None
        if len(scan.token(j)) > 1 and scan.token(j)[0] == "0" and scan.token(j)[1] not in ".,":
            return None
        amounts.append(one[0])
        j = one[1]
        if scan.token(j) != "-" or len(amounts) == 4:
            break
        j += 1
    if len(amounts) < 3 or scan.token(j) in {"-", "/", ":", "%"}:
        return None
    spoon = scan.at(j, "spoon")
    if spoon:
        return (Scheme(tuple(a * spoon[0] for a in amounts), "ml"),), spoon[1]
    unit = _unit(scan, j)
    if unit is None:
        if max(amounts) > 10 or scan.numeric(j):
            return None
        if len(amounts) == 3 and 0 not in amounts and amounts == sorted(set(amounts)):
            return None
    return (Scheme(tuple(amounts), unit[0] if unit else None),), unit[1] if unit else j
