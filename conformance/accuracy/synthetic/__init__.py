"""Invented patients with lists of medicines from several organisations, and which entries truly belong together.

    from conformance.accuracy.synthetic import fresh_seed, patients

    seed = fresh_seed()                        # print it beside every figure
    for patient in patients(10_000, seed):     # an iterator; the same seed gives the same patients
        for entry in patient.entries:
            entry.list, entry.id, entry.text, entry.strength, entry.form       # what a method may see
        patient.true_pairs()                   # {(id, id)} of different lists that stand in one line; ids sorted
        patient.wrong(id_a, id_b)              # True: joining the two would be another ingredient or kind of route
        patient.planted                        # ("look-alike", "two-courses", "two-routes", "changed-strength")

Of an entry, `text` is the name as its organisation writes it, faults included. `strength` and `form` are what a method
that compares fields is given for free (in one notation: "5 mg", "tablet"; empty where the text does not say it), so
that it does not lose for want of a parser. `medicine` (ingredients and kind of route) and `course` are the truth and
`faults` names what was done to the text; a method under test must not see these three.

The generator is independent of the reader: it imports neither gateway.normalise nor gateway.matching, reads the names
in mappings/ as plain data, and has forms, strengths, notations, suppliers and misspellings of its own.
"""

from __future__ import annotations

from conformance.accuracy.synthetic.entries import Entry, Patient
from conformance.accuracy.synthetic.generate import fresh_seed, patients

__all__ = ["Entry", "Patient", "fresh_seed", "patients"]
