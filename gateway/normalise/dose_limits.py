"""Productions for limits: at most, how long, until when, tapers and pauses."""

from __future__ import annotations

from decimal import Decimal

from gateway.normalise.dose_amounts import Read, quantity
from gateway.normalise.dose_dates import date_at
from gateway.normalise.dose_facts import (
    After,
    Count,
    DaySpan,
    Filler,
    For,
    Most,
    Over,
    Pause,
    Quantity,
    Reduce,
    Times,
    Until,
)
from gateway.normalise.dose_scan import SHORT_DURATIONS, Scan
from gateway.normalise.dose_times import every, frequency
from gateway.records.dose import Amount


def most(scan: Scan, i: int) -> Read | None:
    """ "max 8 in 24 hours", "no more than 4 times a day", "mdd 6", "max qds"."""
    daily = scan.at(i, "maximum_daily")
    lead = daily or scan.at(i, "maximum")
    if lead is None:
        return None
    j = lead[1]
    while scan.token(j) in {":", "of", "=", "is"}:
        j += 1
    read = frequency(scan, j)
    if read and isinstance(read[0][0], Times):
        often = read[0][0]
        times = often.times_max or often.times or 1
        return (Most(Decimal(times), "dose", often.period, often.unit),), read[1]
    word = scan.at(j, "times_word")
    value = (Decimal(word[0]), Decimal(word[0]), word[1]) if word else scan.span(j) or _over_slash(scan, j)
    if value is None:
        return None
    high, k = value[1], value[2]
    if unit := scan.at(k, "unit"):
        named, k = unit[0], unit[1]
    elif sign := scan.at(k, "times"):
        named, k = "dose", sign[1]
    else:
        named = "dose" if word else None
    k = k + 1 if scan.words(k, min(k + 2, scan.size)) == "in total" else k
    period = _period(scan, k) or ((Decimal(1), "d", k) if daily else None)
    return ((Most(high, named, period[0], period[1]),), period[2]) if period else None


def _over_slash(scan: Scan, j: int) -> tuple[Decimal, Decimal, int] | None:
    """The 8 of "8/24h"."""
    value = scan.digits(j)
    return (value, value, j + 1) if value is not None and scan.token(j + 1) == "/" else None


def _period(scan: Scan, k: int) -> tuple[Decimal, str, int] | None:
    often = scan.at(k, "frequency")
    if often and often[0][0] == 1:
        return Decimal(often[0][1]), often[0][2], often[1]
    j = k
    while scan.token(j) in {
        "in",
        "per",
        "every",
        "within",
        "a",
        "each",
        "/",
        "any",
        "during",
        "over",
        "the",
        "innerhalb",
        "von",
        "pro",
    }:
        j += 1
    if j == k:
        return None
    number = scan.number(j)
    j = number[1] if number else j
    j = j + 1 if scan.token(j) == "-" else j
    unit = scan.at(j, "period")
    if unit is None or (number and not number[0]):
        return None
    end = unit[1] + 1 if scan.token(unit[1]) in {"period", "time"} else unit[1]
    return (number[0] if number else Decimal(1)) * unit[0][0], unit[0][1], end


def apart(scan: Scan, i: int) -> Read | None:
    """ "Not more often than every 4 hours", "leave at least 4 hours between doses": one dose in that time."""
    lead = scan.at(i, "apart")
    span = scan.span(lead[1]) if lead else None
    unit = scan.at(span[2], "period") if span else None
    if lead is None or span is None or unit is None or not span[0]:
        return None
    after = scan.at(unit[1], "apart_after")
    if after is None and not any(word in lead[0] for word in ("every", "interval", "abstand")):
        return None
    factor, name = unit[0]
    return (Most(Decimal(1), "dose", span[0] * factor, name),), after[1] if after else unit[1]


def up_to_every(scan: Scan, i: int) -> Read | None:
    """ "Up to every 4 hours", "up to 4 hourly": not sooner than that."""
    lead = scan.at(i, "up_to")
    read = every(scan, lead[1]) if lead else None
    if read is None or not isinstance(read[0][0], Times) or read[0][0].unit not in {"min", "h"}:
        return None
    one = read[0][0]
    return (Most(Decimal(1), "dose", one.period, one.unit),), read[1]


def duration(scan: Scan, i: int) -> Read | None:
    """ "for 7 days", "x 5/7", "for up to 2 weeks", "for 3-4 weeks"; a bare "7 days" only at the end of a phrase."""
    up_to = scan.at(i, "lasting_up_to")
    lead = up_to or scan.at(i, "lasting")
    found = _length(scan, lead[1] if lead else i)
    if found is None:
        return None
    low, high, unit, j = found
    if lead is None and scan.token(j) not in {"", ".", ",", ";", ")", "then", "-"}:
        return None
    j = j + 1 if scan.token(j) in {"only", "course", "total", "lang"} else j
    return (For(Amount(low, unit), high if high != low else None, up_to=bool(up_to)),), j


