"""The indicator language: what a target and an actual value say, and the score they earn."""

from __future__ import annotations

from .judging import Judgement, Outcome, judge
from .measure import Measure, degree, read

__all__ = ["Judgement", "Measure", "Outcome", "degree", "judge", "read"]
