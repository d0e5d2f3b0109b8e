"""What a review came to: each medicine after discharge beside what was taken before, who decided it, and why."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from gateway.records.decision import Intent
from gateway.records.discrepancy import Discrepancy
from gateway.records.lists import ListState


class Became(StrEnum):
    """What became of a medicine. `new` is said only where every list from before admission is there, and whole."""

    NEW = "new"
    PERHAPS_NEW = "not-known-whether-new"
    CHANGED = "changed"
    CONTINUED = "continued"
    STOPPED = "stopped"
    WITHHELD = "withheld"
    NOT_TAKING = "not-taking"
    UNDECIDED = "undecided"


#: These are to be taken after discharge; what is undecided may be, and is never counted as either.
TAKEN = frozenset({Became.NEW, Became.PERHAPS_NEW, Became.CHANGED, Became.CONTINUED})
STARTED = frozenset({Became.NEW, Became.PERHAPS_NEW})
ENDED = frozenset({Became.STOPPED, Became.NOT_TAKING, Became.WITHHELD})


class DoseWords(Struct, frozen=True):
    """`whole` as it was written, or read where only a structure was there; `amount` and `times` where they part."""

    whole: str
    amount: str | None = None
    times: str | None = None


class ReasonWords(Struct, frozen=True):
    """A coded reason: for professionals, and in plain words for the patient."""

    words: str
    plain: str


class Said(Struct, frozen=True, kw_only=True):
    """One medicine as one list, or the person who decided, states it. Everything in words; None is not recorded.

    `lists` are the titles of the lists that say this, empty for what a person wrote. `understood` is how the gateway
    read what a person wrote, None where it was not read.
    """

    medicine: str
    form: str | None
    route: str | None
    dose: DoseWords | None
    lists: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    indication: str | None = None
    understood: str | None = None


class MedicineOutcome(Struct, frozen=True, kw_only=True):
    """`before` is what stood on the lists from before admission, `after` what is taken from now on: several where
    parts of one dose continue together, none where it is not taken. `lists` is everything the lists say, for what is
    undecided. `cautions` are sentences that a reader must not miss. `reason` is the code, `reason_words` for
    professionals, `reason_plain` for the patient. `version` is that of the decision, 0 where there is none.
    """

    row: str
    medicine: str
    became: Became
    before: tuple[Said, ...]
    after: tuple[Said, ...]
    lists: tuple[Said, ...]
    cautions: tuple[str, ...] = ()
    another_medicine: bool = False
    restart: str | None = None
    question: str | None = None
    intent: Intent | None = None
    reason: str | None = None
    reason_words: str | None = None
    reason_plain: str | None = None
    note: str | None = None
    actor: str | None = None
    role: str | None = None
    at: str | None = None
    version: int = 0
    check_needed: bool = False
    checked_at: str | None = None

    @property
    def named(self) -> tuple[Said, ...]:
        """How it is named once: what is taken, else what one list says. What two lists say is never two medicines."""
        if self.after:
            return self.after
        known = self.before or self.lists
        if self.became is Became.UNDECIDED or not known:
            return (Said(medicine=self.medicine, form=None, route=None, dose=None),)
        first = known[0].lists[0]
        return tuple(one for one in known if first in one.lists)

    @property
    def check_missing(self) -> bool:
        return self.check_needed and self.became is not Became.UNDECIDED and self.checked_at is None


class SourceSaid(Struct, frozen=True, kw_only=True):
    """One list that the outcome rests on, with how much of it arrived and how old it is."""

    name: str
    title: str
    organisation: str | None
    when_in_care: str
    state: ListState
    state_words: str
    causes: tuple[str, ...]
    as_of: str | None
    complete: bool
    old: bool


class Signing(Struct, frozen=True, kw_only=True):
    """A signature on the list. `overridden` is what stood open, `override` why it was signed all the same.

    `replaces` is the earlier signing whose document this one takes the place of: its review and its time.
    """

    at: str
    actor: str
    role: str
    override: str | None = None
    overridden: tuple[str, ...] = ()
    replaces: tuple[str, str] | None = None


class OutcomeOfReview(Struct, frozen=True, kw_only=True):
    """The whole outcome. `signed` is None while it is a draft; `superseded`: the lists were fetched again since.

    `open` are the sentences that stand against signing. `no_longer_current` names medicines that no list calls current
    and nobody decided about. `fetched_at` is when the lists came.
    """

    review: str
    fetched_at: str
    medicines: tuple[MedicineOutcome, ...]
    sources: tuple[SourceSaid, ...]
    open: tuple[str, ...]
    allergies: tuple[str, ...]
    allergies_said: bool
    no_longer_current: tuple[str, ...]
    discrepancies: tuple[Discrepancy, ...]
    signed: Signing | None = None
    superseded: bool = False

    @property
    def draft(self) -> bool:
        return self.signed is None

    @property
    def current(self) -> bool:
        """Whether no list behind it is old and none was fetched since."""
        return not self.superseded and not any(s.old for s in self.sources)

    def of(self, *became: Became) -> tuple[MedicineOutcome, ...]:
        return tuple(m for m in self.medicines if m.became in became)
