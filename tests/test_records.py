"""Records of ours are dataclasses as the standard library makes them, whatever is asked of them."""

from __future__ import annotations

import copy  # noqa: F401  # what is asked is text
import dataclasses
import importlib
import pickle
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import perfeval_xl
from perfeval_xl import records


class _Ours(ModuleType):
    dataclass, field = staticmethod(records.dataclass), staticmethod(records.field)


def _made(library: Any) -> dict[str, Any]:
    """The same classes by ours and by the standard library."""

    @library.dataclass(frozen=True, slots=True, order=True)
    class Point:
        """A point."""

        x: int
        y: int = 2
        names: tuple[str, ...] = ()
        kept: dict[str, int] = library.field(default_factory=dict, repr=False, compare=False)
        doubled: int = library.field(init=False, repr=False, compare=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "doubled", 2 * self.x)

        @property
        def sum(self) -> int:
            return self.x + self.y

    @library.dataclass(frozen=True, slots=True)
    class Place(Point):
        """A point with a name."""

        name: str = "甲"

    @library.dataclass(slots=True)
    class Open:
        """What may be changed."""

        kind: str
        self_: str = "b"
        found: list[int] = library.field(default_factory=list)

    @library.dataclass
    class Roomy:
        """With room for more."""

        kind: str = "a"

    @library.dataclass(frozen=True, eq=False)
    class Lonely:
        """Equal to itself alone."""

        one: int

    return {kind.__name__: kind for kind in (Point, Place, Open, Roomy, Lonely)}


OURS, THEIRS = _made(_Ours("ours")), _made(dataclasses)
#: What is asked of both.
ASKED = (
    "Point(1)", "Point(1, 3, ('a',))", "Point(y=5, x=4)", "Place(1, name='乙')", "Open('x')", "Roomy()", "Lonely(1)",
    "hash(Point(1)) == hash((1, 2, ()))", "Point(1) == Point(1)", "Point(1) == Point(2)", "Point(1) == Place(1)",
    "Point(1, 2) < Point(1, 3), Point(2) >= Point(1), Point(2) <= Point(1), Point(2) > Point(1)",
    "Point(1).kept is Point(1).kept", "Point(7).doubled", "Place(7).doubled", "Place(7).sum", "Point.__match_args__",
    "Place.__match_args__", "Open.__hash__", "Lonely(1) == Lonely(1)", "Roomy('b').__dict__",
    "copy.copy(Point(1, 4))", "copy.deepcopy(Place(1, 4)).doubled", "dataclasses.replace(Point(1), y=9)",
    "[one.name for one in dataclasses.fields(Place)]", "[one.init for one in dataclasses.fields(Point)]",
    "dataclasses.asdict(Point(1))", "dataclasses.is_dataclass(Point)", "dataclasses.fields(Point)[1].default",
    "Point.__doc__", "Point.__slots__, Place.__slots__", "hasattr(Point(1), '__dict__')", "Point.__qualname__",
)  # fmt: skip
#: What both refuse, and how.
REFUSED = (
    "Point()", "Point(1, z=2)", "Point(1) < Place(1)", "setattr(Point(1), 'x', 2)", "delattr(Point(1), 'x')",
    "setattr(Lonely(1), 'one', 2)", "hash(Open('x'))", "dataclasses.replace(Point(1), doubled=3)",
)  # fmt: skip


@pytest.mark.parametrize("asked", ASKED)
def test_the_same_is_answered(asked: str) -> None:
    ours, theirs = (repr(eval(asked, {**globals(), **kinds})) for kinds in (OURS, THEIRS))
    assert ours == theirs


@pytest.mark.parametrize("asked", REFUSED)
def test_the_same_is_refused(asked: str) -> None:
    refusals = []
    for kinds in (OURS, THEIRS):
        with pytest.raises((TypeError, AttributeError, ValueError)) as refused:
            eval(asked, {**globals(), **kinds})
        refusals.append(refused.type)
    assert refusals[0] is refusals[1]


def test_a_record_with_other_values() -> None:
    point = OURS["Point"](1, 2)
    assert records.replace(point, y=5) == OURS["Point"](1, 5)
    assert point.y == 2
    with pytest.raises(TypeError):
        records.replace(point, z=5)


def test_a_record_is_matched_by_place() -> None:
    match OURS["Point"](1, 2):
        case OURS_POINT if OURS_POINT.x == 1:
            assert OURS_POINT.__match_args__[:2] == ("x", "y")
        case _:
            pytest.fail("no match")


def test_records_go_between_processes() -> None:
    from perfeval_xl.grid import Area, Place

    for record in (Place("附件1", 3, 4), Area.of("A1:C3")):
        assert pickle.loads(pickle.dumps(record)) == record


def test_no_default_is_shared_by_what_is_changed() -> None:
    with pytest.raises(ValueError, match="default_factory"):

        @records.dataclass
        class Bad:
            found: list[int] = []  # noqa: RUF012


def _own() -> Iterator[Any]:
    for info in pkgutil.walk_packages(perfeval_xl.__path__, "perfeval_xl."):
        if not info.name.endswith(("__main__", "migrations.env")) and ".calc_engine" not in info.name:
            module = importlib.import_module(info.name)
            yield from (one for one in vars(module).values() if getattr(one, "__module__", "") == info.name)


def test_every_record_of_ours_has_a_constructor() -> None:
    """It is written when the first one is made, which no test may do."""
    kinds = [one for one in _own() if isinstance(one, type) and "_record_" in vars(one)]
    assert len(kinds) > 200
    kind: Any
    for kind in kinds:
        constructor: Any = records._constructor(kind)
        assert constructor.__code__.co_varnames[1 : constructor.__code__.co_argcount] == kind.__match_args__


def test_no_record_of_ours_is_made_by_the_standard_library() -> None:
    """``from perfeval_xl.records import dataclass`` is forgotten easily."""
    theirs = [
        one
        for one in _own()
        if isinstance(one, type) and "__dataclass_fields__" in vars(one) and "_record_" not in vars(one)
    ]
    assert theirs == []
