"""Discord's markup taken apart: lines of their kinds, spans of their styles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Flag, auto
from typing import TYPE_CHECKING, Literal

from playground.markup import moment

if TYPE_CHECKING:
    from playground.state import World
    from playground.users import User

Kind = Literal["text", "heading", "small", "item", "code"]


class Style(Flag):
    """How a span looks; the names are those of the groups below."""

    PLAIN = 0
    BOLD = auto()
    ITALIC = auto()
    UNDERLINED = auto()
    STRUCK = auto()
    CODE = auto()
    COVERED = auto()
    MENTION = auto()
    LINK = auto()
    QUIET = auto()


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one style."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or one whole block of code."""

    spans: tuple[Span, ...]
    kind: Kind = "text"
    quoted: bool = False
    depth: int = 0
    """How deep a list's item is, or the level of a heading."""
    marker: str = ""
    """The number of an item in a numbered list."""


_FENCED = re.compile(r"```(?:[\w+#-]*\n)?(.*?)```\n?", re.DOTALL)
_LINE = re.compile(
    r"(?P<heading>\#{1,3})\ (?P<title>.+)"
    r"|-\#\ (?P<small>.+)"
    r"|>\ (?P<quoted>.*)"
    r"|(?P<indent>\ *)(?:[-*]|(?P<number>\d{1,3}\.))\ (?P<item>.+)",
    re.VERBOSE,
)
_SPAN = re.compile(
    r"""\\(?P<escaped>[^\w\s])
    |`(?P<code>[^`]+)`
    |\*\*(?P<bold>.+?)\*\*(?!\*)
    |__(?P<underlined>.+?)__
    |~~(?P<struck>.+?)~~
    |\|\|(?P<covered>.+?)\|\|
    |\*(?P<italic>[^*\s](?:[^*]*[^*\s])?)\*
    |(?<!\w)_(?P<slanted>[^_\s](?:[^_]*[^_\s])?)_(?!\w)
    |<@!?(?P<user>\d{1,20})>
    |<@&(?P<role>\d{1,20})>
    |<\#(?P<channel>\d{1,20})>
    |<t:(?P<moment>\d{1,11})(?::[a-zA-Z])?>
    |</(?P<command>[\w\ -]+):\d{1,20}>
    |\[(?P<masked>[^\]]+)\]\(<?https?://[^)>\s]+>?\)
    |<(?P<bare>https?://[^\s<>]+)>
    |(?P<link>https?://[^\s<>]+)""",
    re.VERBOSE,
)
_STYLES = {"slanted": Style.ITALIC, "masked": Style.LINK, "bare": Style.LINK}
_NESTED = ("bold", "underlined", "struck", "covered", "italic", "slanted", "masked")


def parse(text: str, world: World) -> list[Line]:
    """Take a message apart; people and channels become their names."""
    lines: list[Line] = []
    at = 0
    for code in _FENCED.finditer(text):
        lines += _lines(text[at : code.start()].removesuffix("\n"), world)
        lines.append(Line((Span(code[1].strip("\n"), Style.CODE),), "code"))
        at = code.end()
    return lines + _lines(text[at:], world)


def shown_name(user: User) -> str:
    """Give the name that clients show."""
    return user.json["global_name"] or user.name


def spans(text: str, world: World, style: Style = Style.PLAIN) -> tuple[Span, ...]:
    """Take one line's inner markup apart."""
    return tuple(_spans(text, world, style))


def _lines(text: str, world: World) -> list[Line]:
    return [_line(line, world) for line in text.split("\n")] if text else []


def _line(text: str, world: World) -> Line:
    found = _LINE.fullmatch(text)
    if found is None:
        return Line(spans(text, world))
    if found["heading"]:
        return Line(spans(found["title"], world, Style.BOLD), "heading", depth=len(found[1]))
    if found["small"]:
        return Line(spans(found["small"], world), "small")
    if found["item"]:
        depth, number = len(found["indent"]) // 2, found["number"] or ""
        return Line(spans(found["item"], world), "item", depth=depth, marker=number)
    return replace(_line(found["quoted"], world), quoted=True)


def _spans(text: str, world: World, style: Style) -> Iterator[Span]:
    at = 0
    for found in _SPAN.finditer(text):
        if at < found.start():
            yield Span(text[at : found.start()], style)
        yield from _marked(found, world, style)
        at = found.end()
    if at < len(text):
        yield Span(text[at:], style)


def _marked(found: re.Match[str], world: World, style: Style) -> Iterator[Span]:
    name = found.lastgroup or ""
    inner = found[name]
    if name == "escaped":
        yield Span(inner, style)
    elif name == "moment":
        yield Span(moment(int(inner)), style)
    elif name in ("user", "role", "channel", "command"):
        yield Span(_named(name, inner, world) or found[0], style | Style.MENTION)
    elif name in _NESTED:
        yield from _spans(inner, world, style | _style(name))
    else:
        yield Span(inner, style | _style(name))


def _named(kind: str, inner: str, world: World) -> str:
    if kind == "command":
        return f"/{inner}"
    if kind == "user":
        user = world.users.get(int(inner))
        return f"@{shown_name(user)}" if user else ""
    if kind == "role":
        role = world.role(int(inner))
        return f"@{role.name.removeprefix('@')}" if role else ""
    channel = world.channels.get(int(inner))
    return f"#{channel.name}" if channel else ""


def _style(name: str) -> Style:
    return _STYLES[name] if name in _STYLES else Style[name.upper()]
