"""``dataclass`` as the standard library has it, for the hundreds of records of a check: what all do alike they share, what is
their own is written when the first one is made, and a frozen one is filled before it freezes. To load one takes a tenth, to
make one a third of what it does there.

Written as ``from perfeval_xl.records import dataclass, field, replace``. To a type checker, to ``match`` and to
``dataclasses.fields`` there is no difference; a frozen record with slots is subclassed by records only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace

_NOTHING: Any = object()
#: How the names of defaults, and of what makes them, begin in a constructor.
_DEFAULT, _MAKE = "_default_", "_make_"


class _Field(NamedTuple):
    """What is said of a field: its default or what makes it, and whether it is given, shown and compared."""

    default: Any = _NOTHING
    default_factory: Any = _NOTHING
    init: bool = True
    repr: bool = True
    compare: bool = True


def _replace(record: Any, /, **changes: Any) -> Any:
    """A record with other values in some of its fields."""
    kind = record.__class__
    return kind(**dict(zip(kind.__match_args__, kind._given_(record), strict=True)) | changes)


def _dataclass(
    kind: Any = None,
    /,
    *,
    frozen: bool = False,
    slots: bool = False,
    order: bool = False,
    eq: bool = True,
) -> Any:
    """The class as a record of the fields that its annotations name."""
    if kind is None:
        return partial(_dataclass, frozen=frozen, slots=slots, order=order, eq=eq)
    said = dict(kind.__dict__)
    own = {name: _said_of(said.get(name, _NOTHING)) for name in said.get("__annotations__", ())}
    shared = _shared({**getattr(kind, "_record_", {}), **own}, frozen, order, eq)
    if frozen and slots:
        shared["__reduce__"] = _reduced
    # What the class says of itself counts.
    added = {name: value for name, value in shared.items() if said.get(name) is None}
    if slots:
        for name in (*own, "__dict__", "__weakref__"):
            said.pop(name, None)
        own_slots = {"__slots__": tuple(own), "__qualname__": kind.__qualname__}
        return type(kind)(kind.__name__, kind.__bases__, {**said, **added, **own_slots})
    for name, value in added.items():
        setattr(kind, name, value)
    for name, one in own.items():
        if one.default is not _NOTHING:
            setattr(kind, name, one.default)
        elif name in said:
            delattr(kind, name)
    return kind


def _said_of(value: Any) -> _Field:
    said = value if isinstance(value, _Field) else _Field(value)
    if type(said.default).__hash__ is None:
        raise ValueError("every record would share this default: use default_factory")
    return said


def _shared(fields: Mapping[str, _Field], frozen: bool, order: bool, eq: bool) -> dict[str, Any]:
    """What a record of these fields gets."""
    compared = [name for name, one in fields.items() if one.compare]
    given = [name for name, one in fields.items() if one.init]
    methods: dict[str, Any] = {
        "_record_": fields,
        "_compared_": _values(compared),
        "_given_": _values(given),
        "__match_args__": tuple(given),
        "__dataclass_fields__": _FIELDS,
        "__init__": _first_init,
        "__repr__": _shown,
    }
    if eq:
        methods |= {"__eq__": _equal, "__hash__": _hashed if frozen else None}
    if order:
        methods |= _ORDER
    if frozen:
        methods |= {"__setattr__": _refuse, "__delattr__": _refuse}
    return methods


def _values(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What gives a record's fields of these names."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)


# -- what all records do alike --------------------------------------------------------------------------------


def _shown(self: Any) -> str:
    kind = type(self)
    named = ", ".join(f"{name}={getattr(self, name)!r}" for name, one in kind._record_.items() if one.repr)
    return f"{kind.__qualname__}({named})"


def _equal(self: Any, other: Any) -> Any:
    kind = self.__class__
    return kind._compared_(self) == kind._compared_(other) if other.__class__ is kind else NotImplemented


def _hashed(self: Any) -> int:
    return hash(self.__class__._compared_(self))


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
    def compared(self: Any, other: Any) -> Any:
        kind = self.__class__
        if other.__class__ is not kind:
            return NotImplemented
        return compare(kind._compared_(self), kind._compared_(other))

    return compared


_ORDER = {
    "__lt__": _ordered(lambda one, other: one < other),
    "__le__": _ordered(lambda one, other: one <= other),
    "__gt__": _ordered(lambda one, other: one > other),
    "__ge__": _ordered(lambda one, other: one >= other),
}


def _refuse(self: Any, name: str, *_: object) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change field {name!r} of {type(self).__qualname__}")


def _reduced(self: Any) -> tuple[Any, ...]:
    """For copies and pickles: made anew of what it was made of."""
    kind = self.__class__
    return kind, kind._given_(self)


class _StandardFields:
    """The fields of a record as ``dataclasses`` describes them, for whoever asks."""

    def __get__(self, _: object, kind: Any) -> Mapping[str, Any]:
        import dataclasses

        described = [
            (
                name,
                Any,
                dataclasses.field(
                    **{word: value for word, value in one._asdict().items() if value is not _NOTHING}
                ),
            )
            for name, one in kind._record_.items()
        ]
        twin: Any = dataclasses.make_dataclass(kind.__name__, described, init=False, repr=False, eq=False)
        fields: Mapping[str, Any] = twin.__dataclass_fields__
        return fields


_FIELDS = _StandardFields()


# -- what is written when the first one is made ---------------------------------------------------------------


def _first_init(self: Any, *given: Any, **named: Any) -> None:
    """Write the constructor of a record that none was made of yet, and make this one by it."""
    kind: Any = next(one for one in type(self).__mro__ if one.__dict__.get("__init__") is _first_init)
    kind.__init__ = constructor = _constructor(kind)
    constructor(self, *given, **named)


def _constructor(kind: Any) -> Callable[..., None]:
    fields: Mapping[str, _Field] = kind._record_
    filling = _filling(kind)
    # None of these is the name of a field.
    known: dict[str, Any] = {
        "_nothing_": _NOTHING,
        "_set_": object.__setattr__,
        "_kind_": kind,
        "_filling_": filling,
    }
    parameters, lines = ["self"], []
    for name, one in fields.items():
        made = one.default_factory is not _NOTHING
        if made:
            known[_MAKE + name] = one.default_factory
        elif one.default is not _NOTHING:
            known[_DEFAULT + name] = one.default
        if one.init:
            optional = "_nothing_" if made else f"{_DEFAULT}{name}" if one.default is not _NOTHING else ""
            parameters.append(f"{name}={optional}" if optional else name)
            value = f"{_MAKE}{name}() if {name} is _nothing_ else {name}" if made else name
        elif made or one.default is not _NOTHING:
            value = f"{_MAKE}{name}()" if made else f"{_DEFAULT}{name}"
        else:
            continue
        lines.append(f"self.{name} = {value}")
    if filling is not kind:
        lines = ["_set_(self, '__class__', _filling_)", *lines, "self.__class__ = _kind_"]
    if hasattr(kind, "__post_init__"):
        lines.append("self.__post_init__()")
    written = f"def __init__({', '.join(parameters)}):\n  " + "\n  ".join(lines or ["pass"])
    exec(compile(written, f"<{kind.__qualname__}>", "exec"), known)
    constructor: Callable[..., None] = known["__init__"]
    return constructor


def _filling(kind: Any) -> Any:
    """The class that a record has while it is filled: itself, or one that is not frozen."""
    if "__setattr__" not in kind.__dict__:
        return kind
    space = {"__slots__": ()} if "__slots__" in kind.__dict__ else {}
    # Both, else either goes the long way round.
    free = {
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,
        "__module__": kind.__module__,
    }
    return type(kind)(kind.__name__, (kind,), {**space, **free})


if not TYPE_CHECKING:
    dataclass, field, replace = _dataclass, _Field, _replace
