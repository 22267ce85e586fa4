"""The tables. A result is kept once under the hash of what went in; a round says which results lay on the desk.

A change here needs a migration beside it (``migrations/versions``); a test compares the two.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Dialect,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from perfeval_xl.text import plain

_HASH = 64


class Exact(TypeDecorator[Decimal]):
    """A figure with all its digits: SQLite has no decimals, so it is kept as text in both databases."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> str | None:
        return None if value is None else plain(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Said(TypeDecorator[str]):
    """Text of a checked file: what PostgreSQL cannot hold (NUL, halves of characters) is replaced in both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text as every database can hold it."""
    return (
        text if text.isprintable() else text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "�")
    )


class Base(DeclarativeBase):
    """Names of constraints are fixed, so that migrations can name them in any database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Said, Decimal: Exact, bytes: LargeBinary}  # noqa: RUF012 - as SQLAlchemy has it


class Result(Base):
    """What checking one submission gave. ``final`` is false where its process died or hung: the next run tries again."""

    __tablename__ = "result"
    key: Mapped[str] = mapped_column(String(_HASH), primary_key=True)
    final: Mapped[bool]
    verdict: Mapped[str]
    reason: Mapped[str | None]
    headline: Mapped[str]
    unit: Mapped[str | None]
    year: Mapped[int | None]
    policy_id: Mapped[str]
    policy_title: Mapped[str]
    version: Mapped[str]
    errors: Mapped[int]
    warnings: Mapped[int]
    infos: Mapped[int]
    accepted: Mapped[int]
    rules_checked: Mapped[int]
    rules_skipped: Mapped[int]
    cells_due: Mapped[int]
    cells_filled: Mapped[int]
    cells_read: Mapped[int]


def _of_result() -> Mapped[str]:
    return mapped_column(String(_HASH), ForeignKey("result.key", ondelete="CASCADE"), primary_key=True)


class Content(Base):
    """The whole report (report/2) and the cells of a result, each compressed: never read in passing."""

    __tablename__ = "content"
    key: Mapped[str] = _of_result()
    report: Mapped[bytes]
    sheets: Mapped[bytes]


class File(Base):
    """The files of a result."""

    __tablename__ = "file"
    key: Mapped[str] = _of_result()
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(_HASH))
    size: Mapped[int]


class Form(Base):
    """The forms that were read."""

    __tablename__ = "form"
    key: Mapped[str] = _of_result()
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    file: Mapped[str | None]
    sheet: Mapped[str]
    range: Mapped[str]
    title: Mapped[str]


class Due(Base):
    """Coverage: the forms that were due, and what became of them."""

    __tablename__ = "due"
    key: Mapped[str] = _of_result()
    position: Mapped[int] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(String(32))
    name: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(16))
    file: Mapped[str | None]
    sheet: Mapped[str | None]
    reason: Mapped[str | None]


class Gap(Base):
    """Coverage: what was due and was not checked."""

    __tablename__ = "gap"
    key: Mapped[str] = _of_result()
    position: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str | None]
    sheet: Mapped[str | None]
    cell: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str]


class Finding(Base):
    """The findings; ``opened`` says that it still counts."""

    __tablename__ = "finding"
    key: Mapped[str] = _of_result()
    position: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(32), index=True)
    family: Mapped[str] = mapped_column(String(32))
    severity: Mapped[str] = mapped_column(String(16))
    file: Mapped[str | None]
    sheet: Mapped[str | None]
    cell: Mapped[str | None] = mapped_column(String(16))
    title: Mapped[str]
    message: Mapped[str]
    expected: Mapped[str | None]
    actual: Mapped[str | None]
    difference: Mapped[str | None]
    explain: Mapped[str | None]
    basis: Mapped[str]
    suggestion: Mapped[str | None]
    working_order: Mapped[int]
    kind: Mapped[str]
    """``group`` of report/2, a word that SQL keeps for itself."""
    fingerprint: Mapped[str] = mapped_column(String(_HASH), index=True)
    opened: Mapped[bool]
    form: Mapped[str]
    row_label: Mapped[str]


class Acceptance(Base):
    """The 说明 that were given for findings."""

    __tablename__ = "acceptance"
    key: Mapped[str] = _of_result()
    position: Mapped[int] = mapped_column(primary_key=True)
    """Of the finding."""
    fingerprint: Mapped[str] = mapped_column(String(_HASH))
    reason: Mapped[str]


class Figure(Base):
    """Figures that reviewers compare (``desk.Figure``)."""

    __tablename__ = "figure"
    key: Mapped[str] = _of_result()
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    form: Mapped[str] = mapped_column(String(32))
    project: Mapped[str]
    value: Mapped[Decimal]


class Indicator(Base):
    """The indicators as they were filled in (``desk.IndicatorRow``)."""

    __tablename__ = "indicator"
    key: Mapped[str] = _of_result()
    position: Mapped[int] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(String(32))
    project: Mapped[str]
    level1: Mapped[str]
    level2: Mapped[str]
    name: Mapped[str]
    target: Mapped[str]
    actual: Mapped[str]
    weight: Mapped[Decimal | None]
    score: Mapped[Decimal | None]
    due: Mapped[Decimal | None]
    ratio: Mapped[Decimal | None]


class Round(Base):
    """What lay on a desk at one time. ``desk`` is "" in a database of one desk, else the output folder; times are UTC, ISO;
    ``finished`` is null while a run is under way, or where it was interrupted."""

    __tablename__ = "round"
    __table_args__ = (UniqueConstraint("desk", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    desk: Mapped[str] = mapped_column(String(1024))
    number: Mapped[int]
    started: Mapped[str] = mapped_column(String(32))
    finished: Mapped[str | None] = mapped_column(String(32))
    policy: Mapped[str]
    version: Mapped[str]


def _of_round() -> Mapped[int]:
    return mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)


class Submission(Base):
    """A submission of a round, in the round's order, and the key of its result, which may still be to come."""

    __tablename__ = "submission"
    round: Mapped[int] = _of_round()
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    key: Mapped[str] = mapped_column(String(_HASH), index=True)


class Listed(Base):
    """The units that are expected to hand in (``--units``)."""

    __tablename__ = "listed"
    round: Mapped[int] = _of_round()
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class LeftOut(Base):
    """Files that were found and not checked."""

    __tablename__ = "left_out"
    round: Mapped[int] = _of_round()
    position: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    reason: Mapped[str]


class Output(Base):
    """The list of what a desk wrote: only what stands here is replaced. ``key`` is the result a file was made of, "" for those
    of the whole round."""

    __tablename__ = "output"
    desk: Mapped[str] = mapped_column(String(1024), primary_key=True)
    path: Mapped[str] = mapped_column(String(1024), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(_HASH))
    submission: Mapped[str]
    round: Mapped[int]


class Attempt(Base):
    """What a desk was asked to make of a result and has made as far as that can be; ``rests_on`` is the hash of what went into it
    beside the result."""

    __tablename__ = "attempt"
    desk: Mapped[str] = mapped_column(String(1024), primary_key=True)
    key: Mapped[str] = mapped_column(String(_HASH), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    rests_on: Mapped[str] = mapped_column(String(_HASH))


#: The tables of a result's parts.
PARTS: tuple[type[Base], ...] = (Content, File, Form, Due, Gap, Finding, Acceptance, Figure, Indicator)
