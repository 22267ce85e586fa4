"""Under which terms a batch checks: policy, limits, what is to be made. Parsed once, and told apart by a hash."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from perfeval_xl.desk import HandedIn, MadeKind
from perfeval_xl.hosts.limits import LIMITS, Limits
from perfeval_xl.policy import Policy
from perfeval_xl.records import dataclass
from perfeval_xl.rules.book.records import Book
from perfeval_xl.runs.noticing import Notice
from perfeval_xl.version import __version__


@dataclass(frozen=True)
class Terms:
    """``policy`` None leaves it to each workbook; ``rules`` are a bureau's own rule books; ``marked`` asks for marked copies, ``audit`` for a 审核报告 each, ``notice`` for letters to
    the units whose submissions go back; ``wall_seconds`` is how long a submission may take on the clock before its process is ended."""

    policy: Policy | None = None
    limits: Limits = LIMITS
    marked: bool = False
    audit: bool = False
    notice: Notice | None = None
    wall_seconds: float = 300
    rules: tuple[Book, ...] = ()

    @cached_property
    def makes(self) -> Mapping[MadeKind, str]:
        """What is to be made of every submission, in this order, each with the hash of what it rests on beside the result."""
        papers: tuple[tuple[MadeKind, bool], ...] = (("marked", self.marked), ("audit", self.audit))
        enclosed = [kind for kind, asked in papers if asked]
        wanted: dict[MadeKind, str] = dict.fromkeys(enclosed, "")
        if self.notice is not None:
            wanted["notice"] = _hashed([self.notice.digest, *enclosed])
        return wanted

    @cached_property
    def digest(self) -> str:
        """The hash of all that a result rests on beside its files."""
        books = [[book.id, book.title, book.sha256] for book in self.rules]
        own = [books] if books else []
        return _hashed(["perfeval-xl", __version__, _plain(self.policy), self.limits.to_dict(), *own])

    def key(self, submission: str, files: Iterable[HandedIn]) -> str:
        """The key of a result: the hash of what went in. The names count, since the report says them."""
        return _hashed([self.digest, submission, [[file.name, file.sha256] for file in files]])


def _hashed(content: Any) -> str:
    text = json.dumps(content, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A record as JSON has it: the same for equal records, whatever the order of their sets."""
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value
