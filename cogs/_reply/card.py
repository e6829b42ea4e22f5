"""A page as Discord gets it: plain text, or framed with its pictures and buttons in one card.

The card is a container, no embed: whoever switched link previews off sees no embeds, and a channel
may forbid them. A framed message stays framed, says Discord; so what still grows is plain."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import discord
from discord import ui

from cogs._reply.buttons import Action, view_of
from cogs._reply.pages import Page, Upload
from cogs._reply.uploads import file_of

ACCENT = 0x5865F2
ROW = 5  # buttons
ALT_TEXT = 256  # characters that a picture in a gallery may have


@dataclass(frozen=True, slots=True)
class Shown:
    """What discord.py is told; `view` is a View or a LayoutView, whose overloads never meet."""

    content: str | None
    view: Any
    files: list[discord.File]


def shown(page: Page) -> Shown:
    """Give a page ready to be sent, once: discord.py closes its files."""
    if not page.card:
        files = [file_of(upload) for upload in page.uploads]
        return Shown(page.text, view_of(page.question_id, page.actions), files)
    uploads = [_referable(number, upload) for number, upload in enumerate(page.uploads, 1)]
    files = [file_of(upload) for upload in uploads]
    return Shown(None, _framed(page, uploads, files), files)


def said_in(message: discord.Message) -> str:
    """Give the text of a message of ours, framed or not."""
    if not message.flags.components_v2:
        return message.content
    items = ui.LayoutView.from_message(message, timeout=None).walk_children()
    return "\n".join(item.content for item in items if isinstance(item, ui.TextDisplay))


def with_buttons(
    message: discord.Message, question_id: int, actions: tuple[Action, ...]
) -> ui.View | ui.LayoutView | None:
    """Give the view that leaves a message of ours as it is, but for its buttons."""
    if not message.flags.components_v2:
        return view_of(question_id, actions)
    layout = ui.LayoutView.from_message(message, timeout=None)
    for card in layout.children:
        if isinstance(card, ui.Container):
            _replace_buttons(card, question_id, actions)
    layout.stop()
    return layout


def _framed(page: Page, uploads: Sequence[Upload], files: Sequence[discord.File]) -> ui.LayoutView:
    """Lay out a card: pictures above the text, the file and the buttons below it."""
    pictures: list[discord.MediaGalleryItem] = []
    others: list[ui.File[Any]] = []
    for upload, file in zip(uploads, files, strict=True):
        if _is_picture(upload):
            alt = upload.alt[:ALT_TEXT] if upload.alt else None
            pictures.append(discord.MediaGalleryItem(file, description=alt))
        else:
            others.append(ui.File(file))
    card: ui.Container[Any] = ui.Container(accent_colour=ACCENT)
    if pictures:
        card.add_item(ui.MediaGallery(*pictures))
    card.add_item(ui.TextDisplay(page.text))
    for other in others:
        card.add_item(other)
    _add_buttons(card, page.question_id, page.actions)
    layout = ui.LayoutView(timeout=None)
    layout.add_item(card)
    layout.stop()  # answered by custom_id; discord.py need not keep it
    return layout


def _add_buttons(card: ui.Container[Any], question_id: int, actions: tuple[Action, ...]) -> None:
    view = view_of(question_id, actions)
    buttons: list[ui.Item[Any]] = [*view.children] if view else []
    for start in range(0, len(buttons), ROW):
        row: ui.ActionRow[Any] = ui.ActionRow(*buttons[start : start + ROW])
        card.add_item(row)


def _replace_buttons(
    card: ui.Container[Any], question_id: int, actions: tuple[Action, ...]
) -> None:
    for item in card.children:
        if isinstance(item, ui.ActionRow):
            card.remove_item(item)
        elif isinstance(item, ui.File):  # takes no other address than this
            item.url = f"attachment://{urlsplit(item.url).path.rpartition('/')[2]}"
    _add_buttons(card, question_id, actions)


def _is_picture(upload: Upload) -> bool:
    return not upload.filename.endswith(".md")


def _referable(number: int, upload: Upload) -> Upload:
    """Give a picture a name that a component can refer to, its own within the message."""
    if not _is_picture(upload):
        return upload
    name = re.sub(r"[^A-Za-z0-9.-]+", "_", upload.filename)
    return replace(upload, filename=f"{number}-{name}")
