"""Policies: a bureau's thresholds, bands and severities, as strictly validated TOML data with their documents."""

from __future__ import annotations

from perfeval_xl.errors import PolicyError

from .loading import DEFAULT_POLICY, bundled, bundled_by, load_policy, policy_title
from .records import Basis, DegreeBand, Execution, GradeBand, Overshoot, Policy, Scoring, Tolerance
from .showing import describe

__all__ = [
    "DEFAULT_POLICY",
    "Basis",
    "DegreeBand",
    "Execution",
    "GradeBand",
    "Overshoot",
    "Policy",
    "PolicyError",
    "Scoring",
    "Tolerance",
    "bundled",
    "bundled_by",
    "describe",
    "load_policy",
    "policy_title",
]
