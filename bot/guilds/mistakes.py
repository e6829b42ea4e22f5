"""Reading a value by its type so that every mistake in it is named, not only the first."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from types import NoneType
from typing import Annotated, Any, Literal, cast, get_args, get_origin, get_type_hints

import msgspec

from bot.errors import Refused
from bot.i18n import _


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong. `place` is like `overrides[2].id`, empty for the whole."""

    place: str
    problem: str


Inward = Callable[[object, str], object]
"""Gives the value itself for what stands for it at a place; Refused says what is expected."""


def read(
    hint: object, given: object, place: str, inward: Inward, mistakes: list[Mistake]
) -> object:
    """Give the value of this type, None where `mistakes` has grown."""
    kind, _meta, optional = _bare(hint)
    if given is None and optional:
        return None
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(given, dict):
        return _object(kind, cast("dict[str, object]", given), place, inward, mistakes)
    before = len(mistakes)
    if get_origin(kind) is tuple and isinstance(given, list):
        inner = get_args(kind)[0]
        given = [
            read(inner, item, f"{place}[{index}]", inward, mistakes)
            for index, item in enumerate(cast("list[object]", given))
        ]
    if len(mistakes) > before:
        return None
    return _leaf(hint, given, place, inward, mistakes)


def within(place: str, name: str) -> str:
    """Give the place of a named value inside another."""
    return f"{place}.{name}" if place else name


def expected(hint: object) -> str:
    """Say what a value of this type looks like."""
    kind, meta, optional = _bare(hint)
    words = _expected(kind, meta or msgspec.Meta())
    return _("{value}, or null").format(value=words) if optional else words


def _object(
    kind: type, given: dict[str, object], place: str, inward: Inward, mistakes: list[Mistake]
) -> object:
    hints, before = get_type_hints(kind, include_extras=True), len(mistakes)
    mistakes += [
        Mistake(within(place, name), _("there is no such setting"))
        for name in given
        if name not in hints
    ]
    mistakes += [
        Mistake(within(place, field.name), _("it is missing"))
        for field in fields(kind)
        if field.name not in given and field.default is MISSING
    ]
    values = {
        name: read(hints[name], value, within(place, name), inward, mistakes)
        for name, value in given.items()
        if name in hints
    }
    return kind(**values) if len(mistakes) == before else None


def _leaf(
    hint: object, given: object, place: str, inward: Inward, mistakes: list[Mistake]
) -> object:
    try:
        value = msgspec.to_builtins(inward(given, place))
        return cast("object", msgspec.convert(value, cast("Any", hint)))
    except msgspec.ValidationError:
        problem = _("expected {value}").format(value=expected(hint))
    except Refused as refused:
        problem = refused.sentence
    mistakes.append(Mistake(place, problem))
    return None


def _expected(kind: object, meta: msgspec.Meta) -> str:
    if get_origin(kind) is Literal:
        return _("one of {words}").format(words=", ".join(get_args(kind)))
    if get_origin(kind) is tuple:
        return _("a list of at most {count}").format(count=meta.max_length)
    if kind is bool:
        return _("true or false")
    if kind is str:
        least, most = meta.min_length or 0, meta.max_length
        return _("text of {least} to {most} characters").format(least=least, most=most)
    if kind is int:
        return _("a whole number from {least} to {most}").format(least=meta.ge, most=meta.le)
    if kind is float:
        return _("a number from {least} to {most}").format(least=meta.ge, most=meta.le)
    return _("settings in braces")


def _bare(hint: object) -> tuple[object, msgspec.Meta | None, bool]:
    """Take a type out of what surrounds it: its bounds, and whether it may be missing."""
    meta: msgspec.Meta | None = None
    optional = False
    while True:
        if get_origin(hint) is Annotated:
            hint, meta = get_args(hint)
        elif NoneType in get_args(hint):
            optional = True
            hint = next(each for each in get_args(hint) if each is not NoneType)
        else:
            return hint, meta, optional
