"""The grammar of dosage instructions: ordered productions, each reads one fact at the place where the last one ended.

A text is read only if facts and harmless words account for every character of it; one unknown word leaves it text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

from gateway.normalise.dose_words import Lexicon, any_of, value_of
from gateway.records.dose import Amount


class Quantity(Struct, frozen=True):
    low: Decimal
    high: Decimal
    unit: str | None


class Times(Struct, frozen=True):
    """`times` None: only the upper limit is said ("up to four times a day")."""

    times: int | None
    times_max: int | None
    period: Decimal
    period_max: Decimal | None
    unit: str


class When(Struct, frozen=True):
    codes: tuple[str, ...]


class Days(Struct, frozen=True):
    days: tuple[str, ...]


class Clock(Struct, frozen=True):
    times: tuple[str, ...]


class For(Struct, frozen=True):
    duration: Amount


class AsNeeded(Struct, frozen=True):
    reason: str | None


class Most(Struct, frozen=True):
    """`unit` None is the unit of the amount; "4 times in 24 hours" counts doses."""

    value: Decimal
    unit: str | None
    period: Decimal
    period_unit: str


class Route(Struct, frozen=True):
    name: str


class Once(Struct, frozen=True):
    pass


class Join(Struct, frozen=True):
    """`then` begins a later step, `and` may begin a further one."""

    then: bool


class Filler(Struct, frozen=True):
    pass


Fact = Quantity | Times | When | Days | Clock | For | AsNeeded | Most | Route | Once | Join | Filler
Production = tuple[re.Pattern[str], Callable[[re.Match[str]], Fact | None]]

_END = r"(?![a-z0-9])"
_REASON = (
    r"(?:\s+(?:for|to\s+relieve|to\s+control)\s+(?P<reason>[a-z][a-z' /-]{1,60}?)"
    r"(?=\s*(?:[.,;()]|$|\s(?:max|maximum|up to|no more|do not|not))))?"
)


class Grammar:
    """Productions for one lexicon, in the order in which they are tried."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._numbers = tuple(lexicon.numbers.items())
        words, q, n = lexicon.words, lexicon.quantity, lexicon.number
        period = any_of(words.period_units)
        times = rf"(?:(?P<word>{any_of(words.times_words)})|(?P<n>{q})\s*(?:x|times?))"
        when = any_of(lexicon.when)
        day = any_of(lexicon.days)
        # "2 weekly" is two a week, two every week, or one every two weeks.
        self._two_weekly = re.compile(rf"(?<![a-z0-9.])(?!(?:one|1|a)\b){n}\s*-?\s*(?:weekly|monthly)(?![a-z])")
        self._stays_text = re.compile(rf"(?<![a-z])(?:{any_of(words.stays_text)})(?![a-z])")
        span = rf"(?:(?:in|per|every|within|a|each|/|in\s+any|in\s+each)?\s*(?:a\s+)?(?P<m>{n})?[-\s]*(?P<p>{period}))"
        some_day = rf"(?:{day})(?:\s*(?:,|and|&|/)\s*(?:on\s+)?(?:{day}))*"
        upto = r"(?:(?P<upto>up\s+to|at\s+most)\s+)?"
        per = rf"(?:a|per|each|every|in\s+a|/|in)?\s*(?P<m>{n}\s*)?(?P<p>{period}|daily|weekly|monthly)"
        rules: list[tuple[str, Callable[[re.Match[str]], Fact | None]]] = [
            (
                rf"(?:{any_of(words.maximum)})\s*:?\s*(?P<n>{q})\s*(?P<u>{lexicon.units}|times|doses?)?\s*"
                rf"(?:daily|{span}(?:\s+period)?){_END}",
                self._most,
            ),
            (rf"{upto}{times}\s*{per}{_END}", self._times),
            (rf"(?:every|each|q)\s*(?P<n>{q})\s*-?\s*(?P<p>{period}){_END}", self._every),
            (rf"(?P<n>{q})\s*-?\s*(?P<p>hourly|hrly|hrly|weekly|monthly|daily){_END}", self._hourly),
            (rf"(?:for|x)\s+(?:the\s+next\s+)?(?P<n>{n})\s*(?P<p>{period})(?:\s+only)?{_END}", self._for),
            (rf"(?P<w>{any_of(words.as_needed)}){_END}{_REASON}", self._as_needed),
            (rf"(?P<w>{any_of(words.once_only)}){_END}", lambda m: Once()),
            (rf"(?P<w>{any_of(words.frequency_words)}){_END}", self._frequency_word),
            (rf"(?:on\s+)?(?:a\s+|every\s+|each\s+)?(?P<w>{some_day}){_END}", self._days),
            (rf"at\s+(?P<w>\d{{1,2}}(?::\d\d)?\s*(?:am|pm)|\d{{1,2}}:\d\d){_END}", self._clock),
            (rf"(?P<w>{any_of(words.routes)}){_END}", lambda m: Route(words.routes[_plain(m["w"])])),
            (rf"(?P<n>{q})\s*x\s*(?P<v>{n})\s*(?P<u>ml)\s*(?:spoonfuls?|spoonsful|spoons?){_END}", self._spoons),
            (rf"(?P<n>{q})\s+(?P<v>{n})\s*(?P<u>ml)\s*(?:spoonfuls?|spoonsful|spoons?){_END}", self._spoons),
            (rf"(?P<n>{q})\s*(?P<u>{lexicon.units})(?:\(s\))?{_END}", self._quantity),
            (rf"(?P<n>(?:a|an)(?=\s))\s*(?P<u>{lexicon.units}){_END}", self._quantity),
            (rf"(?P<w>{when}){_END}", lambda m: When((lexicon.when[_plain(m["w"])],))),
            (rf"(?P<n>{q}){_END}(?!\s*(?:(?:{period}){_END}|%|x\b))", self._quantity),
            # Longest first over both: "to" alone is harmless, and would leave "be injected" of "to be injected".
            (rf"(?:{any_of((*words.harmless, *words.verbs))}){_END}", lambda m: _join(m.group())),
            (r"[,;.()&]+|-(?=\s)|and\b|then\b|followed\s+by\b", lambda m: _join(m.group())),
        ]  # fmt: skip
        self._productions: list[Production] = [(re.compile(pattern), make) for pattern, make in rules]

    def read(self, text: str) -> tuple[list[Fact], str | None]:
        """Facts in order, and the words that stopped the reading (None where all was read)."""
        stop = self._stays_text.search(text) or self._two_weekly.search(text)
        if stop:
            return [], stop.group()
        facts: list[Fact] = []
        at = 0
        while at < len(text):
            if text[at].isspace():
                at += 1
                continue
            for pattern, make in self._productions:
                match = pattern.match(text, at)
                if match and match.end() > at:
                    fact = make(match)
                    if fact is not None:
                        facts.append(fact)
                        at = match.end()
                        break
            else:
                return facts, " ".join(text[at:].split()[:4])
        return facts, None

    def _value(self, text: str) -> Decimal | None:
        return value_of(" ".join(text.split()), self._numbers)

    def _range(self, text: str) -> tuple[Decimal, Decimal] | None:
        match = re.fullmatch(rf"({self._lexicon.number})(?:\s*(?:-|–|to|or)\s*({self._lexicon.number}))?", text.strip())
        if match is None:
            one = self._value(text)
            return (one, one) if one is not None else None
        low = self._value(match[1])
        high = self._value(match[2]) if match[2] else low
        return (low, high) if low is not None and high is not None and low <= high else None

    def _quantity(self, m: re.Match[str]) -> Fact | None:
        between = self._range(m["n"])
        unit = m.groupdict().get("u")
        if between is None:
            return None
        return Quantity(between[0], between[1], self._lexicon.unit_words[_plain(unit)] if unit else None)

    def _spoons(self, m: re.Match[str]) -> Fact | None:
        between, each = self._range(m["n"]), self._value(m["v"])
        return Quantity(between[0] * each, between[1] * each, "ml") if between and each else None

    def _unit(self, word: str) -> tuple[Decimal, str] | None:
        plain = {"daily": "day", "weekly": "week", "monthly": "month", "hourly": "hour", "hrly": "hour"}.get(word, word)
        unit = self._lexicon.words.period_units.get(plain)
        if unit is None:
            return None
        return (Decimal(2), "wk") if unit == "2wk" else (Decimal(1), unit)

    def _times(self, m: re.Match[str]) -> Fact | None:
        word = m["word"]
        between = (Decimal(self._lexicon.words.times_words[word]),) * 2 if word else self._range(m["n"])
        unit = self._unit(_plain(m["p"]))
        many = self._value(m["m"]) if m["m"] else Decimal(1)
        if between is None or unit is None or many is None or any(b != b.to_integral_value() for b in between):
            return None
        low, high = int(between[0]), int(between[1])
        period = unit[0] * many
        if m["upto"]:
            return Times(None, high, period, None, unit[1])
        return Times(low, high if high != low else None, period, None, unit[1])

    def _every(self, m: re.Match[str]) -> Fact | None:
        between, unit = self._range(m["n"]), self._unit(_plain(m["p"]))
        if between is None or unit is None or not between[0]:
            return None
        low, high = between[0] * unit[0], between[1] * unit[0]
        return Times(1, None, low, high if high != low else None, unit[1])

    def _hourly(self, m: re.Match[str]) -> Fact | None:
        """ "6 hourly" is every six hours; "2 weekly" could be twice in one or once in two, and is not read."""
        return self._every(m) if m["p"] in {"hourly", "hrly"} else None

    def _for(self, m: re.Match[str]) -> Fact | None:
        value, unit = self._value(m["n"]), self._unit(_plain(m["p"]))
        return For(Amount(value * unit[0], unit[1])) if value and unit else None

    def _as_needed(self, m: re.Match[str]) -> Fact | None:
        reason = m["reason"]
        return AsNeeded(_plain(reason) if reason else None)

    def _frequency_word(self, m: re.Match[str]) -> Fact | None:
        times, period, unit = self._lexicon.words.frequency_words[_plain(m["w"])]
        return Times(times, None, Decimal(period), None, unit)

    def _days(self, m: re.Match[str]) -> Fact | None:
        found = re.findall(any_of(self._lexicon.days), m["w"])
        return Days(tuple(dict.fromkeys(self._lexicon.days[_plain(d)] for d in found)))

    def _clock(self, m: re.Match[str]) -> Fact | None:
        match = re.fullmatch(r"(\d{1,2})(?::(\d\d))?\s*(am|pm)?", m["w"])
        if match is None:
            return None
        hour, minute = int(match[1]), int(match[2] or 0)
        if match[3] and not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[3] == "pm" else 0) if match[3] else hour
        return Clock((f"{hour:02}:{minute:02}",)) if hour < 24 and minute < 60 else None

    def _most(self, m: re.Match[str]) -> Fact | None:
        value = self._range(m["n"])
        word = _plain(m["u"]) if m["u"] else None
        unit = self._unit(_plain(m["p"])) if m["p"] else (Decimal(1), "d")
        many = self._value(m["m"]) if m["m"] else Decimal(1)
        if value is None or unit is None or not many:
            return None
        counted = word in {"times", "dose", "doses"}
        named = "dose" if counted else self._lexicon.unit_words[word] if word else None
        return Most(value[1], named, many * unit[0], unit[1])


def _plain(text: str) -> str:
    return " ".join(text.split())


def _join(text: str) -> Fact:
    """A separator, a verb or harmless words. "then" begins a step; the rest joins nothing and changes nothing."""
    word = _plain(text)
    if word in {"then", "followed by"}:
        return Join(then=True)
    return Join(then=False) if word == "and" or set(word) <= set(",;.()&-") else Filler()
