"""The knowledge and the pack, loaded once."""

from __future__ import annotations

import pytest

from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.clinical_audit.packs import load_packs
from gateway.records.audit import AuditPack
from tests.unit.clinical_audit.ward import Ward


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


@pytest.fixture(scope="module")
def pack() -> AuditPack:
    return load_packs()["minap"]


@pytest.fixture(scope="module")
def ward(knowledge: Knowledge, pack: AuditPack) -> Ward:
    return Ward(knowledge, pack)
