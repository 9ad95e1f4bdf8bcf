"""Frozen values to plain JSON and back, led by their type hints, with errors that name the place in the document."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_INFINITY: Final = "infinity"
Json = dict[str, Any]


class WireError(ValueError):
    """A document is not what it claims to be; the message starts with the place, such as `checks[3].verdict`."""


def encode(value: object) -> Any:  # noqa: ANN401 (JSON is untyped)
    """Plain JSON of a value made of dataclasses, enumerations, dates, tuples and frozen sets."""
    match value:
        case float() if math.isinf(value) and value > 0:
            return _INFINITY
        case None | bool() | int() | float():
            return value
        case StrEnum():
            return value.value
        case str():
            return value
        case date():
            return value.isoformat()
        case tuple():
            return [encode(item) for item in value]
        case frozenset():
            return sorted(encode(item) for item in value)
    if dataclasses.is_dataclass(value):
        return {name: encode(getattr(value, name)) for name in _hints(value.__class__)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def decode(kind: type[T], data: object, where: str, **given: object) -> T:
    """The value of type `kind` that `encode` made `data` from, with the fields `given` as they are.

    Keys that no field has are ignored: a newer tool may have added them.

    Raises:
        WireError: `data` has another shape; names the place, which starts with `where`.
    """
    value: T = _decode_dataclass(kind, data, where, given) if given else _decode(kind, data, where)
    return value


def take(data: object, where: str) -> Json:
    """The JSON object that stands at a place.

    Raises:
        WireError: something else stands there.
    """
    if not isinstance(data, dict):
        raise WireError(f"{where or 'the document'}: {_shown(data)} is no object")
    return data


def at(data: object, key: str, where: str) -> object:
    """What a JSON object holds under a key.

    Raises:
        WireError: it is no object, or has no such key.
    """
    content = take(data, where)
    if key not in content:
        raise WireError(f"{inside(where, key)}: is missing")
    return content[key]


def items(data: object, key: str, where: str) -> list[tuple[str, object]]:
    """The elements of the list that a JSON object holds under a key, each with its place.

    Raises:
        WireError: as `at`, or it holds no list.
    """
    place = inside(where, key)
    value = at(data, key, where)
    if not isinstance(value, list):
        raise WireError(f"{place}: {_shown(value)} is no list")
    return [(f"{place}[{index}]", item) for index, item in enumerate(value)]


def inside(where: str, key: str) -> str:
    """The place of a key in the object at `where`."""
    return f"{where}.{key}" if where else key


def _decode(kind: Any, data: object, where: str) -> Any:  # noqa: ANN401 (the type is what `kind` says)
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return _decode_union(get_args(kind), data, where)
    if origin in {tuple, frozenset}:
        if not isinstance(data, list):
            raise WireError(f"{where}: {_shown(data)} is no list")
        element = get_args(kind)[0]
        return origin(_decode(element, item, f"{where}[{index}]") for index, item in enumerate(data))
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, data, where, {})
    return _decode_plain(kind, data, where)


def _decode_union(kinds: tuple[Any, ...], data: object, where: str) -> Any:  # noqa: ANN401
    if data is None and type(None) in kinds:
        return None
    refusals = []
    for kind in kinds:
        if kind is not type(None):
            try:
                return _decode(kind, data, where)
            except WireError as refusal:
                refusals.append(refusal)
    raise refusals[0]


def _decode_dataclass(kind: Any, data: object, where: str, given: Mapping[str, object]) -> Any:  # noqa: ANN401
    content = take(data, where)
    values = dict(given)
    for name, hint in _hints(kind).items():
        if name not in given:
            values[name] = _decode(hint, at(content, name, where), inside(where, name))
    return kind(**values)


def _decode_plain(kind: Any, data: object, where: str) -> Any:  # noqa: ANN401
    if kind is float:  # an integer stays one, so that the same value is written again as the same bytes
        if isinstance(data, int | float) and not isinstance(data, bool):
            return data
        if data == _INFINITY:
            return math.inf
    elif kind is int:
        if isinstance(data, int) and not isinstance(data, bool):
            return data
    elif kind in {bool, str}:
        if isinstance(data, kind):
            return data
    elif isinstance(data, str):
        try:
            return date.fromisoformat(data) if kind is date else kind(data)
        except ValueError:
            allowed = "" if kind is date else f" ({', '.join(kind)})"
            raise WireError(f"{where}: {_shown(data)} is no {kind.__name__.lower()}{allowed}") from None
    raise WireError(f"{where}: {_shown(data)} is no {kind.__name__.lower()}")


def _shown(data: object) -> str:
    match data:
        case dict():
            return "an object"
        case list():
            return "a list"
        case _:
            return ascii(data)[:60]


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    """The fields of a dataclass with their types, in order."""
    hints = get_type_hints(kind)
    return types.MappingProxyType({field.name: hints[field.name] for field in dataclasses.fields(kind)})
