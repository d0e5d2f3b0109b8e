"""Where a date in an instruction ends."""

from __future__ import annotations

from gateway.normalise.dose_scan import Scan


def date_at(scan: Scan, j: int) -> int | None:
    """The place after a date: 24/06/2021, 5.7.2026, 16 January 2015, January 16, 2015."""
    tokens = [scan.token(j + n) for n in range(5)]
    if all(t.isdecimal() for t in tokens[::2]) and tokens[1] == tokens[3] and tokens[1] in {"/", "-", "."}:
        return j + 5
    if "." in tokens[0] and tokens[0].replace(".", "").isdecimal() and tokens[1] == "." and len(tokens[2]) == 4:
        return j + 3
    month = scan.at(j, "month")
    k = j if month else j + 1
    if not month:
        k = k + 1 if scan.token(k) in {"st", "nd", "rd", "th", "."} else k
        k = k + 1 if scan.token(k) == "of" else k
        month = scan.at(k, "month")
        if month is None or not scan.token(j).isdecimal():
            return None
        k = month[1]
    else:
        k = month[1]
        if not (scan.token(k).isdecimal() and int(scan.token(k)) <= 31):
            return None
        k = k + 2 if scan.token(k + 1) in {"st", "nd", "rd", "th"} else k + 1
    year = k + 1 if scan.token(k) == "," else k
    return year + 1 if scan.token(year).isdecimal() and len(scan.token(year)) == 4 else k
