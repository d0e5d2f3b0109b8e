"""What the productions of the grammar find in an instruction, one fact for each."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from gateway.records.dose import Amount, AmountRange


class Quantity(Struct, frozen=True):
    """`equal_to` is the same amount in another unit: "4 tablets (10 mg)"."""

    low: Decimal
    high: Decimal
    unit: str | None
    equal_to: AmountRange | None = None


class Also(Struct, frozen=True):
    """An amount by itself in brackets: "20mg per day (four pumps)"."""

    amount: Quantity


class Scheme(Struct, frozen=True):
    """Morning-noon-evening(-night) in amounts: 1-0-1-0."""

    amounts: tuple[Decimal, ...]
    unit: str | None


class Times(Struct, frozen=True):
    """`times` None: only the upper limit is said ("up to four times a day")."""

    times: int | None
    times_max: int | None
    period: Decimal
    period_max: Decimal | None
    unit: str


class SameTime(Struct, frozen=True):
    """ "At the same time each day": once a day, unless something else says how often."""

    unit: str


class When(Struct, frozen=True):
    """`meals`: the meals of the day are meant, of which there are three."""

    codes: tuple[str, ...]
    meals: bool = False


class Days(Struct, frozen=True):
    days: tuple[str, ...]


class Clock(Struct, frozen=True):
    times: tuple[str, ...]


class For(Struct, frozen=True):
    """How long a step lasts; `most` is the end of a range, `first_day` says "on the first day"."""

    duration: Amount
    most: Decimal | None = None
    up_to: bool = False
    first_day: bool = False


class DaySpan(Struct, frozen=True):
    """ "On days 2 to 5"."""

    first: int
    last: int


class After(Struct, frozen=True):
    """How long the step before lasts: "increase to two after one week"."""

    duration: Amount


class Over(Struct, frozen=True):
    duration: Amount
    most: Decimal | None = None


class Count(Struct, frozen=True):
    """So many doses in all."""

    doses: int


class Until(Struct, frozen=True):
    words: str


class AsNeeded(Struct, frozen=True):
    reason: str | None


class Most(Struct, frozen=True):
    """`unit` None is the unit of the amount; "4 times in 24 hours" counts doses."""

    value: Decimal
    unit: str | None
    period: Decimal
    period_unit: str


class Reduce(Struct, frozen=True):
    """A taper by the same amount: `by` every `every`, down `to` an amount (0: until stopped)."""

    by: Quantity
    every: Amount
    to: Decimal


class Pause(Struct, frozen=True):
    """A time without the medicine; `repeats`: then the whole begins again."""

    duration: Amount
    repeats: bool


class Route(Struct, frozen=True):
    name: str


class Once(Struct, frozen=True):
    """`undivided`: "as a single dose", which beside "daily" only says that it is not divided."""

    undivided: bool = False


class Stop(Struct, frozen=True):
    """ "Then stop": an end that holds only where it was said how long before."""


class Join(Struct, frozen=True):
    """`then` begins a later step, `and` may begin a further one; `colon` ends what holds for all that follow."""

    then: bool = False
    also: bool = False
    colon: bool = False


class Filler(Struct, frozen=True):
    pass


Fact = (
    Quantity
    | Also
    | Scheme
    | Times
    | SameTime
    | When
    | Days
    | Clock
    | For
    | DaySpan
    | After
    | Over
    | Until
    | Count
    | AsNeeded
    | Most
    | Reduce
    | Pause
    | Route
    | Once
    | Stop
    | Join
    | Filler
)
