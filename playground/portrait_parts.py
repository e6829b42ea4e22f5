"""What stands below a message's text, drawn: pictures, files, embeds, buttons and selects."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from playground.components import (
    BUTTON,
    CONTAINER,
    FILE,
    GALLERY,
    ROW,
    SECTION,
    SELECTS,
    SEPARATOR,
    TEXT,
    THUMBNAIL,
)
from playground.markup import chosen
from playground.messages import label
from playground.portrait_ink import (
    ACCENT,
    BODY,
    CARD,
    EDGE,
    GREEN,
    GREY,
    LINK,
    QUIET,
    RED,
    SMALL,
    STRONG,
    TINY,
    WELL,
    Block,
    Colour,
    beside,
    blank,
    framed,
    measure,
    padded,
    plate,
    rounded,
    stack,
    strokes,
    write,
)
from playground.portrait_markup import Span, parse, spans
from playground.portrait_text import draw_text, one_line
from playground.users import Json, items, text_of

if TYPE_CHECKING:
    from playground.messages import Attachment, Message
    from playground.state import World

_BUTTONS: dict[int, Colour] = {1: ACCENT, 2: GREY, 3: GREEN, 4: RED, 5: GREY}
_LINK_BUTTON = 5
_CONTROL = 42  # height of buttons and selects
_ALONE, _AMONG = (620, 540), (300, 300)  # the boxes that a picture is fitted into


def draw_files(attachments: Iterable[Attachment], width: int) -> list[Block]:
    """Draw uploads: pictures beside one another, then a card for each other file."""
    drawn = [(a, _opened(a)) for a in attachments]
    pictures = [(a, picture) for a, picture in drawn if picture is not None]
    box = _ALONE if len(pictures) == 1 else _AMONG
    tiles = [_tile(a, picture, (min(box[0], width), box[1])) for a, picture in pictures]
    cards = [_card(a, width) for a, picture in drawn if picture is None]
    return [beside(tiles, width), *cards] if tiles else cards


def draw_embed(message: Message, embed: Json, width: int) -> Block:
    """Draw an embed: a card with a coloured edge."""
    world, room = message.channel.world, min(width, 700) - 44
    texts = [f"**{embed['title']}**"] if embed.get("title") else []
    texts.append(text_of(embed, "description"))
    texts += [f"**{field['name']}**\n{field['value']}" for field in items(embed, "fields")]
    inside = [draw_text(parse(text, world), room) for text in texts if text]
    inside += _media(message, text_of(embed, "image", "url"), room)
    if footer := text_of(embed, "footer", "text"):
        inside.append(one_line((Span(footer),), SMALL, room, QUIET))
    return _framed_card(inside, room, embed.get("color"))


def draw_component(message: Message, component: Json, width: int) -> list[Block]:
    """Draw a component and what it holds."""
    world, inside = message.channel.world, items(component, "components")
    match component["type"]:
        case kind if kind == ROW:
            return [beside((_control(each, world, width) for each in inside), width)]
        case kind if kind == TEXT:
            return [draw_text(parse(component["content"], world), width)]
        case kind if kind == SECTION:
            return [_section(message, inside, component["accessory"], width)]
        case kind if kind == CONTAINER:
            room = min(width, 700) - 44
            blocks = _all(message, inside, room)
            return [_framed_card(blocks, room, component.get("accent_color"))]
        case kind if kind == GALLERY:
            return [
                block
                for item in items(component, "items")
                for block in _media(message, text_of(item, "media", "url"), width)
            ]
        case kind if kind == SEPARATOR:
            return [_rule(width)]
        case kind if kind == FILE:
            return _media(message, text_of(component, "file", "url"), width)
        case kind if kind == THUMBNAIL:
            return _media(message, text_of(component, "media", "url"), 160)
        case _:
            return [_control(component, world, width)]


def _section(message: Message, inside: list[Json], accessory: Json, width: int) -> Block:
    """Draw texts with a button or a small picture at their right."""
    extra = stack(draw_component(message, accessory, width))
    texts = stack(_all(message, inside, width - extra.width - 16), 6)
    block = blank(width, max(texts.height, extra.height))
    block.alpha_composite(texts)
    block.alpha_composite(extra, (width - extra.width, 0))
    return block


def _all(message: Message, components: Iterable[Json], width: int) -> list[Block]:
    return [block for each in components for block in draw_component(message, each, width)]


def _opened(attachment: Attachment) -> Image.Image | None:
    if not attachment.width:
        return None
    try:
        with Image.open(io.BytesIO(attachment.data)) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, SyntaxError):  # cut off, or broken behind its header
        return None


def _tile(attachment: Attachment, picture: Image.Image, box: tuple[int, int]) -> Block:
    scale = min(1.0, box[0] / picture.width, box[1] / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    tile = picture.resize(size, Image.Resampling.LANCZOS)
    if attachment.spoiler:
        return _covered(tile)
    block = tile.convert("RGBA")
    if attachment.description and min(size) > 60:
        block.alpha_composite(_tag("ALT"), (10, size[1] - 34))
    block.putalpha(rounded(*size, 10))
    return block


def _covered(tile: Image.Image) -> Block:
    """Hide a spoiler: only its mood is left."""
    veil = Image.new("RGB", tile.size, WELL)
    block = Image.blend(tile.filter(ImageFilter.GaussianBlur(48)), veil, 0.6).convert("RGBA")
    tag = _tag("SPOILER")
    if tag.width < tile.width and tag.height < tile.height:
        middle = (tile.width - tag.width) // 2, (tile.height - tag.height) // 2
        block.alpha_composite(tag, middle)
    block.putalpha(rounded(*tile.size, 10))
    return block


def _tag(text: str) -> Block:
    block = plate(round(measure(text, TINY)) + 18, 24, 6, WELL)
    write(block, (block.width / 2, 12), text, TINY, STRONG, bold=True, anchor="mm")
    return block


def _card(attachment: Attachment, width: int) -> Block:
    card = framed(min(width, 460), 72, 10, CARD)
    name = one_line((Span(attachment.filename),), BODY, card.width - 40, LINK)
    card.alpha_composite(name, (20, 9))
    size = f"{max(1, round(len(attachment.data) / 1024))} kB"
    write(card, (20, 56), size, SMALL, QUIET)
    return card


def _framed_card(inside: list[Block], room: int, accent: int | None) -> Block:
    column = stack(inside, 8)
    card = framed(room + 44, column.height + 32, 10, CARD)
    colour = EDGE if accent is None else (accent >> 16 & 255, accent >> 8 & 255, accent & 255)
    edge = Image.new("RGBA", (5, card.height), colour)
    edge.putalpha(card.getchannel("A").crop((0, 0, 5, card.height)))
    card.paste(edge, (0, 0))
    card.alpha_composite(column, (22, 16))
    return card


def _media(message: Message, url: str, width: int) -> list[Block]:
    """Draw the upload that a link names, or nothing when it lies elsewhere."""
    name = urlsplit(url).path.rpartition("/")[2] or urlsplit(url).netloc
    return draw_files([a for a in message.attachments if a.filename == name], width)


def _rule(width: int) -> Block:
    block = blank(width, 13)
    ImageDraw.Draw(block).line((0, 6, width, 6), EDGE)
    return block


def _control(component: Json, world: World, width: int) -> Block:
    kind = component["type"]
    if kind == BUTTON:
        block = _button(component)
    elif kind in SELECTS:
        block = _select(component, world, min(width, 460))
    else:
        block = padded(one_line((Span(f"[component {kind}]"),), SMALL, 200, QUIET), 0, 8)
    if component.get("disabled"):
        block.putalpha(block.getchannel("A").point([value // 2 for value in range(256)]))
    return block


def _button(component: Json) -> Block:
    text, style = label(component), component.get("style", 2)
    link = style == _LINK_BUTTON
    wide = round(measure(text, BODY - 2))
    block = plate(wide + (62 if link else 36), _CONTROL, 9, _BUTTONS.get(style, ACCENT))
    write(block, (18, 28), text, BODY - 2, STRONG)
    if link:
        arrow = strokes(14, 14, ((2, 12), (12, 2), (4, 2), (12, 2), (12, 10)), STRONG)
        block.alpha_composite(arrow, (wide + 28, 14))
    return block


def _select(component: Json, world: World, width: int) -> Block:
    picked = chosen(component)
    text = ", ".join(picked) or text_of(component, "placeholder") or "Make a selection"
    block = framed(width, _CONTROL, 9, WELL)
    colour = STRONG if picked else QUIET
    shown = one_line(spans(text, world), BODY - 2, width - 64, colour)
    block.alpha_composite(shown, (16, 8))
    block.alpha_composite(strokes(16, 10, ((2, 2), (8, 8), (14, 2)), QUIET), (width - 32, 17))
    return block
