"""How pages word dates, ages and statuses: the review's words, at the doors' hand."""

from __future__ import annotations

from gateway.review.board import STATUS_WORDS, Status
from gateway.review.words import age, date, day_of, time, whole

__all__ = ["STATUS_WORDS", "Status", "age", "date", "day_of", "time", "whole"]
