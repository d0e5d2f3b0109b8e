"""Audit packs: datasets as reviewed YAML under mappings/clinical_audit/. A pack is added without code."""

from __future__ import annotations

from pathlib import Path

import msgspec
import yaml

from gateway.errors import KnowledgeError
from gateway.records.audit import AnswerOption, AuditPack, AuditQuestion, CodedWords
from gateway.settings import mappings_dir

TIME_POINTS = {"admission", "in-hospital", "discharge"}


class _Review(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: str
    by: str | None = None
    date: str | None = None


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    id: str
    field: str
    text: str
    time_point: str
    members: tuple[str, ...]
    routes: tuple[str, ...] = ()
    contraindicated_by_allergy_to: tuple[str, ...] = ()
    daily_at_most_mg: int | None = None
    note: str | None = None
    verify: bool = False
    options: tuple[AnswerOption, ...] | None = None


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
    not_applicable_dispositions: tuple[CodedWords, ...] = ()
    declined_reasons: tuple[CodedWords, ...] = ()
    case_conditions: tuple[CodedWords, ...] = ()
    questions: tuple[_Question, ...]


def load_packs(mappings: Path | None = None) -> dict[str, AuditPack]:
    """Every pack by id. Raises KnowledgeError naming the file and place that does not fit the schema."""
    folder = (mappings or mappings_dir()) / "clinical_audit"
    packs = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            read = yaml.safe_load(path.read_text(encoding="utf-8"))
            if not isinstance(read, dict) or "questions" not in read:
                continue
            pack = _pack(msgspec.convert(read, _Pack))
        except (OSError, yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
            raise KnowledgeError(f"mappings/clinical_audit/{path.name}: {error}") from None
        packs[pack.id] = pack
    return packs


def _pack(read: _Pack) -> AuditPack:
    questions = tuple(
        AuditQuestion(
            id=q.id,
            field=q.field,
            text=q.text,
            options=q.options or read.options,
            time_point=q.time_point,
            members=q.members,
            routes=q.routes,
            contraindicated_by_allergy_to=q.contraindicated_by_allergy_to,
            daily_at_most_mg=q.daily_at_most_mg,
            note=q.note,
            verify=q.verify,
        )
        for q in read.questions
    )
    for q in questions:
        if q.time_point not in TIME_POINTS:
            raise ValueError(f"question {q.id}: {q.time_point} is no time-point")
        if not q.members:
            raise ValueError(f"question {q.id}: names no medicine or class")
    if len({q.id for q in questions}) != len(questions):
        raise ValueError("two questions have one id")
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
    )
