"""Ten thousand random and malformed instructions: no exception, bounded time, the same answer each time."""

from __future__ import annotations

import random
import time

import pytest

from gateway.normalise.dose_text import READ_AT_MOST, read_dose_text
from gateway.normalise.dose_words import load_dose_words
from gateway.records.dose import Dose
from gateway.terminology.vocabulary import Vocabulary
from tests.unit.normalise.test_dose_cases import CASES

SEED = 20261126
SIGNS = "()[]{}/\\-–—.,;:#%&*+=<>@!?'\"½¼⅓²①½٣𝟙\u200b\u0000\n\t"


def texts(count: int) -> list[str]:
    """Broken cases of the table, shuffled words of the files, random characters, and their mixtures."""
    chance = random.Random(SEED)
    words = load_dose_words()
    known = [
        *words.numbers,
        *words.frequency_words,
        *words.harmless,
        *words.safety,
        *words.stays_text,
        *words.period_units,
    ]
    known += [w for ws in words.grammar.values() for w in ws] + [
        "tablet",
        "mg",
        "ml",
        "1",
        "2",
        "0",
        "99999999999",
        "1/0",
    ]
    said = [str(case["say"]) for case in CASES]
    made = []
    for _ in range(count):
        kind = chance.randrange(5)
        if kind == 0:
            text = chance.choice(said)
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(SIGNS) + text[at + chance.randrange(3) :]
        elif kind == 1:
            text = " ".join(chance.choices(known, k=chance.randrange(1, 25)))
        elif kind == 2:
            text = "".join(chance.choices(SIGNS + "abz019 ", k=chance.randrange(1, 80)))
        elif kind == 3:
            text = "".join(chr(chance.randrange(1, 0x2FFF)) for _ in range(chance.randrange(1, 60)))
        else:
            one, two = chance.sample(said, 2)
            text = one[: chance.randrange(len(one) + 1)] + two[chance.randrange(len(two)) :]
        made.append(text)
    return made


def test_ten_thousand_malformed_texts_are_read_or_left_as_text(vocabulary: Vocabulary) -> None:
    for text in texts(10_000):
        dose = read_dose_text(text, vocabulary)
        assert dose.text == text
        assert dose.parsed == bool(dose.sequence)
        assert dose.parsed == (dose.why_not is None)
        for step in dose.sequence:
            assert step.low is None or step.high is None or 0 <= step.low <= step.high
            assert step.period is None or step.period > 0
            assert step.frequency is None or step.frequency > 0


@pytest.mark.parametrize(
    "text",
    [
        "1-" * (READ_AT_MOST // 2),
        "1 to " * (READ_AT_MOST // 5),
        "one (" * (READ_AT_MOST // 5),
        "for " * (READ_AT_MOST // 4),
        "prn for pain and " * (READ_AT_MOST // 17),
        "a " * (READ_AT_MOST // 2),
        "half a " * (READ_AT_MOST // 7),
        "every every " * (READ_AT_MOST // 12),
        "monday and " * (READ_AT_MOST // 11),
        "mon," * (READ_AT_MOST // 4),
        "8am and " * (READ_AT_MOST // 8),
        "1 tablet then " * (READ_AT_MOST // 14),
        "(" * READ_AT_MOST,
        "½" * READ_AT_MOST,
        "9" * READ_AT_MOST,
        "x" * 100_000,
        "skin and " * (READ_AT_MOST // 9),
    ],
)
def test_no_text_takes_long(text: str, vocabulary: Vocabulary) -> None:
    read_dose_text("warm", vocabulary)
    started = time.perf_counter()
    read_dose_text(text, vocabulary)
    assert time.perf_counter() - started < 0.5


def test_reading_twice_is_reading_once(vocabulary: Vocabulary) -> None:
    for case in CASES:
        first, second = read_dose_text(case["say"], vocabulary), read_dose_text(case["say"], vocabulary)
        assert first == second
        spaced = read_dose_text(f"  {str(case['say']).upper()}\n", vocabulary)
        assert spaced.sequence == first.sequence, case["say"]


def test_dose_texts_seen_before_are_read_at_fifty_thousand_a_second(vocabulary: Vocabulary) -> None:
    said = [str(case["say"]) for case in CASES]
    for text in said:
        read_dose_text(text, vocabulary)
    best = 0.0
    for _ in range(5):
        started = time.perf_counter()
        for text in said * 20:
            read_dose_text(text, vocabulary)
        best = max(best, len(said) * 20 / (time.perf_counter() - started))
    assert best > 50_000


def test_an_instruction_that_is_too_long_says_so(vocabulary: Vocabulary) -> None:
    text = "one daily " * 100
    assert read_dose_text(text, vocabulary) == Dose(text=text, why_not="the instruction is too long to be read safely")
