"""A conversation as a picture, the way a person sees it in a chat client."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zlib import crc32

from PIL import Image, ImageDraw

from playground.messages import V2
from playground.portrait_ink import (
    ACCENT,
    BAR,
    BODY,
    EDGE,
    PAGE,
    PRIVATE,
    QUIET,
    SMALL,
    STRONG,
    TINY,
    Block,
    Colour,
    blank,
    measure,
    padded,
    plate,
    stack,
    strokes,
    write,
)
from playground.portrait_markup import Line, Span, Style, parse, shown_name
from playground.portrait_parts import draw_component, draw_embed, draw_files
from playground.portrait_text import draw_text, one_line
from playground.transcript import used

if TYPE_CHECKING:
    from playground.messages import Message
    from playground.users import User

_LEFT, _RIGHT, _TOP = 104, 36, 64  # where text begins, the margin, the height of the bar
_AVATAR, _EDGE = 54, 28  # its size, and how far from the left
_PEOPLE: tuple[Colour, ...] = (
    (206, 96, 84),
    (178, 122, 48),
    (74, 140, 92),
    (58, 128, 160),
    (132, 96, 196),
    (186, 84, 138),
)
_BOT: Colour = (46, 134, 132)
_SAME_BREATH = 420  # seconds in which one person's messages stand under one name
_COLOURS = 256


def portrait(
    messages: Sequence[Message], *, title: str, width: int = 1100, as_user: User | None = None
) -> bytes:
    """Draw a conversation as a PNG with a palette, `width` pixels wide, times in UTC.

    With `as_user` others' private messages are left out, as on that person's screen."""
    seen = [m for m in messages if as_user is None or m.visible_to(as_user)]
    strips = [
        _strip(message, width, as_user, before is not None and _continues(message, before))
        for before, message in zip([None, *seen], seen, strict=False)
    ]
    column = stack([_bar(title, width), *strips, blank(width, 24)])
    page = Image.new("RGBA", column.size, PAGE)
    page.alpha_composite(column)
    out = io.BytesIO()
    page.convert("RGB").quantize(_COLOURS, Image.Quantize.MEDIANCUT).save(out, "PNG", optimize=True)
    return out.getvalue()


def _continues(message: Message, before: Message) -> bool:
    alone = message.reply_to or message.interaction or message.ephemeral_to or before.ephemeral_to
    soon = message.created - before.created < _SAME_BREATH
    return message.author is before.author and soon and not alone


def _bar(title: str, width: int) -> Block:
    bar = Image.new("RGBA", (width, _TOP), BAR)
    write(bar, (_EDGE, 40), title, BODY + 2, STRONG, bold=True)
    ImageDraw.Draw(bar).line((0, _TOP - 1, width, _TOP - 1), EDGE)
    return bar


def _strip(message: Message, width: int, as_user: User | None, continued: bool) -> Block:
    """Draw one message over the whole width."""
    room = width - _LEFT - _RIGHT
    origin = None if continued else _origin(message, room)
    head = [] if continued else [_head(message, room)]
    column = stack([*head, stack(_body(message, room, as_user), 8)], 2)
    top = 8 if continued else 30 if message.ephemeral_to else 22
    above = 0 if origin is None else origin.height + 6
    missing = 0 if continued else max(0, _AVATAR - column.height)
    strip = padded(column, _LEFT, top + above, _RIGHT, missing)
    if origin is not None:
        strip.alpha_composite(origin, (_LEFT, top))
        middle = _EDGE + _AVATAR // 2
        strip.alpha_composite(_spine(_LEFT - 8 - middle), (middle, top + 12))
    if not continued:
        strip.alpha_composite(_avatar(message.author, _AVATAR), (_EDGE, top + above + 2))
    return _tinted(strip) if message.ephemeral_to else strip


def _tinted(strip: Block) -> Block:
    """Give a private message's strip its ground."""
    strip = padded(strip, 0, 0, 0, 16)
    ground = padded(Image.new("RGBA", (strip.width, strip.height - 14), PRIVATE), 0, 14)
    ImageDraw.Draw(ground).rectangle((0, 14, 3, ground.height), ACCENT)
    ground.alpha_composite(strip)
    return ground


