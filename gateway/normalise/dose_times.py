"""Productions for times: how often, when in the day, on which days."""

from __future__ import annotations

from decimal import Decimal

from gateway.normalise.dose_amounts import Read
from gateway.normalise.dose_facts import Clock, Days, Filler, Times, When
from gateway.normalise.dose_scan import Scan

_SEPARATORS = frozenset({",", "&", "/", "and", "und", "+"})


def frequency(scan: Scan, i: int) -> Read | None:
    """ "daily", "bd", "every other day"; "od-bd" and "once or twice" are ranges."""
    one = scan.at(i, "frequency")
    if one is None:
        return None
    (times, period, unit), j = one
    joint = scan.at(j, "between") or scan.at(j, "or")
    second = scan.at(joint[1], "frequency") if joint else None
    if second and second[0][1:] == (period, unit) and second[0][0] > times:
        return (Times(times, second[0][0], Decimal(period), None, unit),), second[1]
    if second and joint and joint[0] != "-":
        return None
    return (Times(times, None, Decimal(period), None, unit),), j


def times(scan: Scan, i: int) -> Read | None:
    """ "twice a day", "3-4 times daily", "2x/week", "up to four times in 24 hours"."""
    limit = scan.at(i, "up_to")
    counted = _count(scan, limit[1] if limit else i)
    if counted is None:
        if limit and (read := frequency(scan, limit[1])) and isinstance(read[0][0], Times):
            one = read[0][0]
            return (Times(None, one.times_max or one.times, one.period, None, one.unit),), read[1]
        return None
    low, high, j = counted
    spread = _per(scan, j)
    if spread is None:
        # "Once at night": the time of the day says how often.
        once_then = (low, high) == (1, 1) and not limit and ("when" in scan.kinds(j) or "at" in scan.kinds(j))
        return ((Filler(),), j) if once_then and not scan.numeric(i) else None
    period, period_max, unit, end = spread
    if limit:
        return (Times(None, high, period, period_max, unit),), end
    return (Times(low, high if high != low else None, period, period_max, unit),), end


def _count(scan: Scan, i: int) -> tuple[int, int, int] | None:
    """How many times, at least and at most."""
    first = _one_count(scan, i)
    if first is None:
        return None
    low, j, said = first
    high = low
    joint = scan.at(j, "between")
    if joint and (second := _one_count(scan, joint[1])):
        mixed = joint[0] == "-" and scan.numeric(i) != scan.numeric(joint[1])
        high, j, said = second
        if high <= low or mixed:
            return None
    return (low, high, j) if said else None


def _one_count(scan: Scan, i: int) -> tuple[int, int, bool] | None:
    """A count, where it ends, and whether "times" was said."""
    word = scan.at(i, "times_word")
    if word:
        return word[0], word[1], True
    number = scan.said_twice(i, times=True)
    if number is None or number[0] != number[0].to_integral_value() or not 0 < number[0] < 100:
        return None
    sign = scan.at(number[1], "times")
    return int(number[0]), sign[1] if sign else number[1], bool(sign)


def _per(scan: Scan, j: int) -> tuple[Decimal, Decimal | None, str, int] | None:
    """ "a day", "/week", "in 24 hours", "daily", "every 2 to 3 days": the period that a count is spread over."""
    often = scan.at(j, "frequency")
    if often and often[0][0] == 1:
        return Decimal(often[0][1]), None, often[0][2], often[1]
    spread = every(scan, j)
    if spread and isinstance(spread[0][0], Times):
        one = spread[0][0]
        return one.period, one.period_max, one.unit, spread[1]
    if scan.token(j) == "day" and scan.token(j - 1) in {"x", "times"}:
        return Decimal(1), None, "d", j + 1
    k = j
    if scan.token(k) in {"in", "per", "within", "over", "a", "an", "/", "each", "pro", "innerhalb"}:
        k += 1
    k = k + 1 if scan.token(k) in {"a", "any", "each", "der", "dem"} else k
    number = scan.number(k) if k > j else None
    unit = scan.at(number[1] if number else k, "period") if k > j else None
    if unit is None:
        return None
    factor, name = unit[0]
    value = number[0] if number else Decimal(1)
    return (value * factor, None, name, unit[1]) if value else None


def every(scan: Scan, i: int) -> Read | None:
    """ "every 4-6 hours", "q8h", "6 hourly", "every one and a half to three hours"."""
    lead = scan.at(i, "every")
    span = scan.span(lead[1] if lead else i)
    if span is None:
        return None
    low, high, j = span
    j = j + 1 if scan.token(j) == "-" else j
    unit = scan.at(j, "period")
    if unit is None or not low:
        return None
    word = scan.token(j)
    if not lead and word not in {"hourly", "hrly", "stündlich"}:
        return None
    factor, name = unit[0]
    return (Times(1, None, low * factor, high * factor if high != low else None, name),), unit[1]


def when(scan: Scan, i: int) -> Read | None:
    """ "in the morning", "30 minutes before breakfast", "with breakfast, lunch and evening meal"."""
    if scan.token(i) == "on" and _is_omne_nocte(scan, i):
        return (When(("NIGHT",)),), i + 1
    j = _offset(scan, i)
    found = scan.at(j, "when")
    if found is None:
        return None
    (code, meals), end = found
    if j > i and not code.startswith(("AC", "PC")):
        return None
    codes = [code]
    if len(code) > 1 and code[-1] in "MDV" and code[:-1] in {"AC", "PC", "C"}:
        while more := _meal(scan, end):
            codes.append(code[:-1] + more[0])
            end = more[1]
    return (When(tuple(dict.fromkeys(codes)), meals),), end


