"""What a measure counts, and one line of the table."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct


class Counts(Struct, frozen=True, kw_only=True):
    """`positives` are cases with a right answer to find, `negatives` those where any answer is wrong.

    `right` answers are among the positives; `wrong` ones anywhere; `abstained` cases got no answer, and the cause was
    said. What is neither found nor abstained is missed.
    """

    positives: int = 0
    negatives: int = 0
    right: int = 0
    wrong: int = 0
    abstained: int = 0

    @property
    def n(self) -> int:
        return self.positives + self.negatives

    @property
    def precision(self) -> float | None:
        answered = self.right + self.wrong
        return self.right / answered if answered else None

    @property
    def recall(self) -> float | None:
        return self.right / self.positives if self.positives else None

    @property
    def f1(self) -> float | None:
        p, r = self.precision, self.recall
        if p is None or r is None or p + r == 0:
            return None
        return 2 * p * r / (p + r)

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{f: getattr(self, f) + getattr(other, f) for f in self.__struct_fields__})

    def as_object(self) -> dict[str, float | int | None]:
        counted = {field: getattr(self, field) for field in self.__struct_fields__}
        return {"n": self.n, **counted, "precision": self.precision, "recall": self.recall, "f1": self.f1}


class Line(Struct, frozen=True, kw_only=True):
    """One method on one measure. `kept` is the held-out tenth: counted, never listed. `errors` are of the tuned part.

    `safe_recall` is a scoring method's recall at the lowest threshold that merges nothing wrongly in the tuned part.
    """

    measure: str
    method: str
    tuned: Counts
    kept: Counts | None = None
    safe_recall: float | None = None
    goal: str = ""
    note: str = ""
    errors: tuple[str, ...] = ()

    def as_object(self) -> dict[str, object]:
        return {
            "measure": self.measure,
            "method": self.method,
            "goal": self.goal,
            "note": self.note,
            "safe_recall": self.safe_recall,
            "tuned": self.tuned.as_object(),
            "held_out": self.kept.as_object() if self.kept else None,
        }


def total(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())