def count(scan: Scan, i: int) -> Read | None:
    """ "For 3 doses"."""
    lead = scan.at(i, "lasting")
    number = scan.said_twice(lead[1]) if lead else None
    unit = scan.at(number[1], "unit") if number else None
    if number is None or unit is None or scan.token(number[1]) != "doses" or number[0] != number[0].to_integral_value():
        return None
    return ((Count(int(number[0])),), unit[1]) if 1 < number[0] < 1000 else None


def _length(scan: Scan, j: int) -> tuple[Decimal, Decimal, str, int] | None:
    top = scan.digits(j)
    if top is not None and scan.token(j + 1) == "/" and scan.token(j + 2) in SHORT_DURATIONS and top:
        return top, top, SHORT_DURATIONS[scan.token(j + 2)], j + 3
    span = scan.span(j)
    if span is None and scan.token(j) in {"a", "an"}:
        span = (Decimal(1), Decimal(1), j + 1)
    if span is None or not span[0]:
        return None
    low, high, k = span
    k = k + 1 if scan.token(k) == "-" else k
    unit = scan.at(k, "period")
    if unit is None or scan.token(k) in {"hourly", "hrly"}:
        return None
    factor, name = unit[0]
    return low * factor, high * factor, name, unit[1]


def over(scan: Scan, i: int) -> Read | None:
    """ "Over 30 minutes": how long one dose takes."""
    lead = scan.at(i, "over")
    found = _length(scan, lead[1]) if lead else None
    if found is None:
        return None
    low, high, unit, end = found
    return (Over(Amount(low, unit), high if high != low else None),), end


def first_day(scan: Scan, i: int) -> Read | None:
    lead = scan.at(i, "first_day")
    return ((For(Amount(Decimal(1), "d"), first_day=True),), lead[1]) if lead else None


def day_span(scan: Scan, i: int) -> Read | None:
    """ "On days 2-5"."""
    lead = scan.at(i, "day_span")
    span = scan.span(lead[1]) if lead else None
    if span is None or span[0] == span[1] or any(v != v.to_integral_value() or v > 400 for v in span[:2]):
        return None
    return (DaySpan(int(span[0]), int(span[1])),), span[2]


def after(scan: Scan, i: int) -> Read | None:
    lead = scan.at(i, "after")
    found = _length(scan, lead[1]) if lead else None
    if found is None or found[0] != found[1] or found[2] not in {"d", "wk", "mo"}:
        return None
    if "when" in scan.kinds(found[3]) or scan.token(found[3]) in {"of", "before", "after"}:
        return None
    return (After(Amount(found[0], found[2])),), found[3]


def until(scan: Scan, i: int) -> Read | None:
    """ "Until healed": an ending that the words file knows, or a date."""
    lead = scan.at(i, "until")
    if lead is None:
        return None
    j = lead[1]
    k = j + 1 if scan.token(j) == "the" and not scan.at(j, "ending") else j
    ending = scan.at(k, "ending")
    if ending:
        return (Until(scan.words(k, ending[1])),), ending[1]
    end = date_at(scan, j)
    return ((Until(scan.words(j, end)),), end) if end else None


def starting(scan: Scan, i: int) -> Read | None:
    """ "From 24/06/2021": a first day is the entry's, and no part of the dose."""
    lead = scan.at(i, "starting")
    end = date_at(scan, lead[1]) if lead else None
    return ((Filler(),), end) if end else None


def reduce(scan: Scan, i: int) -> Read | None:
    """ "Reducing by 5mg every week until stopped". Without an end it is no dose that can be written down."""
    lead = scan.at(i, "reduce_by")
    amount = quantity(scan, lead[1]) if lead else None
    if amount is None or not isinstance(amount[0][0], Quantity):
        return None
    by, j = amount[0][0], amount[1]
    often = every(scan, j) or frequency(scan, j)
    if often is None or not isinstance(often[0][0], Times) or by.low != by.high or not by.low:
        return None
    times, j = often[0][0], often[1]
    if times.times != 1 or times.times_max or times.period_max or times.unit not in {"d", "wk", "mo"}:
        return None
    j = j + 1 if scan.token(j) in {",", "-"} else j
    interval = Amount(times.period, times.unit)
    nothing = scan.at(j, "to_nothing")
    if nothing:
        return (Reduce(by, interval, Decimal(0)),), nothing[1]
    down = scan.at(j, "down_to")
    target = quantity(scan, down[1]) if down else None
    if target is None or not isinstance(target[0][0], Quantity):
        return None
    to = target[0][0]
    if to.unit not in {by.unit, None} or to.low != to.high:
        return None
    return (Reduce(by, interval, to.low),), target[1]


def pause(scan: Scan, i: int) -> Read | None:
    """ "Subsequent courses repeated after 7-day tablet-free interval"."""
    lead = scan.at(i, "pause_lead")
    found = _length(scan, lead[1] if lead else i)
    free = scan.at(found[3], "without_dose") if found else None
    if found is None or free is None or found[0] != found[1]:
        return None
    return (Pause(Amount(found[0], found[2]), repeats=bool(lead)),), scan.skip(free[1], "pause_end")