def _is_omne_nocte(scan: Scan, i: int) -> bool:
    """ "1 ON", "2 tabs ON prn": every night, where an amount stands before it and no day or site can follow."""
    before = i > 0 and (scan.numeric(i - 1) or "number" in scan.kinds(i - 1) or "unit" in scan.kinds(i - 1))
    kinds = scan.kinds(i + 1)
    ends = scan.token(i + 1) in {"", ".", ",", ";", ")"}
    return before and (ends or any(kind in kinds for kind in ("as_needed", "lasting", "then", "until", "stop")))


def _offset(scan: Scan, i: int) -> int:
    """The place after "30 minutes", "half an hour", "at least one hour" where "before" or "after" follows."""
    j = scan.skip(i, "offset")
    k = j + 1 if scan.token(j) == "half" else j
    if scan.token(k) == "an" and scan.token(k + 1) == "hour":
        return k + 2
    span = scan.span(j)
    k = scan.skip(span[2], "dash") if span else j
    unit = scan.at(k, "period") if span else None
    return unit[1] if unit and unit[0][1] in {"min", "h"} else i


def _meal(scan: Scan, j: int) -> tuple[str, int] | None:
    """A further meal of a list: ", lunch" or "and evening meal"."""
    k = j
    while scan.token(k) in _SEPARATORS:
        k += 1
    found = scan.at(k, "meal") if k > j else None
    return (found[0], found[1]) if found else None


def days(scan: Scan, i: int) -> Read | None:
    """ "on Monday and Thursday", "Mon/Wed/Fri", "every Monday", "Monday to Friday", "weekdays"."""
    found: list[str] = []
    j = i
    while True:
        k = j
        if found:
            while scan.token(k) in _SEPARATORS:
                k += 1
        while scan.token(k) in {"on", "a", "every", "each", "am", "an", "the", "jeden", "only"}:
            k += 1
        one = scan.at(k, "day")
        if one is None or (k == j and found and scan.token(j) not in _SEPARATORS and len(one[0]) == 0):
            break
        j = one[1]
        found += one[0]
        last = _until_day(scan, one[0], j)
        if last:
            found, j = found + list(last[0]), last[1]
    return ((Days(tuple(dict.fromkeys(found))),), j) if found else None


#: As many as may be taken at once.
_FEW = 4
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _until_day(scan: Scan, first: tuple[str, ...], j: int) -> tuple[tuple[str, ...], int] | None:
    """ "Monday to Friday" holds the days between."""
    joint = scan.at(j, "between")
    last = scan.at(joint[1], "day") if joint and joint[0] in {"-", "to", "bis"} else None
    if last is None or len(first) != 1 or len(last[0]) != 1:
        return None
    start, end = _WEEK.index(first[0]), _WEEK.index(last[0][0])
    return (_WEEK[start : end + 1], last[1]) if start < end else None


def clock(scan: Scan, i: int) -> Read | None:
    """ "at 8am and 10pm", "08:00, 12:00 and 20:00", "at 2200 hours"."""
    lead = scan.at(i, "at")
    j = lead[1] if lead else i
    found: list[str] = []
    while one := _one_clock(scan, j, led=bool(lead) or bool(found)):
        found.append(one[0])
        end = j = one[1]
        while scan.token(j) in _SEPARATORS:
            j += 1
        j = scan.skip(j, "at") if j > end else j
    if not found:
        return None
    return (Clock(tuple(dict.fromkeys(found))),), end


def _one_clock(scan: Scan, j: int, *, led: bool) -> tuple[str, int] | None:
    if not scan.numeric(j):
        return None
    token, minute, k = scan.token(j), "0", j + 1
    exact = False
    if scan.token(k) == ":" and scan.numeric(k + 1) and len(scan.token(k + 1)) == 2:
        minute, k, exact = scan.token(k + 1), k + 2, True
        if scan.token(k) == ":" and scan.token(k + 1) == "00":
            k += 2
    elif len(token) == 4 and token.isdecimal() and led:
        token, minute, exact = token[:2], token[2:], True
    elif "." in token and len(token.partition(".")[2]) == 2:
        token, _, minute = token.partition(".")
    half = scan.at(k, "am") or scan.at(k, "pm")
    afternoon = bool(scan.at(k, "pm"))
    if half:
        k = half[1]
    elif (hours := scan.at(k, "hours_word")) and (exact or hours[0] == "uhr"):
        k, exact = hours[1], True
    if not (half or exact) or not (token.isdecimal() and minute.isdecimal()):
        return None
    hour, minutes = int(token), int(minute)
    if half:
        # "1 am and 2 pm" may be amounts in the morning and the evening.
        if not 1 <= hour <= 12 or (hour <= _FEW and not led and not exact):
            return None
        hour = hour % 12 + (12 if afternoon else 0)
    return (f"{hour:02}:{minutes:02}", k) if hour < 24 and minutes < 60 else None
