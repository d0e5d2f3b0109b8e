"""What a fetch reports while it runs, for the doors that show it."""

from __future__ import annotations

from gateway.sources.source import Progress

__all__ = ["Progress"]
