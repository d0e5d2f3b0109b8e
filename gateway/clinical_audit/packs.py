"""Audit packs: datasets as reviewed YAML under mappings/clinical_audit/. A pack is added without code."""

from __future__ import annotations

from pathlib import Path

import msgspec
import yaml

from gateway.errors import KnowledgeError
from gateway.records.audit import (
    AnswerOption,
    Ask,
    AuditPack,
    AuditQuestion,
    Choice,
    ClassSet,
    CodedWords,
    ConsistencyCheck,
    TimePoint,
    ValueType,
    Verdict,
)
from gateway.records.decision import Intent
from gateway.settings import mappings_dir

_YES_NO = (AnswerOption("true", "Yes"), AnswerOption("false", "No"))


class _Review(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: str
    by: str | None = None
    date: str | None = None


class _Set(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    members: tuple[str, ...]
    routes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


class _Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    when: tuple[str, ...]
    code: str | None = None
    without: tuple[str, ...] = ()
    why: str | None = None


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    id: str
    field: str
    text: str
    time_point: TimePoint
    ask: Ask = Ask.ON_MEDICINE
    value_type: ValueType = ValueType.CHOICE
    verdicts: dict[Verdict, str] | None = None
    members: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    sets: dict[str, _Set] = {}
    choices: tuple[_Choice, ...] = ()
    codes: dict[str, str] = {}
    flag: str | None = None
    intents: tuple[Intent, ...] = ()
    any_of_them: bool = False
    contraindicated_by_allergy_to: tuple[str, ...] = ()
    contraindicated_by_conditions: tuple[CodedWords, ...] = ()
    daily_at_most_mg: int | None = None
    note: str | None = None
    verify: bool = False
    also_headed: tuple[str, ...] = ()
    most: int | None = None
    options: tuple[AnswerOption, ...] | None = None


class _Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    id: str
    words: str
    when: dict[str, tuple[str, ...]]


class _Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    block: str
    source: str
    review: _Review
    id: str
    title: str
    version: str
    dataset_date: str
    never_proposed: tuple[str, ...]
    options: tuple[AnswerOption, ...]
    verdicts: dict[Verdict, str]
    not_applicable_dispositions: tuple[CodedWords, ...] = ()
    declined_reasons: tuple[CodedWords, ...] = ()
    case_conditions: tuple[CodedWords, ...] = ()
    questions: tuple[_Question, ...]
    checks: tuple[_Check, ...] = ()


def load_packs(mappings: Path | None = None) -> dict[str, AuditPack]:
    """Every pack by id. Raises KnowledgeError naming the file and place that does not fit the schema."""
    folder = (mappings or mappings_dir()) / "clinical_audit"
    packs: dict[str, AuditPack] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            read = yaml.safe_load(path.read_text(encoding="utf-8"))
            if not isinstance(read, dict) or "questions" not in read:
                continue
            pack = _pack(msgspec.convert(read, _Pack))
            if pack.id in packs:
                raise ValueError(f"another file has the id {pack.id}")
        except (OSError, yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
            raise KnowledgeError(f"mappings/clinical_audit/{path.name}: {error}") from None
        packs[pack.id] = pack
    return packs


def _pack(read: _Pack) -> AuditPack:
    questions = tuple(_question(q, read) for q in read.questions)
    if len({q.id for q in questions}) != len(questions):
        raise ValueError("two questions have one id")
    for q in questions:
        _check(q, read.never_proposed)
    for check in read.checks:
        _check_of_checks(check, {q.id: q for q in questions})
    return AuditPack(
        id=read.id,
        title=read.title,
        version=read.version,
        dataset_date=read.dataset_date,
        source=read.source,
        review_state=read.review.state,
        never_proposed=read.never_proposed,
        not_applicable_dispositions=read.not_applicable_dispositions,
        declined_reasons=read.declined_reasons,
        case_conditions=read.case_conditions,
        questions=questions,
        checks=tuple(ConsistencyCheck(id=c.id, words=c.words, when=c.when) for c in read.checks),
    )


def _question(q: _Question, read: _Pack) -> AuditQuestion:
    sets = {name: ClassSet(members=s.members, routes=s.routes, excluded=s.excluded) for name, s in q.sets.items()}
    if q.ask is Ask.ON_MEDICINE:
        sets = {"members": ClassSet(members=q.members, routes=q.routes, excluded=q.excluded)}
    fixed: dict[ValueType, tuple[AnswerOption, ...]] = {ValueType.BOOLEAN: _YES_NO, ValueType.INTEGER: ()}
    return AuditQuestion(
        id=q.id,
        field=q.field,
        text=q.text,
        options=fixed.get(q.value_type, q.options or read.options),
        time_point=q.time_point,
        ask=q.ask,
        value_type=q.value_type,
        verdicts=read.verdicts if q.verdicts is None else q.verdicts,
        sets=sets,
        choices=tuple(Choice(when=c.when, code=c.code, without=c.without, why=c.why) for c in q.choices),
        codes=q.codes,
        flag=q.flag,
        intents=tuple(i.value for i in q.intents),
        any_of_them=q.any_of_them,
        contraindicated_by_allergy_to=q.contraindicated_by_allergy_to,
        contraindicated_by_conditions=q.contraindicated_by_conditions,
        daily_at_most_mg=q.daily_at_most_mg,
        note=q.note,
        verify=q.verify,
        also_headed=q.also_headed,
        most=q.most,
    )


def _check_of_checks(check: _Check, questions: dict[str, AuditQuestion]) -> None:
    if len(check.when) < 2:
        raise ValueError(f"check {check.id}: compares fewer than two questions")
    for name, codes in check.when.items():
        if name not in questions:
            raise ValueError(f"check {check.id}: {name} is no question of the pack")
        foreign = [code for code in codes if not questions[name].accepts(code)]
        if foreign or not codes:
            raise ValueError(f"check {check.id}: {', '.join(foreign) or 'nothing'} is no answer of {name}")


def _check(q: AuditQuestion, never_proposed: tuple[str, ...]) -> None:
    """What the schema cannot say: each code is an option, and each kind of question has what it is answered from."""
    medicines = q.ask in {Ask.ON_MEDICINE, Ask.WHICH_MEDICINE}
    if medicines and (not q.sets or any(not s.members for s in q.sets.values())):
        raise ValueError(f"question {q.id}: names no medicine or class")
    if q.ask is Ask.WHICH_MEDICINE and not q.choices:
        raise ValueError(f"question {q.id}: has no choices")
    unknown = {n for c in q.choices for n in (*c.when, *c.without)} - set(q.sets)
    if unknown:
        raise ValueError(f"question {q.id}: {min(unknown)} is no set of it")
    if q.ask in {Ask.HOW_STAY_ENDED, Ask.HAS_CONDITION} and not q.codes:
        raise ValueError(f"question {q.id}: has no codes")
    if q.ask is Ask.IN_TIME and not q.flag:
        raise ValueError(f"question {q.id}: names no process flag")
    if q.ask is Ask.DISCREPANCIES and not q.intents:
        raise ValueError(f"question {q.id}: names no intent")
    ended = q.codes.values() if q.ask is Ask.HOW_STAY_ENDED else ()
    proposed = {*q.verdicts.values(), *ended, *(c.code for c in q.choices if c.code is not None)}
    if q.value_type is not ValueType.INTEGER:
        foreign = proposed - {o.code for o in q.options}
        if foreign:
            raise ValueError(f"question {q.id}: {min(foreign)} is no option of it")
    if proposed & set(never_proposed):
        raise ValueError(f"question {q.id}: proposes {min(proposed & set(never_proposed))}, which is never proposed")
