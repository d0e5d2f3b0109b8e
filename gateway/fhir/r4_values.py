"""Values as R4 allows them. Sources write dates, codes and texts that no R4 reader takes; what we write must be R4."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

Json = dict[str, Any]

_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?")
# A byte order mark is a space to JavaScript and none to Python.
_URI = re.compile(r"[^\s\ufeff]+")
_CODE = re.compile(r"[^\s\ufeff]+( [^\s\ufeff]+)*")
_CONTROL = {n: "\ufffd" for n in range(32) if chr(n) not in "\t\n\r"}


def printable(text: str | None) -> bool:
    """R4 strings are not blank (`[ \\r\\n\\t\\S]+`)."""
    return bool(text and text.strip(" \t\r\n\ufeff") and text.strip())


def without_controls(value: Any) -> Any:
    """The same tree; control characters, which no R4 string may hold, stand as U+FFFD so that they stay visible."""
    if isinstance(value, str):
        return value.translate(_CONTROL)
    if isinstance(value, dict):
        return {key: without_controls(inner) for key, inner in value.items()}
    return [without_controls(inner) for inner in value] if isinstance(value, list) else value


def date(text: str | None) -> str | None:
    """An R4 date (year, month or day), None where the text is none."""
    if text is None or not _DAY.fullmatch(text):
        return None
    try:
        dt.date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return None
    return text


def date_time(text: str | None) -> str | None:
    """An R4 dateTime, None where the text is none. A time without zone is no R4 and is left out; its day stays."""
    found = _MOMENT.fullmatch(text or "")
    if found is None:
        return date(text)
    day, seconds, zone = date(found[1]), found[2], found[4]
    try:
        dt.datetime.fromisoformat(re.sub(r"\.\d+", "", found[0]))
    except ValueError:
        return day
    return found[0] if seconds and zone else day


def coding(system: str | None, code: str | None, display: str | None) -> Json | None:
    """A Coding; None where the code is none, or its system no address: another code must not be made of it."""
    if not code or not _CODE.fullmatch(code) or (printable(system) and not _URI.fullmatch(system or "")):
        return None
    parts = (("system", system), ("code", code), ("display", display))
    return {key: value for key, value in parts if printable(value)}
