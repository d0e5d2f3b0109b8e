"""Medicines over time as a drawing: a row for each medicine, a lane for each organisation, its dose written on it.

Lengths are in the drawing's own units, one to a CSS pixel at its natural size. Nothing is cut: a dose that is longer
than its bar stands to the right of it, broken between words where there is less room; where there is none, under it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from msgspec import Struct

from gateway.review import words

#: Of Arial at 12 px, on the broad side.
_LETTER = 6.6
_LINE = 15
#: Room beside a bar that is enough to read a broken dose.
_LEAST = 120
_TOP = 44


class Span(Struct, frozen=True, kw_only=True):
    """One entry over time. `start` None: not recorded; `end` None: goes on. `kind` is gp, pharmacy, hospital, by-hand.

    `from_words` and `until_words` are for the table, as far as they are known.
    """

    row: str
    medicine: str
    lane: str
    kind: str
    dose: str
    status: str
    start: dt.date | None
    end: dt.date | None
    suspended: bool
    ended: bool
    from_words: str
    until_words: str


class Stay(Struct, frozen=True, kw_only=True):
    """An admission; `end` None: it goes on."""

    start: dt.date
    end: dt.date | None


class Layout(Struct, frozen=True, kw_only=True):
    """`stacked` puts the medicine above its lanes, for a phone."""

    width: int
    names: int
    back: int
    ahead: int
    stacked: bool = False


WIDE = Layout(width=1180, names=310, back=120, ahead=60)
PHONE = Layout(width=358, names=112, back=28, ahead=14, stacked=True)


class Text(Struct, frozen=True):
    x: float
    y: float
    words: str
    anchor: str = "start"


class Bar(Struct, frozen=True, kw_only=True):
    """`height` is of the bar itself, `room` what it takes with its words."""

    x: float
    y: float
    width: float
    height: float
    room: float
    look: str
    title: str
    lines: tuple[Text, ...]


class Drawing(Struct, frozen=True, kw_only=True):
    """`rules` are the heights of the lines between medicines, `grid` the places of months with their words."""

    width: int
    height: float
    left: int
    medicines: tuple[Text, ...]
    lanes: tuple[Text, ...]
    bars: tuple[Bar, ...]
    rules: tuple[float, ...]
    grid: tuple[Text, ...]
    stays: tuple[tuple[float, float], ...]
    today: float


def draw(spans: Sequence[Span], stays: Sequence[Stay], at: dt.date, layout: Layout) -> Drawing:
    """`spans` in the order of rows, then of lists."""
    first, last = at - dt.timedelta(days=layout.back), at + dt.timedelta(days=layout.ahead)
    right = layout.width - layout.names
    medicines: list[Text] = []
    lanes: list[Text] = []
    bars: list[Bar] = []
    rules: list[float] = []
    y: float = _TOP
    row = lane = ""

    def place(day: dt.date) -> float:
        inside = min(max(day, first), last)
        return round(layout.names + right * (inside - first).days / (last - first).days, 1)

    for one in spans:
        if one.row != row:
            rules.append(y)
            y += 6
            for n, said in enumerate(_wrapped(one.medicine, layout.width if layout.stacked else 190)):
                medicines.append(Text(0, y + 12 + n * _LINE, said))
                if layout.stacked:
                    y += _LINE + 2 if n == 0 else _LINE
            row, lane = one.row, ""
        names = _wrapped(one.lane, (layout.names - 8) if layout.stacked else 130) if one.lane != lane else []
        lanes += [Text(layout.names - 8, y + 12 + n * _LINE, said, "end") for n, said in enumerate(names)]
        lane = one.lane
        bar = _bar(one, place, y, at, layout)
        bars.append(bar)
        y += max(bar.height, bar.room, len(names) * _LINE) + 4
    months = [d for n in range((last - first).days + 1) if (d := first + dt.timedelta(days=n)).day == 1]
    return Drawing(
        width=layout.width,
        height=y + 6,
        left=layout.names,
        medicines=tuple(medicines),
        lanes=tuple(lanes),
        bars=tuple(bars),
        rules=tuple(rules),
        grid=tuple(Text(place(d), _TOP - 4, words.date(d.isoformat()[:7]) or "") for d in months),
        stays=tuple((place(s.start), place(s.end or at) - place(s.start)) for s in stays if (s.end or at) >= first),
        today=place(at),
    )


def _bar(one: Span, place: object, y: float, at: dt.date, layout: Layout) -> Bar:
    assert callable(place)
    begins = place(one.start) if one.start else float(layout.names)
    ends = place(one.end or at) if one.start else begins
    width = max(ends - begins, 4.0) if one.start else 0.0
    said = one.dose if one.start else f"no date recorded: {one.dose}"
    if one.status:
        said = f"{one.status} – {said}"
    lines, x, down = _placed(said, begins, begins + width, layout)
    texts = tuple(Text(x, y + 12 + (n + down) * _LINE, line) for n, line in enumerate(lines))
    look = "suspended" if one.suspended else "ended" if one.ended else one.kind
    title = f"{one.medicine}, {one.lane}: {one.from_words} to {one.until_words}, {said}"
    high, text = _LINE + 2, (len(lines) + down) * _LINE + 2
    inside = len(lines) if x < begins + width and not down else 1
    return Bar(
        x=begins, y=y, width=round(width, 1), height=max(high, inside * _LINE + 2), room=text, look=look, title=title,
        lines=texts,
    )  # fmt: skip


def _placed(said: str, begins: float, ends: float, layout: Layout) -> tuple[list[str], float, int]:
    """Lines, where they begin, and by how many lines they stand lower: on the bar, beside it, or under it."""
    on, beside = ends - begins - 8, layout.width - ends - 8
    if len(said) * _LETTER <= on:
        return [said], begins + 4, 0
    longest = max(len(word) for word in said.split(" ")) * _LETTER
    if beside >= min(len(said) * _LETTER, max(longest, _LEAST)):
        return _wrapped(said, beside), round(ends + 5, 1), 0
    lines = _wrapped(said, layout.width - layout.names - 8)
    width = max(len(line) for line in lines) * _LETTER
    return lines, round(max(layout.names + 4, min(begins, layout.width - width - 4)), 1), 1 if ends > begins else 0


def _wrapped(text: str, width: float) -> list[str]:
    """Lines between words, a number kept with its unit; a single word longer than a line stays whole."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and (len(lines[-1]) + 1 + len(word)) * _LETTER <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
