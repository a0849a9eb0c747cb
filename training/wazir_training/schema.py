"""Frozen dataclasses filled from settings; unknown keys and wrong values are named with their place."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from wazir_training.settings import ConfigError, Settings

_T = TypeVar("_T")
#: Of dataclasses of settings: unknown keys are errors, and so are numbers that are none.
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
#: Text that is not empty.
Name = Annotated[str, Field(min_length=1)]
_UNKNOWN = "unexpected_keyword_argument"
#: Errors whose message says all; others are followed by the value that was given.
_NAMED = ("value_error", "missing", "missing_argument")


def fill(kind: type[_T], settings: Settings, values: Mapping[str, Any] | None = None) -> _T:
    """Fill a pydantic dataclass, and those inside it.

    Args:
        kind: The dataclass; it forbids extra keys.
        settings: Values for all of its fields that have no default.
        values: The values of ``settings`` with abbreviations written out, if there are any.

    Raises:
        ConfigError: unknown keys (with the nearest known one) or wrong values, with file and line.
    """
    try:
        return TypeAdapter(kind).validate_python(settings.values if values is None else values)
    except ValidationError as error:
        raise ConfigError(_explain_all(error, kind, settings)) from None


def _explain_all(error: ValidationError, kind: type, settings: Settings) -> str:
    """All that pydantic found wrong, as one line."""
    found = [(_Place.find(kind, each["loc"]), each) for each in error.errors()]
    kept = [(place, each) for place, each in found if not _is_echo(place, each, [p.key for p, _ in found])]
    text = "; ".join(_explain(place, each, kind, settings) for place, each in kept or found)
    return text if text.endswith("?") else f"{text}."


class _Place:
    """Where an error is: the dotted key, the dataclass that the key is (or should be) a field of."""

    def __init__(self, key: str, owner: Any, branch: Any) -> None:
        self.key = key
        self.owner = owner
        self.branch = branch  # the member of a union that was tried

    @classmethod
    def find(cls, kind: Any, loc: tuple[int | str, ...]) -> _Place:
        """Follow pydantic's location, which names the members of unions too."""
        names: list[str] = []
        owner = branch = None
        for part in loc:
            members = _members(kind)
            if len(members) > 1:
                branch = kind = next((m for m in members if getattr(m, "__name__", "") == part), str)
                continue
            kind = members[0]
            names.append(str(part))
            if is_dataclass(kind):
                owner, kind = kind, get_type_hints(kind, include_extras=True).get(str(part), str)
            else:
                kind = (*get_args(kind), str)[1 if get_origin(kind) is dict else 0]
        return cls(".".join(names), owner, branch)


def _members(kind: Any) -> list[Any]:
    """Members of a union, without None; the type itself otherwise."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, UnionType):
        return [m for member in get_args(kind) for m in _members(member) if m is not type(None)]
    return [kind]


def _is_echo(place: _Place, error: Any, keys: list[str]) -> bool:
    """Whether an error says only that another member of a union, or the list around a wrong item, does not fit."""
    if place.branch is not None and error["type"] != _UNKNOWN:
        given_keys = isinstance(error["input"], Mapping)
        if not is_dataclass(place.branch):
            return given_keys
        if error["type"] == "dataclass_type":
            return not given_keys
    return error["type"] == "too_short" and any(key.startswith(f"{place.key}.") for key in keys)


def _explain(place: _Place, error: Any, kind: type, settings: Settings) -> str:
    where = settings.place(place.key)
    if error["type"] == _UNKNOWN:
        return f"{where}: unknown key '{place.key}'{_hint(place, kind)}"
    message = error["msg"].removeprefix("Value error, ").replace("valid tuple", "valid list")
    if error["type"] == "dataclass_type":
        message = "this key holds keys of its own"
    given = "" if error["type"] in _NAMED else f", not {error['input']!r:.60}"
    return ": ".join(part for part in (where, place.key, f"{message}{given}") if part)


def _hint(place: _Place, kind: type) -> str:
    """The nearest key at the same level, or else one of that name at another level."""
    known = [f.name for f in fields(place.owner)] if place.owner else []
    name = place.key.rpartition(".")[2]
    for candidates in (known, list(_dotted_keys(kind))):
        names = [c.rpartition(".")[2] for c in candidates]
        if near := difflib.get_close_matches(name, names, n=1):
            nearest = candidates[names.index(near[0])]
            if nearest == place.key:  # written with its dots, in a file
                return f", write it in levels: {nearest.replace('.', ': {')}: …" + "}" * nearest.count(".")
            return f", did you mean '{nearest}'?"
    return f"; known keys are {', '.join(sorted(known))}"


def _dotted_keys(kind: Any, key: str = "") -> Iterator[str]:
    """Dotted keys of a dataclass and of those inside it, outer ones first."""
    inside = []
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if name in {f.name for f in fields(kind)}:
            yield f"{key}{name}"
            inside += [(member, f"{key}{name}.") for member in _members(hint) if is_dataclass(member)]
    for member, prefix in inside:
        yield from _dotted_keys(member, prefix)
