"""`python -m conformance.safety.write_decisions PREPARED N`: N decisions, in a process that strace can watch."""

from __future__ import annotations

import sys

import msgspec

from conformance.safety.decisions import Prepared
from conformance.safety.kills import write_on


class _Nobody:
    def send(self, _: object) -> None:
        """Nobody listens."""


if __name__ == "__main__":
    write_on(msgspec.json.decode(sys.argv[1], type=Prepared), 0, _Nobody(), int(sys.argv[2]))