def _spine(width: int) -> Block:
    """Give the line from an avatar up to what its message answers."""
    return strokes(width, 22, ((1, 22), (1, 8), (2, 5), (4, 3), (8, 1), (width, 1)), EDGE)


def _avatar(user: User, size: int) -> Block:
    name = shown_name(user)
    colour = _BOT if user.bot else _PEOPLE[crc32(name.encode()) % len(_PEOPLE)]
    disc = plate(size, size, size // 2, colour)
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    write(disc, (size / 2, size / 2), initials, size * 2 // 5, STRONG, bold=True, anchor="mm")
    return disc


def _head(message: Message, room: int) -> Block:
    head = blank(room, 30)
    x = write(head, (0, 22), shown_name(message.author), BODY + 1, STRONG, bold=True) + 10
    if message.author.bot:
        badge = plate(round(measure("APP", TINY)) + 14, 20, 5, ACCENT)
        write(badge, (badge.width / 2, 10), "APP", TINY, STRONG, bold=True, anchor="mm")
        head.alpha_composite(badge, (round(x), 5))
        x += badge.width + 10
    time = datetime.fromtimestamp(message.created, UTC).strftime("%H:%M")
    write(head, (x, 22), time, SMALL - 1, QUIET)
    return head


def _origin(message: Message, room: int) -> Block | None:
    """Draw what a message answers: another message, or a command that somebody used."""
    if message.interaction is not None:
        parts = (Span(" used "), Span(used(message.interaction), Style.LINK))
        return _origin_line(message.interaction.user, parts, room)
    answered = message.reply_to
    if answered is None:
        return None
    if answered.deleted:
        return one_line((Span("A deleted message", Style.ITALIC),), SMALL, room, QUIET)
    return _origin_line(answered.author, (Span("  "), *_gist(answered)), room)


def _origin_line(user: User, parts: tuple[Span, ...], room: int) -> Block:
    text = (Span(shown_name(user), Style.BOLD), *parts)
    line = padded(one_line(text, SMALL, room - 32, QUIET), 32)
    line.alpha_composite(_avatar(user, 24))
    return line


def _gist(message: Message) -> tuple[Span, ...]:
    """Give a message's text as one line, or its first file's name."""
    if not message.content:
        files = message.attachments
        return (Span(files[0].filename if files else "a message", Style.ITALIC),)
    lines = [line for line in parse(message.content, message.channel.world) if line.spans]
    parts = [part for line in lines for part in (*line.spans, Span(" "))]
    return tuple(Span(part.text.replace("\n", " "), part.style) for part in parts)


def _body(message: Message, room: int, as_user: User | None) -> list[Block]:
    blocks = _said(message, room)
    if not message.flags & V2:
        blocks += draw_files(message.attachments, room)
    blocks += [draw_embed(message, embed, room) for embed in message.embeds]
    for component in message.components:
        blocks += draw_component(message, component, room)
    if message.ephemeral_to is not None:
        reader = "you" if message.ephemeral_to is as_user else shown_name(message.ephemeral_to)
        blocks.append(one_line((Span(f"Only {reader} can see this"),), SMALL, room, QUIET))
    return blocks


def _said(message: Message, room: int) -> list[Block]:
    """Draw a message's own text, or what it forwards."""
    if message.thinking:
        text = f"{shown_name(message.author)} is thinking…"
        return [one_line((Span(text, Style.ITALIC),), BODY, room, QUIET)]
    if message.forwarded is not None:
        note = one_line((Span("Forwarded", Style.ITALIC),), SMALL, room - 18, QUIET)
        inner = _body(message.forwarded, room - 18, None)
        quoted = padded(stack([note, *inner], 6), 18)
        ImageDraw.Draw(quoted).rectangle((0, 0, 3, quoted.height), EDGE)
        return [quoted]
    lines = parse(message.content, message.channel.world)
    if lines and message.edited_at is not None:
        lines = [*lines[:-1], *_edited(lines[-1])]
    return [draw_text(lines, room)] if lines else []


def _edited(last: Line) -> list[Line]:
    """Add the word by which clients mark an edited message."""
    if last.kind == "code":
        return [last, Line((Span("(edited)"),), "small")]
    return [replace(last, spans=(*last.spans, Span("  (edited)", Style.QUIET)))]
