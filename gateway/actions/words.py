"""How pages word dates and ages: the review's words, at the doors' hand."""

from __future__ import annotations

from gateway.review.words import age, date, day_of, time, whole

__all__ = ["age", "date", "day_of", "time", "whole"]
